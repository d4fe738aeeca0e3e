//! The program `conformance`.

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use amplify_backend::config::Config;
use amplify_backend_conformance::case::Suite;
use amplify_backend_conformance::client::{Program, Way};
use amplify_backend_conformance::record::{Recorded, Recorder};
use amplify_backend_conformance::report::{Filter, Format, Known, Report, results};
use amplify_backend_conformance::server::Server;
use amplify_backend_conformance::{client, codecs, official, server};
use clap::{Args, Parser, Subcommand, ValueEnum};
use operations::Endpoint;
use serde::Deserialize;
use signing::Credentials;
use tokio::net::TcpListener;

/// Judges codecs, clients and servers of AWS's AmplifyBackend storage API
///
/// The exit code is 0 when every case holds that was judged, 1 when one does not, and 2 when
/// nothing could be judged.
#[derive(Parser)]
#[command(name = "conformance", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Judge the codecs of amplify-backend, without a network
    Codecs(Judging),
    /// Judge a server by its answers
    ///
    /// Requests are signed with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or
    /// else with local and local. Each case makes an app with a name of its own; what it makes stays
    /// there. For servers that are there to be tested, and not for an account.
    Server {
        /// Where the server is, such as http://127.0.0.1:4566
        #[arg(long, value_name = "URL")]
        endpoint: Endpoint,
        /// The region that requests are signed for
        #[arg(long, default_value = "us-east-1")]
        region: String,
        /// How many seconds a job may take
        #[arg(long, value_name = "SECONDS", default_value_t = 60)]
        job_limit: u64,
        #[command(flatten)]
        judging: Judging,
    },
    /// Judge a client, in any language, by its requests and by what it makes of the responses
    ///
    /// For each case the program runs with the endpoint, a key and a region in its environment, where
    /// AWS's SDKs look for them, and with CASE_OPERATION and CASE_INPUT (JSON). It makes the call and
    /// prints the output as JSON, or exits with another code than 0 and prints the error as JSON, in
    /// the words of error.json.
    ///
    /// With --lines it runs once for many cases. A line has operation, input, endpoint, region,
    /// accessKeyId, secretAccessKey and, where there is one, sessionToken; the answer is the line
    /// {"output": {...}} or {"error": {...}}.
    Client {
        /// Run the program once, and give it a line of JSON for each case
        #[arg(long)]
        lines: bool,
        /// What the client is called in the report
        #[arg(long, default_value = "client")]
        name: String,
        /// Departures that are known, with their reasons (TOML); one that is known and holds fails
        #[arg(long, value_name = "FILE")]
        known: Option<PathBuf>,
        /// How many seconds a case may take
        #[arg(long, value_name = "SECONDS", default_value_t = 30)]
        limit: u64,
        /// How many run at the same time [default: as many as there are processors]
        #[arg(long, value_name = "COUNT")]
        jobs: Option<usize>,
        #[command(flatten)]
        judging: Judging,
        /// The program and its arguments
        #[arg(last = true, required = true, value_name = "COMMAND")]
        command: Vec<String>,
    },
    /// Stand between clients and a server, and write what passes as cases
    ///
    /// Requests are signed anew for the server, with the credentials that AWS's SDKs would find here.
    /// Signatures, key ids, session tokens and cookies do not get into the cases; bodies do, as they
    /// are: look through them before you share them.
    Record {
        /// The address to listen on; port 0 is a free one
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// Where the server is
        #[arg(long, value_name = "URL")]
        upstream: Endpoint,
        /// The folder that the cases go into, beside those in it
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Run AWS's own suites: signing, protocol, endpoints, retries, configuration
    Official {
        /// The folder with the suites [default: AMPLIFY_BACKEND_VECTORS, or ../shared/vectors]
        #[arg(long, value_name = "DIR")]
        vectors: Option<PathBuf>,
        #[command(flatten)]
        told: Told,
    },
    /// Write reports, made with --format json, as one table in Markdown
    Results {
        /// The reports
        #[arg(required = true)]
        reports: Vec<PathBuf>,
    },
}

