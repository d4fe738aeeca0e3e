//! The credential chain: what every AWS tool asks for credentials, in the same order.

mod container;
mod context;
mod imds;
mod json;
mod process;
mod profile;
mod role;
mod service;
mod sso;
mod sts;
mod web_identity;
mod wire;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use operations::Region;
use signing::Credentials;
use transport::Transport;

use self::context::Context;
use self::imds::InstanceMetadata;
use self::profile::Profile;
use crate::config::{Config, Environment, Origin, ProfileFiles, Setting};
use crate::credentials::from_variables;
use crate::{Clock, CredentialsError, ProvideCredentials};

/// Looks for credentials where the AWS CLI does, in its order.
#[doc = include_str!("../docs/credentials.md")]
pub struct CredentialChain {
    context: Context,
    instance_metadata: InstanceMetadata,
    process_timeout: Duration,
}

impl CredentialChain {
    /// The chain as this process's variables and files say.
    pub fn new() -> Self {
        Self {
            context: Context::new(),
            instance_metadata: InstanceMetadata::default(),
            process_timeout: Duration::from_secs(30),
        }
    }

    /// The chain that `config` leads to: its profile, its region, its endpoints, its network.
    pub fn of(config: &Config) -> Self {
        let mut chain = Self::new();
        chain.context.environment = config.environment.clone();
        chain.context.files = config.files().clone();
        chain.context.profile = config.profile.clone();
        chain.context.code = context::Code {
            region: config.region.as_ref().map(|region| region.value.clone()),
            use_fips: Some(config.use_fips.value),
            use_dual_stack: Some(config.use_dual_stack.value),
            ignore_configured_endpoint_urls: Some(config.ignore_configured_endpoint_urls.value),
        };
        let config = config.clone();
        chain.context.services =
            wire::LazyTransport::made_by(move || Ok(config.transport_builder()?.build()));
        chain
    }

    /// Uses this profile, whatever `AWS_PROFILE` says, and not the variables that hold credentials.
    #[must_use]
    pub fn with_profile(mut self, name: impl Into<String>) -> Self {
        self.context.profile = Setting::new(name.into(), Origin::Code);
        self
    }

    /// Asks STS in this region. Default: `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's `region`,
    /// or without any of them STS's global endpoint.
    #[must_use]
    pub fn with_region(mut self, region: Region) -> Self {
        self.context.code.region = Some(region);
        self
    }

    /// Reads these variables and files, among them the shared files that the variables name: those
    /// of [`with_files`](Self::with_files) are given after it.
    #[must_use]
    pub fn with_environment(mut self, environment: Environment) -> Self {
        self.context.files = ProfileFiles::new(environment.clone());
        if self.context.profile.origin != Origin::Code {
            self.context.profile = context::profile_of(&environment);
        }
        self.context.environment = environment;
        self
    }

    /// Takes the profiles from files that may have been read already, so that they are not read
    /// again.
    #[must_use]
    pub fn with_files(mut self, files: ProfileFiles) -> Self {
        self.context.files = files;
        self
    }

    /// Asks STS and SSO over `transport`. Default: a [`HyperTransport`](crate::HyperTransport) with
    /// its defaults.
    #[must_use]
    pub fn with_transport(mut self, transport: impl Transport + 'static) -> Self {
        self.context.services = wire::LazyTransport::given(transport);
        self
    }

    /// Asks a container and the instance's metadata service over `transport`, which is one that
    /// takes `http://` to hosts other than this one and goes through no proxy. Default: a
    /// [`HyperTransport`](crate::HyperTransport) that does.
    #[must_use]
    pub fn with_metadata_transport(mut self, transport: impl Transport + 'static) -> Self {
        self.context.metadata = wire::LazyTransport::given(transport);
        self
    }

    /// Tells the time. Default: the system's clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.context.clock = Arc::new(clock);
        self
    }

    /// How long a `credential_process` may take. It is then killed. Default: 30 s.
    #[must_use]
    pub fn with_process_timeout(mut self, time: Duration) -> Self {
        self.process_timeout = time;
        self
    }
}

