//! `amplify-backend emulator` as a program: its first line, its end, its errors, and a state file
//! that survives being killed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails the short way"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use amplify_backend::models::{
    AuthenticatedElement, BackendStoragePermissions, CreateBackendStorageResourceConfig,
    ServiceName,
};
use amplify_backend::{Client, Error};

mod support;

use support::{Running, get, program, run};

fn failing(arguments: &[&str]) -> (i32, String) {
    let ran = run(program().args(arguments));
    (ran.code, ran.err)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
}

async fn lists(client: &Client) -> Result<usize, Error> {
    let page = client.list_s3_buckets().send().await?;
    Ok(page.buckets.unwrap().len())
}

#[test]
fn the_first_line_names_the_endpoint_and_a_signal_ends_the_program_well() {
    for signal in ["TERM", "INT"] {
        let mut running = Running::start(&mut program());
        let client = running.client("local", "local");
        assert_eq!(runtime().block_on(lists(&client)).unwrap(), 0);
        running.signal(signal);
        assert!(running.child.wait().unwrap().success());
    }
}

#[test]
fn the_keys_of_the_environment_and_of_the_arguments_are_accepted_and_no_others() {
    let mut command = program();
    command
        .env("AWS_ACCESS_KEY_ID", "AKID")
        .env("AWS_SECRET_ACCESS_KEY", "s3");
    let running = Running::start(command.args(["--credentials", "other:secret"]));
    let status = |id: &str, secret: &str| {
        let listed = runtime().block_on(lists(&running.client(id, secret)));
        listed.map_err(|error| error.code().unwrap().to_string())
    };
    assert_eq!(status("AKID", "s3"), Ok(0));
    assert_eq!(status("other", "secret"), Ok(0));
    assert_eq!(
        status("AKID", "secret"),
        Err("InvalidSignatureException".to_owned())
    );
    assert_eq!(
        status("local", "local"),
        Err("UnrecognizedClientException".to_owned())
    );
}

#[test]
fn seed_and_faults_are_read_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let (seed, faults) = (
        folder.path().join("seed.json"),
        folder.path().join("faults.toml"),
    );
    fs::write(&seed, r#"{"buckets": [{"name": "one"}, {"name": "two"}]}"#).unwrap();
    fs::write(
        &faults,
        "[[faults]]\nnth = 2\neffect = { error = { code = \"ServiceUnavailable\" } }\n",
    )
    .unwrap();
    let mut command = program();
    let running = Running::start(
        command
            .arg("--seed")
            .arg(&seed)
            .arg("--faults")
            .arg(&faults),
    );
    let client = running.client("local", "local");
    runtime().block_on(async {
        assert_eq!(lists(&client).await.unwrap(), 2);
        let error = lists(&client).await.unwrap_err();
        assert_eq!(error.status().unwrap(), 503);
        assert_eq!(lists(&client).await.unwrap(), 2);
    });
}

#[test]
fn the_documents_that_help_and_readme_show_are_taken() {
    let help = run(program().arg("--help")).out;
    let (_, shown) = help.split_once("\nA seed:\n").unwrap();
    let shown = shown.split_once("\nFaults:\n").unwrap();
    let readme = include_str!("../../emulator/README.md");
    let blocks: Vec<_> = readme.split("```toml\n").skip(1).collect();
    let [seed, faults] = blocks[..] else {
        panic!("{blocks:?}")
    };
    let until_fence = |text: &str| text.split("```").next().unwrap().to_owned();
    let folder = tempfile::tempdir().unwrap();
    let (seed_file, faults_file) = (folder.path().join("seed"), folder.path().join("faults"));
    for (seed, faults) in [
        (shown.0.to_owned(), shown.1.to_owned()),
        (until_fence(seed), until_fence(faults)),
    ] {
        fs::write(&seed_file, &seed).unwrap();
        fs::write(&faults_file, &faults).unwrap();
        let mut command = program();
        command.arg("--seed").arg(&seed_file);
        command.arg("--faults").arg(&faults_file);
        let running = Running::start(&mut command);
        let state = get(&format!("{}/_emulator/state", running.endpoint));
        assert!(
            state.contains("photos-bucket") && state.contains("an-older-bucket"),
            "{state}"
        );
        let rules = get(&format!("{}/_emulator/faults", running.endpoint));
        let count = rules.matches("\"id\"").count();
        assert_eq!(count, faults.matches("[[faults]]").count(), "{rules}");
    }
}

