//! Where a setting came from.

use std::fmt;
use std::path::PathBuf;

use super::shown;

/// A value, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T> Setting<T> {
    pub(crate) fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}

/// Where a value came from.
///
/// `Display` is a phrase: `code`, `AWS_REGION`, `/home/u/.aws/config:3 [profile dev]`, `default`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// The program said so.
    Code,
    /// An environment variable.
    #[non_exhaustive]
    Environment {
        /// Its name.
        variable: &'static str,
    },
    /// The shared config or credentials file.
    #[non_exhaustive]
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What stands in the brackets of the section: `default`, `profile dev`.
        section: String,
    },
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code => f.write_str("code"),
            Self::Environment { variable } => f.write_str(variable),
            Self::File {
                path,
                line,
                section,
            } => write!(f, "{}:{line} [{}]", shown::path(path), shown::text(section)),
            Self::Default => f.write_str("default"),
        }
    }
}
