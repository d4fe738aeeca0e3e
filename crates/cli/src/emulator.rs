//! `amplify-backend emulator`: the service on this machine.

use std::fs;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use emulator::{
    Control, Credentials, Emulator, FaultRule, Server, ServerOptions, SignatureMode, Snapshot,
};
use serde::Deserialize;
use tokio::runtime;

use crate::failure::{Failure, Kind};
use crate::global::Global;
use crate::session;

/// Run the service on this machine
///
/// Any client works against it by its endpoint URL alone: the AWS CLI, boto3, the SDKs. The first
/// line that it prints names the endpoint. Ctrl-C, or SIGTERM, ends it after the requests that are
/// on their way.
///
/// With --region, signatures may be for that region only; without it, for any.
///
/// It accepts the key pair in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of its own environment,
/// or, where they are not set, the id `local` with the secret `local`.
#[derive(Args)]
#[command(after_long_help = DOCUMENTS)]
pub(crate) struct Arguments {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4242", value_parser = address)]
    listen: SocketAddr,

    /// Keep the state in this file; without it, the state ends with the program
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// What there is at the start: a file in TOML, or in JSON where its name ends in .json
    ///
    /// With a state file it counts only while that is new. There is one at the end of this help.
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,

    /// Only the apps and environments of the seed exist
    #[arg(long)]
    strict: bool,

    /// Accept this key too, besides the one of the environment; may be repeated
    #[arg(long, value_name = "KEY:SECRET[:TOKEN]")]
    credentials: Vec<String>,

    /// What becomes of a request whose signature does not hold
    #[arg(long, value_name = "MODE", default_value = "enforce")]
    signatures: Signatures,

    /// How long a job takes: 500ms, 2s, 1m; with 0s it has ended when it is next looked at
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = time)]
    job_time: Duration,

    /// How many buckets list-s3-buckets answers at once
    #[arg(long, value_name = "NUMBER", default_value = "100")]
    page_size: NonZeroUsize,

    /// Deleting a resource that was created deletes its bucket too
    #[arg(long)]
    delete_buckets: bool,

    /// The rules by which calls go wrong: a file in TOML, as tables named `faults`, or in JSON
    ///
    /// There are some at the end of this help. /_emulator/faults takes them while it runs.
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,

    /// Make ids and the probabilities of faults the same in each run
    #[arg(long, value_name = "NUMBER")]
    random_seed: Option<u64>,

    /// How many of the last requests to keep for /_emulator/requests; 0 keeps none
    #[arg(long, value_name = "NUMBER", default_value = "1000")]
    request_log: usize,

    /// Who may use the control interface under /_emulator/
    #[arg(long, value_name = "WHO", default_value = "loopback")]
    control: Who,

    /// The largest head of a request, in bytes; beyond it 431
    #[arg(long, value_name = "BYTES", default_value = "65536")]
    max_request_head: usize,

    /// The largest body of a request, in bytes; beyond it 413
    #[arg(long, value_name = "BYTES", default_value = "1048576")]
    max_request_body: usize,

    /// How long a request may take to arrive, and an answer to be taken; beyond it 408
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    read_timeout: Duration,

    /// How long a connection may stay without a request; then it is closed
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = time)]
    idle_timeout: Duration,

    /// How many connections to serve at once; others wait
    #[arg(long, value_name = "NUMBER", default_value = "1024")]
    max_connections: usize,
}

const DOCUMENTS: &str = r#"A seed:
  [[apps]]
  appId = "d1a2b3c4d5e6f7"
  [[apps.environments]]
  backendEnvironmentName = "staging"
  [[apps.environments.storage]]
  resourceName = "photos"
  bucketName = "photos-bucket"
  permissions = { authenticated = ["READ", "CREATE_AND_UPDATE"] }
  [[buckets]]
  name = "an-older-bucket"

Faults:
  [[faults]]
  operation = "GetBackendJob"
  nth = 2
  effect = { reset = "before" }
  [[faults]]
  probability = 0.1
  effect = { error = { code = "TooManyRequestsException" } }
  [[faults]]
  times = 1
  effect = { jobFails = { error = "no room" } }
  [[faults]]
  appId = "d1a2b3c4d5e6f7"
  delayMilliseconds = 250"#;

#[derive(Clone, Copy, ValueEnum)]
enum Signatures {
    /// It is refused, as AWS does
    Enforce,
    /// It is let in, and the log of requests says what was wrong
    Report,
    /// Signatures are not looked at
    Off,
}

#[derive(Clone, Copy, ValueEnum)]
enum Who {
    /// Nobody: it is not there
    Off,
    /// Programs on this machine
    Loopback,
    /// Whoever can reach the server; they can replace all it holds
    Anyone,
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "not an address and a port, as in 127.0.0.1:4242 or [::1]:4242".to_owned())
}

fn time(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|error| format!("{error}, as in 500ms, 2s, 1m"))
}

