//! What each setting is called where it can stand.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;

/// The names of a setting.
#[derive(Debug)]
pub(super) struct Names {
    /// In a profile, and in errors and lists.
    pub(super) name: &'static str,
    /// The environment variables, the one that counts first.
    pub(super) variables: &'static [&'static str],
    /// Whether it can stand in a profile.
    pub(super) in_profile: bool,
}

const fn names(name: &'static str, variables: &'static [&'static str]) -> Names {
    Names {
        name,
        variables,
        in_profile: true,
    }
}

const fn outside_profiles(name: &'static str, variables: &'static [&'static str]) -> Names {
    Names {
        name,
        variables,
        in_profile: false,
    }
}

pub(super) const PROFILE: Names =
    outside_profiles("profile", &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]);
pub(super) const REGION: Names = names("region", &["AWS_REGION", "AWS_DEFAULT_REGION"]);
pub(super) const ENDPOINT_URL: Names = names(
    "endpoint_url",
    &["AWS_ENDPOINT_URL_AMPLIFYBACKEND", "AWS_ENDPOINT_URL"],
);
pub(super) const IGNORE_CONFIGURED_ENDPOINT_URLS: Names = names(
    "ignore_configured_endpoint_urls",
    &["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"],
);
pub(super) const USE_FIPS_ENDPOINT: Names = names("use_fips_endpoint", &["AWS_USE_FIPS_ENDPOINT"]);
pub(super) const USE_DUALSTACK_ENDPOINT: Names =
    names("use_dualstack_endpoint", &["AWS_USE_DUALSTACK_ENDPOINT"]);
pub(super) const ALLOW_CLEAR_TEXT: Names = outside_profiles("allow_clear_text", &[]);
pub(super) const MAX_ATTEMPTS: Names = names("max_attempts", &["AWS_MAX_ATTEMPTS"]);
pub(super) const RETRY_MODE: Names = names("retry_mode", &["AWS_RETRY_MODE"]);
pub(super) const CA_BUNDLE: Names = names("ca_bundle", &["AWS_CA_BUNDLE"]);
pub(super) const SDK_UA_APP_ID: Names = names("sdk_ua_app_id", &["AWS_SDK_UA_APP_ID"]);
pub(super) const HTTPS_PROXY: Names =
    outside_profiles("https_proxy", &["https_proxy", "HTTPS_PROXY"]);
pub(super) const HTTP_PROXY: Names = outside_profiles("http_proxy", &["http_proxy", "HTTP_PROXY"]);
pub(super) const ALL_PROXY: Names = outside_profiles("all_proxy", &["all_proxy", "ALL_PROXY"]);
pub(super) const NO_PROXY: Names = outside_profiles("no_proxy", &["no_proxy", "NO_PROXY"]);

/// All of them, in the order in which they are listed.
#[cfg(test)]
pub(super) const ALL: &[&Names] = &[
    &PROFILE,
    &REGION,
    &ENDPOINT_URL,
    &IGNORE_CONFIGURED_ENDPOINT_URLS,
    &USE_FIPS_ENDPOINT,
    &USE_DUALSTACK_ENDPOINT,
    &ALLOW_CLEAR_TEXT,
    &MAX_ATTEMPTS,
    &RETRY_MODE,
    &CA_BUNDLE,
    &HTTPS_PROXY,
    &HTTP_PROXY,
    &ALL_PROXY,
    &NO_PROXY,
    &SDK_UA_APP_ID,
];

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
pub(super) struct InvalidValue(String);

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for InvalidValue {}

impl InvalidValue {
    pub(super) fn new(text: &str, expected: &str) -> Self {
        Self(format!("{} is not {expected}", quoted(text)))
    }

    pub(super) fn not_utf8() -> Self {
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
pub(super) fn boolean(text: &str) -> Result<bool, InvalidValue> {
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

pub(super) fn any(text: &str) -> Result<String, Infallible> {
    Ok(text.to_owned())
}
