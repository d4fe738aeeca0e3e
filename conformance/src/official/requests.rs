//! The requests that botocore sent, `requests`: ours have the same method, target, content type and
//! JSON, and the server's half reads the input back from botocore's own bytes.

use std::path::Path;

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use operations::Endpoint;
use serde_json::{Map, Value};

use super::{bytes, run_cases, same, text};
use crate::codec::Codec;
use crate::report::Report;

/// Runs the suite in the folder `vectors`.
pub fn run(vectors: &Path) -> Report {
    run_cases(
        "requests",
        &vectors.join("requests/requests.json"),
        "",
        "/id",
        check,
    )
}

fn check(case: &Value) -> Result<(), String> {
    let codec = Codec::named(text(case, "/operation")?)?;
    let input = wire_names(case.pointer("/input").ok_or("the case has no input")?);
    let endpoint = Endpoint::new(&format!("http://{}", text(case, "/host")?))
        .map_err(|error| error.to_string())?;
    let request = (codec.to_request)(input.clone(), &endpoint)?;

    same("method", request.method().as_str(), text(case, "/method")?)?;
    same(
        "target",
        request.uri().path_and_query().map_or("", |t| t.as_str()),
        text(case, "/target")?,
    )?;
    let content_type = request
        .headers()
        .get(CONTENT_TYPE)
        .map(|value| value.as_bytes());
    same(
        "content type",
        content_type,
        Some(text(case, "/content_type")?.as_bytes()),
    )?;
    let json = serde_json::from_slice(request.body()).map_err(|error| error.to_string())?;
    same("body", Some(&json), case.pointer("/body_json"))?;

    let theirs = Request::builder()
        .method(text(case, "/method")?)
        .uri(text(case, "/target")?)
        .header(CONTENT_TYPE, text(case, "/content_type")?)
        .body(Bytes::from(bytes(case, "/body_bytes_base64")?))
        .map_err(|error| error.to_string())?;
    let read = (codec.from_request)(&theirs).map_err(|error| error.to_string())?;
    same("input read back", read, input)
}

/// botocore's names for members (`AppId`) turned into those of the wire (`appId`).
fn wire_names(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| {
                    let mut letters = name.chars();
                    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
                    (
                        first.into_iter().chain(letters).collect(),
                        wire_names(value),
                    )
                })
                .collect::<Map<_, _>>(),
        ),
        Value::Array(elements) => Value::Array(elements.iter().map(wire_names).collect()),
        other => other.clone(),
    }
}
