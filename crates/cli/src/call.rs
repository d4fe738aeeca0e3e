//! A call of any operation: input as JSON in, output as JSON out. Every command ends here.

use std::time::Duration;

use amplify_backend::{Client, ErrorKind, Transport};
use operations::server::{Route, RouteVisitor, ServerOperation};
use serde_json::Value;

use crate::dry_run;
use crate::failure::{Failure, Kind};
use crate::global::Global;
use crate::output;
use crate::query;
use crate::session::{Session, Wire};
use crate::spelling;
use crate::terminal::{self, Progress};

/// What a command comes to.
pub(crate) enum Task {
    Call(Call),
    /// Nothing but to wait for a job that somebody started.
    Wait(Job, Wait),
}

impl Task {
    /// Refuses what is wrong with the input and the query: nothing has been opened yet.
    pub(crate) fn checked(mut self, global: &Global) -> Result<Self, Failure> {
        if let Some(query) = &global.query {
            query::check(query)?;
        }
        if let Self::Call(call) = &mut self {
            call.input = spelling::to_wire(call.input.take())?;
            spelling::check(call.route, &call.input)?;
        }
        Ok(self)
    }

    /// Asks whether it may be done, if that is not certain and it is not a dry run.
    pub(crate) fn confirm(&self, global: &Global) -> Result<(), Failure> {
        let Self::Call(Call {
            confirm: Some(question),
            ..
        }) = self
        else {
            return Ok(());
        };
        if global.dry_run {
            return Ok(());
        }
        match terminal::ask(question) {
            Some(true) => Ok(()),
            Some(false) => Err(Failure::usage("nothing was deleted")),
            None => {
                Err(Failure::usage("there is no terminal to ask on").hint("say --yes to delete"))
            }
        }
    }

    /// Does it and prints what comes of it, unless somebody presses Ctrl-C first.
    pub(crate) async fn run(self, session: &Session, global: &Global) -> Result<(), Failure> {
        match self {
            Self::Call(call) => {
                let read_only = call.route.read_only();
                until_interrupted(call.make(session, global), read_only).await
            }
            Self::Wait(job, wait) => {
                let waiting = async {
                    let ended = job.wait(&session.client, wait).await?;
                    output::print(spelling::to_aws_cli(ended), global)
                };
                until_interrupted(waiting, true).await
            }
        }
    }
}

/// A call that is to be made.
pub(crate) struct Call {
    pub(crate) route: Route,
    /// The whole input, in either spelling until it is [`checked`](Task::checked).
    pub(crate) input: Value,
    /// What is asked before it is made.
    pub(crate) confirm: Option<String>,
    /// Whether the job that it starts is waited for, and how.
    pub(crate) wait: Option<Wait>,
    /// Whether lists are followed to their last page.
    pub(crate) all_pages: bool,
}

/// How to wait for a job.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wait {
    pub(crate) interval: Duration,
    pub(crate) limit: Duration,
}

impl Call {
    pub(crate) fn new(route: Route, input: Value) -> Self {
        Self {
            route,
            input,
            confirm: None,
            wait: None,
            all_pages: false,
        }
    }

    /// Makes the call and prints what comes of it.
    async fn make(self, session: &Session, global: &Global) -> Result<(), Failure> {
        let Self { route, input, .. } = self;
        if let Some(caught) = &session.caught {
            // It ends in an error that says nothing: the request is what counts.
            let sent = send(&session.client, route, input).await;
            return match caught.take() {
                Some((request, signed)) => dry_run::print(&request, &signed, global),
                None => Err(sent
                    .err()
                    .unwrap_or_else(|| Failure::unexpected("nothing was made"))),
            };
        }
        let mut output = if self.all_pages {
            all_pages(&session.client, route, input.clone()).await?
        } else {
            send(&session.client, route, input.clone()).await?
        };
        if let Some(wait) = self.wait {
            let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
            let job = Job {
                app_id: text(input.get("appId")).unwrap_or_default(),
                environment: text(input.get("backendEnvironmentName")).unwrap_or_default(),
                id: text(output.get("jobId")).ok_or_else(|| {
                    Failure::new(Kind::Decode, "the answer names no job to wait for")
                })?,
            };
            output = job.wait(&session.client, wait).await?;
        }
        output::print(spelling::to_aws_cli(output), global).map_err(|failure| {
            // Whoever sees no output must not think that nothing was changed.
            match route.read_only() {
                true => failure,
                false => failure.hint(format!("{} was done all the same", route.name())),
            }
        })
    }
}

