//! Where the shared config and credentials files are, and when they are read.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use zeroize::Zeroizing;

use super::profiles_error::Problem;
use super::{Environment, Profiles, ProfilesError};

/// The shared config file and the shared credentials file. They are read when they are first needed
/// and never again; clones share what was read.
#[derive(Clone)]
pub struct ProfileFiles(Arc<Inner>);

struct Inner {
    environment: Environment,
    config: Option<PathBuf>,
    credentials: Option<PathBuf>,
    read: OnceLock<Result<Profiles, ProfilesError>>,
}

/// The most that is read of a file.
const LIMIT: usize = 1024 * 1024;

impl ProfileFiles {
    /// The files that `environment` names: `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, or
    /// `~/.aws/config` and `~/.aws/credentials`. Without a home folder there are none.
    ///
    /// A path that begins with `~/` begins in the home folder.
    pub fn new(environment: Environment) -> Self {
        Self::named(environment, None, None)
    }

    /// The same, where code may name the files too.
    pub(super) fn named(
        environment: Environment,
        config: Option<PathBuf>,
        credentials: Option<PathBuf>,
    ) -> Self {
        let path = |given: Option<PathBuf>, variable: &str, name: &str| {
            let named = given.or_else(|| environment.variable(variable).map(PathBuf::from));
            match named {
                Some(path) => Some(environment.path(path)),
                None => in_home(&environment, name),
            }
        };
        let config = path(config, "AWS_CONFIG_FILE", "config");
        let credentials = path(credentials, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
        Self(Arc::new(Inner {
            environment,
            config,
            credentials,
            read: OnceLock::new(),
        }))
    }

    /// The path of the shared config file.
    pub fn config(&self) -> Option<&Path> {
        self.0.config.as_deref()
    }

    /// The path of the shared credentials file.
    pub fn credentials(&self) -> Option<&Path> {
        self.0.credentials.as_deref()
    }

    /// What they say. A file that is not there says nothing.
    ///
    /// # Errors
    ///
    /// A file that is there and cannot be used, see [`ProfilesError`]: the same every time.
    pub fn profiles(&self) -> Result<&Profiles, ProfilesError> {
        let read = self.0.read.get_or_init(|| {
            let config = self.read(self.config())?;
            let credentials = self.read(self.credentials())?;
            let nowhere = Path::new("");
            Profiles::parse(
                (self.config().unwrap_or(nowhere), &config),
                (self.credentials().unwrap_or(nowhere), &credentials),
            )
        });
        read.as_ref().map_err(Clone::clone)
    }

    fn read(&self, path: Option<&Path>) -> Result<Zeroizing<String>, ProfilesError> {
        let Some(path) = path else {
            return Ok(Zeroizing::default());
        };
        let bytes = match self.0.environment.read(path, LIMIT) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Zeroizing::default());
            }
            Err(error) => return Err(ProfilesError::unreadable(path, error)),
        };
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Zeroizing::new(text)),
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let bytes = Zeroizing::new(error.into_bytes());
                let lines = bytes.iter().take(good).filter(|byte| **byte == b'\n');
                let line = lines.count() + 1;
                Err(ProfilesError::new(path, Some(line), Problem::NotUtf8))
            }
        }
    }
}

impl fmt::Debug for ProfileFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileFiles")
            .field("config", &self.config())
            .field("credentials", &self.credentials())
            .field("read", &self.0.read.get().is_some())
            .finish()
    }
}

/// `.aws/NAME` in the home folder. `Path::join` has the separators of the platform it runs on.
fn in_home(environment: &Environment, name: &str) -> Option<PathBuf> {
    let mut path = environment.home()?.into_os_string();
    for part in [".aws", name] {
        path.push(if environment.is_windows() { "\\" } else { "/" });
        path.push(part);
    }
    Some(path.into())
}
