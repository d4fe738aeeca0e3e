//! One error for every operation.

mod hint;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::StatusCode;
use models::GetBackendJobOutput;
use operations::{DecodeError, EncodeError, ErrorCode, Redirect, ResponseError, ServiceError};
use signing::SigningError;
use transport::{TransportError, TransportErrorKind};

use crate::CredentialsError;
use crate::config::ConfigError;

/// Why a call has no output.
///
/// `Display` is one line: what failed, the service's code and words, status, request id, attempts,
/// and what to do where that is known. The cause is the [source](StdError::source). Secrets,
/// headers and bodies never print.
pub struct Error(Box<Inner>);

struct Inner {
    /// Empty when no operation was called yet.
    operation: &'static str,
    cause: Cause,
    attempts: u32,
    may_have_happened: bool,
    clock_offset: Option<Offset>,
}

/// How far the service's clock is ahead of ours, in seconds.
pub(crate) type Offset = i64;

/// What went wrong, each with what is known about it.
pub(crate) enum Cause {
    Config(ConfigError),
    Encode(EncodeError),
    Credentials(CredentialsError),
    Sign(SigningError),
    Transport(TransportError),
    /// The call's time was up, whatever it was waiting for.
    OutOfTime(Duration),
    Decode(DecodeError),
    Redirect(Redirect),
    Service(ServiceError),
    JobFailed(Box<GetBackendJobOutput>),
    WaitedTooLong {
        limit: Duration,
        last_status: Option<String>,
    },
    /// A blocking call on a thread that must not block, or, with a cause, no thread to wait for.
    #[cfg(feature = "blocking")]
    Blocking(Option<std::io::Error>),
}

/// What kind of failure it is, by whom it concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting is missing or wrong. Nothing was sent.
    Config,
    /// The input cannot be sent. Nothing was sent.
    Encode,
    /// There are no credentials. Nothing was sent, unless [`attempts`](Error::attempts) counts
    /// earlier ones.
    Credentials,
    /// The request cannot be signed. Nothing was sent, unless [`attempts`](Error::attempts) counts
    /// earlier ones.
    Sign,
    /// No answer came, for another reason than time: [`transport`](Error::transport).
    Transport,
    /// No answer came in time.
    Timeout,
    /// Something answered that does not speak this API, or the answer cannot be read.
    Decode,
    /// Something answered with a redirect, which this API never does. It was not followed.
    Redirect,
    /// The service answered with an error: [`service`](Error::service).
    Service,
    /// The job that was waited for ended FAILED: [`job`](Error::job).
    JobFailed,
    /// The job that was waited for did not end in time. It goes on.
    WaitTimeout,
    /// The blocking client was called on a thread that runs an async runtime, or could not start
    /// the thread that its connections need. Nothing was sent.
    #[cfg(feature = "blocking")]
    Blocking,
}

impl Error {
    pub(crate) fn new(operation: &'static str, attempts: u32, cause: Cause) -> Self {
        let inner = Inner {
            operation,
            cause,
            attempts,
            may_have_happened: false,
            clock_offset: None,
        };
        Self(Box::new(inner))
    }

    pub(crate) fn with_may_have_happened(mut self, may_have_happened: bool) -> Self {
        self.0.may_have_happened = may_have_happened;
        self
    }

    pub(crate) fn with_clock_offset(mut self, offset: Option<Offset>) -> Self {
        self.0.clock_offset = offset;
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match &self.0.cause {
            Cause::Config(_) => ErrorKind::Config,
            Cause::Encode(_) => ErrorKind::Encode,
            Cause::Credentials(_) => ErrorKind::Credentials,
            Cause::Sign(_) => ErrorKind::Sign,
            Cause::Transport(error) if error.is_timeout() => ErrorKind::Timeout,
            Cause::Transport(_) => ErrorKind::Transport,
            Cause::OutOfTime(_) => ErrorKind::Timeout,
            Cause::Decode(_) => ErrorKind::Decode,
            Cause::Redirect(_) => ErrorKind::Redirect,
            Cause::Service(_) => ErrorKind::Service,
            Cause::JobFailed(_) => ErrorKind::JobFailed,
            Cause::WaitedTooLong { .. } => ErrorKind::WaitTimeout,
            #[cfg(feature = "blocking")]
            Cause::Blocking(_) => ErrorKind::Blocking,
        }
    }

