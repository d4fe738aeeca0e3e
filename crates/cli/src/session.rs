//! From flags to a client: over the network, over the emulator in this process, or over nothing.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use amplify_backend::config::{Config, Origin};
use amplify_backend::{
    Attempt, Client, Credentials, Endpoint, EndpointError, HyperTransport, Observer, Region,
    RetryPolicy, Transport, TransportError,
};
use bytes::Bytes;
use emulator::{Emulator, EmulatorError, InProcess};
use http::{Request, Response};

use crate::dry_run::Caught;
use crate::failure::{ALLOW_CLEAR_TEXT, Failure, Kind};
use crate::global::Global;
use crate::terminal;

/// A client, and what has to be known about it.
pub(crate) struct Session {
    pub(crate) client: Client<Wire>,
    /// What a dry run has caught; `None` where requests are sent.
    pub(crate) caught: Option<Arc<Caught>>,
    /// The state file of the emulator in this process.
    pub(crate) local: Option<PathBuf>,
}

/// Where requests go.
pub(crate) enum Wire {
    Network(HyperTransport),
    InProcess(InProcess),
    /// Nowhere.
    Caught(Arc<Caught>),
}

impl Transport for Wire {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        match self {
            Self::Network(network) => network.send(request).await,
            Self::InProcess(emulator) => emulator.send(request).await,
            Self::Caught(caught) => Err(caught.keep(request)),
        }
    }
}

impl Session {
    /// The session that the flags ask for.
    pub(crate) fn open(global: &Global) -> Result<Self, Failure> {
        match &global.local {
            Some(file) => Self::local(global, file.clone()),
            None => Self::configured(global),
        }
    }

    /// A session with an emulator that is already there.
    pub(crate) fn over(emulator: &Emulator, global: &Global) -> Result<Self, Failure> {
        let region = region(global)?.unwrap_or_else(usual_region);
        let caught = global.dry_run.then(Arc::<Caught>::default);
        let wire = match &caught {
            Some(caught) => Wire::Caught(caught.clone()),
            None => Wire::InProcess(emulator.transport()),
        };
        let builder = Client::over(wire)
            .credentials(Credentials::new("local", "local"))
            .endpoint(local_endpoint()?)
            .maybe_signer(caught.as_ref().map(|caught| caught.signer(&region)))
            .maybe_observer(observer(global))
            .retry(retry(global, RetryPolicy::new()))
            .maybe_attempt_timeout(global.cli_read_timeout)
            .maybe_clock(clock(global))
            .region(region);
        Ok(Self {
            client: builder.build(),
            caught,
            local: None,
        })
    }

    /// Where this ran, if it was not where one would think.
    pub(crate) fn note(&self) -> Option<String> {
        let file = self.local.as_ref().filter(|_| self.caught.is_none())?;
        // As a shell's user would write it.
        let home = env::var_os("HOME").filter(|home| !home.is_empty());
        let file = match home.and_then(|home| file.strip_prefix(home).ok()) {
            Some(below) => format!("~/{}", below.display()),
            None => file.display().to_string(),
        };
        Some(format!(
            "This ran against the service on this machine, not AWS; its state is in {file}"
        ))
    }

    fn local(global: &Global, file: Option<PathBuf>) -> Result<Self, Failure> {
        let asked = [
            ("--endpoint-url", global.endpoint_url.is_some()),
            ("--profile", global.profile.is_some()),
        ];
        if let Some((flag, _)) = asked.iter().find(|(_, asked)| *asked) {
            let message = format!("--local and {flag} exclude each other");
            return Err(Failure::usage(message).hint("leave out one of them"));
        }
        let file = match file {
            Some(file) => file,
            None => usual_file()?,
        };
        let emulator = open_state(&file)?;
        let mut session = Self::over(&emulator, global)?;
        session.local = Some(file);
        Ok(session)
    }

    fn configured(global: &Global) -> Result<Self, Failure> {
        let config = config(global)?;
        let caught = global.dry_run.then(Arc::<Caught>::default);
        let wire = match &caught {
            Some(caught) => Wire::Caught(caught.clone()),
            None => {
                let mut transport = config.transport_builder()?;
                if let Some(time) = global.cli_connect_timeout {
                    transport = transport.connect_timeout(time);
                }
                Wire::Network(transport.build())
            }
        };
        let region = config.region.as_ref().map(|region| region.value.clone());
        let signer = region.zip(caught.as_ref());
        // What is over the call's own limit would end it earlier.
        let call = global.cli_read_timeout.map(|time| {
            let attempts = config.max_attempts.value;
            time.saturating_mul(attempts).max(Duration::from_secs(60))
        });
        let client = config
            .client_builder(wire)?
            .maybe_signer(signer.map(|(region, caught)| caught.signer(&region)))
            .maybe_observer(observer(global))
            .maybe_attempt_timeout(global.cli_read_timeout)
            .maybe_call_timeout(call)
            .maybe_clock(clock(global))
            .build();
        Ok(Self {
            client,
            caught,
            local: None,
        })
    }
}

