//! `credential_process` with real programs, good ones and bad ones.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use std::{env, fs, process};

use amplify_backend::config::Environment;
use amplify_backend::{CredentialChain, Credentials, CredentialsError, ProvideCredentials as _};

fn chain(line: &str) -> CredentialChain {
    let config = format!("[default]\nregion = us-east-1\ncredential_process = {line}\n");
    let environment = Environment::empty()
        .with_variable("HOME", "/home/u")
        .with_file("/home/u/.aws/config", config);
    CredentialChain::new().with_environment(environment)
}

async fn run(line: &str) -> Result<Credentials, CredentialsError> {
    chain(line).provide().await
}

async fn why_not(line: &str) -> String {
    let error = run(line).await.unwrap_err().to_string();
    let place = "/home/u/.aws/config:3 [default]: the credential_process ";
    error.strip_prefix(place).unwrap().to_owned()
}

#[tokio::test]
async fn what_a_program_prints_are_the_credentials() {
    let keys = run(
        r#"printf '%s"%s%s' '{"Version":1,"AccessKeyId":' 'AKIDPROCESS","SecretAccessKey":"s",' '"SessionToken":"t","Expiration":"2030-01-01T00:00:00+00:00"}'"#,
    )
    .await
    .unwrap();
    assert_eq!(keys.access_key_id(), "AKIDPROCESS");
    assert_eq!(keys.session_token(), Some("t"));
    let expiry = keys.expires_at().unwrap();
    assert_eq!(
        expiry.duration_since(std::time::UNIX_EPOCH).unwrap(),
        Duration::from_secs(1_893_456_000)
    );
    // No shell looks at the line, and the program cannot ask anybody.
    let keys = run(r#"echo '{"Version":1,"AccessKeyId":"$HOME;`id`","SecretAccessKey":"s"}'"#);
    assert_eq!(keys.await.unwrap().access_key_id(), "$HOME;`id`");
    assert!(why_not("cat").await.starts_with("printed what is no key"));
}

#[tokio::test]
async fn a_program_that_fails_says_how() {
    assert_eq!(
        why_not("sh -c 'echo CANARY; echo CANARY >&2; exit 3'").await,
        "failed, exit status: 3: run it by hand to see why"
    );
    assert_eq!(
        why_not("sh -c 'kill -9 $$'").await,
        "failed, signal: 9 (SIGKILL): run it by hand to see why"
    );
    assert_eq!(why_not("/no/such/program CANARY").await, "cannot be run");
    assert_eq!(
        why_not("echo 'CANARY").await,
        "has a quote that does not end"
    );
}

#[tokio::test]
async fn what_is_no_key_is_described_and_not_shown() {
    for (printed, why) in [
        ("CANARY", "it is not JSON (line 1, column 1)"),
        (
            r#"{"AccessKeyId":"CANARY","SecretAccessKey":"CANARY"}"#,
            "it has no Version",
        ),
        (
            r#"{"Version":2,"AccessKeyId":"CANARY"}"#,
            "its Version is not 1",
        ),
        (
            r#"{"Version":1,"AccessKeyId":"CANARY"}"#,
            "it has no SecretAccessKey",
        ),
        (
            r#"{"Version":1,"AccessKeyId":"CANARY","SecretAccessKey":"CANARY","Expiration":"CANARY"}"#,
            "its Expiration is not a time",
        ),
    ] {
        let line = format!("echo '{printed}'");
        assert_eq!(
            why_not(&line).await,
            format!("printed what is no key: {why}")
        );
    }
}

#[tokio::test]
async fn a_program_without_end_is_stopped() {
    let too_much = "printed more than 65536 bytes and was killed";
    assert_eq!(why_not("yes").await, too_much);
    assert_eq!(why_not("head -c 1073741824 /dev/zero").await, too_much);
    let hangs = chain("sleep 1000").with_process_timeout(Duration::from_millis(50));
    assert_eq!(
        hangs.provide().await.unwrap_err().to_string(),
        "/home/u/.aws/config:3 [default]: the credential_process took longer than 50ms and was \
         killed"
    );
}

/// A named pipe that is gone at the end of the test.
struct Pipe(PathBuf);

impl Drop for Pipe {
    fn drop(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}

#[tokio::test]
async fn a_program_that_nobody_waits_for_any_more_is_killed() {
    let name = format!("amplify-backend-{}-killed", process::id());
    let pipe = Pipe(env::temp_dir().join(name));
    assert!(
        Command::new("mkfifo")
            .arg(&pipe.0)
            .status()
            .unwrap()
            .success()
    );
    // It holds the pipe open and never reads from it.
    let chain = chain(&format!("sh -c 'exec sleep 1000 <{}'", pipe.0.display()));
    let waiting = tokio::spawn(async move { chain.provide().await });
    let path = pipe.0.clone();
    // Opening it waits for the program.
    let opening = tokio::task::spawn_blocking(move || fs::File::create(path).unwrap());
    let mut end = opening.await.unwrap();
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    // A pipe that nobody holds takes nothing; were the program there, this would not return.
    let writing = move || while end.write_all(&[0; 4096]).is_ok() {};
    tokio::task::spawn_blocking(writing).await.unwrap();
}
