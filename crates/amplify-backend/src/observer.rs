//! Seeing what a client does.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::{Client, Error};

/// Is told of each attempt when it has ended, in the task that makes the call: keep it short. A call
/// that fails before anything is sent, for want of credentials or by its input, has none.
///
/// A closure over an [`Attempt`] is one:
///
/// ```
/// use std::sync::Arc;
///
/// use amplify_backend::{Attempt, Client, Credentials, Region};
///
/// # fn run() -> Result<(), amplify_backend::RegionError> {
/// let client = Client::builder()
///     .region(Region::new("eu-central-1")?)
///     .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
///     .observer(Arc::new(|attempt: &Attempt<'_>| {
///         println!("{} {} {:?}", attempt.operation, attempt.number, attempt.duration);
///     }))
///     .build();
/// # Ok(())
/// # }
/// ```
pub trait Observer: Send + Sync {
    /// An attempt has ended.
    fn attempt(&self, attempt: &Attempt<'_>);
}

impl<F: Fn(&Attempt<'_>) + Send + Sync> Observer for F {
    fn attempt(&self, attempt: &Attempt<'_>) {
        self(attempt);
    }
}

/// One attempt of a call. It holds no secret, no header and no body.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// The operation's name in the service model.
    pub operation: &'static str,
    /// Which attempt of the call it is, from 1.
    pub number: u32,
    /// The HTTP status, if there was an answer.
    pub status: Option<StatusCode>,
    /// How long the attempt took, from sending to the last byte.
    pub duration: Duration,
    /// The request id in the answer.
    pub request_id: Option<&'a str>,
    /// Why the attempt failed. `None` for a success.
    pub error: Option<&'a Error>,
    /// How long the client waits before the next attempt. `None` when this was the last one.
    pub retry_delay: Option<Duration>,
}

impl fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("operation", &self.operation)
            .field("number", &self.number)
            .field("status", &self.status)
            .field("duration", &self.duration)
            .field("request_id", &self.request_id)
            .field("error", &self.error.map(Error::kind))
            .field("retry_delay", &self.retry_delay)
            .finish()
    }
}

impl<T> Client<T> {
    /// Whether anybody wants to know.
    pub(crate) fn observes(&self) -> bool {
        cfg!(feature = "tracing") || self.shared.observer.is_some()
    }

    /// Tells whoever wants to know.
    pub(crate) fn observe(&self, attempt: &Attempt<'_>) {
        #[cfg(feature = "tracing")]
        trace(attempt);
        if let Some(observer) = &self.shared.observer {
            observer.attempt(attempt);
        }
    }
}

#[cfg(feature = "tracing")]
fn trace(attempt: &Attempt<'_>) {
    let status = attempt.status.map(|status| status.as_u16());
    let Attempt {
        operation,
        number,
        duration,
        request_id,
        ..
    } = *attempt;
    match attempt.error {
        None => tracing::debug!(operation, number, status, request_id, ?duration, "answered"),
        Some(error) => {
            let retry_delay = attempt.retry_delay;
            tracing::warn!(
                operation, number, status, request_id, ?duration, ?retry_delay, %error, "failed"
            );
        }
    }
}
