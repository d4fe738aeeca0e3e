//! Each exit code, and what is said with it: to people in a paragraph, to programs in an object.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails the short way"
)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};

mod support;

use support::{Ran, Running, amplify_backend, program, run};

/// An emulator on which calls go wrong as the rules say.
fn emulator(rules: &Value) -> Running {
    emulator_with("1h", rules)
}

fn emulator_with(job_time: &str, rules: &Value) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let faults = folder.path().join("faults.json");
    fs::write(&faults, json!({ "faults": rules }).to_string()).unwrap();
    let mut command = program();
    command
        .args(["--job-time", job_time, "--faults"])
        .arg(&faults);
    Running::start(&mut command)
}

/// The program, set up for `running`.
fn client(running: &Running) -> Command {
    let mut command = amplify_backend();
    command
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .env("AWS_ENDPOINT_URL_AMPLIFYBACKEND", &running.endpoint);
    command
}

/// Runs it twice, for people and for programs, and gives the code, the paragraph and the object.
fn failure(command: &mut Command) -> (i32, String, Value) {
    let Ran { code, err, .. } = run(command);
    let json = run(command.args(["--error-format", "json"]));
    assert_eq!(json.code, code, "{err}\n{}", json.err);
    let object = serde_json::from_str(&json.err).unwrap_or_else(|_| panic!("{}", json.err));
    (code, err, object)
}

const PLACE: [&str; 4] = ["--app-id", "d1", "--env", "staging"];

#[test]
fn code_1_is_for_what_nobody_foresaw() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else { return };
    let mut command = amplify_backend();
    command.args(["config", "show"]).stdout(Stdio::from(full));
    let output = command
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(
        err.starts_with("amplify-backend: the output cannot be written: "),
        "{err}"
    );
}

#[test]
fn code_2_is_for_the_command_line_and_the_input() {
    let local = |arguments: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state");
        let mut command = amplify_backend();
        command
            .args(arguments)
            .arg(format!("--local={}", file.display()));
        let Ran { code, err, .. } = run(&mut command);
        assert_eq!(code, 2, "{err}");
        err.replace(&file.display().to_string(), "FILE")
    };
    for (arguments, part) in [
        (
            vec![
                "storage", "get", "--app-id", "d1", "--env", "e", "--nam", "r",
            ],
            "a similar argument exists: '--name'",
        ),
        (vec!["storage", "get", "--app-id", "d1"], "--env <NAME>"),
        (
            vec!["storge", "get"],
            "a similar subcommand exists: 'storage'",
        ),
        (
            vec![
                "storage",
                "create",
                "--app-id",
                "d1",
                "--env",
                "e",
                "--name",
                "r",
                "--authenticated",
                "reed",
            ],
            "amplify-backend: --authenticated has \"reed\"; did you mean read?",
        ),
        (
            vec![
                "storage", "delete", "--app-id", "d1", "--env", "e", "--name", "r",
            ],
            "amplify-backend: there is no terminal to ask on; say --yes to delete",
        ),
        (
            vec!["call", "GetBackendStorge"],
            "there is no operation \"GetBackendStorge\"; did you mean GetBackendStorage?",
        ),
        (
            vec![
                "call",
                "GetBackendStorage",
                "--input",
                "{\"appID\": \"d1\"}",
            ],
            "the operation has no member appID; did you mean appId?",
        ),
        (
            vec!["call", "GetBackendStorage", "--input", "{\"appId\": \"d1\""],
            "amplify-backend: --input is not JSON: EOF while parsing an object at line 1 column 14",
        ),
        (
            vec!["call", "GetBackendStorage", "--input", "Cargo.toml"],
            "to read that file, write --input @Cargo.toml",
        ),
        (
            vec!["call", "GetBackendStorage", "--input", "@nowhere.json"],
            "nowhere.json cannot be read: No such file",
        ),
        (
            vec!["call", "GetBackendStorage", "--wait"],
            "GetBackendStorage starts no job to wait for",
        ),
        (
            vec![
                "storage", "get", "--app-id", "", "--env", "e", "--name", "r",
            ],
            "could not encode GetBackendStorage: appId is empty",
        ),
        (
            vec!["buckets", "list", "--query", "Buckets[?"],
            "--query is not JMESPath: ",
        ),
        (
            vec!["buckets", "list", "--region", "us-esat-1"],
            "did you mean us-east-1?",
        ),
        (
            vec!["buckets", "list", "--endpoint-url", "http://x"],
            "--local and --endpoint-url exclude each other; leave out one of them",
        ),
        (vec!["buckets", "list", "--print", "curl"], "--dry-run"),
        (
            vec!["buckets", "list", "--dry-run", "--sign-time", "yesterday"],
            "as in 2015-08-30T12:36:00Z",
        ),
        (
            vec![
                "jobs",
                "list",
                "--app-id",
                "d1",
                "--env",
                "e",
                "--max-results",
                "26",
            ],
            "1..=25",
        ),
    ] {
        let err = local(&arguments);
        assert!(err.contains(part), "{arguments:?}: {err}");
    }
    let (_, _, object) = failure(amplify_backend().args(["storage", "get"]));
    assert_eq!(object["kind"], "usage");
    assert!(
        object["message"]
            .as_str()
            .unwrap()
            .contains("--app-id <ID>"),
        "{object}"
    );
}

