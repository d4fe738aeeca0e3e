//! What an EC2 instance is given: its metadata service, version 2.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use signing::Credentials;
use tokio::time::Instant;

use super::context::Context;
use super::wire::Patience;
use super::{Found, absent, json, wire};
use crate::CredentialsError;
use crate::config::Names;
use crate::config::values::{self, InvalidValue};

/// The instance's metadata service, and what is known of it.
#[derive(Default)]
pub(super) struct InstanceMetadata {
    has_answered: AtomicBool,
    silent_since: Mutex<Option<Instant>>,
}

/// How long a service that has never answered is left alone after it did not.
const PAUSE: Duration = Duration::from_secs(10 * 60);

static TTL: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");
static TOKEN: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");
const ROLES: &str = "latest/meta-data/iam/security-credentials/";

impl InstanceMetadata {
    pub(super) async fn ask(&self, context: &Context) -> Found {
        let disabled = context.variable("AWS_EC2_METADATA_DISABLED");
        if disabled.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return absent("AWS_EC2_METADATA_DISABLED is true");
        }
        let service = Service::new(context)?;
        if self.is_left_alone() {
            return absent(format!("{} did not answer a while ago", service.url));
        }
        match self.keys(&service).await {
            Ok(keys) => Ok(keys),
            Err(why) => absent(format!("{} {why}", service.url)),
        }
    }

    async fn keys(&self, service: &Service<'_>) -> Result<Credentials, String> {
        let ttl = HeaderValue::from_static("21600");
        let token = service.call(Method::PUT, "latest/api/token", &TTL, &ttl);
        let token = match token.await {
            Ok(token) => token.ok_or("gives no token")?,
            Err(Failure::Silence) => {
                self.note_silence();
                return Err(format!(
                    "does not answer within {:?}",
                    service.patience.limit
                ));
            }
            Err(Failure::Other(why)) => return Err(why),
        };
        self.has_answered.store(true, Ordering::Relaxed);
        let token = std::str::from_utf8(&token).unwrap_or_default();
        let token = wire::secret("its token", token).map_err(|error| error.to_string())?;

        let roles = service.get(ROLES, &token).await?;
        let roles = roles.ok_or("says that the instance has no role")?;
        let roles = String::from_utf8_lossy(&roles);
        let role = roles.lines().next().unwrap_or_default().trim();
        let keys = service.get(&format!("{ROLES}{role}"), &token).await?;
        let keys = keys.ok_or("has no credentials for the instance's role")?;
        let wrong = |why| format!("answers with what is no key: {why}");
        let json = json::parse(&keys).map_err(wrong)?;
        match json::text(&json, "Code") {
            Ok("Success") | Err(_) => json::keys(&json, "Token").map_err(wrong),
            Ok(code) => Err(format!("has no credentials: {}", code.escape_debug())),
        }
    }

    fn is_left_alone(&self) -> bool {
        let since = *self
            .silent_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| since.elapsed() < PAUSE)
    }

    fn note_silence(&self) {
        // One that is there and slow will be asked again before old credentials expire.
        if !self.has_answered.load(Ordering::Relaxed) {
            let mut since = self
                .silent_since
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *since = Some(Instant::now());
        }
    }
}

struct Service<'a> {
    context: &'a Context,
    /// With a slash at its end.
    url: String,
    patience: Patience,
}

enum Failure {
    Silence,
    Other(String),
}

impl From<Failure> for String {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Silence => "does not answer any more".to_owned(),
            Failure::Other(why) => why,
        }
    }
}

impl<'a> Service<'a> {
    fn new(context: &'a Context) -> Result<Self, CredentialsError> {
        let url = match context.find(&ENDPOINT, values::any)? {
            Some(url) => url,
            None => context
                .find(&ENDPOINT_MODE, mode)?
                .unwrap_or(IPV4)
                .to_owned(),
        };
        let limit = context.find(&TIMEOUT, whole_number)?;
        Ok(Self {
            context,
            url: format!("{}/", url.trim_end_matches('/')),
            patience: Patience {
                attempts: context.find(&ATTEMPTS, whole_number)?.unwrap_or(3),
                limit: Duration::from_secs(limit.unwrap_or(1).into()),
                // What does not answer is usually not there.
                with_silence: false,
            },
        })
    }

    async fn get(&self, path: &str, token: &HeaderValue) -> Result<Option<Bytes>, String> {
        Ok(self.call(Method::GET, path, &TOKEN, token).await?)
    }

    /// What is at `path`; `None` when there is nothing.
    async fn call(
        &self,
        method: Method,
        path: &str,
        name: &HeaderName,
        value: &HeaderValue,
    ) -> Result<Option<Bytes>, Failure> {
        let request = wire::get("its URL", &format!("{}{path}", self.url));
        let mut request = request.map_err(|error| Failure::Other(error.to_string()))?;
        *request.method_mut() = method;
        request.headers_mut().insert(name, value.clone());
        let response = self.context.metadata.send(&request, &self.patience).await;
        match response {
            Ok(response) => match response.status() {
                StatusCode::OK if !response.body().is_empty() => Ok(Some(response.into_body())),
                StatusCode::OK | StatusCode::NOT_FOUND => Ok(None),
                status => Err(Failure::Other(format!("answers {}", status.as_u16()))),
            },
            Err(error) if error.is_timeout() => Err(Failure::Silence),
            Err(error) => Err(Failure::Other(format!("does not answer: {error}"))),
        }
    }
}

const IPV4: &str = "http://169.254.169.254";
const IPV6: &str = "http://[fd00:ec2::254]";

const ENDPOINT: Names = Names::new(
    "ec2_metadata_service_endpoint",
    &["AWS_EC2_METADATA_SERVICE_ENDPOINT"],
);
const ENDPOINT_MODE: Names = Names::new(
    "ec2_metadata_service_endpoint_mode",
    &["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"],
);
const TIMEOUT: Names = Names::new(
    "metadata_service_timeout",
    &["AWS_METADATA_SERVICE_TIMEOUT"],
);
const ATTEMPTS: Names = Names::new(
    "metadata_service_num_attempts",
    &["AWS_METADATA_SERVICE_NUM_ATTEMPTS"],
);

fn mode(text: &str) -> Result<&'static str, InvalidValue> {
    match text.to_ascii_lowercase().as_str() {
        "ipv4" => Ok(IPV4),
        "ipv6" => Ok(IPV6),
        _ => Err(InvalidValue::new(text, "IPv4 or IPv6")),
    }
}

fn whole_number(text: &str) -> Result<u32, InvalidValue> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(InvalidValue::new(text, "a whole number, 1 or more")),
    }
}
