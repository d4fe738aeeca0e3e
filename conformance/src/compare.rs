//! What was expected beside what came, and the first difference between them.

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, USER_AGENT};
use http::{HeaderName, Request};
use serde_json::{Map, Value};
use similar::TextDiff;

use crate::case::ExpectedError;

/// `Ok` when both are the same JSON. A member that is null counts as absent.
pub fn json(what: &str, expected: &Value, actual: &Value) -> Result<(), String> {
    let (expected, actual) = (without_null(expected), without_null(actual));
    if expected == actual {
        return Ok(());
    }
    Err(diff(what, &pretty(&expected), &pretty(&actual)))
}

/// `Ok` when `actual` has each member of an error that `expected` has, with the same value.
pub fn error(expected: &ExpectedError, actual: &Value) -> Result<(), String> {
    let members = expected.members();
    let looked_at = actual.as_object().into_iter().flatten();
    let looked_at = looked_at.filter(|(name, _)| members.contains_key(*name));
    let looked_at: Map<_, _> = looked_at
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    json(
        "error",
        &Value::Object(members.clone()),
        &Value::Object(looked_at),
    )
}

/// `Ok` when a client's request is the one of the case: method, target, the headers that stand in
/// the case and are not the run's own, and the body as JSON.
pub fn request(expected: &Request<Bytes>, actual: &Request<Bytes>) -> Result<(), String> {
    let (ours, theirs) = (first_line(expected), first_line(actual));
    if ours != theirs {
        return Err(diff("request", &ours, &theirs));
    }
    for name in expected
        .headers()
        .keys()
        .filter(|name| !is_of_the_run(name))
    {
        let lines = |request: &Request<Bytes>| {
            let values = request.headers().get_all(name).into_iter();
            values
                .map(|value| format!("{name}: {}\n", value.as_bytes().escape_ascii()))
                .collect::<String>()
        };
        let (ours, theirs) = (lines(expected), lines(actual));
        if ours != theirs {
            return Err(diff(&format!("header {name}"), &ours, &theirs));
        }
    }
    body(expected.body(), actual.body())
}

fn body(expected: &Bytes, actual: &Bytes) -> Result<(), String> {
    if expected == actual {
        return Ok(());
    }
    let parsed = |bytes: &Bytes| serde_json::from_slice::<Value>(bytes);
    match (parsed(expected), parsed(actual)) {
        // What is null in a request was sent: here it counts.
        (Ok(expected), Ok(actual)) if expected == actual => Ok(()),
        (Ok(expected), Ok(actual)) => Err(diff("body", &pretty(&expected), &pretty(&actual))),
        _ => {
            let shown = |bytes: &Bytes| format!("{}\n", bytes.escape_ascii());
            Err(diff("body", &shown(expected), &shown(actual)))
        }
    }
}

/// Whether a header belongs to the run and not to the case.
pub fn is_of_the_run(name: &HeaderName) -> bool {
    [
        ACCEPT_ENCODING,
        AUTHORIZATION,
        CONNECTION,
        CONTENT_LENGTH,
        HOST,
        USER_AGENT,
    ]
    .contains(name)
        || matches!(name.as_str(), "x-amz-date" | "x-amz-security-token")
        || name.as_str().starts_with("amz-sdk-")
}

/// Behind what differs, and before the hunks.
pub(crate) const LEGEND: &str = " differs (- expected, + actual)\n";

/// Both texts as a unified diff: `-` was expected, `+` came.
pub fn diff(what: &str, expected: &str, actual: &str) -> String {
    let diff = TextDiff::from_lines(expected, actual);
    let hunks = diff.unified_diff().context_radius(3).to_string();
    format!("{what}{LEGEND}{hunks}")
}

fn first_line(request: &Request<Bytes>) -> String {
    let target = request.uri().path_and_query().map_or("/", |it| it.as_str());
    format!("{} {target}\n", request.method())
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// The same without members that are null, at any depth. Elements of lists stay.
pub fn without_null(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let there = members.iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                there
                    .map(|(name, value)| (name.clone(), without_null(value)))
                    .collect(),
            )
        }
        Value::Array(elements) => Value::Array(elements.iter().map(without_null).collect()),
        other => other.clone(),
    }
}
