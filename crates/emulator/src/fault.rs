//! A rule by which calls go wrong: which ones, and how.

use std::time::Duration;

use http::{HeaderValue, StatusCode};
use operations::ErrorCode;
use operations::server::{ErrorReply, Route};
use serde::{Deserialize, Serialize};

/// Which calls go wrong, and how. Members that are not set match every call.
///
/// In JSON, as the control interface takes it:
///
/// ```
/// use amplify_backend_emulator::FaultRule;
///
/// let rules = r#"[
///     {"operation": "GetBackendStorage", "nth": 2, "effect": {"error": {"code": "TooManyRequestsException", "retryAfterMilliseconds": 1500}}},
///     {"appId": "d1a2b3c4d5e6f7", "probability": 0.1, "effect": {"reset": "before"}},
///     {"operation": "CreateBackendStorage", "times": 1, "effect": {"jobFails": {"error": "no room"}}},
///     {"delayMilliseconds": 250}
/// ]"#;
/// let rules: Vec<FaultRule> = serde_json::from_str(rules)?;
/// # assert_eq!(rules.len(), 4);
/// # Ok::<_, serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct FaultRule {
    /// Only calls of the operation with this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Only calls for this app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
    /// Only calls for environments of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend_environment_name: Option<String>,
    /// Only the call that is, of those that match, this one; counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// So many times at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// How likely it is, of the calls that match, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// How long the answer is held back, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_milliseconds: Option<u64>,
    /// What goes wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// Whether the operation is carried out all the same. Default: not where the effect is an
    /// error, else it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carried_out: Option<bool>,
}

/// What goes wrong with a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Effect {
    /// The service answers with an error.
    Error(ErrorEffect),
    /// Something comes back that is no answer of the service.
    Body(BodyEffect),
    /// The connection is reset.
    Reset(Reset),
    /// The job that the call starts ends FAILED.
    #[serde(rename_all = "camelCase")]
    #[non_exhaustive]
    JobFails {
        /// Why, as the job's `error`.
        error: String,
    },
}

/// An error that the service answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ErrorEffect {
    /// The code: `TooManyRequestsException`, `GatewayTimeoutException`, or any other.
    pub code: String,
    /// The HTTP status. Default: 400, 404, 429, 504 for the service's own errors; 403 for those
    /// about the signature and its time; 429 for `ThrottlingException`, 500 for
    /// `InternalFailure`, 503 for `ServiceUnavailable`; 400 for any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What the service says about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What kind of resource was not found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// Which limit was met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_type: Option<String>,
    /// When to try again, as `x-amz-retry-after` says it: in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_milliseconds: Option<u64>,
    /// How far the `Date` of the answer is ahead of the right one, in seconds; negative for behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_offset_seconds: Option<i64>,
}

/// A body that is no answer of the service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct BodyEffect {
    /// What it is.
    pub kind: BodyKind,
    /// The HTTP status. Default: the answer's own; 502 for HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

/// What kind of body it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum BodyKind {
    /// The right body without its end: it is no JSON.
    Malformed,
    /// The first half of the body that the head announces; then the connection ends.
    Truncated,
    /// A web page, as a proxy between client and service sends it.
    Html,
}

/// When the connection is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Reset {
    /// Before a byte of the answer.
    Before,
    /// In the middle of its head.
    In,
    /// Behind it: the next request on this connection finds it closed.
    After,
}

impl FaultRule {
    /// A rule that matches every call and does nothing yet: set its members.
    ///
    /// ```
    /// use amplify_backend_emulator::{Effect, FaultRule, Reset};
    ///
    /// let mut rule = FaultRule::new(Effect::Reset(Reset::Before));
    /// rule.operation = Some("ListS3Buckets".to_owned());
    /// rule.nth = Some(1);
    /// ```
    pub fn new(effect: Effect) -> Self {
        Self {
            effect: Some(effect),
            ..Self::default()
        }
    }

    /// A rule that holds every answer back.
    pub fn delay(by: Duration) -> Self {
        Self {
            delay_milliseconds: Some(u64::try_from(by.as_millis()).unwrap_or(u64::MAX)),
            ..Self::default()
        }
    }

