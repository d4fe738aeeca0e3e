//! A server, held to the cases that it can be judged by: each on an app of its own, after what has
//! to be there before.

mod life;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use operations::Endpoint;
use signing::Credentials;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use transport::HyperTransport;

use self::life::Life;
use crate::case::Suite;
use crate::report::{Filter, Report, Verdict};

/// A server, and how to talk to it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Server {
    /// Where it is.
    pub endpoint: Endpoint,
    /// A key that it knows.
    pub credentials: Credentials,
    /// The region that requests are signed for.
    pub region: String,
    /// How long a job is waited for.
    pub job_limit: Duration,
    /// How many cases are played at the same time.
    pub jobs: usize,
}

impl Server {
    /// The server at `endpoint`, which knows `credentials`: us-east-1, a minute for a job, eight
    /// cases at the same time.
    pub fn new(endpoint: Endpoint, credentials: Credentials) -> Self {
        Self {
            endpoint,
            credentials,
            region: "us-east-1".to_owned(),
            job_limit: Duration::from_secs(60),
            jobs: 8,
        }
    }
}

/// A server of which no answer ever came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoAnswer {
    /// What became of a request.
    pub why: String,
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for NoAnswer {}

/// Judges `server` by the cases that `filter` takes and a server can be judged by.
///
/// Each is played on an app of its own, whose name nobody had before, so that neither what is there
/// already nor another run matters. What it makes stays there.
///
/// # Errors
///
/// When it answers no request at all: then no case says anything about it.
pub async fn judge(server: Server, suite: Arc<Suite>, filter: &Filter) -> Result<Report, NoAnswer> {
    let mut report = suite.report("server", filter);
    let turns = Arc::new(Semaphore::new(server.jobs.max(1)));
    let server = Arc::new((server, Connection::default()));
    let mut playing = JoinSet::new();
    for (number, case) in suite.cases.iter().enumerate() {
        if case.server.is_none() || !filter.takes(&case.name) {
            continue;
        }
        let (suite, server, turns) = (suite.clone(), server.clone(), turns.clone());
        let case = case.clone();
        playing.spawn(async move {
            let _turn = turns.acquire().await;
            let outcome = Life::new(&server.0, &server.1).play(&case, &suite).await;
            (number, case.name, outcome)
        });
    }
    let mut outcomes = playing.join_all().await;
    outcomes.sort_by_key(|(number, ..)| *number);
    let Connection {
        answered, failure, ..
    } = &server.1;
    if !answered.load(Ordering::Relaxed)
        && let Some(why) = failure.get().cloned()
    {
        return Err(NoAnswer { why });
    }
    for (_, name, outcome) in outcomes {
        report.file(name, Verdict::of(outcome));
    }
    Ok(report)
}

#[derive(Default)]
struct Connection {
    transport: HyperTransport,
    /// Whether an answer has come to any request.
    answered: AtomicBool,
    /// What became of the first one that got none.
    failure: OnceLock<String>,
}
