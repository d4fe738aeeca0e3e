//! What is read from an error of the service, wherever it stands.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails the short way"
)]

use std::time::Duration;

use amplify_backend_operations::{ErrorCode, Operation, ResponseError, ServiceError};
use http::Response;
use models::GetBackendStorageInput;

fn service_error(status: u16, headers: &[(&str, &[u8])], body: &'static str) -> ServiceError {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    match GetBackendStorageInput::parse_response(response.body(body.into()).unwrap()) {
        Err(ResponseError::Service(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_code_is_taken_from_the_first_place_that_has_one() {
    type Headers<'a> = &'a [(&'a str, &'a [u8])];
    let all = r#"{"code":"b","__type":"c","Code":"d"}"#;
    let cases: &[(Headers<'_>, &'static str, Option<&str>)] = &[
        (&[("x-amzn-errortype", b"a")], all, Some("a")),
        (&[("X-AMZN-ERRORTYPE", b"a")], all, Some("a")),
        (&[("x-amzn-errortype", b"")], all, Some("b")),
        (&[("x-amzn-errortype", b"  ")], all, Some("b")),
        (&[("x-amzn-errortype", b":http://x")], all, Some("b")),
        (
            &[("x-amzn-errortype", b""), ("x-amzn-errortype", b"twice")],
            all,
            Some("twice"),
        ),
        (
            &[
                ("x-amzn-errortype", b"first"),
                ("x-amzn-errortype", b"second"),
            ],
            all,
            Some("first"),
        ),
        (&[("x-amzn-errortype", b" spaced \t")], all, Some("spaced")),
        (
            &[("x-amzn-errortype", b"ns#a:http://h/#frag")],
            all,
            Some("a"),
        ),
        (&[("x-amzn-errortype", b"ns# a :uri")], all, Some("a")),
        (&[("x-amzn-errortype", b"\xff\xfe")], all, Some("b")),
        (&[], all, Some("b")),
        (&[], r#"{"code":"","__type":"c"}"#, Some("c")),
        (&[], r#"{"code":42,"__type":"c"}"#, Some("c")),
        (&[], r#"{"code":null,"Code":"d"}"#, Some("d")),
        (&[], r#"{"code":"first","code":"last"}"#, Some("last")),
        (
            &[],
            r#"{"nested":{"code":"x"},"list":[{"__type":"y"}]}"#,
            None,
        ),
        (&[], r#"[{"code":"x"}]"#, None),
        (&[], "{\"code\":\"x\"", None),
        (&[], "<html>code</html>", None),
    ];
    for (headers, body, code) in cases {
        assert_eq!(
            service_error(500, headers, body).sent_code(),
            *code,
            "{headers:?} {body}"
        );
    }
}

#[test]
fn both_vocabularies_mean_the_same_error() {
    for (model, documented, code) in [
        (
            "TooManyRequestsException",
            "LimitExceededException",
            ErrorCode::TooManyRequests,
        ),
        (
            "GatewayTimeoutException",
            "InternalServiceException",
            ErrorCode::GatewayTimeout,
        ),
    ] {
        for name in [model, documented] {
            let error = service_error(500, &[("x-amzn-errortype", name.as_bytes())], "{}");
            assert_eq!(error.code(), Some(&code));
            assert_eq!(error.sent_code(), Some(name));
        }
        assert_eq!(code.as_str(), model);
    }
}

#[test]
fn without_a_code_the_status_decides_and_the_message_is_kept() {
    for (status, code) in [
        (400, Some(ErrorCode::BadRequest)),
        (404, Some(ErrorCode::NotFound)),
        (429, Some(ErrorCode::TooManyRequests)),
        (504, Some(ErrorCode::GatewayTimeout)),
        (403, None),
        (500, None),
        (418, None),
    ] {
        let error = service_error(status, &[], r#"{"Message":"words"}"#);
        assert_eq!(error.code(), code.as_ref());
        assert_eq!(error.sent_code(), None);
        assert_eq!(error.message(), Some("words"));
    }
}

#[test]
fn the_message_is_the_first_of_three_members() {
    for (body, message) in [
        (
            r#"{"message":"a","Message":"b","errorMessage":"c"}"#,
            Some("a"),
        ),
        (r#"{"Message":"b","errorMessage":"c"}"#, Some("b")),
        (r#"{"errorMessage":"c"}"#, Some("c")),
        (r#"{"message":7,"errorMessage":"c"}"#, Some("c")),
        (r#"{"message":null}"#, None),
        ("not json", None),
    ] {
        assert_eq!(service_error(400, &[], body).message(), message, "{body}");
    }
}

#[test]
fn the_body_of_an_error_is_kept_whole() {
    let error = service_error(502, &[], "<html>Bad Gateway</html>");
    assert_eq!(error.response().body(), "<html>Bad Gateway</html>");
    assert_eq!(error.to_string(), "an error without a code (502)");
    assert!(!format!("{error:?}").contains("Bad Gateway"));
}

#[test]
fn an_error_shows_code_status_and_message_in_one_safe_line() {
    let error = service_error(
        404,
        &[("x-amzn-errortype", b"NotFoundException")],
        "{\"message\":\"no\\nsuch\\u001b[31m app\",\"resourceType\":\"App\"}",
    );
    assert_eq!(
        error.to_string(),
        "NotFoundException (404): no\\nsuch\\u{1b}[31m app"
    );
    assert_eq!(error.resource_type(), Some("App"));
    assert!(error.is_not_found() && !error.is_bad_request());

    let error = service_error(
        400,
        &[("x-amzn-errortype", b"BadRequestException")],
        "{\"message\":\"no\"}",
    );
    assert!(error.is_bad_request() && !error.is_not_found());
}

#[test]
fn a_code_is_padded_as_any_text_is() {
    let error = service_error(400, &[("x-amzn-errortype", b"Teapot")], "");
    assert_eq!(format!("[{:>8}]", error.code().unwrap()), "[  Teapot]");
    assert_eq!(
        format!("{:<26}|", ErrorCode::TooManyRequests),
        "TooManyRequestsException  |"
    );
}

#[test]
fn a_code_shows_no_control_characters() {
    let error = service_error(500, &[], "{\"code\":\"\\u001b[31mred\\u0085\"}");
    assert_eq!(error.sent_code(), Some("\u{1b}[31mred"));
    assert_eq!(error.to_string(), "\\u{1b}[31mred (500)");
}

#[test]
fn the_request_id_is_found_under_each_of_its_names() {
    for (headers, id) in [
        (
            &[("x-amzn-RequestId", "1"), ("x-amz-request-id", "2")][..],
            Some("1"),
        ),
        (
            &[("x-amz-request-id", "2"), ("x-amz-apigw-id", "3")],
            Some("2"),
        ),
        (&[("x-amz-apigw-id", "3")], Some("3")),
        (
            &[("x-amzn-requestid", ""), ("x-amz-apigw-id", " 3 ")],
            Some("3"),
        ),
        (&[], None),
    ] {
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, id)| (*name, id.as_bytes()))
            .collect();
        assert_eq!(service_error(400, &headers, "").request_id(), id);
    }
}

#[test]
fn throttling_and_transient_errors_are_told_apart() {
    let of = |status, code: &'static str| {
        service_error(status, &[("x-amzn-errortype", code.as_bytes())], "")
    };
    assert!(of(400, "ThrottlingException").is_throttled());
    assert!(of(503, "SlowDown").is_throttled() && !of(503, "SlowDown").is_transient());
    assert!(of(429, "").is_throttled(), "an untyped 429");
    assert!(of(400, "RequestTimeout").is_transient());
    assert!(of(500, "Whatever").is_transient() && of(504, "").is_transient());
    assert!(!of(501, "").is_transient() && !of(400, "").is_transient());
    assert!(of(403, "RequestTimeTooSkewed").may_be_clock_skew());
    assert!(!of(403, "AccessDenied").may_be_clock_skew() && !of(403, "").may_be_clock_skew());
}

#[test]
fn how_long_to_wait_is_read_or_ignored() {
    for (value, wait) in [
        ("1500", Some(Duration::from_millis(1_500))),
        ("0", Some(Duration::ZERO)),
        (" 7 ", Some(Duration::from_millis(7))),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("99999999999999999999999", None),
    ] {
        let error = service_error(503, &[("x-amz-retry-after", value.as_bytes())], "");
        assert_eq!(error.retry_after(), wait, "{value:?}");
    }
}