/// Calls the operation and gives its output, both in the wire's spelling.
pub(crate) async fn send(
    client: &Client<Wire>,
    route: Route,
    input: Value,
) -> Result<Value, Failure> {
    struct Send<'a> {
        client: &'a Client<Wire>,
        input: Value,
    }

    impl<'a> RouteVisitor for Send<'a> {
        type Output = std::pin::Pin<Box<dyn Future<Output = Result<Value, Failure>> + 'a>>;

        fn visit<O: ServerOperation + 'static>(self) -> Self::Output {
            Box::pin(send_as::<O, _>(self.client, self.input))
        }
    }

    route.visit(Send { client, input }).await
}

async fn send_as<O: ServerOperation, T: Transport>(
    client: &Client<T>,
    input: Value,
) -> Result<Value, Failure> {
    let input: O = serde_json::from_value(input)
        .map_err(|error| Failure::usage(format!("the input of {}: {error}", O::NAME)))?;
    let output = client.send(&input).await?;
    serde_json::to_value(output).map_err(|error| Failure::unexpected(error.to_string()))
}

/// Follows a list to its end; what comes is one list, as if there were no pages.
async fn all_pages(client: &Client<Wire>, route: Route, input: Value) -> Result<Value, Failure> {
    let mut whole = send(client, route, input.clone()).await?;
    loop {
        let token = whole.get("nextToken").and_then(Value::as_str);
        let Some(token) = token.filter(|token| !token.is_empty()).map(str::to_owned) else {
            if let Some(members) = whole.as_object_mut() {
                members.remove("nextToken");
            }
            return Ok(whole);
        };
        let mut next = input.clone();
        if let Some(members) = next.as_object_mut() {
            members.insert("nextToken".to_owned(), token.clone().into());
        }
        let page = send(client, route, next).await?;
        if page.get("nextToken").and_then(Value::as_str) == Some(&token) {
            let message = "the service gave the same nextToken twice";
            return Err(Failure::new(Kind::Decode, message));
        }
        let (Some(whole), Value::Object(page)) = (whole.as_object_mut(), page) else {
            continue;
        };
        whole.remove("nextToken");
        for (name, value) in page {
            match (whole.get_mut(&name), value) {
                (Some(Value::Array(list)), Value::Array(more)) => list.extend(more),
                (_, value) => drop(whole.insert(name, value)),
            }
        }
    }
}

/// A job to wait for.
pub(crate) struct Job {
    pub(crate) app_id: String,
    pub(crate) environment: String,
    pub(crate) id: String,
}

impl Job {
    /// Waits until it has ended, and gives it.
    pub(crate) async fn wait(&self, client: &Client<Wire>, wait: Wait) -> Result<Value, Failure> {
        let progress = Progress::new();
        progress.show(&format!("job {} is starting", self.id));
        let waiting = client
            .wait_for_job()
            .app_id(&self.app_id)
            .backend_environment_name(&self.environment)
            .job_id(&self.id)
            .interval(wait.interval)
            .limit(wait.limit)
            .on_status(|job| {
                let status = job.status.as_deref().unwrap_or("without a status");
                progress.show(&format!("job {} is {status}", self.id));
            })
            .wait();
        // Nobody else may know of the job.
        let again = || {
            let Self {
                app_id,
                environment,
                id,
            } = self;
            format!(
                "to wait for it again: amplify-backend jobs wait --app-id {app_id} --env \
                 {environment} --job-id {id}"
            )
        };
        let ended = tokio::select! {
            ended = waiting => ended,
            _ = tokio::signal::ctrl_c() => {
                progress.clear();
                let message = format!("interrupted while waiting: the job {} goes on", self.id);
                return Err(Failure::new(Kind::Interrupted, message).hint(again()));
            }
        };
        match ended {
            Ok(job) => {
                progress.end(&format!("job {} is COMPLETED", self.id));
                serde_json::to_value(job).map_err(|error| Failure::unexpected(error.to_string()))
            }
            Err(error) => {
                progress.clear();
                let has_ended = error.kind() == ErrorKind::JobFailed || error.is_not_found();
                let failure = Failure::from(error);
                Err(match has_ended {
                    true => failure,
                    false => failure.also(&again()),
                })
            }
        }
    }
}

/// Runs a command until it is done or somebody presses Ctrl-C.
pub(crate) async fn until_interrupted(
    work: impl Future<Output = Result<(), Failure>>,
    read_only: bool,
) -> Result<(), Failure> {
    tokio::select! {
        // Whoever waits for a job says more of it.
        biased;
        done = work => done,
        _ = tokio::signal::ctrl_c() => {
            let failure = Failure::new(Kind::Interrupted, "interrupted");
            Err(if read_only {
                failure
            } else {
                failure.hint("the change may have been made: look with jobs list")
            })
        }
    }
}
