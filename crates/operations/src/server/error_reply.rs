use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::{Map, Value};

use super::json_response;
use crate::ErrorCode;

/// An error as the service answers it.
#[derive(Clone, Debug)]
#[must_use = "nothing is answered before `to_response`"]
pub struct ErrorReply {
    code: ErrorCode,
    sent_code: Option<String>,
    status: StatusCode,
    members: Map<String, Value>,
}

impl ErrorReply {
    /// An error with this code and the status that goes with it: 400, 404, 429 and 504 for the
    /// modelled ones, 400 for any other until [`status`](Self::status) says more.
    pub fn new(code: ErrorCode) -> Self {
        let status = match code {
            ErrorCode::NotFound => StatusCode::NOT_FOUND,
            ErrorCode::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            ErrorCode::GatewayTimeout => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::BAD_REQUEST,
        };
        Self {
            code,
            sent_code: None,
            status,
            members: Map::new(),
        }
    }

    /// The HTTP status.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The code as it is sent, where it is to have another name than the service model's.
    pub fn sent_code(mut self, code: impl Into<String>) -> Self {
        self.sent_code = Some(code.into());
        self
    }

    /// What to say about it.
    pub fn message(self, message: impl Into<String>) -> Self {
        self.member("message", message.into())
    }

    /// What kind of resource was not found.
    pub fn resource_type(self, resource_type: impl Into<String>) -> Self {
        self.member("resourceType", resource_type.into())
    }

    /// Which limit was met.
    pub fn limit_type(self, limit_type: impl Into<String>) -> Self {
        self.member("limitType", limit_type.into())
    }

    /// The response: the code in `x-amzn-errortype`, the rest as JSON. A code that a header cannot
    /// carry stands in the body as `code`.
    pub fn to_response(&self) -> Response<Bytes> {
        let mut members = self.members.clone();
        let code = self.sent_code.as_deref().unwrap_or(self.code.as_str());
        let header = HeaderValue::from_str(code);
        if header.is_err() {
            members.insert("code".to_owned(), code.into());
        }
        let mut response =
            json_response(self.status, Value::Object(members).to_string().into_bytes());
        if let Ok(code) = header {
            response
                .headers_mut()
                .insert(HeaderName::from_static("x-amzn-errortype"), code);
        }
        response
    }

    fn member(mut self, name: &str, text: String) -> Self {
        self.members.insert(name.to_owned(), Value::String(text));
        self
    }
}
