#![doc = include_str!("../docs/configuration.md")]

mod credentials;
mod endpoint;
mod environment;
mod error;
mod files;
mod list;
mod lookup;
pub(crate) mod names;
mod origin;
mod parse;
mod profiles;
mod profiles_error;
mod proxies;
pub(crate) mod shown;
pub(crate) mod values;

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::OnceLock;

use operations::{Endpoint, Region};
use transport::{Proxy, RootCertificates, Transport};

pub(crate) use self::lookup::Lookup;
use self::lookup::variable;
use crate::client::{Client, ClientBuilder};
use crate::credentials::CachedCredentials;
use crate::retry::RetryPolicy;
use crate::{HyperTransport, HyperTransportBuilder, client_builder as set};

#[cfg(feature = "credential-chain")]
pub(crate) use self::credentials::key;
#[cfg(feature = "credential-chain")]
pub(crate) use self::endpoint::configured;
#[cfg(feature = "credential-chain")]
pub(crate) use self::lookup::section;
#[cfg(feature = "credential-chain")]
pub(crate) use self::names::Names;

pub use self::credentials::ProfileCredentials;
pub use self::environment::Environment;
pub use self::error::{ConfigError, Conflict, UnknownProfile};
pub use self::files::ProfileFiles;
pub use self::list::Listed;
pub use self::origin::{Origin, Setting};
pub use self::profiles::{Profiles, Property, Section};
pub use self::profiles_error::ProfilesError;
pub use self::proxies::ProxySettings;
pub use self::values::RetryMode;

/// All settings of a client, each with where it came from.
///
/// ```
/// use amplify_backend::config::{Config, Environment};
///
/// let environment = Environment::empty()
///     .with_variable("HOME", "/home/u")
///     .with_variable("AWS_PROFILE", "dev")
///     .with_file("/home/u/.aws/config", "[profile dev]\nregion = eu-west-1");
/// let config = Config::builder().environment(environment).load()?;
/// let region = config.region.as_ref().expect("the profile has one");
/// assert_eq!(region.value.as_str(), "eu-west-1");
/// assert_eq!(region.origin.to_string(), "/home/u/.aws/config:2 [profile dev]");
/// let client = config.client()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The profile in the shared files. Default: `default`.
    pub profile: Setting<String>,
    /// The region, which is part of every signature. It has no default.
    pub region: Option<Setting<Region>>,
    /// Where requests go: a custom endpoint, or by default the service in `region`. `None` when
    /// there is neither.
    pub endpoint: Option<Setting<Endpoint>>,
    /// Whether endpoints in the environment and in the shared files are left alone. Default:
    /// `false`.
    pub ignore_configured_endpoint_urls: Setting<bool>,
    /// Whether the default endpoint is the one that meets FIPS 140. Default: `false`.
    pub use_fips: Setting<bool>,
    /// Whether the default endpoint is the one that has IPv4 and IPv6. Default: `false`.
    pub use_dual_stack: Setting<bool>,
    /// Whether `http:` may go to other hosts than this one. Default: `false`.
    pub allow_clear_text: Setting<bool>,
    /// How often a call is tried in all. Default: 3.
    pub max_attempts: Setting<u32>,
    /// How calls are tried again. Default: [`RetryMode::Standard`].
    pub retry_mode: Setting<RetryMode>,
    /// A file of certificates to trust, and no others. Default: those the transport has.
    pub ca_bundle: Option<Setting<PathBuf>>,
    /// Which proxies requests go through. Default: none.
    pub proxies: ProxySettings,
    /// A name for this application in the `User-Agent`. Default: none.
    pub user_agent_app: Option<Setting<String>>,
    /// Those that code gave, or that were found.
    credentials: OnceLock<CachedCredentials>,
    pub(crate) environment: Environment,
    files: ProfileFiles,
}

/// A [`ClientBuilder`] that has what a [`Config`] tells.
pub type ConfiguredBuilder<T> = ClientBuilder<
    T,
    set::SetUserAgentApp<set::SetRetry<set::SetEndpoint<set::SetCredentials<set::SetRegion>>>>,
>;