/// Runs until it is told to end.
pub(crate) fn run(arguments: Arguments, global: &Global) -> Result<(), Failure> {
    for (flag, is_set, instead) in [
        (
            "--local",
            global.local.is_some(),
            "--state FILE keeps the state",
        ),
        (
            "--endpoint-url",
            global.endpoint_url.is_some(),
            "--listen says where it answers",
        ),
        ("--dry-run", global.dry_run, "it sends nothing"),
    ] {
        if is_set {
            let message = format!("emulator does not take {flag}");
            return Err(Failure::usage(message).hint(instead));
        }
    }
    let options = server_options(&arguments);
    let listen = arguments.listen;
    let emulator = set_up(arguments, global)?;
    let cannot =
        |what: String, error: io::Error| Failure::new(Kind::Config, format!("{what}: {error}"));
    let runtime = runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| cannot("the program cannot start its threads".to_owned(), error))?;
    runtime.block_on(async {
        let signals = || {
            let waited_for = signals();
            waited_for.map_err(|error| cannot("signals cannot be waited for".to_owned(), error))
        };
        let told = signals()?;
        let server = emulator.serve_with(listen, options).map_err(|error| {
            let in_use = error.kind() == io::ErrorKind::AddrInUse;
            let failure = cannot(format!("{listen} cannot be listened on"), error);
            match in_use {
                true => failure.hint("--listen 127.0.0.1:0 takes any port that is free"),
                false => failure,
            }
        })?;
        announce(&server);
        told.await;
        // Whoever asks twice does not want to wait.
        let again = signals()?;
        tokio::select! {
            () = server.shutdown() => {}
            () = again => {}
        }
        Ok(())
    })
}

fn set_up(arguments: Arguments, global: &Global) -> Result<Emulator, Failure> {
    let wrong = |message: String| Failure::new(Kind::Config, message);
    let seed = match &arguments.seed {
        Some(path) => Snapshot::from_file(path)
            .map_err(|error| wrong(format!("the seed cannot be used: {error}")))?,
        None => Snapshot::default(),
    };
    let faults = match &arguments.faults {
        Some(path) => read_faults(path).map_err(wrong)?,
        None => Vec::new(),
    };
    let keys = arguments.credentials.iter().map(|text| key(text));
    Emulator::builder()
        .also_accept(keys.collect::<Result<Vec<_>, _>>()?)
        .maybe_region(session::region(global)?)
        .signatures(match arguments.signatures {
            Signatures::Enforce => SignatureMode::Enforce,
            Signatures::Report => SignatureMode::Report,
            Signatures::Off => SignatureMode::Off,
        })
        .seed(seed)
        .maybe_state_file(arguments.state)
        .strict(arguments.strict)
        .job_time(arguments.job_time)
        .page_size(arguments.page_size)
        .delete_buckets(arguments.delete_buckets)
        .faults(faults)
        .maybe_random_seed(arguments.random_seed)
        .request_log(arguments.request_log)
        .build()
        .map_err(|error| wrong(error.to_string()))
}

fn server_options(arguments: &Arguments) -> ServerOptions {
    let mut options = ServerOptions::default();
    options.max_request_head = arguments.max_request_head;
    options.max_request_body = arguments.max_request_body;
    options.read_timeout = arguments.read_timeout;
    options.idle_timeout = arguments.idle_timeout;
    options.max_connections = arguments.max_connections;
    options.control = match arguments.control {
        Who::Off => Control::Off,
        Who::Loopback => Control::Loopback,
        Who::Anyone => Control::Anyone,
    };
    options
}

/// The secret is not repeated in the error, which may end up in a log.
fn key(text: &str) -> Result<Credentials, Failure> {
    let mut parts = text.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(id), Some(secret), token) if !id.is_empty() && !secret.is_empty() => {
            Ok(Credentials::new(id, secret).with_session_token(token.unwrap_or_default()))
        }
        _ => Err(Failure::usage(
            "--credentials takes KEY:SECRET or KEY:SECRET:TOKEN",
        )),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultsFile {
    faults: Vec<FaultRule>,
}

fn read_faults(path: &Path) -> Result<Vec<FaultRule>, String> {
    let named = |error: String| {
        let (path, error) = (path.display(), error.trim_end());
        format!("the faults cannot be used: {path}: {error}")
    };
    let text = fs::read_to_string(path).map_err(|error| named(error.to_string()))?;
    let file: FaultsFile = if path.extension().is_some_and(|it| it == "json") {
        serde_json::from_str(&text).map_err(|error| named(error.to_string()))?
    } else {
        toml::from_str(&text).map_err(|error| named(error.to_string()))?
    };
    Ok(file.faults)
}

/// The one line on the standard output. A reader that has gone is no reason to end.
fn announce(server: &Server) {
    let mut out = io::stdout();
    let line = format!("amplify-backend emulator at {}\n", server.endpoint());
    let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
}

/// Is done when the program is to end.
#[cfg(unix)]
fn signals() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn signals() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a way to be told, it is ended from outside.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
