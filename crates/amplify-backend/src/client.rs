//! The client, and what it is made of.

use std::env;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use operations::{Endpoint, Region};
use signing::{Sign, Signer};
use transport::{HyperTransport, Transport};

use crate::clock::{Clock, ClockOffset};
use crate::config::Config;
use crate::credentials::CachedCredentials;
use crate::error::Error;
use crate::observer::Observer;
use crate::retry::{Quota, RetryPolicy};

/// Calls the service: encodes, signs, sends, retries and decodes.
///
/// A clone is cheap and shares connections, credentials, quota and clock; the `with_…` methods give
/// one with other settings, for as little as a single call:
///
/// ```no_run
/// # async fn run(client: amplify_backend::Client) -> Result<(), amplify_backend::Error> {
/// use std::time::Duration;
///
/// let page = client.with_attempt_timeout(Duration::from_secs(2)).list_s3_buckets().send().await?;
/// # Ok(())
/// # }
/// ```
pub struct Client<T = HyperTransport> {
    pub(crate) shared: Arc<Shared<T>>,
    pub(crate) settings: Settings,
}

/// What all clones of a client have in common.
pub(crate) struct Shared<T> {
    pub(crate) transport: T,
    pub(crate) endpoint: Endpoint,
    pub(crate) credentials: CachedCredentials,
    pub(crate) signer: Arc<dyn Sign + Send + Sync>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) clock_offset: Option<ClockOffset>,
    pub(crate) quota: Quota,
    pub(crate) user_agent: HeaderValue,
    pub(crate) observer: Option<Arc<dyn Observer>>,
}

/// What may differ from call to call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) retry: RetryPolicy,
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) call_timeout: Duration,
}

#[bon::bon]
impl<T: Transport> Client<T> {
    /// Sets up a client over `transport`; [`Client::builder`] takes the usual one.
    #[builder(
        start_fn(name = over, vis = "pub"),
        finish_fn(name = build, doc {
            /// The client. It does nothing before its first call.
        }),
        builder_type(name = ClientBuilder, vis = "pub", doc {
            /// Sets up a [`Client`]. Leaving out `region` or `credentials` does not compile.
        }),
        state_mod(vis = "pub", doc {
            /// What a [`ClientBuilder`] was given so far.
        })
    )]
    fn new(
        #[builder(start_fn)] transport: T,
        /// The region, which is part of every signature. Required.
        region: Region,
        /// Where credentials come from: [`Credentials`](crate::Credentials) themselves,
        /// [`EnvironmentCredentials`](crate::EnvironmentCredentials), or any other
        /// [`ProvideCredentials`](crate::ProvideCredentials). Required.
        #[builder(into)]
        credentials: CachedCredentials,
        /// Where requests go. Default: the service in `region`.
        endpoint: Option<Endpoint>,
        /// When a call is tried again. Default: [`RetryPolicy::new`].
        #[builder(default)]
        retry: RetryPolicy,
        /// How long one attempt may take, which the transport is told in an
        /// [`AttemptTimeout`](crate::AttemptTimeout). Default: as the transport has it, 20 s for a
        /// [`HyperTransport`].
        attempt_timeout: Option<Duration>,
        /// How long a call may take with all its attempts. Default: 60 s.
        #[builder(default = Duration::from_secs(60))]
        call_timeout: Duration,
        /// Whether to correct the clock after the service refused a signature for it. Default:
        /// `true`.
        #[builder(default = true)]
        correct_clock: bool,
        /// Tells the time. Default: the system's clock.
        clock: Option<Arc<dyn Clock>>,
        /// Signs requests. Default: a [`Signer`] for the service in `region`.
        signer: Option<Arc<dyn Sign + Send + Sync>>,
        /// Is told of each attempt.
        observer: Option<Arc<dyn Observer>>,
        /// A name for this application in the `User-Agent`. What cannot stand there becomes a
        /// hyphen.
        #[builder(into)]
        user_agent_app: Option<String>,
    ) -> Self {
        let signer =
            signer.unwrap_or_else(|| Arc::new(Signer::new(region.as_str(), "amplifybackend")));
        let shared = Shared {
            transport,
            endpoint: endpoint.unwrap_or_else(|| Endpoint::for_region(&region)),
            credentials,
            signer,
            clock: clock.unwrap_or_else(|| Arc::new(SystemTime::now)),
            clock_offset: correct_clock.then(ClockOffset::default),
            quota: Quota::new(),
            user_agent: user_agent(user_agent_app.as_deref()),
            observer,
        };
        Self {
            shared: Arc::new(shared),
            settings: Settings {
                retry,
                attempt_timeout,
                call_timeout,
            },
        }
    }
}

impl Client {
    /// Sets up a client over [`HyperTransport`] with its defaults. Neither variables nor files are
    /// read; [`from_env`](Self::from_env) does.
    pub fn builder() -> ClientBuilder<HyperTransport> {
        Self::over(HyperTransport::new())
    }

