//! Proxies, as the environment names them for all programs.

use std::error::Error;

use transport::{Proxies, Proxy};

use super::lookup::parsed;
use super::names::{self, Names};
use super::values::{self, InvalidValue};
use super::{ConfigError, Environment, Origin, Setting};

/// Which proxies requests go through, see [`Proxies`].
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ProxySettings {
    /// For `https:`.
    pub https: Option<Setting<Proxy>>,
    /// For `http:`, which goes to other hosts where clear text is allowed alone.
    pub http: Option<Setting<Proxy>>,
    /// For whichever of the two has none of its own.
    pub all: Option<Setting<Proxy>>,
    /// The hosts to which requests go without one.
    pub no_proxy: Option<Setting<String>>,
}

/// What code says of them.
pub(super) struct Code {
    pub(super) https: Option<Proxy>,
    pub(super) http: Option<Proxy>,
    pub(super) all: Option<Proxy>,
    pub(super) no_proxy: Option<String>,
}

impl ProxySettings {
    pub(super) fn find(
        environment: &Environment,
        code: Code,
        allow_clear_text: bool,
    ) -> Result<Self, ConfigError> {
        let https = find(environment, &names::HTTPS_PROXY, code.https, Proxy::new)?;
        let http = find(environment, &names::HTTP_PROXY, code.http, Proxy::new)?;
        // Desktops set it to a SOCKS proxy beside an HTTP one; what nothing goes through is no
        // error.
        let all = match https.is_none() || (allow_clear_text && http.is_none()) {
            true => find(environment, &names::ALL_PROXY, code.all, Proxy::new)?,
            false => None,
        };
        Ok(Self {
            https,
            http,
            all,
            no_proxy: find(environment, &names::NO_PROXY, code.no_proxy, values::any)?,
        })
    }

    /// The same for a transport.
    pub fn to_proxies(&self) -> Proxies {
        let mut proxies = Proxies::new();
        if let Some(proxy) = &self.https {
            proxies = proxies.https(proxy.value.clone());
        }
        if let Some(proxy) = &self.http {
            proxies = proxies.http(proxy.value.clone());
        }
        if let Some(proxy) = &self.all {
            proxies = proxies.all(proxy.value.clone());
        }
        if let Some(hosts) = &self.no_proxy {
            proxies = proxies.no_proxy(&hosts.value);
        }
        proxies
    }
}

/// What code or the environment has of one. The variable in lower case comes first, and hides the
/// other one also where it is empty.
fn find<T, E: Into<Box<dyn Error + Send + Sync>>>(
    environment: &Environment,
    names: &Names,
    code: Option<T>,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<Setting<T>>, ConfigError> {
    if let Some(value) = code {
        return Ok(Some(Setting::new(value, Origin::Code)));
    }
    // In a CGI program it is not a variable that somebody set, but the request's header `Proxy`.
    let in_cgi = environment.variable("REQUEST_METHOD").is_some();
    let set = names
        .variables
        .iter()
        .filter(|name| !(in_cgi && **name == "HTTP_PROXY"))
        .find_map(|name| Some((name, environment.variable_or_empty(name)?)));
    match set {
        Some((variable, value)) if !value.is_empty() => {
            let origin = Origin::Environment { variable };
            match value.into_string() {
                Ok(text) => parsed(names, Setting::new(text, origin), parse).map(Some),
                Err(_) => Err(ConfigError::invalid(
                    names,
                    origin,
                    InvalidValue::not_utf8(),
                )),
            }
        }
        _ => Ok(None),
    }
}
