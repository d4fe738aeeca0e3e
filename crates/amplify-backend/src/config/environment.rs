//! What configuration is read from: variables and files.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The variables and files that configuration and credentials are read from: those of this process,
/// or those that a test gives.
///
/// ```
/// use amplify_backend::config::{Environment, ProfileFiles};
///
/// let environment = Environment::empty()
///     .with_variable("HOME", "/home/u")
///     .with_file("/home/u/.aws/config", "[default]\nregion = eu-west-1");
/// let files = ProfileFiles::new(environment);
/// let default = files.profiles()?.profile("default").expect("the file has it");
/// assert_eq!(default.get("region"), Some("eu-west-1"));
/// # Ok::<(), amplify_backend::config::ProfilesError>(())
/// ```
#[derive(Clone)]
pub struct Environment(World);

#[derive(Clone)]
enum World {
    Process,
    Given {
        variables: BTreeMap<OsString, OsString>,
        files: BTreeMap<PathBuf, Result<Vec<u8>, io::ErrorKind>>,
        read: Arc<Mutex<Vec<PathBuf>>>,
        written: Arc<Mutex<BTreeMap<PathBuf, Vec<u8>>>>,
        windows: bool,
    },
}

impl Environment {
    /// That of this process.
    pub const fn process() -> Self {
        Self(World::Process)
    }

    /// One without any variable or file, to add some.
    pub fn empty() -> Self {
        Self(World::Given {
            variables: BTreeMap::new(),
            files: BTreeMap::new(),
            read: Arc::default(),
            written: Arc::default(),
            windows: cfg!(windows),
        })
    }

    /// The same with a variable. That of the process cannot be changed and is left as it is.
    #[must_use]
    pub fn with_variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        if let World::Given { variables, .. } = &mut self.0 {
            variables.insert(name.into(), value.into());
        }
        self
    }

    /// The same with a file. That of the process cannot be changed and is left as it is.
    #[must_use]
    pub fn with_file(mut self, path: impl Into<PathBuf>, content: impl Into<Vec<u8>>) -> Self {
        if let World::Given { files, .. } = &mut self.0 {
            files.insert(path.into(), Ok(content.into()));
        }
        self
    }

    /// The same with a file that cannot be read. That of the process cannot be changed and is left
    /// as it is.
    #[must_use]
    pub fn with_unreadable_file(mut self, path: impl Into<PathBuf>, error: io::ErrorKind) -> Self {
        if let World::Given { files, .. } = &mut self.0 {
            files.insert(path.into(), Err(error));
        }
        self
    }

    /// The same as Windows has it, or another system: which variables name the home folder, and
    /// how a path is written. Default: the system this program is built for. That of the process
    /// cannot be changed and is left as it is.
    #[must_use]
    pub fn with_windows(mut self, is_windows: bool) -> Self {
        if let World::Given { windows, .. } = &mut self.0 {
            *windows = is_windows;
        }
        self
    }

    /// The value of a variable. An empty one counts as unset.
    pub fn variable(&self, name: &str) -> Option<OsString> {
        self.variable_or_empty(name)
            .filter(|value| !value.is_empty())
    }

    /// The value of a variable, also where it is empty.
    pub(crate) fn variable_or_empty(&self, name: &str) -> Option<OsString> {
        match &self.0 {
            World::Process => env::var_os(name),
            World::Given { variables, .. } => variables.get(OsStr::new(name)).cloned(),
        }
    }

    /// Reads a file that has at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// As the system gives them, and [`FileTooLarge`](io::ErrorKind::FileTooLarge) after `limit`
    /// bytes: what comes then is not read.
    pub fn read(&self, path: &Path, limit: usize) -> io::Result<Vec<u8>> {
        let content = match &self.0 {
            World::Process => {
                let mut content = Vec::new();
                let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
                File::open(path)?.take(most).read_to_end(&mut content)?;
                content
            }
            World::Given {
                files,
                read,
                written,
                ..
            } => {
                read.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(path.to_owned());
                let written = written.lock().unwrap_or_else(PoisonError::into_inner);
                match (written.get(path), files.get(path)) {
                    (Some(content), _) | (None, Some(Ok(content))) => content.clone(),
                    (None, Some(Err(error))) => return Err((*error).into()),
                    (None, None) => return Err(io::ErrorKind::NotFound.into()),
                }
            }
        };
        if content.len() > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(content)
    }

    /// Puts `content` in the place of a file, whole or not at all, for its owner alone to read.
    #[cfg(feature = "credential-chain")]
    pub(crate) fn replace(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        match &self.0 {
            World::Process => replace(path, content),
            World::Given { written, .. } => {
                let mut written = written.lock().unwrap_or_else(PoisonError::into_inner);
                written.insert(path.to_owned(), content.to_owned());
                Ok(())
            }
        }
    }

    /// The files that were asked for so far, missing ones too, through this environment or a clone.
    /// Of the process's environment nothing is noted.
    pub fn files_read(&self) -> Vec<PathBuf> {
        match &self.0 {
            World::Process => Vec::new(),
            World::Given { read, .. } => {
                read.lock().unwrap_or_else(PoisonError::into_inner).clone()
            }
        }
    }

    /// The home folder: `HOME`, on Windows then `USERPROFILE`, then `HOMEDRIVE` and `HOMEPATH`, and
    /// for the process at last what the system says.
    pub fn home(&self) -> Option<PathBuf> {
        let on_windows = || {
            if !self.is_windows() {
                return None;
            }
            self.variable("USERPROFILE").or_else(|| {
                let mut home = self.variable("HOMEDRIVE")?;
                home.push(self.variable("HOMEPATH")?);
                Some(home)
            })
        };
        let home = self.variable("HOME").or_else(on_windows);
        home.map(PathBuf::from).or_else(|| match self.0 {
            World::Process => env::home_dir(),
            World::Given { .. } => None,
        })
    }

    /// A path as people write it: `~/` is the home folder.
    pub(crate) fn path(&self, written: PathBuf) -> PathBuf {
        match (written.strip_prefix("~"), self.home()) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => written,
        }
    }

    pub(super) fn is_windows(&self) -> bool {
        match self.0 {
            World::Process => cfg!(windows),
            World::Given { windows, .. } => windows,
        }
    }
}

/// Writes beside the file first, so that nobody ever reads half of it.
#[cfg(feature = "credential-chain")]
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    use std::io::Write as _;

    let beside = path.with_extension(format!("{:016x}.tmp", fastrand::u64(..)));
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(&beside)
        .and_then(|mut file| file.write_all(content))
        .and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

impl Default for Environment {
    fn default() -> Self {
        Self::process()
    }
}

impl fmt::Debug for Environment {
    // Variables and files hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            World::Process => "Environment(process)",
            World::Given { .. } => "Environment(given)",
        })
    }
}

#[cfg(all(test, feature = "credential-chain"))]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_for_its_owner_alone() {
        let folder = env::temp_dir().join(format!("amplify-backend-{:016x}", fastrand::u64(..)));
        std::fs::create_dir(&folder).unwrap();
        let path = folder.join("token.json");
        let environment = Environment::process();
        environment.replace(&path, b"one").unwrap();
        environment.replace(&path, b"two").unwrap();
        assert_eq!(environment.read(&path, 10).unwrap(), b"two");
        let names: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
        assert_eq!(names.len(), 1, "nothing is left beside it");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(environment.replace(&folder.join("no/such"), b"x").is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
