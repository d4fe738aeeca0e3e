//! What can be wrong with the shared files.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::shown;

/// A shared config or credentials file that cannot be used. Says which, the line, and what is wrong
/// there; never what stands there.
#[derive(Clone, Debug)]
pub struct ProfilesError {
    path: PathBuf,
    line: Option<usize>,
    problem: Problem,
    source: Option<Arc<io::Error>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Unreadable,
    TooLarge,
    NotUtf8,
    NoClosingBracket,
    TextAfterBracket,
    NoSectionName,
    BeforeSection,
    NoEqualsSign,
    NoPropertyName,
    ContinuesNothing,
    NoEqualsSignInSubProperty,
    NoSubPropertyName,
}

impl ProfilesError {
    pub(super) fn new(path: &Path, line: Option<usize>, problem: Problem) -> Self {
        Self {
            path: path.to_owned(),
            line,
            problem,
            source: None,
        }
    }

    pub(super) fn unreadable(path: &Path, error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::FileTooLarge {
            return Self::new(path, None, Problem::TooLarge);
        }
        Self {
            source: Some(Arc::new(error)),
            ..Self::new(path, None, Problem::Unreadable)
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line, from 1, where it is about one.
    pub fn line(&self) -> Option<usize> {
        self.line
    }
}

impl fmt::Display for ProfilesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown::path(&self.path))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        f.write_str(": ")?;
        f.write_str(match self.problem {
            Problem::Unreadable => "the file cannot be read",
            Problem::TooLarge => "the file is larger than 1 MiB",
            Problem::NotUtf8 => "the file is not UTF-8 from this line on",
            Problem::NoClosingBracket => "profile definition must end with ']'",
            Problem::TextAfterBracket => {
                "profile definition must end with ']': only a comment may come after it"
            }
            Problem::NoSectionName => "profile definition must have a name in its brackets",
            Problem::BeforeSection => {
                "expected a profile definition, such as [default], before this line"
            }
            Problem::NoEqualsSign => {
                "expected an '=' sign defining a property, as in `region = us-east-1`; what goes \
                 on with the line above is indented further"
            }
            Problem::NoPropertyName => "property did not have a name before its '=' sign",
            Problem::ContinuesNothing => {
                "expected a property definition, found continuation: the line is indented, and \
                 there is no property above it"
            }
            Problem::NoEqualsSignInSubProperty => {
                "expected an '=' sign defining a sub-property: the property above has no value of \
                 its own, so that what is indented below it is `name = value`"
            }
            Problem::NoSubPropertyName => "sub-property did not have a name before its '=' sign",
        })
    }
}

impl Error for ProfilesError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
