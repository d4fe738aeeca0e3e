//! Any operation, with its input as the service knows it.

use std::io::Read as _;
use std::path::Path;

use clap::Args;
use serde_json::Value;

use super::Waiting;
use crate::call::Call;
use crate::failure::Failure;
use crate::spelling;

/// Call any operation with its whole input as JSON
///
/// OPERATION is a name of the service (GetBackendStorage) or of the AWS CLI (get-backend-storage).
/// Members may be spelled as on the wire (appId) or as in the AWS CLI (AppId).
#[derive(Args)]
pub(crate) struct CallOperation {
    /// The operation
    operation: String,
    /// The input: JSON, @FILE, or - for the standard input
    #[arg(long, value_name = "JSON|@FILE|-", default_value = "{}")]
    input: String,
    #[command(flatten)]
    waiting: Waiting,
}

impl CallOperation {
    pub(crate) fn call(self) -> Result<Call, Failure> {
        let route = spelling::route(&self.operation)?;
        let input = read_input(&self.input)?;
        let wait = self.waiting.wait();
        let starts_a_job = route.name().ends_with("BackendStorage") && !route.read_only();
        if wait.is_some() && !starts_a_job {
            return Err(Failure::usage(format!(
                "{} starts no job to wait for",
                route.name()
            )));
        }
        Ok(Call {
            wait,
            ..Call::new(route, input)
        })
    }
}

/// The largest input that is read, in bytes; the service takes less.
const MAX_INPUT: usize = 16 * 1024 * 1024;

fn read_input(argument: &str) -> Result<Value, Failure> {
    let read = |reader: &mut dyn std::io::Read| {
        let mut text = String::new();
        let one_more = u64::try_from(MAX_INPUT + 1).unwrap_or(u64::MAX);
        reader.take(one_more).read_to_string(&mut text)?;
        match text.len() <= MAX_INPUT {
            true => Ok(text),
            false => Err(std::io::Error::other("it is larger than 16 MiB")),
        }
    };
    let (source, text) = match (argument, argument.strip_prefix('@')) {
        ("-", _) => {
            let text = read(&mut std::io::stdin().lock());
            ("the standard input", text)
        }
        (_, Some(path)) => {
            let text = std::fs::File::open(path).and_then(|mut file| read(&mut file));
            (path, text)
        }
        _ => ("--input", Ok(argument.to_owned())),
    };
    let text = text.map_err(|error| Failure::usage(format!("{source} cannot be read: {error}")))?;
    serde_json::from_str(&text).map_err(|error| {
        let failure = Failure::usage(format!("{source} is not JSON: {error}"));
        match Path::new(argument).exists() {
            true => failure.hint(format!("to read that file, write --input @{argument}")),
            false => failure,
        }
    })
}