    /// The operation's name in the service model. `None` when no operation was called yet.
    pub fn operation(&self) -> Option<&'static str> {
        Some(self.0.operation).filter(|name| !name.is_empty())
    }

    /// How many requests were sent, or tried to.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The service's error, if it was the service that failed the call.
    pub fn service(&self) -> Option<&ServiceError> {
        match &self.0.cause {
            Cause::Service(error) => Some(error),
            _ => None,
        }
    }

    /// The transport's error, if the transport got no answer: its kind says more than this one's.
    /// `None` when it was the call's time that was up.
    pub fn transport(&self) -> Option<&TransportError> {
        match &self.0.cause {
            Cause::Transport(error) => Some(error),
            _ => None,
        }
    }

    /// What the service calls it.
    pub fn code(&self) -> Option<&ErrorCode> {
        self.service()?.code()
    }

    /// What the service says about it.
    pub fn message(&self) -> Option<&str> {
        self.service()?.message()
    }

    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<StatusCode> {
        match &self.0.cause {
            Cause::Service(error) => Some(error.status()),
            Cause::Redirect(error) => Some(error.status()),
            Cause::Decode(error) => error.status(),
            _ => None,
        }
    }

    /// The id to give to AWS's support.
    pub fn request_id(&self) -> Option<&str> {
        match &self.0.cause {
            Cause::Service(error) => error.request_id(),
            Cause::Redirect(error) => error.request_id(),
            Cause::Decode(error) => error.request_id(),
            _ => None,
        }
    }

    /// The job that failed.
    pub fn job(&self) -> Option<&GetBackendJobOutput> {
        match &self.0.cause {
            Cause::JobFailed(job) => Some(job),
            _ => None,
        }
    }

    /// Whether the operation changes something, and may have done so although the call failed.
    /// `false` is certain.
    pub fn may_have_happened(&self) -> bool {
        self.0.may_have_happened
    }

    /// Whether something that the input names does not exist.
    pub fn is_not_found(&self) -> bool {
        self.service().is_some_and(ServiceError::is_not_found)
    }

    /// Whether the service refused the input for what it says.
    pub fn is_bad_request(&self) -> bool {
        self.service().is_some_and(ServiceError::is_bad_request)
    }

    /// Whether the service asks to go slower.
    pub fn is_throttled(&self) -> bool {
        self.service().is_some_and(ServiceError::is_throttled)
    }

    /// Whether no answer came in time.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            operation,
            cause,
            attempts,
            ..
        } = &*self.0;
        match cause {
            Cause::Config(_) => f.write_str("the client cannot be set up")?,
            Cause::Encode(_) => write!(f, "could not encode {operation}")?,
            Cause::Credentials(_) => write!(f, "no credentials for {operation}")?,
            Cause::Sign(_) => write!(f, "could not sign {operation}")?,
            Cause::Transport(error) if error.is_timeout() => {
                write!(f, "no answer to {operation} in time")?;
            }
            Cause::Transport(_) => write!(f, "no answer to {operation}")?,
            Cause::OutOfTime(limit) => write!(f, "no answer to {operation} within {limit:?}")?,
            Cause::Decode(_) => write!(f, "cannot read the answer to {operation}")?,
            Cause::Redirect(_) => write!(f, "{operation} was redirected")?,
            Cause::Service(error) => write!(f, "{operation} failed: {error}")?,
            Cause::JobFailed(job) => {
                let id = job.job_id.as_deref().unwrap_or("without an id");
                write!(f, "job {} failed", id.escape_debug())?;
                if let Some(error) = &job.error {
                    write!(f, ": {}", error.escape_debug())?;
                }
            }
            Cause::WaitedTooLong { limit, last_status } => {
                write!(f, "the job did not end within {limit:?}")?;
                if let Some(status) = last_status {
                    write!(f, ", it is {}", status.escape_debug())?;
                }
            }
            #[cfg(feature = "blocking")]
            Cause::Blocking(None) => f.write_str(
                "a blocking call on a thread that runs an async runtime would stop its tasks",
            )?,
            #[cfg(feature = "blocking")]
            Cause::Blocking(Some(_)) => f.write_str("cannot start the blocking client's thread")?,
        }
        let mut facts = Vec::new();
        if let (Some(status), false) = (self.status(), matches!(cause, Cause::Service(_))) {
            facts.push(format!("status {}", status.as_u16()));
        }
        if let Some(id) = self.request_id() {
            facts.push(format!("request id {}", id.escape_debug()));
        }
        if *attempts > 1 {
            facts.push(format!("{attempts} attempts"));
        }
        if !facts.is_empty() {
            write!(f, " ({})", facts.join(", "))?;
        }
        match self.hint() {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("operation", &self.operation())
            .field("attempts", &self.0.attempts)
            .field("may_have_happened", &self.0.may_have_happened)
            .field("service", &self.service())
            .field("source", &self.source())
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.cause {
            Cause::Config(error) => Some(error),
            Cause::Encode(error) => Some(error),
            Cause::Credentials(error) => Some(error),
            Cause::Sign(error) => Some(error),
            Cause::Transport(error) => Some(error),
            Cause::Decode(error) => Some(error),
            Cause::Redirect(error) => Some(error),
            #[cfg(feature = "blocking")]
            Cause::Blocking(error) => error.as_ref().map(|error| error as _),
            // What they say is in this level's line.
            Cause::Service(_)
            | Cause::OutOfTime(_)
            | Cause::JobFailed(_)
            | Cause::WaitedTooLong { .. } => None,
        }
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::new("", 0, Cause::Config(error))
    }
}

impl From<ResponseError> for Cause {
    fn from(error: ResponseError) -> Self {
        match error {
            ResponseError::Service(error) => Self::Service(error),
            ResponseError::Redirect(error) => Self::Redirect(error),
            ResponseError::Decode(error) => Self::Decode(error),
            // No other kind exists in this version of the layer below.
            other => Self::Transport(
                TransportError::new(TransportErrorKind::Other, "the answer cannot be read")
                    .with_source(other),
            ),
        }
    }
}
