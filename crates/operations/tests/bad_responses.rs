//! What is no success is a clear error, and what is odd but legal is not one.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails the short way"
)]

use std::error::Error;

use amplify_backend_operations::{DecodeError, DecodeErrorKind, Operation, ResponseError};
use bytes::Bytes;
use http::Response;
use models::*;

fn ok(body: impl Into<Bytes>) -> Response<Bytes> {
    Response::builder()
        .header("x-amzn-requestid", "id-1")
        .body(body.into())
        .unwrap()
}

fn undecodable(body: impl Into<Bytes>) -> DecodeError {
    match GetBackendStorageInput::parse_response(ok(body)) {
        Err(ResponseError::Decode(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_body_that_is_no_object_of_the_right_shape_is_never_a_success() {
    let deep = format!("{{\"z\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let deep_and_open = "[".repeat(5_000);
    let cases: &[(&[u8], DecodeErrorKind)] = &[
        (b"{\"appId\":\"d1", DecodeErrorKind::Truncated),
        (b"{", DecodeErrorKind::Truncated),
        (b" ", DecodeErrorKind::Truncated),
        (b"{\"appId\":\"\xff\"}", DecodeErrorKind::NotUtf8),
        (b"{\"unknown\":\"\xff\"}", DecodeErrorKind::NotUtf8),
        (b"{}\xff", DecodeErrorKind::NotUtf8),
        (b"\xef\xbb\xbf{}", DecodeErrorKind::NotJson),
        (b"<!DOCTYPE html><html></html>", DecodeErrorKind::NotJson),
        (b"{} trailing", DecodeErrorKind::NotJson),
        (b"{}{}", DecodeErrorKind::NotJson),
        (b"{'appId':1}", DecodeErrorKind::NotJson),
        (b"{\"appId\":\"a\",}", DecodeErrorKind::NotJson),
        (b"[]", DecodeErrorKind::NotAnObject),
        (b"[{\"appId\":\"a\"}]", DecodeErrorKind::NotAnObject),
        (b"null", DecodeErrorKind::NotAnObject),
        (b"\"text\"", DecodeErrorKind::NotAnObject),
        (b"\n 12", DecodeErrorKind::NotAnObject),
        (b"{\"appId\":1}", DecodeErrorKind::Shape),
        (b"{\"appId\":{}}", DecodeErrorKind::Shape),
        (b"{\"resourceConfig\":[]}", DecodeErrorKind::Shape),
        (
            b"{\"resourceConfig\":{\"imported\":\"true\"}}",
            DecodeErrorKind::Shape,
        ),
        (
            b"{\"resourceConfig\":{\"imported\":0}}",
            DecodeErrorKind::Shape,
        ),
        (
            b"{\"resourceConfig\":{\"permissions\":{\"authenticated\":\"READ\"}}}",
            DecodeErrorKind::Shape,
        ),
        (
            b"{\"resourceConfig\":{\"permissions\":{\"authenticated\":[1]}}}",
            DecodeErrorKind::Shape,
        ),
        (deep.as_bytes(), DecodeErrorKind::TooDeep),
        (deep_and_open.as_bytes(), DecodeErrorKind::TooDeep),
    ];
    for (body, kind) in cases {
        let error = undecodable(Bytes::copy_from_slice(body));
        assert_eq!(error.kind(), *kind, "{}", body.escape_ascii());
        assert_eq!(error.status().unwrap(), 200);
        assert_eq!(error.request_id(), Some("id-1"));
        assert_eq!(error.response().unwrap().body(), body);
    }
}

#[test]
fn an_undecodable_body_says_where_and_prints_nothing_of_itself() {
    let error = undecodable("{\"appId\": \"ok\",\n \"resourceName\": [\"CANARY\"]}");
    assert_eq!(
        error.to_string(),
        "a member has the wrong type (line 2, column 17)"
    );
    assert_eq!(error.position(), Some((2, 17)));
    assert!(!format!("{error:?}").contains("CANARY"));
    assert!(
        error.body_start().contains("CANARY"),
        "whoever asks gets it"
    );

    let error = undecodable("{\"appId\": 1, \"CANARY\": \"");
    assert!(!format!("{error:?} {error}").contains("CANARY"));
}

#[test]
fn a_body_that_ends_with_a_line_says_which_line_is_missing() {
    for (body, position) in [
        ("\n", (2, 1)),
        ("{\"appId\":\n\n", (3, 1)),
        ("{\n ", (2, 1)),
    ] {
        let error = undecodable(body);
        assert_eq!(error.kind(), DecodeErrorKind::Truncated);
        assert_eq!(error.position(), Some(position), "{body:?}");
    }
}

#[test]
fn the_start_of_a_body_is_short_and_safe_to_show() {
    let error = undecodable(format!("\u{1b}[31m\r\n日{}", "x".repeat(10_000)));
    let start = error.body_start();
    assert!(
        start.starts_with("\\x1b[31m\\r\\n\\xe6\\x97\\xa5xxx"),
        "{start}"
    );
    assert!(start.len() < 300);
    assert!(start.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
}

#[test]
fn a_page_from_somebody_in_between_is_recognised() {
    let error = undecodable("\n <html><body>Please log in</body></html>");
    assert!(error.looks_like_markup());
    assert_eq!(
        error.to_string(),
        "the body is not JSON but a page or XML (line 2, column 2)"
    );

    let error = undecodable("nonsense");
    assert!(!error.looks_like_markup());
    assert_eq!(error.to_string(), "the body is not JSON (line 1, column 2)");
}

#[test]
fn an_undecodable_body_keeps_the_status_it_came_with() {
    // 203: a proxy has changed what the service sent.
    let response = Response::builder()
        .status(203)
        .body(Bytes::from_static(b"~"));
    let error = match GetBackendStorageInput::parse_response(response.unwrap()) {
        Err(ResponseError::Decode(error)) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(error.status().unwrap(), 203);
}

#[test]
fn debug_shows_what_support_asks_for_and_neither_headers_nor_body() {
    let respond = |status, code: &'static str| {
        let response = Response::builder()
            .status(status)
            .header("x-amzn-requestid", "id-1")
            .header("x-amzn-errortype", code)
            .header("location", "https://elsewhere.example/")
            .header("set-cookie", "CANARY")
            .body(Bytes::from_static(
                b"{\"message\":\"words\",\"limitType\":\"apps\"} CANARY",
            ));
        GetBackendStorageInput::parse_response(response.unwrap()).unwrap_err()
    };
    for (status, code, shown) in [
        (
            400,
            "LimitExceededException",
            r#"Service(ServiceError { status: 400, code: Some(TooManyRequests), sent_code: Some("LimitExceededException"), message: None, resource_type: None, limit_type: None, request_id: Some("id-1"), .. })"#,
        ),
        (
            418,
            "Teapot",
            r#"Service(ServiceError { status: 418, code: Some(Unknown("Teapot")), sent_code: Some("Teapot"), message: None, resource_type: None, limit_type: None, request_id: Some("id-1"), .. })"#,
        ),
        (
            307,
            "",
            r#"Redirect(Redirect { status: 307, location: Some("https://elsewhere.example/"), request_id: Some("id-1"), .. })"#,
        ),
        (
            200,
            "",
            r#"Decode(DecodeError { kind: NotJson, position: Some((1, 40)), member: None, status: Some(200), request_id: Some("id-1"), .. })"#,
        ),
    ] {
        assert_eq!(format!("{:?}", respond(status, code)), shown);
    }
}

#[test]
fn each_outcome_that_is_no_output_says_which_and_has_its_cause_behind() {
    for (status, says, because) in [
        (
            404,
            "the service answered with an error",
            "NotFoundException (404)",
        ),
        (
            302,
            "the answer is a redirect",
            "redirected (302) without a location",
        ),
        (
            200,
            "the answer cannot be read",
            "the body ends before its JSON does (line 1, column 1)",
        ),
    ] {
        let response = Response::builder()
            .status(status)
            .body(Bytes::from_static(b"{"));
        let error = GetBackendStorageInput::parse_response(response.unwrap()).unwrap_err();
        assert_eq!(error.to_string(), says);
        assert_eq!(error.source().unwrap().to_string(), because);
    }
}

#[test]
fn any_2xx_is_a_success_whatever_its_headers() {
    for status in [200, 201, 202, 204, 299] {
        let response = Response::builder()
            .status(status)
            .header("content-type", "text/html")
            .header("x-amzn-errortype", "NotFoundException")
            .header("set-cookie", "a=b")
            .body(Bytes::from_static(b"{\"appId\":\"a\",\"__type\":\"x#y\"}"))
            .unwrap();
        let output = GetBackendStorageInput::parse_response(response).unwrap();
        assert_eq!(output.app_id.as_deref(), Some("a"));
    }
    assert_eq!(
        GetBackendStorageInput::parse_response(ok("")).unwrap(),
        GetBackendStorageOutput::default()
    );
}

#[test]
fn a_redirect_names_its_location_and_is_no_service_error() {
    let response = Response::builder()
        .status(301)
        .header("location", "https://elsewhere.example/")
        .header("x-amzn-requestid", "id-1")
        .body(Bytes::from_static(b"{\"message\":\"moved\"}"))
        .unwrap();
    match GetBackendJobInput::parse_response(response) {
        Err(ResponseError::Redirect(redirect)) => {
            assert_eq!(redirect.location(), Some("https://elsewhere.example/"));
            assert_eq!(
                redirect.to_string(),
                "redirected (301) to https://elsewhere.example/"
            );
            assert_eq!(redirect.status(), 301);
            assert_eq!(redirect.request_id(), Some("id-1"));
            assert_eq!(redirect.response().body(), "{\"message\":\"moved\"}");
        }
        other => panic!("{other:?}"),
    }
    let response = Response::builder().status(301).header("location", "/a\tb");
    let error =
        GetBackendJobInput::parse_response(response.body(Bytes::new()).unwrap()).unwrap_err();
    let shown = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(
        shown, "redirected (301) to /a\\tb",
        "in one line that is safe to show"
    );
}
