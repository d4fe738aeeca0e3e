//! The program `amplify-backend`.

mod emulator;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// AWS's AmplifyBackend storage API from the command line.
#[derive(Parser)]
#[command(name = "amplify-backend", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Emulator(emulator::Arguments),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Emulator(arguments) => emulator::run(arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            fail(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "a program says what went wrong where its user looks for it"
)]
fn fail(error: &str) {
    eprintln!("amplify-backend: {error}");
}
