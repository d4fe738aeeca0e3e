//! `--dry-run`: nothing is sent, nothing secret is shown, and what is shown is what would be sent.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails the short way"
)]

use std::process::Command;

use serde_json::Value;

mod support;

use support::{Ran, Running, amplify_backend, program, run};

const TIME: &str = "2015-08-30T12:36:00Z";

/// A dry run with secrets that must not show.
fn dry_run(arguments: &[&str]) -> Ran {
    let mut command = amplify_backend();
    command
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "canary-secret")
        .env("AWS_SESSION_TOKEN", "canary-token")
        .args(arguments)
        .args(["--dry-run", "--sign-time", TIME]);
    let ran = run(&mut command);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran
}

const CREATE: [&str; 10] = [
    "storage",
    "create",
    "--app-id",
    "d/1",
    "--env",
    "e",
    "--name",
    "it's a \"name\"\\ü $HOME `x`",
    "--authenticated",
    "read",
];

#[test]
fn secrets_show_only_when_asked_for() {
    for form in ["http", "curl", "json"] {
        let arguments = [&CREATE[..], &["--print", form]].concat();
        let masked = dry_run(&arguments).out;
        assert!(!masked.contains("canary"), "{masked}");
        assert!(masked.contains("Signature=.."), "{masked}");
        let shown = dry_run(&[&arguments[..], &["--show-secrets"]].concat()).out;
        assert!(
            shown.contains("canary-token") && !shown.contains("canary-secret"),
            "{shown}"
        );
        assert!(!shown.contains("Signature=.."), "{shown}");
    }
}

/// What a shell makes of the command, and what the JSON says.
#[test]
fn a_shell_reads_the_curl_command_as_it_is_meant() {
    let arguments = [&CREATE[..], &["--show-secrets", "--print"]].concat();
    let json = dry_run(&[&arguments[..], &["json"]].concat()).out;
    let json: Value = serde_json::from_str(&json).unwrap();
    let curl = dry_run(&[&arguments[..], &["curl"]].concat()).out;
    let script = format!("curl() {{ for word; do printf '%s\\0' \"$word\"; done; }}\n{curl}");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let words = String::from_utf8(output.stdout).unwrap();
    let words: Vec<&str> = words.trim_end_matches('\0').split('\0').collect();
    assert_eq!(words[..3], ["-X", "POST", json["url"].as_str().unwrap()]);
    assert_eq!(words.last().copied(), json["body"].as_str());
    let headers: Vec<_> = json["headers"].as_array().unwrap().iter().skip(1).collect();
    let sent: Vec<_> = words.iter().filter(|word| word.contains(": ")).collect();
    for (header, sent) in headers.iter().zip(&sent) {
        let (name, value) = (header[0].as_str().unwrap(), header[1].as_str().unwrap());
        // It is a new one in each run.
        if name != "amz-sdk-invocation-id" {
            assert_eq!(**sent, format!("{name}: {value}"));
        }
    }
}

/// The emulator computes what it would have signed for a request with a wrong secret: it is what the
/// dry run says, but for the time.
#[test]
fn what_is_shown_is_what_is_sent() {
    let running = Running::start(program().args(["--signatures", "report"]));
    let mut command = amplify_backend();
    command
        .args(["--endpoint-url", &running.endpoint, "--region", "us-east-1"])
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", "wrong")
        .args([
            "storage", "get", "--app-id", "d/1", "--env", "e", "--name", "r",
        ]);
    let sent = run(&mut command);
    assert_eq!(sent.code, 4, "{}", sent.err);
    let shown = run(command.args(["--dry-run", "--print", "json"]));
    let shown: Value = serde_json::from_str(&shown.out).unwrap();
    let log = support::get(&format!("{}/_emulator/requests", running.endpoint));
    let log: Value = serde_json::from_str(log.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let without_time = |text: &Value| {
        let lines = text.as_str().unwrap().split('\n');
        let lines = lines
            .filter(|line| !line.starts_with("x-amz-date:"))
            .collect::<Vec<_>>();
        lines.join("\n")
    };
    assert_eq!(
        without_time(&shown["canonical_request"]),
        without_time(&log["requests"][0]["canonicalRequest"])
    );
    assert_eq!(shown["target"], log["requests"][0]["target"]);
}