#[test]
fn what_is_wrong_with_the_words_is_said_before_anything_is_looked_for_or_opened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let local = format!("--local={}", file.display());
    for (arguments, part) in [
        (vec!["call", "ListBuckets"], "did you mean ListS3Buckets?"),
        (
            vec!["call", "ListS3Buckets", "--input", "{\"token\": \"t\"}"],
            "the operation has no member token",
        ),
        (
            vec!["buckets", "list", "--query", "Buckets[?"],
            "--query is not JMESPath",
        ),
    ] {
        // There is no region.
        let unset = run(amplify_backend().args(&arguments));
        let local = run(amplify_backend().args(&arguments).arg(&local));
        assert_eq!((unset.code, local.code), (2, 2), "{}", unset.err);
        assert!(unset.err.contains(part), "{}", unset.err);
        assert_eq!(local.err, unset.err);
        assert!(!file.exists(), "{arguments:?}");
    }
}

#[test]
fn an_error_in_json_is_the_last_line_whatever_else_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let Ran { code, err, .. } = run(amplify_backend()
        .args(["storage", "get", "--name", "r", "--verbose"])
        .args(["--error-format", "json"])
        .args(PLACE)
        .arg(format!("--local={}", file.display())));
    assert_eq!(code, 4, "{err}");
    let lines: Vec<_> = err.lines().collect();
    assert!(lines[0].starts_with("GetBackendStorage attempt 1: 404"));
    assert!(lines[1].starts_with("This ran against the service on this machine"));
    let object: Value = serde_json::from_str(lines[2]).unwrap();
    assert_eq!(object["kind"], "service");
    assert_eq!(lines.len(), 3, "{err}");
}

#[test]
fn a_query_that_fails_behind_a_change_says_that_the_change_was_made() {
    let running = emulator_with("0s", &json!([]));
    let query = ["--query", "length(Nothing)"];
    let create = [
        "storage",
        "create",
        "--name",
        "r",
        "--authenticated",
        "none",
    ];
    let Ran { code, err, .. } = run(client(&running).args(create).args(PLACE).args(query));
    assert_eq!(code, 2, "{err}");
    assert!(
        err.ends_with("; CreateBackendStorage was done all the same\n"),
        "{err}"
    );
    let get = ["storage", "get", "--name", "r"];
    let Ran { code, err, .. } = run(client(&running).args(get).args(PLACE).args(query));
    assert_eq!(code, 2, "{err}");
    assert!(!err.contains("was done"), "{err}");
    let Ran { code, .. } = run(client(&running).args(get).args(PLACE));
    assert_eq!(code, 0);
}

#[test]
fn code_3_is_for_configuration_and_credentials() {
    let (code, err, object) = failure(amplify_backend().args(["buckets", "list"]));
    assert_eq!((code, &object["kind"]), (3, &json!("config")));
    assert!(err.starts_with("amplify-backend: no region is set; give --region, set AWS_REGION"));

    let far = [
        "buckets",
        "list",
        "--region",
        "us-east-1",
        "--endpoint-url",
        "http://far.example",
    ];
    let (code, err, object) = failure(amplify_backend().args(far));
    assert_eq!((code, &object["kind"]), (2, &json!("usage")));
    assert!(
        err.contains("or allow clear text; that is --allow-clear-text"),
        "{err}"
    );
    let mut command = amplify_backend();
    command.env("AWS_ENDPOINT_URL", "http://far.example");
    let (code, err, _) = failure(command.args(["buckets", "list", "--region", "us-east-1"]));
    assert_eq!(code, 3);
    assert!(
        err.contains("or allow clear text; that is --allow-clear-text"),
        "{err}"
    );
    let Ran { code, err, .. } = run(amplify_backend()
        .args(far)
        .args(["--allow-clear-text", "--dry-run"])
        .env("AWS_ACCESS_KEY_ID", "id")
        .env("AWS_SECRET_ACCESS_KEY", "secret"));
    assert_eq!(code, 0, "{err}");

    let (code, err, object) =
        failure(amplify_backend().args(["buckets", "list", "--region", "us-east-1"]));
    assert_eq!((code, &object["kind"]), (3, &json!("credentials")));
    assert!(
        err.contains("\n  environment: AWS_ACCESS_KEY_ID is not set\n"),
        "{err}"
    );
    assert_eq!(object["operation"], "ListS3Buckets");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    fs::write(&file, "[profile staging]\nregion = us-east-1\n").unwrap();
    let mut command = amplify_backend();
    command.env("AWS_CONFIG_FILE", &file);
    let (code, err, _) = failure(command.args(["buckets", "list", "--profile", "stagign"]));
    assert_eq!(code, 3);
    assert!(err.contains("did you mean staging?"), "{err}");
}