    /// A client as the environment and the shared config and credentials files say: what
    /// [`Config::load`] finds. Credentials are looked for when they are needed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config): no region, a setting that has a value it
    /// cannot have, or a file that cannot be used.
    pub fn from_env() -> Result<Self, Error> {
        Ok(Config::load()?.client()?)
    }
}

impl<T> Client<T> {
    /// The same client with another retry policy.
    #[must_use]
    pub fn with_retry(&self, retry: RetryPolicy) -> Self {
        Self {
            settings: Settings {
                retry,
                ..self.settings
            },
            ..self.clone()
        }
    }

    /// The same client with another limit for one attempt.
    #[must_use]
    pub fn with_attempt_timeout(&self, time: Duration) -> Self {
        let settings = Settings {
            attempt_timeout: Some(time),
            ..self.settings
        };
        Self {
            settings,
            ..self.clone()
        }
    }

    /// The same client with another limit for a call with all its attempts.
    #[must_use]
    pub fn with_call_timeout(&self, time: Duration) -> Self {
        Self {
            settings: Settings {
                call_timeout: time,
                ..self.settings
            },
            ..self.clone()
        }
    }

    /// Where requests go.
    pub fn endpoint(&self) -> &Endpoint {
        &self.shared.endpoint
    }

    /// The transport, to ask a [`Canned`](crate::Canned) one what it was sent.
    pub fn transport(&self) -> &T {
        &self.shared.transport
    }
}

impl<T> Clone for Client<T> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
            settings: self.settings,
        }
    }
}

impl<T> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.shared.endpoint)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// This project and its version, Rust, the operating system, and the application's own name.
pub(crate) fn user_agent(app: Option<&str>) -> HeaderValue {
    let mut text = format!(
        "amplify-backend/{} lang/rust#{} os/{}",
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_RUST_VERSION"),
        env::consts::OS,
    );
    if let Some(app) = app.filter(|app| !app.is_empty()) {
        let allowed =
            |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter);
        text.push_str(" app/");
        text.extend(
            app.chars()
                .map(|letter| if allowed(letter) { letter } else { '-' }),
        );
    }
    HeaderValue::try_from(text).expect("only visible ASCII and spaces were let through")
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;
    use crate::config::Environment;

    fn from(set: &[(&str, &str)]) -> Result<Client, Error> {
        let environment = set
            .iter()
            .fold(Environment::empty(), |environment, (name, value)| {
                environment.with_variable(name, value)
            });
        Ok(Config::builder()
            .environment(environment)
            .load()?
            .client()?)
    }

    #[test]
    fn the_environment_names_region_and_endpoint() {
        let endpoint = |set: &[(&str, &str)]| from(set).unwrap().endpoint().to_string();
        let region = ("AWS_REGION", "eu-west-1");
        assert_eq!(
            endpoint(&[region]),
            "https://amplifybackend.eu-west-1.amazonaws.com"
        );
        let default = ("AWS_DEFAULT_REGION", "cn-north-1");
        assert_eq!(endpoint(&[region, default]), endpoint(&[region]));
        assert_eq!(
            endpoint(&[("AWS_REGION", ""), default]),
            "https://amplifybackend.cn-north-1.amazonaws.com.cn"
        );
        let any = ("AWS_ENDPOINT_URL", "http://localhost:1");
        let ours = ("AWS_ENDPOINT_URL_AMPLIFYBACKEND", "http://localhost:2");
        assert_eq!(endpoint(&[region, any]), "http://localhost:1");
        assert_eq!(endpoint(&[region, any, ours]), "http://localhost:2");
    }

    #[test]
    fn what_is_wrong_in_the_environment_says_what_to_do() {
        let chain = |set: &[(&str, &str)]| {
            let error = from(set).unwrap_err();
            let source = error.source().unwrap();
            let deeper = source.source().map(|source| format!(": {source}"));
            format!("{error}: {source}{}", deeper.unwrap_or_default())
        };
        assert_eq!(
            chain(&[]),
            "the client cannot be set up; set AWS_REGION, or give the client a region: \
             no region is set"
        );
        assert_eq!(
            chain(&[("AWS_REGION", "us-esat-1")]),
            "the client cannot be set up: region from AWS_REGION is not valid: there is no region \
             \"us-esat-1\"; did you mean us-east-1?"
        );
        assert_eq!(
            chain(&[
                ("AWS_REGION", "us-east-1"),
                ("AWS_ENDPOINT_URL", "http://x.example")
            ]),
            "the client cannot be set up: endpoint_url from AWS_ENDPOINT_URL is not valid: the \
             custom endpoint is \
             http:// and not on this machine: use https://, or allow clear text"
        );
    }

    #[test]
    fn the_user_agent_names_project_rust_system_and_application() {
        let text = user_agent(Some("my app/1\r\nx: y"))
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            text.starts_with("amplify-backend/0.1.0 lang/rust#1.95 os/"),
            "{text}"
        );
        assert!(text.ends_with(" app/my-app-1--x--y"), "{text}");
        assert!(!user_agent(Some("")).to_str().unwrap().contains("app/"));
    }
}
