//! A client in any language, held to the cases by the requests that it makes and by what it says of
//! the responses.

mod answering;
mod command;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Request;
use serde_json::Value;
use signing::{Credentials, Signer, Verifier};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use self::answering::Answering;
use self::command::Runner;
pub use self::command::{Said, StartError, Way};
use crate::case::{Case, ErrorKind, Exchange, ExpectedError, Outcome, Suite};
use crate::codecs::{SERVICE, same_key};
use crate::compare;
use crate::report::{Filter, Report, Verdict};

/// The region and the key that clients are given where the case does not say others.
const REGION: &str = "us-east-1";
const KEY: (&str, &str) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");

/// A program that makes calls, and how to run it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Program {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// How it is given its cases.
    pub way: Way,
    /// How long a case may take.
    pub limit: Duration,
    /// How many run at the same time.
    pub jobs: usize,
    /// Members of `error.json` that it has no way to tell. They are not looked at; one that it tells
    /// all the same is a failure.
    pub untold: Vec<String>,
}

impl Program {
    /// The program `command`, with its arguments: once for each case, 30 s for each, as many at the
    /// same time as there are processors.
    pub fn new(command: Vec<String>) -> Self {
        Self {
            command,
            way: Way::Once,
            limit: Duration::from_secs(30),
            jobs: std::thread::available_parallelism().map_or(2, Into::into),
            untold: Vec::new(),
        }
    }
}

/// What a program is to do in one case.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    operation: &'static str,
    input: Value,
    endpoint: String,
    region: String,
    credentials: Credentials,
}

/// Judges `program` by the cases that `filter` takes.
///
/// Nothing leaves the machine: a port of loopback answers, one for each case.
///
/// # Errors
///
/// When the program cannot be started: then no case says anything about it.
pub async fn judge(
    program: Program,
    suite: Arc<Suite>,
    filter: &Filter,
) -> Result<Report, StartError> {
    let mut report = suite.report("client", filter);
    let cases = suite.cases.iter().enumerate();
    let wanted = cases.filter(|(_, case)| case.judges_clients() && filter.takes(&case.name));
    let mut left: Vec<_> = wanted.map(|(number, _)| number).collect();
    left.reverse();
    let left = Arc::new(Mutex::new(left));
    let mut working = JoinSet::new();
    for _ in 0..program.jobs.max(1) {
        let (suite, program, left) = (suite.clone(), program.clone(), left.clone());
        working.spawn(async move {
            let mut runner = Runner::new(program);
            let mut outcomes = Vec::new();
            loop {
                let next = left.lock().await.pop();
                let Some((number, case)) = next.and_then(|it| Some((it, suite.cases.get(it)?)))
                else {
                    return Ok(outcomes);
                };
                match play(case, &mut runner).await {
                    Ok(outcome) => outcomes.push((number, outcome)),
                    Err(error) => {
                        left.lock().await.clear();
                        return Err(error);
                    }
                }
            }
        });
    }
    let outcomes: Result<Vec<Vec<_>>, _> = working.join_all().await.into_iter().collect();
    let mut outcomes = outcomes?.concat();
    outcomes.sort_by_key(|(number, _)| *number);
    for (number, outcome) in outcomes {
        if let Some(case) = suite.cases.get(number) {
            report.file(&case.name, Verdict::of(outcome));
        }
    }
    Ok(report)
}

/// Gives the program a case: the first difference is in the inner result.
async fn play(case: &Case, runner: &mut Runner) -> Result<Result<(), String>, StartError> {
    let (input, response) = match &case.exchange {
        Exchange::Whole {
            input, response, ..
        } => (input, Some(response.clone())),
        Exchange::Unsent { input, .. } => (input, None),
        Exchange::Stray { .. } => return Ok(Err("no client makes this request".to_owned())),
    };
    let answering = match Answering::start(response).await {
        Ok(answering) => answering,
        Err(error) => return Ok(Err(format!("no port to answer on: {error}"))),
    };
    let (region, credentials) = match &case.signed_as {
        Some(signed_as) => (signed_as.region.clone(), signed_as.credentials.clone()),
        None => (REGION.to_owned(), Credentials::new(KEY.0, KEY.1)),
    };
    let task = Task {
        operation: case.operation.name(),
        input: input.clone(),
        endpoint: answering.endpoint().to_owned(),
        region,
        credentials,
    };
    let said = runner.run(&task).await?;
    let received = answering.stop().await;
    let untold = &runner.program().untold;
    let outcome = compared(case, &task, &received, said, untold);
    let address = task.endpoint.trim_start_matches("http://");
    // The port is another in every run, and a difference is to be the same.
    Ok(outcome.map_err(|why| why.replace(address, "127.0.0.1:PORT")))
}