#[bon::bon]
impl Config {
    /// Finds out the settings; what the builder was given counts, whatever stands elsewhere.
    #[builder(
        start_fn(name = builder, vis = "pub", doc {
            /// Sets up what shall count whatever stands elsewhere, and where to look.
        }),
        finish_fn(name = load, doc {
            /// Finds the other settings. The shared files are read where something can stand there
            /// alone, and once.
            ///
            /// # Errors
            ///
            /// See [`ConfigError`]. A region that is missing is none yet: [`client`](Config::client)
            /// needs it.
        }),
        builder_type(name = ConfigBuilder, vis = "pub", doc {
            /// Sets up a [`Config`]. Everything may be left out.
        }),
        state_mod(name = config_builder, vis = "pub", doc {
            /// What a [`ConfigBuilder`] was given so far.
        })
    )]
    fn find(
        /// Where to look. Default: [`Environment::process`].
        #[builder(default)]
        environment: Environment,
        /// The shared config file, instead of the one that the environment names.
        #[builder(into)]
        config_file: Option<PathBuf>,
        /// The shared credentials file, instead of the one that the environment names.
        #[builder(into)]
        credentials_file: Option<PathBuf>,
        /// See [`Config::profile`]. Who names a profile here wants its credentials: those in the
        /// environment are left alone then.
        #[builder(into)]
        profile: Option<String>,
        /// Where credentials come from. Default: [`ProfileCredentials`], or with the feature
        /// `credential-chain` the `CredentialChain`.
        #[builder(into)]
        credentials: Option<CachedCredentials>,
        /// See [`Config::region`].
        region: Option<Region>,
        /// See [`Config::endpoint`].
        endpoint: Option<Endpoint>,
        /// See [`Config::ignore_configured_endpoint_urls`].
        ignore_configured_endpoint_urls: Option<bool>,
        /// See [`Config::use_fips`].
        use_fips: Option<bool>,
        /// See [`Config::use_dual_stack`].
        use_dual_stack: Option<bool>,
        /// See [`Config::allow_clear_text`].
        allow_clear_text: Option<bool>,
        /// See [`Config::max_attempts`]. Zero counts as one.
        max_attempts: Option<u32>,
        /// See [`Config::retry_mode`].
        retry_mode: Option<RetryMode>,
        /// See [`Config::ca_bundle`].
        #[builder(into)]
        ca_bundle: Option<PathBuf>,
        /// See [`ProxySettings::https`].
        https_proxy: Option<Proxy>,
        /// See [`ProxySettings::http`].
        http_proxy: Option<Proxy>,
        /// See [`ProxySettings::all`].
        all_proxy: Option<Proxy>,
        /// See [`ProxySettings::no_proxy`]; `*` turns proxies off.
        #[builder(into)]
        no_proxy: Option<String>,
        /// See [`Config::user_agent_app`].
        #[builder(into)]
        user_agent_app: Option<String>,
    ) -> Result<Self, ConfigError> {
        let profile = match profile {
            Some(name) => Some(Setting::new(name, Origin::Code)),
            None => variable(&environment, &names::PROFILE)?,
        };
        let profile = or(profile, "default".to_owned());
        let files = ProfileFiles::named(environment.clone(), config_file, credentials_file);
        let lookup = Lookup {
            environment: &environment,
            files: &files,
            profile: &profile,
        };
        let flag = |names, code| {
            let found = lookup.find(names, code, values::boolean)?;
            Ok::<_, ConfigError>(or(found, false))
        };

        let region = lookup.find(&names::REGION, region, Region::new)?;
        let ignore_configured_endpoint_urls = flag(
            &names::IGNORE_CONFIGURED_ENDPOINT_URLS,
            ignore_configured_endpoint_urls,
        )?;
        let use_fips = flag(&names::USE_FIPS_ENDPOINT, use_fips)?;
        let use_dual_stack = flag(&names::USE_DUALSTACK_ENDPOINT, use_dual_stack)?;
        let allow_clear_text = flag(&names::ALLOW_CLEAR_TEXT, allow_clear_text)?;
        let choice = endpoint::Choice {
            code: endpoint,
            region: region.as_ref().map(|region| &region.value),
            use_fips: &use_fips,
            use_dual_stack: &use_dual_stack,
            ignore_configured: ignore_configured_endpoint_urls.value,
            allow_clear_text: allow_clear_text.value,
        };
        let endpoint = endpoint::endpoint(&lookup, choice)?;
        let max_attempts = max_attempts.map(|attempts| attempts.max(1));
        let max_attempts = lookup.find(&names::MAX_ATTEMPTS, max_attempts, values::attempts)?;
        let retry_mode = lookup.find(&names::RETRY_MODE, retry_mode, values::retry_mode)?;
        let written = |path: &str| Ok::<_, Infallible>(environment.path(path.into()));
        let ca_bundle = lookup.find(&names::CA_BUNDLE, ca_bundle, written)?;
        let proxies = proxies::Code {
            https: https_proxy,
            http: http_proxy,
            all: all_proxy,
            no_proxy,
        };
        let proxies = ProxySettings::find(&environment, proxies, allow_clear_text.value)?;
        let user_agent_app = lookup.find(&names::SDK_UA_APP_ID, user_agent_app, values::any)?;
        Ok(Self {
            region,
            endpoint,
            ignore_configured_endpoint_urls,
            use_fips,
            use_dual_stack,
            allow_clear_text,
            max_attempts: or(max_attempts, RetryPolicy::new().max_attempts()),
            retry_mode: or(retry_mode, RetryMode::default()),
            ca_bundle,
            proxies,
            user_agent_app,
            credentials: credentials.map(OnceLock::from).unwrap_or_default(),
            environment,
            profile,
            files,
        })
    }

    /// The settings as the environment and the shared files have them.
    ///
    /// # Errors
    ///
    /// See [`ConfigBuilder::load`].
    pub fn load() -> Result<Self, ConfigError> {
        Self::builder().load()
    }

    /// A client with these settings.
    ///
    /// # Errors
    ///
    /// See [`client_builder`](Self::client_builder) and [`transport_builder`](Self::transport_builder).
    pub fn client(&self) -> Result<Client, ConfigError> {
        Ok(self
            .client_builder(self.transport_builder()?.build())?
            .build())
    }

    /// A client's builder over `transport` with these settings, for what they do not tell.
    ///
    /// # Errors
    ///
    /// [`ConfigError::MissingRegion`].
    pub fn client_builder<T: Transport>(
        &self,
        transport: T,
    ) -> Result<ConfiguredBuilder<T>, ConfigError> {
        let (Some(region), Some(endpoint)) = (&self.region, &self.endpoint) else {
            return Err(ConfigError::MissingRegion);
        };
        Ok(Client::over(transport)
            .region(region.value.clone())
            .credentials(self.credentials())
            .endpoint(endpoint.value.clone())
            .retry(self.retry_policy())
            .maybe_user_agent_app(self.user_agent_app.as_ref().map(|app| &*app.value)))
    }

    /// A transport's builder with these settings, for what they do not tell.
    ///
    /// # Errors
    ///
    /// A [`ca_bundle`](Self::ca_bundle) that cannot be used.
    pub fn transport_builder(&self) -> Result<HyperTransportBuilder, ConfigError> {
        let transport = HyperTransport::builder()
            .allow_clear_text(self.allow_clear_text.value)
            .proxies(self.proxies.to_proxies());
        let Some(Setting {
            value: path,
            origin,
        }) = &self.ca_bundle
        else {
            return Ok(transport);
        };
        let unusable = |error| ConfigError::CaBundle {
            path: path.clone(),
            origin: origin.clone(),
            source: error,
        };
        let pem = match self.environment.read(path, MAX_CA_BUNDLE) {
            Ok(pem) => pem,
            Err(error) => return Err(unusable(error.into())),
        };
        match RootCertificates::from_pem(&pem) {
            Ok(roots) => Ok(transport.only_roots(roots)),
            Err(error) => Err(unusable(error.into())),
        }
    }

    /// Where credentials come from. What they are is found out when they are needed.
    pub fn credentials(&self) -> CachedCredentials {
        #[cfg(feature = "credential-chain")]
        let usual = || crate::CredentialChain::of(self).into();
        #[cfg(not(feature = "credential-chain"))]
        let usual = || ProfileCredentials::of(self).into();
        self.credentials.get_or_init(usual).clone()
    }

    /// The policy that [`max_attempts`](Self::max_attempts) makes; for the rest the default one.
    pub fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy::new().with_max_attempts(self.max_attempts.value)
    }

    /// The shared files, as far as they were read.
    pub fn files(&self) -> &ProfileFiles {
        &self.files
    }
}

/// Mozilla's roots as PEM are a quarter of a MiB.
const MAX_CA_BUNDLE: usize = 4 * 1024 * 1024;

fn or<T>(found: Option<Setting<T>>, default: T) -> Setting<T> {
    found.unwrap_or_else(|| Setting::new(default, Origin::Default))
}