impl Default for CredentialChain {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CredentialChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialChain")
            .field("profile", &self.context.profile.value)
            .finish_non_exhaustive()
    }
}

impl ProvideCredentials for CredentialChain {
    async fn provide(&self) -> Result<Credentials, CredentialsError> {
        let mut asked = Asked::default();
        let by_variables = self.context.profile.origin != Origin::Code;
        if by_variables && let Some(found) = asked.ask(vec![self.environment()]).await? {
            return Ok(found);
        }
        if tokio::runtime::Handle::try_current().is_err() {
            let message = "CredentialChain works inside a Tokio runtime only";
            return Err(CredentialsError::new(message));
        }
        self.context.read_files().await?;
        let profile = self.context.profile()?;
        let mut sources = vec![Source::new("role", self.role_of(&profile))];
        sources.extend(self.sources_of(&profile, by_variables));
        sources.extend([self.container(), self.instance()]);
        match asked.ask(sources).await? {
            Some(found) => Ok(found),
            None => Err(CredentialsError::absent(
                asked.nobody("no source has credentials"),
            )),
        }
    }
}

impl CredentialChain {
    fn environment(&self) -> Source<'_> {
        Source::new("environment", async {
            if self.context.variable("AWS_ACCESS_KEY_ID").is_none() {
                return absent("AWS_ACCESS_KEY_ID is not set");
            }
            Ok(from_variables(|name| self.context.variable(name))?)
        })
    }

    /// What a profile may have besides a role that starts from another profile.
    fn sources_of<'a>(&'a self, profile: &'a Profile<'a>, by_variables: bool) -> [Source<'a>; 6] {
        let context = &self.context;
        [
            Source::new(
                "web identity",
                web_identity::ask(context, profile, by_variables),
            ),
            Source::new("SSO", sso::ask(context, profile)),
            Source::new("credentials file", async { profile.key_in(true) }),
            Source::new("aws login", async { profile.login() }),
            Source::new(
                "credential_process",
                process::ask(profile, self.process_timeout),
            ),
            Source::new("config file", async { profile.key_in(false) }),
        ]
    }

    fn container(&self) -> Source<'_> {
        Source::new("container", container::ask(&self.context))
    }

    fn instance(&self) -> Source<'_> {
        let asking = self.instance_metadata.ask(&self.context);
        Source::new("instance metadata", asking)
    }
}

/// What a source answers.
type Found = Result<Credentials, Miss>;

/// Why a source has no credentials.
enum Miss {
    /// It is not set up, for this reason: the next one is asked.
    Absent(String),
    /// It is set up and failed: nobody else is asked.
    Failed(CredentialsError),
}

impl From<CredentialsError> for Miss {
    fn from(error: CredentialsError) -> Self {
        Self::Failed(error)
    }
}

fn absent(why: impl Into<String>) -> Found {
    Err(Miss::Absent(why.into()))
}

/// A source by its name. It is not asked before it is awaited.
struct Source<'a> {
    name: &'static str,
    asking: Pin<Box<dyn Future<Output = Found> + Send + 'a>>,
}

impl<'a> Source<'a> {
    fn new(name: &'static str, asking: impl Future<Output = Found> + Send + 'a) -> Self {
        Self {
            name,
            asking: Box::pin(asking),
        }
    }
}

/// Who was asked so far, and why there was nothing, on a line each.
#[derive(Default)]
struct Asked(String);

impl Asked {
    /// Asks one after the other until one has credentials or fails.
    async fn ask(
        &mut self,
        sources: Vec<Source<'_>>,
    ) -> Result<Option<Credentials>, CredentialsError> {
        for Source { name, asking } in sources {
            match asking.await {
                Ok(credentials) => return Ok(Some(credentials)),
                Err(Miss::Absent(why)) => {
                    self.0.push_str("\n  ");
                    self.0.push_str(name);
                    self.0.push_str(": ");
                    self.0.push_str(&why);
                }
                Err(Miss::Failed(error)) => return Err(error),
            }
        }
        Ok(None)
    }

    fn nobody(self, what: &str) -> String {
        format!("{what}:{}", self.0)
    }
}
