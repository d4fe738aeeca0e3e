//! The program's command line.

use std::net::SocketAddr;
use std::num::NonZero;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use operations::Endpoint;

/// Judges codecs, clients and servers of AWS's AmplifyBackend storage API
///
/// The exit code is 0 when every case holds that was judged, 1 when one does not, and 2 when
/// nothing could be judged.
#[derive(Parser)]
#[command(name = "conformance", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
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
        #[arg(long, value_name = "SECONDS", default_value = "60")]
        job_limit: NonZero<u64>,
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
    Client(Client),
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
pub(crate) struct Client {
    /// Run the program once, and give it a line of JSON for each case
    #[arg(long)]
    pub(crate) lines: bool,
    /// What the client is called in the report
    #[arg(long, default_value = "client")]
    pub(crate) name: String,
    /// Departures that are known, with their reasons (TOML); one that is known and holds fails
    #[arg(long, value_name = "FILE")]
    pub(crate) known: Option<PathBuf>,
    /// How the known departures look, a line for each; one that looks otherwise fails
    #[arg(long, value_name = "FILE", requires = "known")]
    pub(crate) snapshot: Option<PathBuf>,
    /// Renew the snapshot, for the cases that are judged
    #[arg(long, requires = "snapshot")]
    pub(crate) write: bool,
    /// How many seconds a case may take
    #[arg(long, value_name = "SECONDS", default_value = "30")]
    pub(crate) limit: NonZero<u64>,
    /// How many run at the same time [default: as many as there are processors]
    #[arg(long, value_name = "COUNT")]
    pub(crate) jobs: Option<NonZero<usize>>,
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Judging {
    /// The folder with the cases [default: those built in]
    #[arg(long, value_name = "DIR")]
    pub(crate) fixtures: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) told: Told,
}

#[derive(Args)]
pub(crate) struct Told {
    /// Only cases with this in their name; * and ? stand for any letters. Can be given several times
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Vec<String>,
    /// Print the names of the cases, and run none
    #[arg(long)]
    pub(crate) list: bool,
    /// How the result is told
    #[arg(long, value_enum, default_value_t = FormatName::Text)]
    pub(crate) format: FormatName,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum FormatName {
    /// For people
    Text,
    /// One document with every case
    Json,
    /// JUnit's XML
    Junit,
    /// Annotations of GitHub Actions, and the text
    Github,
}
