//! The control interface over HTTP, as a test in another language uses it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails the short way"
)]

use amplify_backend::{Credentials, HyperTransport, Signer, Transport as _};
use amplify_backend_emulator::{Control, Emulator, Server, ServerOptions, Snapshot};

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

fn emulator() -> Emulator {
    let seed = "[[buckets]]\nname = \"seeded\"\ncreationDate = 1";
    Emulator::builder()
        .credentials([Credentials::new("local", "local")])
        .seed(Snapshot::from_toml(seed).unwrap())
        .build()
        .unwrap()
}

/// Asks the control interface, and gives status and body.
async fn ask(server: &Server, method: &str, path: &str, body: &str) -> (u16, Value) {
    let request = Request::builder()
        .method(method)
        .uri(format!("{}/_emulator/{path}", server.endpoint()))
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap();
    send(request).await
}

async fn send(request: Request<Bytes>) -> (u16, Value) {
    let response = HyperTransport::new().send(request).await.unwrap();
    (
        response.status().as_u16(),
        serde_json::from_slice(response.body()).unwrap(),
    )
}

/// ListS3Buckets, signed with `secret`.
async fn list(server: &Server, secret: &str) -> (u16, Value) {
    let mut request = Request::post(format!("{}/s3Buckets", server.endpoint()))
        .header("content-type", "application/json")
        .body(Bytes::from_static(b"{}"))
        .unwrap();
    Signer::new("us-east-1", "amplifybackend")
        .sign(
            &mut request,
            &Credentials::new("local", secret),
            std::time::SystemTime::now(),
        )
        .unwrap();
    send(request).await
}

#[tokio::test]
async fn it_tells_that_the_emulator_is_there() {
    let server = emulator().serve("127.0.0.1:0").unwrap();
    let health = json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")});
    assert_eq!(ask(&server, "GET", "health", "").await, (200, health));
}