#[test]
fn codes_4_5_and_6_are_for_errors_of_the_service() {
    let running = emulator(&json!([
        {"operation": "ListS3Buckets", "effect": {"error": {
            "code": "TooManyRequestsException", "message": "slower", "limitType": "rate"}}},
        {"operation": "GetBackendJob", "effect": {"error": {"code": "ServiceUnavailable"}}},
    ]));
    let get = ["storage", "get", "--name", "photos"];
    let (code, err, object) = failure(client(&running).args(get).args(PLACE));
    assert_eq!((code, &object["kind"]), (4, &json!("service")));
    assert!(
        err.starts_with(
            "amplify-backend: GetBackendStorage failed: NotFoundException (404): there is no \
             Storage photos (request id "
        ),
        "{err}"
    );
    assert_eq!(object["message"], "there is no Storage photos");
    assert_eq!(object["code"], "NotFoundException");
    assert_eq!(
        (&object["status"], &object["attempts"]),
        (&json!(404), &json!(1))
    );
    assert!(
        object["request_id"].is_string() && object.get("hint").is_none(),
        "{object}"
    );
    assert_eq!(
        object["service"],
        json!({
            "code": "NotFoundException",
            "message": "there is no Storage photos",
            "resource_type": "Storage",
            "modeled": "NotFoundException",
        })
    );

    let (code, err, object) =
        failure(client(&running).args(["buckets", "list", "--max-attempts", "1"]));
    assert_eq!(
        (code, &object["code"]),
        (5, &json!("TooManyRequestsException"))
    );
    assert!(
        err.contains("call less often, or allow more attempts"),
        "{err}"
    );
    assert_eq!(object["service"]["limit_type"], "rate");

    let job = ["jobs", "get", "--job-id", "j", "--max-attempts", "2"];
    let (code, _, object) = failure(client(&running).args(job).args(PLACE));
    assert_eq!(
        (code, &object["status"], &object["attempts"]),
        (6, &json!(503), &json!(2))
    );
    assert_eq!(object["service"]["code"], "ServiceUnavailable");
    assert_eq!(object["service"].get("modeled"), None, "{object}");

    let mut wrong = client(&running);
    wrong
        .env("AWS_SECRET_ACCESS_KEY", "canary-secret")
        .args(get)
        .args(PLACE);
    let (code, err, object) = failure(&mut wrong);
    assert_eq!(
        (code, &object["code"]),
        (6, &json!("InvalidSignatureException"))
    );
    assert!(
        err.contains("check the secret access key and the region"),
        "{err}"
    );
    assert!(!format!("{err}{object}").contains("canary"), "{err}");
}

#[test]
fn what_the_service_said_stands_apart_from_what_is_made_of_it() {
    for (response, object) in [
        (
            "504 Late\r\nx-amzn-errortype: InternalServiceException\r\n\r\n{\"message\": \"late\"}",
            json!({
                "kind": "service", "code": "InternalServiceException", "message": "late", "status": 504,
                "service": {
                    "code": "InternalServiceException", "message": "late",
                    "modeled": "GatewayTimeoutException",
                },
            }),
        ),
        (
            "404 Not Found\r\nx-amzn-requestid: r-1\r\n\r\n",
            json!({
                "kind": "service", "code": "NotFoundException", "status": 404, "request_id": "r-1",
                "message": "ListS3Buckets failed: NotFoundException (404) (request id r-1)",
                "service": { "modeled": "NotFoundException" },
            }),
        ),
        (
            "403 Forbidden\r\n\r\n<html>",
            json!({
                "kind": "service", "status": 403, "service": {},
                "message": "ListS3Buckets failed: an error without a code (403)",
            }),
        ),
        (
            "307 Elsewhere\r\nlocation: /there\r\n\r\n",
            json!({
                "kind": "redirect", "status": 307, "hint": "check the endpoint and the region",
                "message": "ListS3Buckets was redirected (status 307); check the endpoint and the \
                            region: redirected (307) to /there",
            }),
        ),
    ] {
        let (endpoint, answering) = answering(format!("HTTP/1.1 {response}"), 2);
        let mut command = amplify_backend();
        command
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .args(["buckets", "list", "--max-attempts", "1"])
            .args(["--endpoint-url", &endpoint]);
        let (_, _, mut said) = failure(&mut command);
        answering.join().unwrap();
        let members = said.as_object_mut().unwrap();
        members.retain(|name, _| name != "operation" && name != "attempts");
        assert_eq!(said, object);
    }
}