/// The emulator whose state is in `file`. Another command that has it open is waited for: each is
/// short, and scripts run several at a time.
fn open_state(file: &Path) -> Result<Emulator, Failure> {
    const LONGEST: Duration = Duration::from_secs(5);
    let started = Instant::now();
    loop {
        let opened = Emulator::builder()
            .credentials([Credentials::new("local", "local")])
            .state_file(file)
            .build();
        match opened {
            Ok(emulator) => return Ok(emulator),
            Err(EmulatorError::State(error))
                if error.is_in_use() && started.elapsed() < LONGEST =>
            {
                thread::sleep(Duration::from_millis(10));
            }
            Err(error) => return Err(Failure::new(Kind::Config, error.to_string())),
        }
    }
}

/// The configuration of the environment, of files and, before all, of the flags.
pub(crate) fn config(global: &Global) -> Result<Config, Failure> {
    let endpoint = global.endpoint_url.as_deref().map(|url| {
        let endpoint = Endpoint::builder().url(url);
        endpoint.allow_clear_text(global.allow_clear_text).build()
    });
    let endpoint = endpoint.transpose().map_err(|error| {
        let failure = Failure::usage(format!("--endpoint-url: {error}"));
        match error {
            EndpointError::ClearText => failure.hint(ALLOW_CLEAR_TEXT),
            _ => failure,
        }
    })?;
    let config = Config::builder()
        .maybe_profile(global.profile.clone())
        .maybe_region(region(global)?)
        .maybe_endpoint(endpoint)
        .maybe_allow_clear_text(global.allow_clear_text.then_some(true))
        .maybe_use_fips(global.use_fips_endpoint.then_some(true))
        .maybe_use_dual_stack(global.use_dualstack_endpoint.then_some(true))
        .maybe_ca_bundle(global.ca_bundle.clone())
        .maybe_max_attempts(global.max_attempts)
        .load()?;
    Ok(config)
}

/// Where a setting came from. What the client calls code are flags here.
pub(crate) fn origin(origin: &Origin) -> String {
    match origin.to_string() {
        origin if origin == "code" => "command line".to_owned(),
        origin => origin,
    }
}

pub(crate) fn region(global: &Global) -> Result<Option<Region>, Failure> {
    let region = global.region.as_deref().map(Region::new).transpose();
    region.map_err(|error| Failure::usage(format!("--region: {error}")))
}

fn usual_region() -> Region {
    Region::new("us-east-1").expect("it is a region")
}

/// A name for what has no socket.
fn local_endpoint() -> Result<Endpoint, Failure> {
    Endpoint::new("http://localhost").map_err(|error| Failure::unexpected(error.to_string()))
}

fn retry(global: &Global, usual: RetryPolicy) -> RetryPolicy {
    match global.max_attempts {
        Some(attempts) => usual.with_max_attempts(attempts),
        None => usual,
    }
}

fn clock(global: &Global) -> Option<Arc<dyn amplify_backend::Clock>> {
    let time = global.sign_time?;
    Some(Arc::new(move || time))
}

fn observer(global: &Global) -> Option<Arc<dyn Observer>> {
    if !global.verbose {
        return None;
    }
    Some(Arc::new(|attempt: &Attempt<'_>| {
        let status = attempt
            .status
            .map_or("no answer".to_owned(), |it| it.to_string());
        let id = attempt.request_id.map(|id| format!(", request id {id}"));
        let delay = attempt
            .retry_delay
            .map(|time| format!(", again in {time:.0?}"));
        terminal::say(&format!(
            "{} attempt {}: {status} in {:.1?}{}{}",
            attempt.operation,
            attempt.number,
            attempt.duration,
            id.unwrap_or_default(),
            delay.unwrap_or_default(),
        ));
    }))
}

/// The state file where none is named. Its folder is there afterwards.
fn usual_file() -> Result<PathBuf, Failure> {
    let set = |name| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    // The specification of XDG_STATE_HOME: a path that is not absolute does not count.
    let state = set("XDG_STATE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| set("HOME").map(|home| home.join(".local/state")))
        .or_else(|| set("LOCALAPPDATA"));
    let Some(state) = state else {
        let failure = Failure::new(Kind::Config, "there is no home folder to keep the state in");
        return Err(failure.hint("name a file, as in --local=FILE"));
    };
    let folder = state.join("amplify-backend");
    fs::create_dir_all(&folder).map_err(|error| {
        let message = format!("the folder {} cannot be made: {error}", folder.display());
        Failure::new(Kind::Config, message).hint("name a file, as in --local=FILE")
    })?;
    Ok(folder.join("local"))
}
