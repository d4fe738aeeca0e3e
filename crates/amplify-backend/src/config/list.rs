//! All settings as text, for people.

use std::path::Path;

use super::{Config, Origin, Setting, names};

/// A setting as text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed<'a> {
    /// What it is called in a profile.
    pub name: &'static str,
    /// Its value, or `None` where it has none.
    pub value: Option<String>,
    /// Where it came from.
    pub origin: &'a Origin,
}

impl Config {
    /// All settings as text, in a fixed order, those without a value too. A proxy is without its
    /// credentials: none of them is a secret.
    ///
    /// ```
    /// # let environment = amplify_backend::config::Environment::empty();
    /// # let config = amplify_backend::config::Config::builder().environment(environment).load()?;
    /// for setting in config.settings() {
    ///     println!("{:32} {:40} {}", setting.name, setting.value.as_deref().unwrap_or("-"), setting.origin);
    /// }
    /// # Ok::<(), amplify_backend::config::ConfigError>(())
    /// ```
    pub fn settings(&self) -> impl Iterator<Item = Listed<'_>> {
        fn set<'a, T>(
            names: &names::Names,
            setting: &'a Setting<T>,
            text: impl FnOnce(&T) -> String,
        ) -> Listed<'a> {
            Listed {
                name: names.name,
                value: Some(text(&setting.value)),
                origin: &setting.origin,
            }
        }
        fn maybe<'a, T>(
            names: &names::Names,
            setting: &'a Option<Setting<T>>,
            text: impl FnOnce(&T) -> String,
        ) -> Listed<'a> {
            match setting {
                Some(setting) => set(names, setting, text),
                None => Listed {
                    name: names.name,
                    value: None,
                    origin: &Origin::Default,
                },
            }
        }
        let path = |path: &std::path::PathBuf| Path::display(path).to_string();
        [
            set(&names::PROFILE, &self.profile, String::clone),
            maybe(&names::REGION, &self.region, ToString::to_string),
            maybe(&names::ENDPOINT_URL, &self.endpoint, ToString::to_string),
            set(
                &names::IGNORE_CONFIGURED_ENDPOINT_URLS,
                &self.ignore_configured_endpoint_urls,
                ToString::to_string,
            ),
            set(
                &names::USE_FIPS_ENDPOINT,
                &self.use_fips,
                ToString::to_string,
            ),
            set(
                &names::USE_DUALSTACK_ENDPOINT,
                &self.use_dual_stack,
                ToString::to_string,
            ),
            set(
                &names::ALLOW_CLEAR_TEXT,
                &self.allow_clear_text,
                ToString::to_string,
            ),
            set(
                &names::MAX_ATTEMPTS,
                &self.max_attempts,
                ToString::to_string,
            ),
            set(&names::RETRY_MODE, &self.retry_mode, ToString::to_string),
            maybe(&names::CA_BUNDLE, &self.ca_bundle, path),
            maybe(
                &names::HTTPS_PROXY,
                &self.proxies.https,
                ToString::to_string,
            ),
            maybe(&names::HTTP_PROXY, &self.proxies.http, ToString::to_string),
            maybe(&names::ALL_PROXY, &self.proxies.all, ToString::to_string),
            maybe(&names::NO_PROXY, &self.proxies.no_proxy, String::clone),
            maybe(&names::SDK_UA_APP_ID, &self.user_agent_app, String::clone),
        ]
        .into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;

    #[test]
    fn every_setting_is_listed() {
        let config = Config::builder().environment(Environment::empty()).load();
        let config = config.unwrap();
        let listed: Vec<_> = config.settings().map(|setting| setting.name).collect();
        let all: Vec<_> = names::ALL.iter().map(|names| names.name).collect();
        assert_eq!(listed, all);
    }

    #[test]
    fn the_page_names_every_setting_and_variable() {
        let page = include_str!("../../docs/configuration.md");
        for setting in names::ALL {
            for name in setting.variables.iter().chain([&setting.name]) {
                let row =
                    |line: &str| line.starts_with("| `") && line.contains(&format!("`{name}`"));
                assert!(page.lines().any(row), "{name}");
            }
        }
    }
}
