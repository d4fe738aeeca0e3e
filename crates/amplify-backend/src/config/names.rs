//! What each setting is called where it can stand.

/// The names of a setting.
#[derive(Debug)]
pub(crate) struct Names {
    /// In a profile, and in errors and lists.
    pub(crate) name: &'static str,
    /// The environment variables, the one that counts first.
    pub(crate) variables: &'static [&'static str],
    /// Whether it can stand in a profile.
    pub(crate) in_profile: bool,
}

impl Names {
    /// Those of a setting that can stand in a profile.
    pub(crate) const fn new(name: &'static str, variables: &'static [&'static str]) -> Self {
        Self {
            name,
            variables,
            in_profile: true,
        }
    }

    /// Those of a setting that stands in no profile.
    const fn outside_profiles(name: &'static str, variables: &'static [&'static str]) -> Self {
        Self {
            name,
            variables,
            in_profile: false,
        }
    }
}

pub(crate) const PROFILE: Names =
    Names::outside_profiles("profile", &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]);
pub(crate) const REGION: Names = Names::new("region", &["AWS_REGION", "AWS_DEFAULT_REGION"]);
pub(crate) const ENDPOINT_URL: Names = Names::new(
    "endpoint_url",
    &["AWS_ENDPOINT_URL_AMPLIFYBACKEND", "AWS_ENDPOINT_URL"],
);
pub(crate) const IGNORE_CONFIGURED_ENDPOINT_URLS: Names = Names::new(
    "ignore_configured_endpoint_urls",
    &["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"],
);
pub(crate) const USE_FIPS_ENDPOINT: Names =
    Names::new("use_fips_endpoint", &["AWS_USE_FIPS_ENDPOINT"]);
pub(crate) const USE_DUALSTACK_ENDPOINT: Names =
    Names::new("use_dualstack_endpoint", &["AWS_USE_DUALSTACK_ENDPOINT"]);
pub(super) const ALLOW_CLEAR_TEXT: Names = Names::outside_profiles("allow_clear_text", &[]);
pub(super) const MAX_ATTEMPTS: Names = Names::new("max_attempts", &["AWS_MAX_ATTEMPTS"]);
pub(super) const RETRY_MODE: Names = Names::new("retry_mode", &["AWS_RETRY_MODE"]);
pub(super) const CA_BUNDLE: Names = Names::new("ca_bundle", &["AWS_CA_BUNDLE"]);
pub(super) const SDK_UA_APP_ID: Names = Names::new("sdk_ua_app_id", &["AWS_SDK_UA_APP_ID"]);
pub(super) const HTTPS_PROXY: Names =
    Names::outside_profiles("https_proxy", &["https_proxy", "HTTPS_PROXY"]);
pub(super) const HTTP_PROXY: Names =
    Names::outside_profiles("http_proxy", &["http_proxy", "HTTP_PROXY"]);
pub(super) const ALL_PROXY: Names =
    Names::outside_profiles("all_proxy", &["all_proxy", "ALL_PROXY"]);
pub(super) const NO_PROXY: Names = Names::outside_profiles("no_proxy", &["no_proxy", "NO_PROXY"]);

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