#[derive(Args)]
struct Judging {
    /// The folder with the cases [default: those built in]
    #[arg(long, value_name = "DIR")]
    fixtures: Option<PathBuf>,
    #[command(flatten)]
    told: Told,
}

#[derive(Args)]
struct Told {
    /// Only cases with this in their name; * and ? stand for any letters. Can be given several times
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// Print the names of the cases, and run none
    #[arg(long)]
    list: bool,
    /// How the result is told
    #[arg(long, value_enum, default_value_t = FormatName::Text)]
    format: FormatName,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatName {
    /// For people
    Text,
    /// One document with every case
    Json,
    /// JUnit's XML
    Junit,
    /// Annotations of GitHub Actions, and the text
    Github,
}

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
            server.job_limit = Duration::from_secs(job_limit);
            let filter = judging.told.filter();
            let report = runtime()?.block_on(server::judge(server, Arc::new(suite), &filter));
            judging.told.tell(vec![report])
        }
        Command::Client {
            lines,
            name,
            known,
            limit,
            jobs,
            judging,
            command,
        } => {
            let known = known.map_or(Ok(Known::default()), |file| read_known(&file))?;
            let judged = |case: &amplify_backend_conformance::case::Case| case.judges_clients();
            let Some(suite) = judging.suite(judged)? else {
                return Ok(true);
            };
            let names = suite.cases.iter().filter(|case| judged(case));
            if let Some(stranger) = known.stranger(names.map(|case| &*case.name)) {
                return Err(format!(
                    "a known departure has the name {stranger}, and no case has"
                ));
            }
            let mut program = Program::new(command);
            program.way = if lines { Way::Lines } else { Way::Once };
            program.limit = Duration::from_secs(limit);
            program.jobs = jobs.unwrap_or(program.jobs);
            program.untold = known.untold().to_vec();
            let filter = judging.told.filter();
            let judging_it = client::judge(program, Arc::new(suite), &filter);
            let mut report = runtime()?
                .block_on(judging_it)
                .map_err(|error| format!("{error}: {}", error.source))?;
            report.suite = name;
            known.apply(&mut report);
            judging.told.tell(vec![report])
        }
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
            let page = results(&reports);
            io::stdout()
                .write_all(page.as_bytes())
                .map_err(|error| error.to_string())?;
            Ok(true)
        }
    }
}

/// Records until it is told to end.
async fn record(listen: SocketAddr, upstream: Endpoint, out: PathBuf) -> Result<bool, String> {
    fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
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
    fn suite(
        &self,
        judged: impl Fn(&amplify_backend_conformance::case::Case) -> bool,
    ) -> Result<Option<Suite>, String> {
        let suite = match &self.fixtures {
            Some(folder) => Suite::read(folder).map_err(|error| error.to_string())?,
            None => Suite::built_in(),
        };
        let filter = self.told.filter();
        let wanted = suite
            .cases
            .iter()
            .filter(|case| judged(case) && filter.takes(&case.name));
        if self.told.list {
            print_names(wanted.map(|case| format!("{}  {}", case.name, case.title)))?;
            return Ok(None);
        }
        let malformed = suite.malformed.iter().any(|it| filter.takes(&it.name));
        if wanted.count() == 0 && !malformed {
            return Err(NO_CASE.to_owned());
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
        let mut out = io::stdout().lock();
        let written = format.write(&reports, &mut out).and_then(|()| out.flush());
        written.map_err(|error| format!("the report cannot be written: {error}"))?;
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

fn read_known(file: &Path) -> Result<Known, String> {
    Known::read(&read(file)?).map_err(|why| format!("{}: {why}", file.display()))
}

fn read_report(file: &Path) -> Result<Vec<Report>, String> {
    #[derive(Deserialize)]
    struct Document {
        suites: Vec<Report>,
    }
    let document: Result<Document, _> = serde_json::from_str(&read(file)?);
    let document = document.map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(document.suites)
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

fn print_names(names: impl Iterator<Item = String>) -> Result<(), String> {
    let mut out = io::stdout().lock();
    for name in names {
        writeln!(out, "{name}").map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())
}
