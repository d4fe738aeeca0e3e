//! What all sources work with: variables, files, the profile, the time.

use std::error::Error;
use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use operations::Region;
use tokio::task::JoinError;
use zeroize::Zeroizing;

use super::profile::Profile;
use super::wire::LazyTransport;
use crate::config::{
    ConfigError, Environment, Lookup, Names, Origin, ProfileFiles, Profiles, Setting, names,
    section, shown, values,
};
use crate::{Clock, CredentialsError};

pub(super) struct Context {
    pub(super) environment: Environment,
    pub(super) files: ProfileFiles,
    /// The profile's name. Where it is code that chose it, variables with credentials do not count.
    pub(super) profile: Setting<String>,
    pub(super) code: Code,
    /// To STS and SSO.
    pub(super) services: LazyTransport,
    /// To a container and to the instance's metadata service.
    pub(super) metadata: LazyTransport,
    pub(super) clock: Arc<dyn Clock>,
}

/// What code says of settings that stand elsewhere too.
#[derive(Default)]
pub(super) struct Code {
    pub(super) region: Option<Region>,
    pub(super) use_fips: Option<bool>,
    pub(super) use_dual_stack: Option<bool>,
    pub(super) ignore_configured_endpoint_urls: Option<bool>,
}

/// The most that is read of a file with a token.
const LIMIT: usize = 1024 * 1024;

impl Context {
    pub(super) fn new() -> Self {
        let environment = Environment::process();
        Self {
            files: ProfileFiles::new(environment.clone()),
            profile: profile_of(&environment),
            environment,
            code: Code::default(),
            services: LazyTransport::for_services(),
            metadata: LazyTransport::for_metadata(),
            clock: Arc::new(SystemTime::now),
        }
    }

    /// The value of a variable that stands in no profile. One that is empty or not UTF-8 counts as
    /// unset.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.environment.variable(name)?.into_string().ok()
    }

    /// Reads the shared files, where that holds nobody else up. After that, settings are found
    /// without waiting for a disk.
    pub(super) async fn read_files(&self) -> Result<(), CredentialsError> {
        let files = self.files.clone();
        let read = off_the_runtime(move || files.profiles().map(drop)).await?;
        Ok(read.map_err(ConfigError::from)?)
    }

    pub(super) fn profiles(&self) -> Result<&Profiles, CredentialsError> {
        Ok(self.files.profiles().map_err(ConfigError::from)?)
    }

    pub(super) fn lookup(&self) -> Lookup<'_> {
        Lookup {
            environment: &self.environment,
            files: &self.files,
            profile: &self.profile,
        }
    }

    /// A setting, as `parse` reads it.
    pub(super) fn find<T, E: Into<Box<dyn Error + Send + Sync>>>(
        &self,
        names: &Names,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, CredentialsError> {
        let found = self.lookup().find(names, None, parse)?;
        Ok(found.map(|setting| setting.value))
    }

    /// Whether a setting that code may have made too is `true`.
    pub(super) fn is_on(
        &self,
        names: &Names,
        code: Option<bool>,
    ) -> Result<bool, CredentialsError> {
        let found = self.lookup().find(names, code, values::boolean)?;
        Ok(found.is_some_and(|setting| setting.value))
    }

    /// The region; `None` when nobody says one.
    pub(super) fn region(&self) -> Result<Option<Region>, CredentialsError> {
        match &self.code.region {
            Some(region) => Ok(Some(region.clone())),
            None => self.find(&names::REGION, Region::new),
        }
    }

    /// The chosen profile. One that nobody named may be missing.
    pub(super) fn profile(&self) -> Result<Profile<'_>, CredentialsError> {
        let section = self.lookup().section()?;
        Ok(Profile::new(&self.profile.value, section))
    }

    /// The profile that `origin` names.
    pub(super) fn profile_named(
        &self,
        name: &str,
        origin: Origin,
    ) -> Result<Profile<'_>, CredentialsError> {
        let named = Setting::new(name.to_owned(), origin);
        Ok(Profile::new(name, section(&self.files, &named)?))
    }

    /// Reads a file that a setting names; `what` it is stands in the error.
    pub(super) async fn read(
        &self,
        what: &str,
        path: &Path,
    ) -> Result<Zeroizing<String>, CredentialsError> {
        let environment = self.environment.clone();
        let path = environment.path(path.to_owned());
        let asked = path.clone();
        let read = off_the_runtime(move || environment.read(&asked, LIMIT)).await?;
        let wrong = |error| {
            let message = format!("{what} {} cannot be read", shown::path(&path));
            CredentialsError::new(message).with_source(error)
        };
        match String::from_utf8(read.map_err(wrong)?) {
            Ok(text) => Ok(Zeroizing::new(text)),
            Err(_) => Err(wrong(io::Error::new(
                io::ErrorKind::InvalidData,
                "it is not UTF-8",
            ))),
        }
    }

    /// Puts new text into a file. It is no harm when that fails: then it is only not kept.
    pub(super) async fn replace(&self, path: PathBuf, text: String) {
        let environment = self.environment.clone();
        let _ = off_the_runtime(move || environment.replace(&path, text.as_bytes())).await;
    }

    /// A path in the home folder.
    pub(super) fn in_home(&self, path: &[&str]) -> Result<PathBuf, CredentialsError> {
        let mut home = self
            .environment
            .home()
            .ok_or_else(|| CredentialsError::new("there is no home folder: HOME is not set"))?;
        home.extend(path);
        Ok(home)
    }
}

/// The profile that is chosen where code chooses none.
pub(super) fn profile_of(environment: &Environment) -> Setting<String> {
    for variable in names::PROFILE.variables {
        if let Some(name) = environment.variable(variable) {
            // What is not UTF-8 is no profile's name, as will be said.
            let name = name.to_string_lossy().into_owned();
            return Setting::new(name, Origin::Environment { variable });
        }
    }
    Setting::new("default".to_owned(), Origin::Default)
}

/// Does what may wait for a disk where that holds nobody else up.
async fn off_the_runtime<R: Send + 'static>(
    work: impl FnOnce() -> R + Send + 'static,
) -> Result<R, CredentialsError> {
    match tokio::task::spawn_blocking(work)
        .await
        .map_err(JoinError::try_into_panic)
    {
        Ok(done) => Ok(done),
        Err(Ok(panic)) => resume_unwind(panic),
        Err(Err(_)) => Err(CredentialsError::new("the runtime is shutting down")),
    }
}
