//! Why a command failed: for people in a paragraph, for programs in an object, and as an exit code.

use std::error::Error as StdError;
use std::ops::{Deref, DerefMut};

use amplify_backend::config::ConfigError;
use amplify_backend::{EndpointError, Error, ErrorCode, ErrorKind, ServiceError};
use serde::Serialize;

/// What kind of failure it is, and so the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Nothing that was foreseen.
    Unexpected,
    Usage,
    Config,
    Credentials,
    Encode,
    Sign,
    Transport,
    Timeout,
    Decode,
    Redirect,
    Service,
    JobFailed,
    WaitTimeout,
    Interrupted,
}

/// A command that failed.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Failure(Box<Facts>);

/// What is known of it. What is not known is left out.
#[derive(Debug, Serialize)]
pub(crate) struct Facts {
    pub(crate) kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<Box<Said>>,
    #[serde(skip)]
    exit_code: u8,
    /// The paragraph, where it says more than the message and the hint.
    #[serde(skip)]
    paragraph: Option<String>,
}

/// What the service itself said, apart from what this program makes of it.
#[derive(Debug, Serialize)]
struct Said {
    /// As it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_type: Option<String>,
    /// The service model's name for it, whichever was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    modeled: Option<&'static str>,
}

impl From<&ServiceError> for Said {
    fn from(error: &ServiceError) -> Self {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Self {
            code: own(error.sent_code()),
            message: own(error.message()),
            resource_type: own(error.resource_type()),
            limit_type: own(error.limit_type()),
            modeled: error.code().and_then(modeled),
        }
    }
}

fn modeled(code: &ErrorCode) -> Option<&'static str> {
    Some(match code {
        ErrorCode::BadRequest => "BadRequestException",
        ErrorCode::NotFound => "NotFoundException",
        ErrorCode::TooManyRequests => "TooManyRequestsException",
        ErrorCode::GatewayTimeout => "GatewayTimeoutException",
        _ => return None,
    })
}

impl Deref for Failure {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.0
    }
}

impl DerefMut for Failure {
    fn deref_mut(&mut self) -> &mut Facts {
        &mut self.0
    }
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Facts {
            exit_code: match kind {
                Kind::Unexpected => 1,
                Kind::Usage | Kind::Encode => 2,
                Kind::Config | Kind::Credentials | Kind::Sign => 3,
                Kind::Service => 6,
                Kind::Transport | Kind::Timeout | Kind::Decode | Kind::Redirect => 7,
                Kind::JobFailed => 8,
                Kind::WaitTimeout => 9,
                Kind::Interrupted => 130,
            },
            kind,
            operation: None,
            code: None,
            message: message.into(),
            status: None,
            request_id: None,
            attempts: None,
            hint: None,
            service: None,
            paragraph: None,
        }))
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    pub(crate) fn unexpected(message: impl Into<String>) -> Self {
        Self::new(Kind::Unexpected, message)
    }

    /// The same with what to try.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with something else to try, behind what it says already.
    pub(crate) fn also(mut self, hint: &str) -> Self {
        if let Some(paragraph) = &mut self.paragraph {
            paragraph.push_str("; ");
            paragraph.push_str(hint);
        }
        self.hint = Some(match self.hint.take() {
            Some(first) => format!("{first}; {hint}"),
            None => hint.to_owned(),
        });
        self
    }

    pub(crate) fn exit_code(&self) -> u8 {
        self.exit_code
    }

    pub(crate) fn paragraph(&self) -> String {
        match (&self.paragraph, &self.hint) {
            (Some(paragraph), _) => paragraph.clone(),
            (None, Some(hint)) => format!("{}; {hint}", self.message),
            (None, None) => self.message.clone(),
        }
    }

    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers are written without an error")
    }
}

/// How to allow what an endpoint in clear text needs to be allowed.
pub(crate) const ALLOW_CLEAR_TEXT: &str = "that is --allow-clear-text";

/// An error and what it says of its causes.
pub(crate) fn with_causes(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::Config => Kind::Config,
            ErrorKind::Encode => Kind::Encode,
            ErrorKind::Credentials => Kind::Credentials,
            ErrorKind::Sign => Kind::Sign,
            ErrorKind::Transport => Kind::Transport,
            ErrorKind::Timeout => Kind::Timeout,
            ErrorKind::Decode => Kind::Decode,
            ErrorKind::Redirect => Kind::Redirect,
            ErrorKind::Service => Kind::Service,
            ErrorKind::JobFailed => Kind::JobFailed,
            ErrorKind::WaitTimeout => Kind::WaitTimeout,
            _ => Kind::Unexpected,
        };
        // What one gives to the client is a profile here.
        let own = |text: &str| text.replace("or give the client credentials", "or name --profile");
        let mut failure = Self::new(kind, own(&with_causes(&error)));
        failure.paragraph = Some(failure.message.clone());
        if let Some(message) = error.message() {
            failure.message = own(message);
        }
        failure.exit_code = match kind {
            Kind::Service if error.is_not_found() => 4,
            Kind::Service if error.is_throttled() => 5,
            _ => failure.exit_code,
        };
        failure.operation = error.operation().map(own);
        // As it was sent, which is what other clients tell: two codes have two names each.
        let sent = error.service().and_then(ServiceError::sent_code);
        failure.code = sent.or(error.code().map(ErrorCode::as_str)).map(own);
        failure.status = error.status().map(|status| status.as_u16());
        failure.request_id = error.request_id().map(own);
        failure.attempts = Some(error.attempts()).filter(|attempts| *attempts > 0);
        failure.hint = error.hint().as_deref().map(own);
        failure.service = error.service().map(|error| Box::new(error.into()));
        failure
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        // What the client was given by code was given to this program by its flags.
        let text = with_causes(&error)
            .replace("from code", "from the command line")
            .replace("which code names", "which the command line names");
        let failure = Self::new(Kind::Config, text);
        match error {
            ConfigError::Invalid { source, .. }
                if matches!(source.downcast_ref(), Some(EndpointError::ClearText)) =>
            {
                failure.hint(ALLOW_CLEAR_TEXT)
            }
            ConfigError::MissingRegion => failure.hint(
                "give --region, set AWS_REGION, or put region into the profile of the shared \
                 config file; --local needs none",
            ),
            _ => failure,
        }
    }
}
