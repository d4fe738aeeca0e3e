use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::str;
use std::time::Duration;

use bytes::Bytes;
use http::header::HeaderMap;
use http::{Response, StatusCode};
use serde_json::value::RawValue;

use crate::{ErrorCode, json};

/// An error of the service: a response whose status is neither 2xx nor 3xx.
///
/// The response is kept whole, also when its body is not JSON. Neither `Display` nor `Debug` prints
/// headers or body; [`message`](Self::message) is the service's own text and both show it.
pub struct ServiceError(Box<Inner>);

struct Inner {
    response: Response<Bytes>,
    code: Option<ErrorCode>,
    sent_code: Option<String>,
    message: Option<String>,
    resource_type: Option<String>,
    limit_type: Option<String>,
}

impl ServiceError {
    /// Reads the error in `response`, whatever its status.
    pub fn from_response(response: Response<Bytes>) -> Self {
        let members = Members::of(response.body());
        let sent_code = header_code(response.headers())
            .or_else(|| members.code("code"))
            .or_else(|| members.code("__type"))
            .or_else(|| members.code("Code"));
        let code = match &sent_code {
            Some(text) => Some(ErrorCode::from(text.as_str())),
            None => ErrorCode::of_status(response.status()),
        };
        let message = ["message", "Message", "errorMessage"]
            .into_iter()
            .find_map(|name| members.text(name));
        let resource_type = members.text("resourceType");
        let limit_type = members.text("limitType");
        Self(Box::new(Inner {
            response,
            code,
            sent_code,
            message,
            resource_type,
            limit_type,
        }))
    }

    /// What went wrong: the code that the service sent or, without one, what the status says (400,
    /// 404, 429 and 504 stand for one each). `None` when neither tells.
    pub fn code(&self) -> Option<&ErrorCode> {
        self.0.code.as_ref()
    }

    /// The code as it was sent, without a namespace before or a URI behind it. AWS's documentation
    /// has other names for two of the codes; here they are as they came.
    pub fn sent_code(&self) -> Option<&str> {
        self.0.sent_code.as_deref()
    }

    /// What the service says about it.
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// What kind of resource was not found, of a [`NotFound`](ErrorCode::NotFound).
    pub fn resource_type(&self) -> Option<&str> {
        self.0.resource_type.as_deref()
    }

    /// Which limit was met, of a [`TooManyRequests`](ErrorCode::TooManyRequests).
    pub fn limit_type(&self) -> Option<&str> {
        self.0.limit_type.as_deref()
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.response.status()
    }

    /// The id to give to AWS's support.
    pub fn request_id(&self) -> Option<&str> {
        request_id(self.0.response.headers())
    }

    /// The response, whole.
    pub fn response(&self) -> &Response<Bytes> {
        &self.0.response
    }

    /// Whether the request was refused for what it says.
    pub fn is_bad_request(&self) -> bool {
        self.code() == Some(&ErrorCode::BadRequest)
    }

    /// Whether something that the request names does not exist.
    pub fn is_not_found(&self) -> bool {
        self.code() == Some(&ErrorCode::NotFound)
    }

    /// Whether the service asks to go slower; nothing was done. The codes are those of the AWS
    /// SDKs' retry behaviour 2.1; a 429 without a code counts too.
    pub fn is_throttled(&self) -> bool {
        self.code().is_some_and(ErrorCode::is_throttling)
    }

    /// Whether the same request may succeed later: a time-out or a fault of the service's (500,
    /// 502, 503, 504). Unlike with throttling, the request may have been carried out.
    pub fn is_transient(&self) -> bool {
        if self.is_throttled() {
            return false;
        }
        matches!(
            self.sent_code(),
            Some("RequestTimeout" | "RequestTimeoutException")
        ) || matches!(self.status().as_u16(), 500 | 502 | 503 | 504)
    }

    /// Whether the service may have refused the request because the clocks differ: the codes after
    /// which the AWS SDKs compare theirs with the `Date` header.
    pub fn may_be_clock_skew(&self) -> bool {
        matches!(
            self.sent_code(),
            Some(
                "RequestTimeTooSkewed"
                    | "RequestExpired"
                    | "RequestInTheFuture"
                    | "InvalidSignatureException"
                    | "SignatureDoesNotMatch"
                    | "AuthFailure"
            )
        )
    }

    /// How long the service asks to wait, from `x-amz-retry-after` in milliseconds. `None` without
    /// that header, or when it is negative or not a number.
    pub fn retry_after(&self) -> Option<Duration> {
        let millis = self
            .0
            .response
            .headers()
            .get("x-amz-retry-after")?
            .to_str()
            .ok()?;
        Some(Duration::from_millis(millis.trim().parse().ok()?))
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What was sent is escaped, since a terminal may be reading.
        match self.sent_code().or(self.code().map(ErrorCode::as_str)) {
            Some(code) => write!(f, "{}", code.escape_debug())?,
            None => f.write_str("an error without a code")?,
        }
        write!(f, " ({})", self.status().as_u16())?;
        if let Some(message) = self.message() {
            write!(f, ": {}", message.escape_debug())?;
        }
        Ok(())
    }
}

impl fmt::Debug for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceError")
            .field("status", &self.status())
            .field("code", &self.0.code)
            .field("sent_code", &self.0.sent_code)
            .field("message", &self.0.message)
            .field("resource_type", &self.0.resource_type)
            .field("limit_type", &self.0.limit_type)
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}

impl Error for ServiceError {}

/// The request id in the headers of a response, of a success or of an error.
///
/// API Gateway sends `x-amzn-requestid`; sometimes only `x-amz-request-id` or `x-amz-apigw-id` is
/// there.
pub fn request_id(headers: &HeaderMap) -> Option<&str> {
    ["x-amzn-requestid", "x-amz-request-id", "x-amz-apigw-id"]
        .into_iter()
        .filter_map(|name| headers.get(name)?.to_str().ok())
        .map(str::trim)
        .find(|id| !id.is_empty())
}

/// The code in the header that AWS sends it in, the first that is not empty.
fn header_code(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all("x-amzn-errortype")
        .into_iter()
        .filter_map(|value| str::from_utf8(value.as_bytes()).ok())
        .find_map(bare_code)
}

/// What stands after `#` and before `:`, trimmed: `ns#Code:http://…` is `Code`.
fn bare_code(sent: &str) -> Option<String> {
    // The URI first: it may hold a `#` of its own.
    let (before, _) = sent.split_once(':').unwrap_or((sent, ""));
    let (_, code) = before.rsplit_once('#').unwrap_or(("", before));
    let code = code.trim();
    (!code.is_empty()).then(|| code.to_owned())
}

/// The members of an error's body, read as they are asked for: a member of another type than
/// expected must not hide the others. None when the body is not a JSON object.
struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Members<'a> {
    fn of(body: &'a [u8]) -> Self {
        let members = json::check(body)
            .ok()
            .and_then(|text| serde_json::from_str(text).ok());
        Self(members.unwrap_or_default())
    }

    fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.0.get(name)?.get()).ok()
    }

    fn code(&self, name: &str) -> Option<String> {
        bare_code(&self.text(name)?)
    }
}
