//! error.json: what must be true of an error.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{Flaw, json};

/// What must be true of an error: members of `error.json`, those that are there. Null says that
/// there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExpectedError {
    kind: Option<ErrorKind>,
    members: Map<String, Value>,
}

/// What kind of error it is, across languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// BadRequestException, in any spelling.
    BadRequest,
    /// NotFoundException, in any spelling.
    NotFound,
    /// TooManyRequestsException, also called LimitExceededException.
    TooManyRequests,
    /// GatewayTimeoutException, also called InternalServiceException.
    GatewayTimeout,
    /// Any other error of the service.
    Unmodeled,
    /// The answer cannot be read.
    Decode,
    /// The answer is a redirect.
    Redirect,
    /// The input cannot be sent.
    Encode,
    /// No whole answer came.
    Transport,
}

impl ErrorKind {
    /// As it is written in `error.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::NotFound => "not_found",
            Self::TooManyRequests => "too_many_requests",
            Self::GatewayTimeout => "gateway_timeout",
            Self::Unmodeled => "unmodeled",
            Self::Decode => "decode",
            Self::Redirect => "redirect",
            Self::Encode => "encode",
            Self::Transport => "transport",
        }
    }
}

impl ExpectedError {
    /// The kind, where the case says it.
    pub fn kind(&self) -> Option<ErrorKind> {
        self.kind
    }

    /// The members as they stand in the file.
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// The same without what it says of one member.
    #[must_use]
    pub fn without(&self, member: &str) -> Self {
        let mut rest = self.clone();
        rest.members.remove(member);
        rest
    }

    /// The text of a member, where it is one.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.members.get(member).and_then(Value::as_str)
    }
}

/// The form alone; what is compared is the JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is read to see that it can be")]
struct Form {
    kind: Option<ErrorKind>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default, deserialize_with = "status")]
    status: Option<u16>,
    #[serde(default)]
    request_id: Option<String>,
    #[serde(default)]
    resource_type: Option<String>,
    #[serde(default)]
    limit_type: Option<String>,
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    let status = Option::<u16>::deserialize(deserializer)?;
    if status.is_none_or(|status| (100..=599).contains(&status)) {
        return Ok(status);
    }
    Err(serde::de::Error::custom("an HTTP status is 100 to 599"))
}

pub(super) fn read(bytes: &[u8]) -> Result<ExpectedError, Flaw> {
    let Form { kind, .. } = json(bytes)?;
    Ok(ExpectedError {
        kind,
        members: json(bytes)?,
    })
}