/// Holds what came, and what the program said, to the case.
fn compared(
    case: &Case,
    task: &Task,
    received: &[Request<Bytes>],
    said: Result<Said, String>,
    untold: &[String],
) -> Result<(), String> {
    match &case.exchange {
        Exchange::Whole {
            request, outcome, ..
        } => {
            asked(request, received, task, &said)?;
            heard(outcome, &said?, untold)
        }
        Exchange::Unsent { error, .. } => {
            if let Some(request) = received.first() {
                let line = format!("{} {}", request.method(), request.uri());
                return Err(format!(
                    "the input was to be refused, and this was sent: {line}"
                ));
            }
            heard(&Outcome::Error(error.clone()), &said?, untold)
        }
        Exchange::Stray { .. } => Ok(()),
    }
}

/// Holds the requests that came to the one of the case.
fn asked(
    expected: &Request<Bytes>,
    received: &[Request<Bytes>],
    task: &Task,
    said: &Result<Said, String>,
) -> Result<(), String> {
    let Some(request) = received.first() else {
        let said = match said {
            Ok(said) => said.to_string(),
            Err(why) => why.clone(),
        };
        return Err(format!("nothing was sent to {}; {said}", task.endpoint));
    };
    compare::request(expected, request)?;
    let look_up = |id: &str| same_key(&task.credentials, id);
    Verifier::new(Signer::new(&*task.region, SERVICE))
        .verify(request, look_up, SystemTime::now())
        .map_err(|error| format!("the signature: {error}"))?;
    match received.len() {
        1 => Ok(()),
        count => Err(format!(
            "{count} requests were sent, though AWS_MAX_ATTEMPTS is 1"
        )),
    }
}

/// Holds what the client says to what the case says of the response.
fn heard(expected: &Outcome, said: &Said, untold: &[String]) -> Result<(), String> {
    match (expected, said) {
        (Outcome::Output(expected), Said::Output(output)) => {
            compare::json("output", expected, output)
        }
        (Outcome::Error(expected), Said::Error(error)) => {
            let told = untold.iter().find(|it| !error[it.as_str()].is_null());
            if let Some(member) = told {
                return Err(format!("{member} is told, and was said not to be"));
            }
            let mut expected = comparable(expected);
            for member in untold {
                expected = expected.without(member);
            }
            compare::error(&expected, error)
        }
        (Outcome::Output(expected), Said::Error(error)) => Err(compare::diff(
            "outcome",
            &format!("{expected:#}\n"),
            &format!("error: {error:#}\n"),
        )),
        (Outcome::Error(expected), Said::Output(output)) => {
            let expected = Value::Object(expected.members().clone());
            Err(compare::diff(
                "outcome",
                &format!("error: {expected:#}\n"),
                &format!("{output:#}\n"),
            ))
        }
    }
}

/// Without the words that are the client's own: those about an answer that is no error of the
/// service.
fn comparable(expected: &ExpectedError) -> ExpectedError {
    match expected.kind() {
        Some(
            ErrorKind::Decode | ErrorKind::Redirect | ErrorKind::Encode | ErrorKind::Transport,
        ) => expected.without("message"),
        _ => expected.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::case::CaseFiles;

    #[test]
    fn what_a_client_never_tells_is_not_looked_at_and_must_not_be_there() {
        let mut files = CaseFiles::new("ListS3Buckets/gone", "ListS3Buckets/gone");
        for (name, text) in [
            (
                "case.toml",
                "title = \"Gone\"\norigin = \"derived\"\nsource = \"x\"",
            ),
            ("input.json", "{}"),
            ("error.json", r#"{ "code": "Gone", "status": 404 }"#),
        ] {
            files.files.insert(name.to_owned(), text.into());
        }
        let case = Case::read(&files).expect("the case is in form");
        let error = match case.exchange {
            Exchange::Unsent { error, .. } => Some(error),
            _ => None,
        };
        let expected = Outcome::Error(error.expect("the case has no request"));
        let untold = ["status".to_owned()];
        let said = |error| heard(&expected, &Said::Error(error), &untold);
        assert_eq!(said(json!({ "code": "Gone" })), Ok(()));
        assert_eq!(said(json!({ "code": "Gone", "status": null })), Ok(()));
        assert!(said(json!({ "code": "Else" })).is_err());
        let told = said(json!({ "code": "Gone", "status": 404 }));
        assert!(told.is_err_and(|why| why.contains("status is told")));
    }
}