#[test]
fn what_is_wrong_is_said_without_secrets_and_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let seed = path("seed.toml", "[[apps]]\nid = \"d1\"\n");
    let faults = path(
        "faults.json",
        "{\"faults\": [{\"nth\": 0, \"delayMilliseconds\": 1}]}",
    );
    let state = path("state", "not a state file, and longer than a few bytes");
    for (arguments, code, parts) in [
        (
            vec!["--credentials", "canary-key"],
            2,
            vec!["--credentials takes KEY:SECRET"],
        ),
        (
            vec!["--credentials", ":canary"],
            2,
            vec!["--credentials takes KEY:SECRET"],
        ),
        (
            vec!["--region", "us-esat-1"],
            2,
            vec!["--region", "us-east-1"],
        ),
        (
            vec!["--seed", &seed],
            3,
            vec![&seed, "line 2", "unknown field `id`"],
        ),
        (
            vec!["--seed", "/nowhere"],
            3,
            vec!["/nowhere", "No such file"],
        ),
        (vec!["--faults", &faults], 3, vec!["nth counts from 1"]),
        (
            vec!["--state", &state],
            3,
            vec![&state, "is not one of this emulator"],
        ),
        (
            vec!["--listen", "192.0.2.1:1"],
            3,
            vec!["192.0.2.1:1 cannot be listened on"],
        ),
        (
            vec!["--job-time", "soon"],
            2,
            vec!["--job-time", "as in 500ms, 2s, 1m"],
        ),
        (
            vec!["--signatures", "maybe"],
            2,
            vec!["enforce, report, off"],
        ),
        (vec!["--sede", "x"], 2, vec!["--seed"]),
        (
            vec!["--local=state"],
            2,
            vec!["emulator does not take --local", "--state FILE"],
        ),
    ] {
        let (exit, text) = failing(&arguments);
        assert_eq!(exit, code, "{arguments:?}: {text}");
        for part in parts {
            assert!(text.contains(part), "{arguments:?}: {text}");
        }
        assert!(!text.contains("canary"), "{text}");
    }
}

#[test]
fn a_second_process_on_the_same_port_is_told_of_another() {
    let running = Running::start(&mut program());
    let address = running.endpoint.strip_prefix("http://").unwrap();
    let (code, text) = failing(&["--listen", address]);
    assert_eq!(code, 3, "{text}");
    assert!(
        text.ends_with("; --listen 127.0.0.1:0 takes any port that is free\n"),
        "{text}"
    );
}

#[test]
fn a_second_process_on_the_same_state_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let _running = Running::start(program().arg("--state").arg(&file));
    let (code, text) = failing(&["--listen", "127.0.0.1:0", "--state", file.to_str().unwrap()]);
    assert!(
        code == 3 && text.contains("is in use by another emulator"),
        "{text}"
    );
}

/// What a worker knows of its environment: what was acknowledged, and the one change of which it
/// does not know.
#[derive(Default)]
struct Known {
    there: BTreeMap<String, Vec<AuthenticatedElement>>,
    open: Option<String>,
}

const WORKERS: usize = 4;

/// Creates and deletes in an environment of its own until the emulator is gone.
async fn work(client: Client, worker: usize, known: Arc<Mutex<Known>>, done: impl Fn()) {
    let environment = format!("w{worker}");
    loop {
        let number = fastrand::u32(..);
        let victim = {
            let known = known.lock().unwrap();
            let names: Vec<_> = known.there.keys().cloned().collect();
            fastrand::choice(names).filter(|_| fastrand::u8(..3) == 0)
        };
        let name = victim.clone().unwrap_or_else(|| format!("r{number}"));
        known.lock().unwrap().open = Some(name.clone());
        let lists = [AuthenticatedElement::Read, AuthenticatedElement::Delete];
        let list = lists[..fastrand::usize(..3)].to_vec();
        let changed = match victim {
            Some(_) => {
                let call = client.delete_backend_storage().app_id("d1");
                let call = call.backend_environment_name(&environment);
                let call = call.resource_name(&name).service_name(ServiceName::S3);
                call.send().await.map(drop)
            }
            None => {
                let permissions = BackendStoragePermissions::builder()
                    .authenticated(list.clone())
                    .build();
                let config = CreateBackendStorageResourceConfig::builder()
                    .permissions(permissions)
                    .service_name(ServiceName::S3)
                    .build();
                let call = client.create_backend_storage().app_id("d1");
                let call = call.backend_environment_name(&environment);
                let call = call.resource_name(&name).resource_config(config);
                call.send().await.map(drop)
            }
        };
        match changed {
            Ok(()) => {}
            Err(error) if error.service().is_none() => return,
            Err(error) => panic!("{error}"),
        }
        let mut known = known.lock().unwrap();
        known.open = None;
        match known.there.remove(&name) {
            Some(_) => {}
            None => drop(known.there.insert(name, list)),
        }
        drop(known);
        done();
    }
}

