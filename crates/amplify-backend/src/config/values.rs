//! Which values a setting can have.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;

/// The retry mode, one of the three that AWS's tools know.
///
/// Here all three mean the same, behaviour 2.1 of the AWS SDKs with what [`Mutations`] says of
/// operations that change something. The other two are taken so that a setting made for other
/// programs is no error.
///
/// [`Mutations`]: crate::retry::Mutations
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryMode {
    /// `standard`, what all SDKs have in common.
    #[default]
    Standard,
    /// `legacy`. Elsewhere: up to 5 attempts, as older SDKs made them.
    Legacy,
    /// `adaptive`. Elsewhere: as `standard`, and calls are held back after throttling.
    Adaptive,
}

impl RetryMode {
    const ALL: [Self; 3] = [Self::Standard, Self::Legacy, Self::Adaptive];

    /// The mode's name, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Legacy => "legacy",
            Self::Adaptive => "adaptive",
        }
    }
}

impl fmt::Display for RetryMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A value that a setting cannot have.
#[derive(Debug)]
pub(crate) struct InvalidValue(String);

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for InvalidValue {}

impl InvalidValue {
    pub(crate) fn new(text: &str, expected: &str) -> Self {
        Self(format!("{} is not {expected}", quoted(text)))
    }

    pub(crate) fn not_utf8() -> Self {
        Self("it is not UTF-8".to_owned())
    }
}

/// The beginning of `text`, in quotation marks and escaped.
pub(super) fn quoted(text: &str) -> String {
    let beginning: String = text.chars().take(64).collect();
    let more = if beginning.len() < text.len() {
        "…"
    } else {
        ""
    };
    format!("{beginning:?}{more}")
}

/// `true` and `false`, in upper or lower case. Other tools take anything else for `false`; here
/// nobody shall believe to use FIPS who does not.
pub(crate) fn boolean(text: &str) -> Result<bool, InvalidValue> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(InvalidValue::new(text, "true or false")),
    }
}

pub(super) fn attempts(text: &str) -> Result<u32, InvalidValue> {
    match text.parse() {
        Ok(0) | Err(_) => Err(InvalidValue::new(
            text,
            "a number of attempts, 1 or more, the first one counted",
        )),
        Ok(attempts) => Ok(attempts),
    }
}

pub(super) fn retry_mode(text: &str) -> Result<RetryMode, InvalidValue> {
    let lower = text.to_ascii_lowercase();
    let mode = RetryMode::ALL
        .into_iter()
        .find(|mode| mode.as_str() == lower);
    mode.ok_or_else(|| InvalidValue::new(text, "one of standard, legacy and adaptive"))
}

pub(crate) fn any(text: &str) -> Result<String, Infallible> {
    Ok(text.to_owned())
}
