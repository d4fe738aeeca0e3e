//! `doctor`, `config show`, `completions` and `man`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails the short way"
)]

use std::fs;
use std::net::TcpListener;

use serde_json::{Value, json};

mod support;

use support::{Ran, Running, amplify_backend, program, run};

#[test]
fn config_show_says_where_each_value_came_from_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    fs::write(
        &file,
        "[profile dev]\nregion = eu-west-1\nmax_attempts = 5\n\
         aws_access_key_id = AKID\naws_secret_access_key = canary\n",
    )
    .unwrap();
    let mut command = amplify_backend();
    command
        .env("AWS_CONFIG_FILE", &file)
        .env("AWS_MAX_ATTEMPTS", "4")
        .env("HTTPS_PROXY", "http://user:canary@proxy.example:8080")
        .args(["config", "show", "--profile", "dev", "--use-fips-endpoint"]);
    let Ran { code, out, err } = run(&mut command);
    assert_eq!(code, 0, "{err}");
    assert!(!out.contains("canary") && !err.contains("canary"), "{out}");
    let shown: Value = serde_json::from_str(&out).unwrap();
    let setting = |name: &str| {
        let settings = shown["Settings"].as_array().unwrap();
        let found = settings.iter().find(|it| it["Name"] == name).unwrap();
        (
            found["Value"].clone(),
            found["Origin"].as_str().unwrap().to_owned(),
        )
    };
    let flag = "command line".to_owned();
    assert_eq!(setting("profile"), (json!("dev"), flag.clone()));
    assert_eq!(setting("use_fips_endpoint"), (json!("true"), flag));
    assert_eq!(
        setting("max_attempts"),
        (json!("4"), "AWS_MAX_ATTEMPTS".to_owned())
    );
    let origin = format!("{}:2 [profile dev]", file.display());
    assert_eq!(setting("region"), (json!("eu-west-1"), origin));
    assert_eq!(
        setting("retry_mode"),
        (json!("standard"), "default".to_owned())
    );
    assert_eq!(setting("ca_bundle").0, Value::Null);
}

/// The doctor, sent to `endpoint`.
fn doctor(endpoint: &str, secret: &str) -> Ran {
    let mut command = amplify_backend();
    command
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", secret)
        .args(["doctor", "--max-attempts", "1", "--endpoint-url", endpoint]);
    run(&mut command)
}

#[test]
fn the_doctor_goes_through_all_that_a_call_needs() {
    let running = Running::start(&mut program());
    let Ran { code, out, err } = doctor(&running.endpoint, "local");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    for (line, part) in out.lines().zip([
        "configuration    ok      region us-east-1 from AWS_REGION, endpoint http://127.0.0.1:",
        "client           ok",
        "credentials      ok      access key local",
        "name resolution  ok      127.0.0.1 has 1 address",
        "connection       ok      in clear text",
        "clock            ok      within ",
        "signed call      ok      ListS3Buckets answered with 0 buckets",
    ]) {
        assert!(line.starts_with(part), "{line}");
    }
    assert_eq!(out.lines().count(), 7, "{out}");
}

#[test]
fn the_doctor_stops_at_what_is_wrong_and_says_what_to_do() {
    let Ran { code, out, err } = run(amplify_backend().arg("doctor"));
    assert_eq!(code, 3, "{out}{err}");
    assert!(
        out.starts_with("configuration    ok") && out.contains("client           FAILED\n"),
        "{out}"
    );
    assert!(err.contains("give --region, set AWS_REGION"), "{err}");

    let mut command = amplify_backend();
    let Ran { code, out, err } = run(command.args(["doctor", "--region", "us-east-1"]));
    assert_eq!(code, 3, "{out}{err}");
    assert!(
        out.contains("region us-east-1 from command line, endpoint https://"),
        "{out}"
    );
    assert!(out.ends_with("credentials      FAILED\n"), "{out}");
    assert!(
        err.contains("environment: AWS_ACCESS_KEY_ID is not set"),
        "{err}"
    );

    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let Ran { code, out, err } = doctor(&format!("http://{free}"), "local");
    assert!(
        code == 7 && out.ends_with("connection       FAILED\n"),
        "{out}"
    );
    assert!(
        err.contains("check the endpoint, the network and its firewall"),
        "{err}"
    );

    let running = Running::start(&mut program());
    let Ran { code, out, err } = doctor(&running.endpoint, "canary-secret");
    assert!(
        code == 6 && out.ends_with("signed call      FAILED\n"),
        "{out}"
    );
    assert!(
        err.contains("check the secret access key and the region"),
        "{err}"
    );
    assert!(!out.contains("canary") && !err.contains("canary"), "{err}");
}

#[test]
fn with_local_the_doctor_needs_neither_region_nor_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let local = format!("--local={}", file.display());
    let Ran { code, out, err } = run(amplify_backend().args(["doctor", &local]));
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert_eq!(
        out,
        format!(
            "state file       ok      {}\n\
             signed call      ok      ListS3Buckets answered with 0 buckets\n",
            file.display()
        )
    );
    fs::write(&file, "not a state file").unwrap();
    let Ran { code, out, err } = run(amplify_backend().args(["doctor", &local]));
    assert_eq!((code, out.as_str()), (3, "state file       FAILED\n"));
    assert!(err.contains("is not one of this emulator"), "{err}");
}

#[test]
fn completions_and_the_man_page_name_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let Ran { code, out, .. } = run(amplify_backend().args(["completions", shell]));
        assert_eq!(code, 0);
        assert!(
            out.contains("storage") && out.contains("endpoint-url"),
            "{shell}"
        );
    }
    let Ran { out, .. } = run(amplify_backend().arg("man"));
    for part in [
        "amplify\\-backend",
        ".SH SUBCOMMANDS",
        "Exit codes:",
        "job that was waited for failed",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
}
