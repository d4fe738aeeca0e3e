//! Responses with the outcome on which botocore, the JavaScript SDK and the Rust SDK agree,
//! `responses`: success, a modelled error, or an unmodelled one that keeps its name.

use std::path::Path;

use bytes::Bytes;
use http::Response;
use operations::{ErrorCode, ResponseError};
use serde_json::Value;

use super::{bytes, run_cases, same, text};
use crate::codec::Codec;
use crate::report::Report;

/// Runs the suite in the folder `vectors`.
pub fn run(vectors: &Path) -> Report {
    run_cases(
        "responses",
        &vectors.join("responses/responses.json"),
        "",
        "/id",
        check,
    )
}

fn check(case: &Value) -> Result<(), String> {
    let status = case
        .pointer("/status")
        .and_then(Value::as_u64)
        .ok_or("no status")?;
    let status = u16::try_from(status).map_err(|error| error.to_string())?;
    let mut response = Response::builder().status(status);
    for header in case
        .pointer("/headers")
        .and_then(Value::as_array)
        .ok_or("no headers")?
    {
        response = response.header(text(header, "/0")?, text(header, "/1")?);
    }
    let response = response
        .body(Bytes::from(bytes(case, "/body_base64")?))
        .map_err(|error| error.to_string())?;

    let codec = Codec::named(text(case, "/operation")?)?;
    let (outcome, message) = match (codec.parse_response)(response) {
        Ok(_) => ("OK".to_owned(), None),
        Err(ResponseError::Service(error)) => {
            let name = match error.code() {
                None => "unmodeled".to_owned(),
                Some(
                    code @ (ErrorCode::BadRequest
                    | ErrorCode::NotFound
                    | ErrorCode::TooManyRequests
                    | ErrorCode::GatewayTimeout),
                ) => format!("MODELED {code}"),
                Some(code) => format!("unmodeled {code}"),
            };
            (name, error.message().map(str::to_owned))
        }
        Err(error) => return Err(error.to_string()),
    };
    same("outcome", outcome.as_str(), text(case, "/outcome")?)?;
    same(
        "message",
        message.as_deref(),
        case.pointer("/message").and_then(Value::as_str),
    )
}
