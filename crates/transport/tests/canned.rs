//! The scripted transport.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use amplify_backend_transport::{Canned, Transport, TransportError, TransportErrorKind as Kind};
use bytes::Bytes;
use http::{Request, Response};

fn post(path: &str) -> Request<Bytes> {
    Request::post(format!("https://example.com{path}?secret"))
        .body(Bytes::from("{}"))
        .unwrap()
}

fn answer(body: &'static str) -> Response<Bytes> {
    Response::new(Bytes::from(body))
}

#[tokio::test]
async fn exchanges_happen_in_order_and_requests_are_kept() {
    let refused = TransportError::new(Kind::Connect, "refused");
    let canned = Canned::new()
        .respond(answer("one"))
        .fail(refused)
        .expect(|request| request.uri().path() == "/three", answer("three"));
    assert_eq!(canned.left_over(), 3);
    assert_eq!(canned.send(post("/one")).await.unwrap().body(), "one");
    assert_eq!(
        canned.send(post("/two")).await.unwrap_err().kind(),
        Kind::Connect
    );
    assert_eq!(canned.send(post("/three")).await.unwrap().body(), "three");
    canned.verify().unwrap();
    let paths: Vec<_> = canned
        .requests()
        .iter()
        .map(|request| request.uri().path().to_owned())
        .collect();
    assert_eq!(paths, ["/one", "/two", "/three"]);
}

#[tokio::test]
async fn a_call_nobody_expected_fails_and_is_told() {
    let canned = Canned::new();
    let error = canned.send(post("/path")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Other);
    assert!(!error.may_have_been_processed());
    assert_eq!(
        error.to_string(),
        "no call was expected, but POST /path came"
    );
    let unmet = canned.verify().unwrap_err();
    assert_eq!(unmet.unexpected, ["POST /path"]);
    assert_eq!(unmet.to_string(), "nobody expected POST /path");
}

#[tokio::test]
async fn a_call_that_does_not_match_uses_nothing_up() {
    let refused = TransportError::new(Kind::Connect, "refused");
    let canned = Canned::new().expect_failing(|request| request.uri().path() == "/right", refused);
    let error = canned.send(post("/wrong")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "another call was expected, but POST /wrong came"
    );
    assert_eq!(
        canned.verify().unwrap_err().to_string(),
        "1 expected call did not come, and nobody expected POST /wrong"
    );
    assert_eq!(
        canned.send(post("/right")).await.unwrap_err().kind(),
        Kind::Connect
    );
    let unmet = canned.verify().unwrap_err();
    assert_eq!(unmet.to_string(), "nobody expected POST /wrong");
    assert_eq!(canned.requests().len(), 2);
}

#[test]
fn what_did_not_happen_is_told() {
    let told = |canned: Canned| canned.verify().unwrap_err().to_string();
    let one = Canned::new().respond(answer("one"));
    assert_eq!(told(one), "1 expected call did not come");
    let two = Canned::new().respond(answer("one")).respond(answer("two"));
    assert_eq!(told(two), "2 expected calls did not come");
}

#[test]
fn debug_prints_no_request() {
    let canned = Canned::new().respond(answer("secret"));
    assert_eq!(
        format!("{canned:?}"),
        "Canned { left_over: 1, requests: 0, unexpected: [] }"
    );
}
