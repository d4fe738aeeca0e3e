use std::error::Error;
use std::fmt;

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::json::Fault;
use crate::request_id;

/// Why a body is not what its operation exchanges: the body of a 2xx response, or, on the server's
/// side, a request.
///
/// It keeps the response, so that one can see who really answered. Neither `Display` nor `Debug`
/// prints any of the body; [`body_start`](Self::body_start) gives it to whoever asks.
pub struct DecodeError(Box<Inner>);

struct Inner {
    kind: DecodeErrorKind,
    position: Option<(usize, usize)>,
    member: Option<&'static str>,
    response: Option<Response<Bytes>>,
}

/// In which way a message cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The body is not UTF-8.
    NotUtf8,
    /// The body is not JSON: a web page, another format, something after the object.
    NotJson,
    /// The body is the start of a JSON text.
    Truncated,
    /// The body is JSON, but not an object.
    NotAnObject,
    /// Arrays and objects are nested more than 128 deep.
    TooDeep,
    /// A member has another type than the service model says.
    Shape,
    /// Request only: a required member is missing, or null.
    MissingMember,
    /// Request only: the content type is not `application/json`.
    ContentType,
    /// Request only: method and path are not this operation's, or a label is empty.
    Target,
    /// Request only: a label does not decode to UTF-8.
    Label,
}

impl DecodeError {
    pub(crate) fn of_response((kind, position): Fault, response: Response<Bytes>) -> Self {
        Self(Box::new(Inner {
            kind,
            position,
            member: None,
            response: Some(response),
        }))
    }

    #[cfg(feature = "server")]
    pub(crate) fn of_request((kind, position): Fault, member: Option<&'static str>) -> Self {
        Self(Box::new(Inner {
            kind,
            position,
            member,
            response: None,
        }))
    }

    /// In which way the message cannot be read.
    pub fn kind(&self) -> DecodeErrorKind {
        self.0.kind
    }

    /// Line and column, both from 1, at which reading stopped.
    pub fn position(&self) -> Option<(usize, usize)> {
        self.0.position
    }

    /// The member of a request that is at fault, by its path: `resourceConfig.serviceName`.
    pub fn member(&self) -> Option<&'static str> {
        self.0.member
    }

    /// The status of the response. `None` for a request.
    pub fn status(&self) -> Option<StatusCode> {
        Some(self.0.response.as_ref()?.status())
    }

    /// The request id in the response.
    pub fn request_id(&self) -> Option<&str> {
        request_id(self.0.response.as_ref()?.headers())
    }

    /// The response, whole. `None` for a request.
    pub fn response(&self) -> Option<&Response<Bytes>> {
        self.0.response.as_ref()
    }

    /// The first 256 bytes of the response's body, with all but visible ASCII escaped, so that it
    /// is safe to show. Empty for a request.
    pub fn body_start(&self) -> String {
        self.body_bytes(256).escape_ascii().to_string()
    }

    /// Whether the body begins as HTML and XML do, so that it probably comes from a proxy, a
    /// captive portal or an endpoint that is another service's.
    pub fn looks_like_markup(&self) -> bool {
        self.body_bytes(256).trim_ascii_start().starts_with(b"<")
    }

    fn body_bytes(&self, most: usize) -> &[u8] {
        let body = self
            .0
            .response
            .as_ref()
            .map_or(&[][..], |response| response.body());
        body.get(..most).unwrap_or(body)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.0.kind {
            DecodeErrorKind::NotUtf8 => "the body is not UTF-8",
            DecodeErrorKind::NotJson if self.looks_like_markup() => {
                "the body is not JSON but a page or XML"
            }
            DecodeErrorKind::NotJson => "the body is not JSON",
            DecodeErrorKind::Truncated => "the body ends before its JSON does",
            DecodeErrorKind::NotAnObject => "the body is not a JSON object",
            DecodeErrorKind::TooDeep => "the body is nested more than 128 deep",
            DecodeErrorKind::Shape => "a member has the wrong type",
            DecodeErrorKind::MissingMember => "a required member is missing",
            DecodeErrorKind::ContentType => "the content type is not application/json",
            DecodeErrorKind::Target => "method and path are not this operation's",
            DecodeErrorKind::Label => "a label is not UTF-8",
        };
        f.write_str(what)?;
        if let Some(member) = self.0.member {
            write!(f, ": {member}")?;
        }
        if let Some((line, column)) = self.0.position {
            write!(f, " (line {line}, column {column})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeError")
            .field("kind", &self.0.kind)
            .field("position", &self.0.position)
            .field("member", &self.0.member)
            .field("status", &self.status())
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}

impl Error for DecodeError {}
