//! The program `amplify-backend`.

mod call;
mod commands;
mod config_show;
mod demo;
mod doctor;
mod dry_run;
mod emulator;
mod failure;
mod global;
mod output;
mod query;
mod session;
mod spelling;
mod terminal;

use std::env;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::{ColorChoice, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::call::Task;
use crate::failure::Failure;
use crate::global::{ErrorFormat, Global};
use crate::session::Session;

/// AWS's AmplifyBackend storage API from the command line
///
/// Settings are found where the AWS CLI finds them: flags, then variables (AWS_PROFILE, AWS_REGION,
/// AWS_ENDPOINT_URL_AMPLIFYBACKEND, ...), then the shared config and credentials files.
#[derive(Parser)]
#[command(
    name = "amplify-backend",
    version,
    arg_required_else_help = true,
    after_long_help = EXIT_CODES
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    something unexpected
  2    the command line, or the input, is wrong
  3    configuration or credentials
  4    not found
  5    throttled
  6    another error of the service
  7    the network, or an answer that cannot be read
  8    the job that was waited for failed
  9    the job that was waited for did not end in time
  130  interrupted";

#[derive(Subcommand)]
pub(crate) enum Command {
    #[command(subcommand)]
    Storage(commands::Storage),
    #[command(subcommand)]
    Buckets(commands::Buckets),
    #[command(subcommand)]
    Jobs(commands::Jobs),
    Call(commands::CallOperation),
    /// Show the life of a storage resource, against the service in this process
    Demo,
    Emulator(emulator::Arguments),
    /// Settings
    #[command(subcommand)]
    Config(Config),
    /// Check what a call needs, and say what to do where something is missing
    Doctor,
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    Man,
}

#[derive(Subcommand)]
pub(crate) enum Config {
    /// Show each setting, and where it came from
    Show,
}

fn main() -> ExitCode {
    let plain = env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty())
        || env::args_os().any(|argument| argument == "--no-color");
    let colors = if plain {
        ColorChoice::Never
    } else {
        ColorChoice::Auto
    };
    let matches = match Arguments::command().color(colors).try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return parse_failed(&error),
    };
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => return parse_failed(&error),
    };
    let format = arguments.global.error_format;
    let mut note = None;
    let done = run(arguments, &mut note);
    let code = done.as_ref().map_or_else(Failure::exit_code, |()| 0);
    let said = done.err().map(|failure| said(&failure, format));
    let mut lines = [said, note];
    // The last line is where people look, and where programs find an error in JSON.
    if format == ErrorFormat::Json {
        lines.reverse();
    }
    for line in lines.iter().flatten() {
        terminal::say(line);
    }
    ExitCode::from(code)
}

/// What clap says: help and version are no failures, the rest is one of usage.
fn parse_failed(error: &clap::Error) -> ExitCode {
    let mut words = env::args().skip_while(|word| !word.starts_with("--error-format"));
    let wants_json = match words.next().as_deref() {
        Some("--error-format=json") => true,
        Some("--error-format") => words.next().as_deref() == Some("json"),
        _ => false,
    };
    if error.use_stderr() && wants_json {
        let text = error.render().to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        let message = text.split("\n\nUsage:").next().unwrap_or(text);
        let message = message.split("\n\nFor more").next().unwrap_or(message);
        terminal::say(&Failure::usage(message.trim_end()).json());
        return ExitCode::from(2);
    }
    // A reader that has gone is no failure.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

fn said(failure: &Failure, format: ErrorFormat) -> String {
    match format {
        ErrorFormat::Json => failure.json(),
        ErrorFormat::Text => format!("amplify-backend: {}", failure.paragraph()),
    }
}

/// Runs the command. `note` is for the standard error, whatever comes of it.
fn run(arguments: Arguments, note: &mut Option<String>) -> Result<(), Failure> {
    let Arguments { global, command } = arguments;
    match command {
        // It has threads of its own.
        Command::Emulator(arguments) => {
            return emulator::run(arguments, &global);
        }
        Command::Config(Config::Show) => return config_show::run(&global),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(
                shell,
                &mut Arguments::command(),
                "amplify-backend",
                &mut text,
            );
            return output::write(&String::from_utf8_lossy(&text));
        }
        Command::Man => return man(),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unexpected(format!("the program cannot start: {error}")))?;
    runtime.block_on(async {
        match command {
            Command::Demo => demo::run(&global).await,
            Command::Doctor => call::until_interrupted(doctor::run(&global), true).await,
            command => {
                let task = task(command, &global)?;
                let session = Session::open(&global)?;
                task.confirm(&global)?;
                *note = session.note();
                task.run(&session, &global).await
            }
        }
    })
}

/// What a command that is made of calls comes to.
pub(crate) fn task(command: Command, global: &Global) -> Result<Task, Failure> {
    let task = match command {
        Command::Storage(storage) => Task::Call(storage.call()?),
        Command::Buckets(buckets) => Task::Call(buckets.call()),
        Command::Jobs(jobs) => jobs.task(global.dry_run),
        Command::Call(operation) => Task::Call(operation.call()?),
        _ => return Err(Failure::unexpected("this command is not made of calls")),
    };
    task.checked(global)
}

fn man() -> Result<(), Failure> {
    let mut text = Vec::new();
    let page = clap_mangen::Man::new(Arguments::command());
    page.render(&mut text)
        .map_err(|error| Failure::unexpected(error.to_string()))?;
    if std::io::stdout().is_terminal() {
        terminal::say("to read it: amplify-backend man | man -l -");
    }
    output::write(&String::from_utf8_lossy(&text))
}
