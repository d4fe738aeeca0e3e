//! The program `conformance`.

mod arguments;

use std::env;
use std::fmt::Display;
use std::fs;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use amplify_backend::config::Config;
use amplify_backend_conformance::case::{Case, Suite};
use amplify_backend_conformance::client::{Program, Way};
use amplify_backend_conformance::record::{Recorded, Recorder};
use amplify_backend_conformance::report::{Filter, Format, Known, Report, Snapshot, results};
use amplify_backend_conformance::server::Server;
use amplify_backend_conformance::{client, codecs, official, server};
use clap::Parser as _;
use operations::Endpoint;
use serde::Deserialize;
use signing::Credentials;
use tokio::net::TcpListener;

use self::arguments::{Arguments, Client, Command, FormatName, Judging, Told};

const NO_CASE: &str = "no case has such a name; --list prints the names";

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            _ = writeln!(io::stderr(), "conformance: {why}");
            ExitCode::from(2)
        }
    }
}

/// Whether everything holds.
fn run(command: Command) -> Result<bool, String> {
    match command {
        Command::Codecs(judging) => {
            let filter = judging.told.filter();
            let Some(suite) = judging.suite(|_| true)? else {
                return Ok(true);
            };
            judging.told.tell(vec![codecs::judge(&suite, &filter)])
        }
        Command::Server {
            endpoint,
            region,
            job_limit,
            judging,
        } => {
            let Some(suite) = judging.suite(|case| case.server.is_some())? else {
                return Ok(true);
            };
            let mut server = Server::new(endpoint, credentials()?);
            server.region = region;
            server.job_limit = Duration::from_secs(job_limit.get());
            let filter = judging.told.filter();
            let report = runtime()?
                .block_on(server::judge(server, Arc::new(suite), &filter))
                .map_err(|error| error.to_string())?;
            judging.told.tell(vec![report])
        }
        Command::Client(given) => judge_client(given),
        Command::Record {
            listen,
            upstream,
            out,
        } => runtime()?.block_on(record(listen, upstream, out)),
        Command::Official { vectors, told } => {
            let found = vectors.map_or_else(official::vectors, |folder| Ok(Some(folder)));
            let folder = found.map_err(|error| error.to_string())?;
            let folder =
                folder.ok_or("the suites are not here: give their folder with --vectors")?;
            let mut reports = official::run_all(&folder)?;
            let filter = told.filter();
            for report in &mut reports {
                report.retain(&filter);
            }
            reports.retain(|report| !report.results.is_empty());
            if reports.is_empty() {
                return Err(NO_CASE.to_owned());
            }
            if told.list {
                let names = reports.iter().flat_map(|report| {
                    let results = report.results.iter();
                    results.map(|result| format!("{}/{}", report.suite, result.name))
                });
                return print_names(names).map(|()| true);
            }
            told.tell(reports)
        }
        Command::Results { reports } => {
            let reports: Result<Vec<_>, _> = reports.iter().map(|file| read_report(file)).collect();
            let reports: Vec<Report> = reports?.into_iter().flatten().collect();
            print(|out| out.write_all(results(&reports).as_bytes()))?;
            Ok(true)
        }
    }
}

fn judge_client(given: Client) -> Result<bool, String> {
    let known = match &given.known {
        Some(file) => read_form(file, Known::read)?,
        None => Known::default(),
    };
    let Some(suite) = given.judging.suite(Case::judges_clients)? else {
        return Ok(true);
    };
    let suite = Arc::new(suite);
    let cases = suite.cases.iter().filter(|case| case.judges_clients());
    let names = cases.map(|case| &*case.name);
    if let (Some(file), Some(stranger)) = (&given.known, known.stranger(names.clone())) {
        return Err(about(file, format!("no case has the name {stranger}")));
    }
    let mut snapshot = match &given.snapshot {
        Some(file) if !given.write || file.exists() => read_form(file, Snapshot::read)
            .map_err(|why| format!("{why}; --write makes it anew"))?,
        _ => Snapshot::default(),
    };
    if given.write {
        snapshot.retain(names);
    } else if let (Some(file), Some(stranger)) = (&given.snapshot, snapshot.stranger(names)) {
        let why = format!("no case has the name {stranger}; --write takes it out");
        return Err(about(file, why));
    }
    let mut program = Program::new(given.command);
    program.way = if given.lines { Way::Lines } else { Way::Once };
    program.limit = Duration::from_secs(given.limit.get());
    program.jobs = given.jobs.map_or(program.jobs, NonZero::get);
    program.untold = known.untold().to_vec();
    let filter = given.judging.told.filter();
    let mut report = runtime()?
        .block_on(client::judge(program, suite, &filter))
        .map_err(|error| format!("{error}: {}", error.source))?;
    report.suite = given.name;
    known.apply(&mut report);
    match given.snapshot {
        Some(file) if given.write => {
            snapshot.renew(&report);
            fs::write(&file, snapshot.to_string()).map_err(|error| about(&file, error))?;
        }
        Some(_) => snapshot.apply(&mut report),
        None => {}
    }
    given.judging.told.tell(vec![report])
}

