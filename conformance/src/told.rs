//! What our layers say of an error, in the words of `error.json`.

use operations::{ErrorCode, ResponseError};
use serde_json::{Value, json};

use crate::case::ErrorKind;

/// What is said of a response. An output is no error, and has no kind.
pub(crate) fn response(said: &Result<Value, ResponseError>) -> Value {
    match said {
        Ok(output) => json!({ "output": output }),
        Err(ResponseError::Service(error)) => {
            let kind = match error.code() {
                Some(ErrorCode::BadRequest) => ErrorKind::BadRequest,
                Some(ErrorCode::NotFound) => ErrorKind::NotFound,
                Some(ErrorCode::TooManyRequests) => ErrorKind::TooManyRequests,
                Some(ErrorCode::GatewayTimeout) => ErrorKind::GatewayTimeout,
                _ => ErrorKind::Unmodeled,
            };
            json!({
                "kind": kind.name(),
                "code": error.sent_code(),
                "message": error.message(),
                "status": error.status().as_u16(),
                "request_id": error.request_id(),
                "resource_type": error.resource_type(),
                "limit_type": error.limit_type(),
            })
        }
        Err(ResponseError::Redirect(redirect)) => json!({
            "kind": ErrorKind::Redirect.name(),
            "message": redirect.to_string(),
            "status": redirect.status().as_u16(),
            "request_id": redirect.request_id(),
        }),
        Err(ResponseError::Decode(error)) => json!({
            "kind": ErrorKind::Decode.name(),
            "message": error.to_string(),
            "status": error.status().map(|status| status.as_u16()),
            "request_id": error.request_id(),
        }),
        Err(other) => json!({ "message": other.to_string() }),
    }
}

/// What is said of an input that is not sent.
pub(crate) fn unsent(message: &str) -> Value {
    json!({ "kind": ErrorKind::Encode.name(), "message": message })
}

/// An error and its cause, in one line.
pub(crate) fn with_cause(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
