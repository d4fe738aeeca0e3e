//! The flags that every command takes, named as in the AWS CLI where it has them.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::{Args, ValueEnum};

use crate::output::Format;

/// Flags that may stand before the command and behind it.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The profile in the shared config and credentials files
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// The region
    #[arg(long, global = true, value_name = "REGION")]
    pub(crate) region: Option<String>,

    /// Where requests go, instead of the service in the region
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,

    /// Let the endpoint be http:// on another host; whoever is in between can read and change it
    #[arg(long, global = true)]
    pub(crate) allow_clear_text: bool,

    /// Use the endpoint that meets FIPS 140
    #[arg(long, global = true, conflicts_with = "endpoint_url")]
    pub(crate) use_fips_endpoint: bool,

    /// Use the endpoint that has IPv4 and IPv6
    #[arg(long, global = true, conflicts_with = "endpoint_url")]
    pub(crate) use_dualstack_endpoint: bool,

    /// Trust the certificates in this file, and no others
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca_bundle: Option<PathBuf>,

    /// How many seconds a connection may take; 0 for no limit [default: 3]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) cli_connect_timeout: Option<Duration>,

    /// How many seconds an attempt may take; 0 for no limit [default: 20]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) cli_read_timeout: Option<Duration>,

    /// How often a call is tried in all [default: 3]
    #[arg(long, global = true, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_attempts: Option<u32>,

    /// Run against the service on this machine, without a server, an account or a key
    ///
    /// What it holds is kept in FILE, by default in amplify-backend/local below $XDG_STATE_HOME or
    /// ~/.local/state.
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    pub(crate) local: Option<Option<PathBuf>>,

    /// The form of the output [default: table on a terminal, else json]
    #[arg(long, global = true, value_name = "FORMAT")]
    pub(crate) output: Option<Format>,

    /// What of the output to print, in JMESPath
    #[arg(long, global = true, value_name = "JMESPATH")]
    pub(crate) query: Option<String>,

    /// The form of errors on the standard error
    ///
    /// In JSON it is one object on the last line: kind and message, and of operation, code, status,
    /// request_id, attempts and hint those that there are. With an error of the service there is
    /// also service, what it said itself: code and message as they were sent, resource_type,
    /// limit_type, and modeled, the service model's name for the code.
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub(crate) error_format: ErrorFormat,

    /// No colours; so does the variable NO_COLOR
    #[arg(long, global = true)]
    pub(crate) no_color: bool,

    /// Tell of each attempt on the standard error
    #[arg(long, global = true)]
    pub(crate) verbose: bool,

    /// Print the request instead of sending it
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,

    /// With --dry-run: how to print the request
    #[arg(
        long,
        global = true,
        value_name = "FORM",
        requires = "dry_run",
        default_value = "http"
    )]
    pub(crate) print: Print,

    /// With --dry-run: print signature and session token too; whoever sees them can send the request
    #[arg(long, global = true, requires = "dry_run")]
    pub(crate) show_secrets: bool,

    /// With --dry-run: sign as of this time, as in 2015-08-30T12:36:00Z
    #[arg(long, global = true, value_name = "TIME", requires = "dry_run", value_parser = time)]
    pub(crate) sign_time: Option<SystemTime>,
}

/// The form of errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ErrorFormat {
    /// A paragraph
    #[default]
    Text,
    /// One JSON object
    Json,
}

/// How a request is printed that is not sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Print {
    /// As it goes over the wire
    #[default]
    Http,
    /// As a command for curl
    Curl,
    /// As JSON, with what was signed
    Json,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "not a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        // As in the AWS CLI: no limit.
        Ok(Duration::ZERO) => Ok(Duration::from_secs(60 * 60 * 24 * 365)),
        Ok(time) => Ok(time),
        Err(error) => Err(error.to_string()),
    }
}

fn time(text: &str) -> Result<SystemTime, String> {
    humantime::parse_rfc3339(text).map_err(|error| format!("{error}, as in 2015-08-30T12:36:00Z"))
}