/// Records until it is told to end.
async fn record(listen: SocketAddr, upstream: Endpoint, out: PathBuf) -> Result<bool, String> {
    fs::create_dir_all(&out).map_err(|error| about(&out, error))?;
    let config = Config::load().map_err(|error| error.to_string())?;
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| format!("{listen} cannot be listened on: {error}"))?;
    let here = listener.local_addr().map_err(|error| error.to_string())?;
    say(&format!("recording at http://{here}"));
    let recorder = Recorder::new(upstream, config.credentials(), out);
    let recording = recorder.serve(listener, |recorded| match recorded {
        Recorded::Case(name) => say(&name),
        Recorded::NotWritten(why) => say(&format!("not written: {why}")),
        _ => {}
    });
    tokio::select! {
        () = recording => {}
        told = tokio::signal::ctrl_c() => told.map_err(|error| error.to_string())?,
    }
    Ok(true)
}

/// One line, at once. Who does not listen misses it.
fn say(line: &str) {
    let mut out = io::stdout().lock();
    _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

impl Judging {
    /// The cases; `None` after their names were printed, as was asked for.
    fn suite(&self, judged: impl Fn(&Case) -> bool) -> Result<Option<Suite>, String> {
        let suite = match &self.fixtures {
            Some(folder) => Suite::read(folder).map_err(|error| error.to_string())?,
            None => Suite::built_in(),
        };
        let filter = self.told.filter();
        let cases = suite.cases.iter();
        let wanted = cases.filter(|case| judged(case) && filter.takes(&case.name));
        let malformed = suite.malformed.iter().any(|it| filter.takes(&it.name));
        if wanted.clone().count() == 0 && !malformed {
            return Err(NO_CASE.to_owned());
        }
        if self.told.list {
            print_names(wanted.map(|case| format!("{}  {}", case.name, case.title)))?;
            return Ok(None);
        }
        Ok(Some(suite))
    }
}

impl Told {
    fn filter(&self) -> Filter {
        Filter::new(self.filter.iter().map(String::as_str))
    }

    /// Prints the reports, and gives whether everything holds.
    fn tell(&self, reports: Vec<Report>) -> Result<bool, String> {
        let format = match self.format {
            FormatName::Text => Format::Text,
            FormatName::Json => Format::Json,
            FormatName::Junit => Format::Junit,
            FormatName::Github => Format::Github,
        };
        print(|out| format.write(&reports, out))?;
        Ok(reports.iter().all(Report::all_hold))
    }
}

/// The key that the server knows.
fn credentials() -> Result<Credentials, String> {
    let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
    let key = (
        variable("AWS_ACCESS_KEY_ID"),
        variable("AWS_SECRET_ACCESS_KEY"),
    );
    let credentials = match key {
        (Some(id), Some(secret)) => Credentials::new(id, secret),
        (None, None) => return Ok(Credentials::new("local", "local")),
        _ => return Err("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together".to_owned()),
    };
    Ok(match variable("AWS_SESSION_TOKEN") {
        Some(token) => credentials.with_session_token(token),
        None => credentials,
    })
}

/// Reads a file that is in some form.
fn read_form<T>(file: &Path, form: impl Fn(&str) -> Result<T, String>) -> Result<T, String> {
    form(&read(file)?).map_err(|why| about(file, why))
}

fn read_report(file: &Path) -> Result<Vec<Report>, String> {
    #[derive(Deserialize)]
    struct Document {
        suites: Vec<Report>,
    }
    let document: Result<Document, _> = serde_json::from_str(&read(file)?);
    Ok(document.map_err(|error| about(file, error))?.suites)
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| about(file, error))
}

fn about(path: &Path, what: impl Display) -> String {
    format!("{}: {what}", path.display())
}

fn print_names(mut names: impl Iterator<Item = String>) -> Result<(), String> {
    print(|out| names.try_for_each(|name| writeln!(out, "{name}")))
}

/// Writes to the standard output. Who listens no more, such as `head`, has enough.
fn print(write: impl FnOnce(&mut io::StdoutLock<'_>) -> io::Result<()>) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("the result cannot be written: {error}"))
        }
        _ => Ok(()),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())
}
