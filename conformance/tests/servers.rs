//! Our emulator holds in every case that a server can be judged by, and a server that errs does not.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use std::sync::Arc;

use amplify_backend_conformance::case::Suite;
use amplify_backend_conformance::report::{Filter, Report};
use amplify_backend_conformance::server::{self, Server};
use emulator::{Credentials, Emulator, FaultRule, SignatureMode};
use operations::Endpoint;

/// Judges an emulator by the cases that one of `patterns` takes.
async fn judge(emulator: Emulator, patterns: &[&str]) -> Report {
    let served = emulator.serve("127.0.0.1:0").unwrap();
    let endpoint = Endpoint::new(&served.endpoint()).unwrap();
    let server = Server::new(endpoint, Credentials::new("local", "local"));
    let filter = Filter::new(patterns.iter().copied());
    let report = server::judge(server, Arc::new(Suite::built_in()), &filter).await;
    served.shutdown().await;
    report.unwrap()
}

fn local() -> Credentials {
    Credentials::new("local", "local")
}

fn rule(json: &str) -> FaultRule {
    serde_json::from_str(json).unwrap()
}

#[tokio::test]
async fn our_emulator_holds_in_every_case() {
    let emulator = Emulator::builder().credentials([local()]).build().unwrap();
    let report = judge(emulator, &[]).await;
    assert!(report.all_hold(), "{report}");
    assert!(report.held().count() >= 150, "{report}");
}

#[tokio::test]
async fn a_server_that_does_not_look_at_signatures_is_found_out() {
    let builder = Emulator::builder().credentials([local()]);
    let emulator = builder.signatures(SignatureMode::Off).build().unwrap();
    let report = judge(
        emulator,
        &[
            "signed",
            "secret",
            "unknown-key",
            "hour-ago",
            "changed-body",
        ],
    )
    .await;
    let failed: Vec<_> = report.failed().collect();
    assert!(failed.len() >= 8, "{report}");
    assert!(
        failed.iter().all(|name| name.contains("/request-")),
        "{report}"
    );
    // What was not refused is shown beside the error that was expected.
    assert!(report.to_string().contains("    -error: {"), "{report}");
}

#[tokio::test]
async fn a_server_that_errs_in_one_operation_is_found_out() {
    let fault = r#"{"operation": "GetBackendStorage", "effect": {"body": {"kind": "malformed"}}}"#;
    let builder = Emulator::builder().credentials([local()]);
    let emulator = builder.faults(vec![rule(fault)]).build().unwrap();
    let report = judge(
        emulator,
        &["GetBackendStorage/of-*", "CreateBackendStorage/full"],
    )
    .await;
    assert!(report.held().eq(["CreateBackendStorage/full"]), "{report}");
    assert!(report.failed().count() >= 5, "{report}");
    assert!(report.to_string().contains("decode"), "{report}");
}