/// Compares what is there after a restart with what a worker knows, and learns the rest.
async fn check(client: &Client, worker: usize, known: &Mutex<Known>) {
    let environment = format!("w{worker}");
    let names: BTreeSet<String> = {
        let known = known.lock().unwrap();
        known.there.keys().chain(&known.open).cloned().collect()
    };
    for name in names {
        let call = client.get_backend_storage().app_id("d1");
        let call = call.backend_environment_name(&environment);
        let found = match call.resource_name(&name).send().await {
            Ok(storage) => {
                let permissions = storage.resource_config.unwrap().permissions;
                Some(permissions.unwrap().authenticated)
            }
            Err(error) if error.is_not_found() => None,
            Err(error) => panic!("{error}"),
        };
        let mut known = known.lock().unwrap();
        if known.open.as_ref() == Some(&name) {
            known.open = None;
            known.there.remove(&name);
            known.there.extend(found.map(|found| (name, found)));
        } else {
            assert_eq!(
                found.as_ref(),
                known.there.get(&name),
                "{environment} {name}"
            );
        }
    }
}

#[test]
fn killed_fifty_times_under_load_it_has_every_acknowledged_change() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let known: Vec<Arc<Mutex<Known>>> = (0..WORKERS).map(|_| Arc::default()).collect();
    let runtime = runtime();
    let start = || Running::start(program().arg("--state").arg(&file));
    let mut acknowledged = 0;
    for _ in 0..50 {
        let running = start();
        let client = running.client("local", "local");
        for (worker, known) in known.iter().enumerate() {
            runtime.block_on(check(&client, worker, known));
        }
        // The moment is any: one worker's change ends while the others are in the midst of theirs.
        let until = 1 + fastrand::usize(..40);
        let count = Arc::new(AtomicUsize::new(0));
        let running = Arc::new(Mutex::new(running));
        runtime.block_on(async {
            let workers = known.iter().enumerate().map(|(worker, known)| {
                let (count, running) = (count.clone(), running.clone());
                let done = move || {
                    if count.fetch_add(1, SeqCst) + 1 == until {
                        running.lock().unwrap().child.kill().unwrap();
                    }
                };
                tokio::spawn(work(client.clone(), worker, known.clone(), done))
            });
            for worker in workers.collect::<Vec<_>>() {
                worker.await.unwrap();
            }
        });
        acknowledged += count.load(SeqCst);
    }
    let running = start();
    let client = running.client("local", "local");
    for (worker, known) in known.iter().enumerate() {
        runtime.block_on(check(&client, worker, known));
    }
    assert!(acknowledged >= 50, "{acknowledged}");
}

/// A file that cannot grow is the nearest to a full disk that a test can make.
#[cfg(unix)]
#[test]
fn when_the_state_file_cannot_be_written_nothing_more_is_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    drop(Running::start(program().arg("--state").arg(&file)));
    let blocks = fs::metadata(&file).unwrap().len().div_ceil(512);
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"",);
    let mut limited = Command::new("sh");
    limited
        .args(["-c", &script, "sh"])
        .arg(env!("CARGO_BIN_EXE_amplify-backend"));
    limited.args(["emulator", "--state"]).arg(&file);
    let known = Arc::new(Mutex::new(Known::default()));
    let runtime = runtime();
    {
        let running = Running::start(&mut limited);
        let client = running.client("local", "local");
        let full = runtime.block_on(fill(&client, &known));
        assert_eq!(full.code().unwrap().as_str(), "InternalFailure");
        assert!(
            full.message()
                .unwrap()
                .contains("the state file cannot be written"),
            "{full}"
        );
        let error = runtime.block_on(lists(&client)).unwrap_err();
        assert_eq!(error.status().unwrap(), 500);
    }
    let running = Running::start(program().arg("--state").arg(&file));
    runtime.block_on(check(&running.client("local", "local"), 0, &known));
}

/// Creates until it is refused, and gives the refusal.
async fn fill(client: &Client, known: &Mutex<Known>) -> Error {
    for number in 0.. {
        let name = format!("r{number}-{}", "x".repeat(4_000));
        let permissions = BackendStoragePermissions::builder()
            .authenticated([])
            .build();
        let config = CreateBackendStorageResourceConfig::builder()
            .permissions(permissions)
            .service_name(ServiceName::S3)
            .build();
        known.lock().unwrap().open = Some(name.clone());
        let call = client.create_backend_storage().app_id("d1");
        let call = call.backend_environment_name("w0").resource_name(&name);
        if let Err(error) = call.resource_config(config).send().await {
            return error;
        }
        let mut known = known.lock().unwrap();
        known.open = None;
        known.there.insert(name, Vec::new());
    }
    panic!("the file has no end")
}