#[tokio::test]
async fn state_is_given_taken_and_reset() {
    let server = emulator().serve("127.0.0.1:0").unwrap();
    let seeded = json!({"apps": [], "buckets": [{"name": "seeded", "creationDate": 1}]});
    assert_eq!(
        ask(&server, "GET", "state", "").await,
        (200, seeded.clone())
    );
    let other = json!({
        "apps": [{"appId": "d1", "environments": [{
            "backendEnvironmentName": "staging",
            "storage": [{
                "resourceName": "r", "bucketName": "b", "imported": false,
                "permissions": {"authenticated": ["READ"]}, "serviceName": "S3",
            }],
            "jobs": [{
                "jobId": "j", "operation": "CreateBackendStorage", "createTime": 1, "updateTime": 2,
                "status": {"FAILED": {"error": "no"}},
            }],
        }]}],
        "buckets": [{"name": "b", "creationDate": 3}],
    });
    assert_eq!(
        ask(&server, "PUT", "state", &other.to_string()).await.0,
        200
    );
    assert_eq!(ask(&server, "GET", "state", "").await, (200, other.clone()));
    let (status, refused) = ask(&server, "PUT", "state", r#"{"apps": [{"id": "d"}]}"#).await;
    assert_eq!(status, 400);
    assert!(
        refused["message"]
            .as_str()
            .unwrap()
            .contains("unknown field `id`"),
        "{refused}"
    );
    assert_eq!(ask(&server, "GET", "state", "").await, (200, other));
    assert_eq!(ask(&server, "POST", "reset", "").await.0, 200);
    assert_eq!(ask(&server, "GET", "state", "").await, (200, seeded));
}

#[tokio::test]
async fn a_snapshot_may_be_larger_than_a_request_of_the_service() {
    let server = emulator().serve("127.0.0.1:0").unwrap();
    let buckets: Vec<_> = (0..30_000)
        .map(|number| json!({"name": format!("bucket-with-a-long-name-{number:06}"), "creationDate": 1}))
        .collect();
    let large = json!({"apps": [], "buckets": buckets});
    assert!(large.to_string().len() > 1024 * 1024);
    assert_eq!(
        ask(&server, "PUT", "state", &large.to_string()).await.0,
        200
    );
    assert_eq!(ask(&server, "GET", "state", "").await, (200, large));
}

#[tokio::test]
async fn faults_are_added_counted_and_removed() {
    let server = emulator().serve("127.0.0.1:0").unwrap();
    let rule = json!({
        "operation": "ListS3Buckets", "times": 1,
        "effect": {"error": {
            "code": "TooManyRequestsException", "limitType": "rate", "retryAfterMilliseconds": 1500,
        }},
    });
    let (status, added) = ask(&server, "POST", "faults", &rule.to_string()).await;
    assert_eq!((status, &added), (200, &json!({"id": 1})));
    let (status, error) = list(&server, "local").await;
    assert_eq!((status, &error["limitType"]), (429, &json!("rate")));
    assert_eq!(list(&server, "local").await.0, 200);
    let active = json!({"faults": [{"id": 1, "rule": rule, "matched": 2, "fired": 1}]});
    assert_eq!(ask(&server, "GET", "faults", "").await, (200, active));
    assert_eq!(ask(&server, "DELETE", "faults/2", "").await.0, 404);
    assert_eq!(ask(&server, "DELETE", "faults/1", "").await.0, 200);
    let (status, refused) = ask(&server, "POST", "faults", r#"{"nth": 1}"#).await;
    assert_eq!(status, 400);
    assert!(
        refused["message"]
            .as_str()
            .unwrap()
            .contains("neither an effect"),
        "{refused}"
    );
    ask(&server, "POST", "faults", r#"{"delayMilliseconds": 1}"#).await;
    assert_eq!(ask(&server, "DELETE", "faults", "").await.0, 200);
    assert_eq!(
        ask(&server, "GET", "faults", "").await.1,
        json!({"faults": []})
    );
}

#[tokio::test]
async fn a_rule_that_cannot_be_read_is_answered_with_one_that_can() {
    let server = emulator().serve("127.0.0.1:0").unwrap();
    let (status, refused) = ask(&server, "POST", "faults", r#"{"effect": "reset"}"#).await;
    let message = refused["message"].as_str().unwrap();
    let (_, example) = message.split_once("a rule is, for example, ").unwrap();
    assert_eq!(status, 400);
    assert_eq!(ask(&server, "POST", "faults", example).await.0, 200);
}

#[tokio::test]
async fn what_the_readme_sends_is_taken() {
    let server = emulator().serve("127.0.0.1:0").unwrap();
    let lines = include_str!("../README.md").lines();
    let sent = lines.filter_map(|line| {
        let line = line.strip_prefix("curl -s localhost:4242/_emulator/")?;
        line.strip_suffix('\'')?.split_once(" -d '")
    });
    let mut count = 0;
    for (path, body) in sent {
        let (status, answer) = ask(&server, "POST", path, body).await;
        assert_eq!(status, 200, "{path} {body}: {answer}");
        count += 1;
    }
    assert_eq!(count, 4);
}

#[tokio::test]
async fn the_clock_is_told_and_moved_and_signatures_hold_all_the_same() {
    let server = emulator().serve("127.0.0.1:0").unwrap();
    let (_, clock) = ask(
        &server,
        "POST",
        "clock",
        r#"{"advanceMilliseconds": 86400000}"#,
    )
    .await;
    assert_eq!(clock["aheadMilliseconds"], 86_400_000);
    let (_, again) = ask(&server, "GET", "clock", "").await;
    assert!(again["now"].as_str() >= clock["now"].as_str(), "{again}");
    assert_eq!(list(&server, "local").await.0, 200);
}

#[tokio::test]
async fn the_log_shows_what_was_decided_and_what_would_have_been_signed() {
    let server = emulator().serve("127.0.0.1:0").unwrap();
    assert_eq!(list(&server, "local").await.0, 200);
    assert_eq!(list(&server, "wrong").await.0, 403);
    let (_, log) = ask(&server, "GET", "requests?limit=2", "").await;
    let [accepted, refused] = log["requests"].as_array().unwrap().as_slice() else {
        panic!("{log}")
    };
    assert_eq!(accepted["signature"], "accepted");
    assert_eq!(accepted["accessKeyId"], "local");
    assert_eq!(
        (&accepted["operation"], &accepted["status"]),
        (&json!("ListS3Buckets"), &json!(200))
    );
    assert_eq!(refused["signature"], "refused");
    assert_eq!(refused["error"], "InvalidSignatureException");
    let canonical = refused["canonicalRequest"].as_str().unwrap();
    assert!(canonical.starts_with("POST\n/s3Buckets\n\ncontent-type:application/json\n"));
    assert_eq!(ask(&server, "GET", "requests?limit=x", "").await.0, 400);
    assert_eq!(ask(&server, "GET", "requests?last=1", "").await.0, 400);
    assert_eq!(ask(&server, "DELETE", "requests", "").await.0, 200);
    assert_eq!(
        ask(&server, "GET", "requests", "").await.1,
        json!({"requests": []})
    );
}

#[tokio::test]
async fn what_is_not_there_says_what_is() {
    let server = emulator().serve("127.0.0.1:0").unwrap();
    let (status, answer) = ask(&server, "GET", "stats", "").await;
    assert_eq!(status, 404);
    assert!(
        answer["message"]
            .as_str()
            .unwrap()
            .contains("health, state, reset"),
        "{answer}"
    );
    for (method, path, allowed) in [
        ("DELETE", "health", "GET"),
        ("POST", "state", "GET, PUT"),
        ("GET", "reset", "POST"),
        ("PUT", "faults", "GET, POST, DELETE"),
        ("GET", "faults/1", "DELETE"),
    ] {
        let (status, answer) = ask(&server, method, path, "").await;
        let message = answer["message"].as_str().unwrap();
        assert!(
            status == 405 && message.ends_with(allowed),
            "{method} {path}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_web_page_may_not_use_it_and_nobody_where_it_is_off() {
    let server = emulator().serve("127.0.0.1:0").unwrap();
    let request = Request::get(format!("{}/_emulator/state", server.endpoint()))
        .header("origin", "http://localhost:3000")
        .body(Bytes::new())
        .unwrap();
    assert_eq!(send(request).await.0, 403);
    let mut options = ServerOptions::default();
    options.control = Control::Off;
    let server = emulator().serve_with("127.0.0.1:0", options).unwrap();
    // A path like any other: not signed, so refused.
    assert_eq!(ask(&server, "GET", "state", "").await.0, 403);
}
