//! What can be wrong with the configuration.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

use operations::EndpointError;

use super::names::Names;
use super::parse::File;
use super::values::quoted;
use super::{Origin, ProfileFiles, Profiles, ProfilesError, Setting, shown};

/// A setting that is missing or wrong. Says which, and where it stands.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// Nothing names a region.
    MissingRegion,
    /// A setting has a value that it cannot have.
    #[non_exhaustive]
    Invalid {
        /// What the setting is called in a profile.
        setting: &'static str,
        /// Where the value stands.
        origin: Origin,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Two settings exclude each other.
    Conflict(Box<Conflict>),
    /// Somebody named a profile that is in neither file.
    UnknownProfile(Box<UnknownProfile>),
    /// A profile names a `services` section that is not there.
    #[non_exhaustive]
    UnknownServices {
        /// The section's name.
        name: String,
        /// Where it is named.
        origin: Origin,
    },
    /// The file of certificates to trust cannot be used.
    #[non_exhaustive]
    CaBundle {
        /// The file.
        path: PathBuf,
        /// Where it is named.
        origin: Origin,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A shared file cannot be used.
    Files(ProfilesError),
}

/// A custom endpoint, and a setting that chooses among the service's own.
#[derive(Debug)]
pub struct Conflict {
    pub(super) endpoint_url: Origin,
    pub(super) setting: &'static str,
    pub(super) origin: Origin,
    pub(super) source: EndpointError,
}

/// A profile that is in neither file.
#[derive(Debug)]
pub struct UnknownProfile {
    profile: String,
    origin: Origin,
    files: Vec<PathBuf>,
    hint: Option<Hint>,
}

#[derive(Debug)]
enum Hint {
    /// A profile whose name is almost the same.
    Near(String),
    /// A section that would be it in the other file.
    Misplaced(Origin, File),
}

impl ConfigError {
    pub(super) fn invalid(
        names: &Names,
        origin: Origin,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Invalid {
            setting: names.name,
            origin,
            source: source.into(),
        }
    }
}

impl From<ProfilesError> for ConfigError {
    fn from(error: ProfilesError) -> Self {
        Self::Files(error)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingRegion => f.write_str("no region is set"),
            Self::Invalid {
                setting, origin, ..
            } => write!(f, "{setting} from {origin} is not valid"),
            Self::Conflict(conflict) => write!(
                f,
                "endpoint_url from {} and {} from {} exclude each other",
                conflict.endpoint_url, conflict.setting, conflict.origin
            ),
            Self::UnknownProfile(unknown) => unknown.fmt(f),
            Self::UnknownServices { name, origin } => write!(
                f,
                "there is no section [services {}], which {origin} names",
                name.escape_debug()
            ),
            Self::CaBundle { path, origin, .. } => write!(
                f,
                "the certificates in {}, ca_bundle from {origin}, cannot be used",
                shown::path(path)
            ),
            Self::Files(_) => f.write_str("a shared configuration file cannot be used"),
        }
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Invalid { source, .. } | Self::CaBundle { source, .. } => Some(&**source),
            Self::Conflict(conflict) => Some(&conflict.source),
            Self::Files(error) => Some(error),
            Self::MissingRegion | Self::UnknownProfile(_) | Self::UnknownServices { .. } => None,
        }
    }
}

impl UnknownProfile {
    pub(super) fn new(
        profile: &Setting<String>,
        files: &ProfileFiles,
        profiles: &Profiles,
    ) -> Self {
        let Setting {
            value: name,
            origin,
        } = profile;
        let misplaced = profiles.ignored.iter().find(|ignored| {
            let meant = match ignored.file {
                File::Config => name.clone(),
                File::Credentials => format!("profile {name}"),
            };
            *ignored.section == *meant
        });
        let hint = match misplaced {
            Some(ignored) => Some(Hint::Misplaced(ignored.origin(), ignored.file)),
            None => nearest(name, profiles).map(Hint::Near),
        };
        let files = [files.config(), files.credentials()];
        Self {
            profile: name.clone(),
            origin: origin.clone(),
            files: files.into_iter().flatten().map(Path::to_owned).collect(),
            hint,
        }
    }

    /// The profile that was probably meant.
    pub fn suggestion(&self) -> Option<&str> {
        match &self.hint {
            Some(Hint::Near(name)) => Some(name),
            _ => None,
        }
    }
}

/// The profile within two typing errors of `name`, or with another case.
fn nearest(name: &str, profiles: &Profiles) -> Option<String> {
    let lower = name.to_lowercase();
    let near = profiles
        .profiles()
        // What is much longer than any name is not worth comparing.
        .filter(|(known, _)| name.len().max(known.len()) <= 128)
        .map(|(known, _)| (strsim::osa_distance(&lower, &known.to_lowercase()), known));
    let (_, known) = near
        // In a name of three letters, two typing errors make any other.
        .filter(|(distance, _)| *distance <= 2 && *distance * 2 < name.chars().count().max(1))
        .min_by_key(|(distance, _)| *distance)?;
    Some(known.to_owned())
}

impl fmt::Display for UnknownProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no profile {}", quoted(&self.profile))?;
        for (index, path) in self.files.iter().enumerate() {
            let word = if index == 0 { "in" } else { "or" };
            write!(f, " {word} {}", shown::path(path))?;
        }
        write!(f, ", which {} names", self.origin)?;
        let name = self.profile.escape_debug();
        match &self.hint {
            Some(Hint::Near(known)) => write!(f, "; did you mean {}?", known.escape_debug()),
            Some(Hint::Misplaced(at, File::Config)) => {
                write!(
                    f,
                    "; {at} is no profile: there it is written [profile {name}]"
                )
            }
            Some(Hint::Misplaced(at, File::Credentials)) => {
                write!(f, "; {at} is no profile: there it is written [{name}]")
            }
            None => Ok(()),
        }
    }
}
