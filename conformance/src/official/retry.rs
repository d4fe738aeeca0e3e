//! The AWS SDKs' retry behaviour 2.1, `retry`: backoff, quota and classification, in no time at
//! all, since the policy is told what happened and answers with a delay.

use std::path::Path;
use std::time::Duration;

use amplify_backend::ServiceError;
use amplify_backend::retry::{Decision, Failure, Quota, RetryPolicy, Stop};
use bytes::Bytes;
use http::Response;
use serde_json::Value;

use super::{read_json, same, text};
use crate::report::Report;

/// Runs the suite in the folder `vectors`.
pub fn run(vectors: &Path) -> Report {
    let mut report = Report::new("retry");
    let file = match read_json(&vectors.join("retry/scenarios.json")) {
        Ok(file) => file,
        Err(error) => {
            report.record("retry/scenarios.json", Err(error));
            return report;
        }
    };
    let list = |pointer: &str| {
        let list = file.pointer(pointer).and_then(Value::as_array);
        list.map_or(&[][..], Vec::as_slice).iter()
    };
    for scenario in list("/scenarios") {
        let name = text(scenario, "/name").unwrap_or("without a name");
        report.record(name, play(scenario));
    }
    for row in list("/retry_after_table") {
        let name = format!(
            "x-amz-retry-after: {}",
            text(row, "/header").unwrap_or_default()
        );
        report.record(name, retry_after(row));
    }
    for row in list("/classification/table") {
        report.record(format!("classification: {row}"), classify(row));
    }
    report
}

/// Plays the answers of a scenario one after the other. All calls share one quota.
fn play(scenario: &Value) -> Result<(), String> {
    let number = |pointer: &str| scenario.pointer(pointer).and_then(Value::as_f64);
    let mut policy = RetryPolicy::new();
    if let Some(attempts) = scenario
        .pointer("/given/max_attempts")
        .and_then(Value::as_u64)
    {
        policy = policy.with_max_attempts(u32::try_from(attempts).map_err(|e| e.to_string())?);
    }
    if let Some(backoff) = number("/given/max_backoff_time") {
        policy = policy.with_max_backoff(Duration::from_secs_f64(backoff));
    }
    let jitter = number("/given/exponential_base").unwrap_or(1.0);
    let tokens = scenario
        .pointer("/given/initial_retry_tokens")
        .and_then(Value::as_u64);
    let tokens = u32::try_from(tokens.unwrap_or(500)).map_err(|error| error.to_string())?;
    let quota = Quota::with_tokens(tokens);

    let mut attempt = 1;
    let mut last_cost = None;
    let steps = scenario
        .pointer("/responses")
        .and_then(Value::as_array)
        .ok_or("no responses")?;
    for (index, step) in steps.iter().enumerate() {
        let failure = failure(step.pointer("/response").ok_or("no response")?)?;
        let (outcome, delay) = match failure {
            None => {
                quota.succeeded(last_cost);
                ("success", None)
            }
            Some(failure) => match policy.decide(attempt, failure, true, &quota, jitter) {
                Decision::Retry { delay, cost } => {
                    last_cost = Some(cost);
                    ("retry_request", Some(delay))
                }
                Decision::Stop(Stop::AttemptsUsedUp) => ("max_attempts_exceeded", None),
                Decision::Stop(Stop::QuotaUsedUp) => ("retry_quota_exceeded", None),
                Decision::Stop(_) => ("not_retryable", None),
                _ => return Err("a decision that is not known here".into()),
            },
        };
        let at = |what: &str| format!("{what} of step {}", index + 1);
        same(&at("outcome"), outcome, text(step, "/expected/outcome")?)?;
        let expected = step
            .pointer("/expected/retry_quota")
            .and_then(Value::as_u64);
        same(&at("quota"), Some(u64::from(quota.tokens())), expected)?;
        let expected = step.pointer("/expected/delay").and_then(Value::as_f64);
        same(&at("delay"), delay, expected.map(Duration::from_secs_f64))?;
        if outcome == "retry_request" {
            attempt += 1;
        } else {
            (attempt, last_cost) = (1, None);
        }
    }
    Ok(())
}

/// What the response of a step means. `None` is a success.
fn failure(response: &Value) -> Result<Option<Failure>, String> {
    let status = response
        .pointer("/status_code")
        .and_then(Value::as_u64)
        .ok_or("no status")?;
    let code = response.pointer("/error_code").and_then(Value::as_str);
    let headers = response.pointer("/headers").and_then(Value::as_object);
    let headers = headers.into_iter().flatten().map(|(name, value)| {
        (
            name.as_str(),
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
        )
    });
    error(status, code, headers)
}

fn error<'a>(
    status: u64,
    code: Option<&str>,
    headers: impl Iterator<Item = (&'a str, String)>,
) -> Result<Option<Failure>, String> {
    let status = u16::try_from(status).map_err(|error| error.to_string())?;
    if (200..300).contains(&status) {
        return Ok(None);
    }
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    if let Some(code) = code {
        response = response.header("x-amzn-errortype", code);
    }
    let response = response
        .body(Bytes::new())
        .map_err(|error| error.to_string())?;
    Ok(Some(Failure::from(&ServiceError::from_response(response))))
}

fn retry_after(row: &Value) -> Result<(), String> {
    let header = ("x-amz-retry-after", text(row, "/header")?.to_owned());
    let failure = error(500, None, [header].into_iter())?.ok_or("a success")?;
    let quota = Quota::new();
    let number = |pointer| row.pointer(pointer).and_then(Value::as_u64);
    match RetryPolicy::new().decide(1, failure, true, &quota, 1.0) {
        Decision::Retry { delay, cost } => {
            let theirs = row.pointer("/delay_s").and_then(Value::as_f64);
            same("delay", Some(delay), theirs.map(Duration::from_secs_f64))?;
            same(
                "tokens",
                Some(u64::from(quota.tokens())),
                number("/tokens_after_failure"),
            )?;
            quota.succeeded(Some(cost));
            same(
                "tokens then",
                Some(u64::from(quota.tokens())),
                number("/tokens_after_success"),
            )
        }
        decision => Err(format!("{decision:?}")),
    }
}

fn classify(row: &Value) -> Result<(), String> {
    let status = row
        .pointer("/0")
        .and_then(Value::as_u64)
        .ok_or("no status")?;
    let code = row.pointer("/1").and_then(Value::as_str);
    let failure = error(status, code, [].into_iter())?;
    let retried = failure.is_some_and(|failure| failure != Failure::Fatal);
    same(
        "retried",
        Some(retried),
        row.pointer("/2").and_then(Value::as_bool),
    )
}