    /// What no type tells; the error says what to change.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let Some(name) = &self.operation
            && Route::named(name).is_none()
        {
            let names: Vec<_> = Route::ALL.iter().map(|route| route.name()).collect();
            return Err(format!(
                "operation {name:?} is none of {}",
                names.join(", ")
            ));
        }
        if self.nth == Some(0) {
            return Err("nth counts from 1".to_owned());
        }
        if self.times == Some(0) {
            return Err("times is 0, so that the rule would never fire".to_owned());
        }
        if self
            .probability
            .is_some_and(|it| !(0.0..=1.0).contains(&it))
        {
            return Err("probability is not within 0 and 1".to_owned());
        }
        if self.delay_milliseconds.is_none() && self.effect.is_none() {
            return Err("the rule has neither an effect nor delayMilliseconds".to_owned());
        }
        if self.carried_out == Some(false)
            && matches!(self.effect, None | Some(Effect::JobFails { .. }))
        {
            return Err(
                "carriedOut is false, and no error, body or reset takes the place of the answer"
                    .to_owned(),
            );
        }
        let status = match &self.effect {
            Some(Effect::Error(error)) => {
                if HeaderValue::from_str(&error.code).is_err() || error.code.is_empty() {
                    return Err(
                        "the code of the error is empty, or none that a header holds".to_owned(),
                    );
                }
                error.status
            }
            Some(Effect::Body(body)) => body.status,
            _ => None,
        };
        // A status below 200 is not an answer yet.
        match status {
            Some(status) if !(200..=599).contains(&status) => {
                Err(format!("status {status} is not within 200 and 599"))
            }
            _ => Ok(()),
        }
    }

    /// Whether a call of `operation`, for this app and environment, is one of those it is about.
    pub(crate) fn matches(&self, operation: &str, target: Option<(&str, &str)>) -> bool {
        let is = |wanted: &Option<String>, text: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == text)
        };
        is(&self.operation, Some(operation))
            && is(&self.app_id, target.map(|(app, _)| app))
            && is(
                &self.backend_environment_name,
                target.map(|(_, environment)| environment),
            )
    }

    /// Whether the operation is carried out although something goes wrong.
    pub(crate) fn carried_out(&self) -> bool {
        let usual = !matches!(self.effect, Some(Effect::Error(_)));
        self.carried_out.unwrap_or(usual)
    }

    pub(crate) fn delay_time(&self) -> Duration {
        Duration::from_millis(self.delay_milliseconds.unwrap_or_default())
    }
}

impl Effect {
    /// An answer with this error and what usually goes with it; see [`ErrorEffect`] for more.
    pub fn error(code: impl Into<String>) -> Self {
        Self::Error(ErrorEffect::new(code))
    }

    /// An answer with a body of this kind.
    pub fn body(kind: BodyKind) -> Self {
        Self::Body(BodyEffect { kind, status: None })
    }

    /// The job that the call starts ends FAILED with this text.
    pub fn job_fails(error: impl Into<String>) -> Self {
        Self::JobFails {
            error: error.into(),
        }
    }
}

impl ErrorEffect {
    /// An error with this code and what goes with it.
    pub fn new(code: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            status: None,
            message: None,
            resource_type: None,
            limit_type: None,
            retry_after_milliseconds: None,
            date_offset_seconds: None,
        }
    }

    pub(crate) fn reply(&self) -> ErrorReply {
        // Two of the codes have a second name, which a test may want to see.
        let mut reply = ErrorReply::new(ErrorCode::from(self.code.as_str())).sent_code(&self.code);
        let usual = match self.code.as_str() {
            "RequestTimeTooSkewed"
            | "RequestExpired"
            | "RequestInTheFuture"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "AuthFailure"
            | "ExpiredTokenException"
            | "UnrecognizedClientException"
            | "MissingAuthenticationTokenException"
            | "IncompleteSignatureException"
            | "AccessDeniedException" => Some(403),
            "ThrottlingException" => Some(429),
            "InternalFailure" | "InternalServerException" => Some(500),
            "ServiceUnavailable" | "ServiceUnavailableException" => Some(503),
            _ => None,
        };
        let status = self.status.or(usual).map(StatusCode::from_u16);
        if let Some(Ok(status)) = status {
            reply = reply.status(status);
        }
        let message = self.message.as_deref();
        reply =
            reply.message(message.unwrap_or("a fault rule of the emulator asked for this error"));
        if let Some(resource_type) = &self.resource_type {
            reply = reply.resource_type(resource_type);
        }
        if let Some(limit_type) = &self.limit_type {
            reply = reply.limit_type(limit_type);
        }
        reply
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_makes_no_sense_is_refused_with_what_to_change() {
        for (rule, part) in [
            (
                r#"{"operation": "GetStorage", "delayMilliseconds": 1}"#,
                "GetBackendStorage",
            ),
            (r#"{"nth": 0, "delayMilliseconds": 1}"#, "counts from 1"),
            (
                r#"{"probability": 1.5, "delayMilliseconds": 1}"#,
                "within 0 and 1",
            ),
            (r#"{"nth": 1}"#, "neither an effect"),
            (r#"{"times": 0, "delayMilliseconds": 1}"#, "never fire"),
            (
                r#"{"delayMilliseconds": 1, "carriedOut": false}"#,
                "takes the place of the answer",
            ),
            (
                r#"{"effect": {"jobFails": {"error": "no"}}, "carriedOut": false}"#,
                "takes the place of the answer",
            ),
            (r#"{"effect": {"error": {"code": ""}}}"#, "empty"),
            (
                r#"{"effect": {"error": {"code": "X", "status": 101}}}"#,
                "status 101",
            ),
        ] {
            let rule: FaultRule = serde_json::from_str(rule).unwrap();
            let error = rule.check().unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_member_that_no_rule_has_is_refused_wherever_it_stands() {
        for effect in [
            r#"{"jobFails": {"error": "no", "after": 1}}"#,
            r#"{"error": {"code": "X", "after": 1}}"#,
            r#"{"body": {"kind": "html", "after": 1}}"#,
        ] {
            let rule = format!(r#"{{"effect": {effect}}}"#);
            let error = serde_json::from_str::<FaultRule>(&rule).unwrap_err();
            assert!(error.to_string().contains("`after`"), "{error}");
        }
    }
}
