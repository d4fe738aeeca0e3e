//! Requests for credentials, over any transport.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use tokio::time::{sleep, timeout};
use transport::{AttemptTimeout, HyperTransport, Transport, TransportError, TransportErrorKind};

use crate::CredentialsError;
use crate::config::ConfigError;
use crate::retry::{Decision, Failure, Quota, RetryPolicy};

/// A transport of any kind, made when it is first needed.
pub(super) struct LazyTransport {
    transport: OnceLock<Arc<dyn DynTransport>>,
    make: Box<dyn Fn() -> Result<HyperTransport, ConfigError> + Send + Sync>,
}

impl LazyTransport {
    pub(super) fn given(transport: impl Transport + 'static) -> Self {
        let transport: Arc<dyn DynTransport> = Arc::new(transport);
        Self {
            transport: OnceLock::from(transport),
            ..Self::for_services()
        }
    }

    pub(super) fn made_by(
        make: impl Fn() -> Result<HyperTransport, ConfigError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            transport: OnceLock::new(),
            make: Box::new(make),
        }
    }

    pub(super) fn for_services() -> Self {
        Self::made_by(|| Ok(HyperTransport::new()))
    }

    pub(super) fn for_metadata() -> Self {
        Self::made_by(|| {
            // Their addresses do not leave the machine that the program runs on.
            let transport = HyperTransport::builder().allow_clear_text(true);
            Ok(transport.idle_timeout(Duration::ZERO).build())
        })
    }

    fn transport(&self) -> Result<&dyn DynTransport, TransportError> {
        if let Some(transport) = self.transport.get() {
            return Ok(&**transport);
        }
        let made = (self.make)().map_err(|error| {
            TransportError::new(TransportErrorKind::Other, "there is no transport")
                .nothing_sent()
                .with_source(error)
        })?;
        Ok(&**self.transport.get_or_init(|| Arc::new(made)))
    }

    /// Sends a request that does no harm when it is sent twice.
    pub(super) async fn send(
        &self,
        request: &Request<Bytes>,
        patience: &Patience,
    ) -> Result<Response<Bytes>, TransportError> {
        let policy = RetryPolicy::new().with_max_attempts(patience.attempts);
        let quota = Quota::new();
        let mut attempt = 1;
        loop {
            let outcome = self.once(request.clone(), patience.limit).await;
            let failure = match &outcome {
                Err(error) if patience.with_silence => Failure::from(error),
                Err(_) => return outcome,
                Ok(response) if response.status() == 429 => {
                    Failure::Throttled { retry_after: None }
                }
                Ok(response) if response.status().is_server_error() => {
                    Failure::Transient { retry_after: None }
                }
                Ok(_) => return outcome,
            };
            match policy.decide(attempt, failure, true, &quota, fastrand::f64()) {
                Decision::Retry { delay, .. } => sleep(delay).await,
                Decision::Stop(_) => return outcome,
            }
            attempt += 1;
        }
    }

    async fn once(
        &self,
        mut request: Request<Bytes>,
        limit: Duration,
    ) -> Result<Response<Bytes>, TransportError> {
        request.extensions_mut().insert(AttemptTimeout(limit));
        let transport = self.transport()?;
        // The transport keeps the time itself; this is for one that does not.
        match timeout(limit, transport.send_dyn(request)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let kind = TransportErrorKind::Timeout {
                    phase: transport::TimeoutPhase::Attempt,
                    sent_whole: true,
                };
                let message = format!("no complete response within {limit:?}");
                Err(TransportError::new(kind, message))
            }
        }
    }
}

/// How often and how long to try.
pub(super) struct Patience {
    pub(super) attempts: u32,
    /// How long an attempt may take.
    pub(super) limit: Duration,
    /// Whether to try again where there was no answer, or only after one that says so.
    pub(super) with_silence: bool,
}

/// For AWS's services.
pub(super) const PATIENT: Patience = Patience {
    attempts: 3,
    limit: Duration::from_secs(10),
    with_silence: true,
};

impl Patience {
    pub(super) const fn once(self) -> Self {
        Self {
            attempts: 1,
            ..self
        }
    }
}

/// All that may not stand in a form or a query as it is.
pub(super) const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// [`Transport`] behind a pointer.
trait DynTransport: Send + Sync {
    fn send_dyn(
        &self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send + '_>>;
}

impl<T: Transport> DynTransport for T {
    fn send_dyn(
        &self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send + '_>> {
        Box::pin(self.send(request))
    }
}

/// A request to `url`, which `what` names.
pub(super) fn get(what: &str, url: &str) -> Result<Request<Bytes>, CredentialsError> {
    let uri: Uri = url.parse().map_err(|error| {
        CredentialsError::new(format!("{what} is not a URL")).with_source(error)
    })?;
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = uri;
    Ok(request)
}

/// A header's value that is a secret; `what` it is stands in the error.
pub(super) fn secret(what: &str, value: &str) -> Result<HeaderValue, CredentialsError> {
    let value = HeaderValue::from_str(value);
    let mut value = value
        .map_err(|_| CredentialsError::new(format!("{what} cannot be the value of a header")))?;
    value.set_sensitive(true);
    Ok(value)
}