/// A server that gives the same answer to each of `times` requests, closing each connection.
fn answering(response: String, times: usize) -> (String, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let answering = thread::spawn(move || {
        for stream in listener.incoming().take(times) {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            // The body of ListS3Buckets is an empty object.
            while !request.ends_with(b"{}") {
                let mut part = [0; 4096];
                let length = stream.read(&mut part).unwrap();
                assert_ne!(length, 0, "the request is not whole");
                request.extend_from_slice(&part[..length]);
            }
            stream.write_all(response.as_bytes()).unwrap();
        }
    });
    (endpoint, answering)
}

#[test]
fn code_7_is_for_the_network_and_for_answers_that_cannot_be_read() {
    // Nobody listens on a port that was just given back.
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let running = emulator(&json!([
        {"operation": "ListS3Buckets", "effect": {"body": {"kind": "html", "status": 200}}},
        {"operation": "GetBackendStorage", "delayMilliseconds": 60000},
    ]));
    let mut nobody = client(&running);
    nobody.args(["buckets", "list", "--max-attempts", "1"]);
    nobody.args(["--endpoint-url", &format!("http://{free}")]);
    let (code, err, object) = failure(&mut nobody);
    assert_eq!((code, &object["kind"]), (7, &json!("transport")));
    assert!(err.contains("check the endpoint and the network"), "{err}");

    let (code, err, object) = failure(client(&running).args(["buckets", "list"]));
    assert_eq!((code, &object["kind"]), (7, &json!("decode")));
    assert!(
        err.contains("a page came back: check the endpoint, and proxies on the way"),
        "{err}"
    );

    let slow = [
        "storage",
        "get",
        "--name",
        "r",
        "--max-attempts",
        "1",
        "--cli-read-timeout",
        "0.05",
    ];
    let (code, _, object) = failure(client(&running).args(slow).args(PLACE));
    assert_eq!((code, &object["kind"]), (7, &json!("timeout")));
}

#[test]
fn codes_8_and_9_are_for_jobs_that_were_waited_for() {
    let create = |running: &Running, more: &[&str]| {
        let mut command = client(running);
        command.args([
            "storage",
            "create",
            "--name",
            "r",
            "--authenticated",
            "none",
        ]);
        command
            .args(PLACE)
            .args(["--wait", "--wait-interval", "10ms"])
            .args(more);
        failure(&mut command)
    };
    let failing = json!([{ "effect": { "jobFails": { "error": "no room" } } }]);
    let (code, err, object) = create(&emulator_with("0s", &failing), &[]);
    assert_eq!((code, &object["kind"]), (8, &json!("job_failed")));
    assert!(err.contains(" failed: no room"), "{err}");

    let slow = emulator(&json!([]));
    let wait = [
        "jobs",
        "wait",
        "--wait-interval",
        "10ms",
        "--wait-timeout",
        "50ms",
        "--job-id",
    ];
    let Ran { out, .. } = run(client(&slow)
        .args([
            "storage",
            "create",
            "--name",
            "r",
            "--authenticated",
            "none",
        ])
        .args(PLACE));
    let started: Value = serde_json::from_str(&out).unwrap();
    let id = started["JobId"].as_str().unwrap();
    let (code, err, object) = failure(client(&slow).args(wait).arg(id).args(PLACE));
    assert_eq!((code, &object["kind"]), (9, &json!("wait_timeout")));
    assert!(err.contains("it is RUNNING"), "{err}");
    let again = format!(
        "the job goes on: wait again, or longer; to wait for it again: amplify-backend jobs wait \
         --app-id d1 --env staging --job-id {id}"
    );
    assert!(err.ends_with(&format!("{again}\n")), "{err}");
    assert_eq!(object["hint"], again);
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let mut child = amplify_backend()
        .arg("man")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
}
