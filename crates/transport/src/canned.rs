//! Responses from a script, for tests.

use std::{
    collections::VecDeque,
    error::Error,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;

use crate::{Transport, TransportError, TransportErrorKind};

/// A transport that answers from a script and keeps what it was sent.
///
/// Exchanges are used up in order. A request nobody expected gets an error of kind
/// [`Other`](TransportErrorKind::Other), uses nothing up, and is remembered.
/// [`verify`](Self::verify) tells at the end of a test whether everything happened.
///
/// ```
/// use amplify_backend_transport::{Canned, Transport};
/// use bytes::Bytes;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let transport = Canned::new()
///     .expect(|request| request.uri().path() == "/jobs", http::Response::new(Bytes::from("{}")));
/// let request = http::Request::post("https://example.com/jobs").body(Bytes::new())?;
/// let response = transport.send(request).await?;
/// assert_eq!(response.body(), "{}");
/// assert_eq!(transport.requests().len(), 1);
/// transport.verify()?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct Canned {
    script: Mutex<Script>,
}

#[derive(Default)]
struct Script {
    expected: VecDeque<Exchange>,
    requests: Vec<http::Request<Bytes>>,
    unexpected: Vec<String>,
}

struct Exchange {
    matches: Option<Matches>,
    outcome: Result<http::Response<Bytes>, TransportError>,
}

type Matches = Box<dyn Fn(&http::Request<Bytes>) -> bool + Send>;

impl Canned {
    /// A script without a line: every request fails.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers the next request with `response`, whatever it asks.
    #[must_use]
    pub fn respond(self, response: http::Response<Bytes>) -> Self {
        self.then(None, Ok(response))
    }

    /// Fails the next request with `error`, whatever it asks.
    #[must_use]
    pub fn fail(self, error: TransportError) -> Self {
        self.then(None, Err(error))
    }

    /// Answers the next request with `response` if it `matches`; if not, it was not expected.
    #[must_use]
    pub fn expect(
        self,
        matches: impl Fn(&http::Request<Bytes>) -> bool + Send + 'static,
        response: http::Response<Bytes>,
    ) -> Self {
        self.then(Some(Box::new(matches)), Ok(response))
    }

    /// Fails the next request with `error` if it `matches`; if not, it was not expected.
    #[must_use]
    pub fn expect_failing(
        self,
        matches: impl Fn(&http::Request<Bytes>) -> bool + Send + 'static,
        error: TransportError,
    ) -> Self {
        self.then(Some(Box::new(matches)), Err(error))
    }

    /// Every request so far, the unexpected ones too, in order.
    pub fn requests(&self) -> Vec<http::Request<Bytes>> {
        self.script().requests.clone()
    }

    /// How many exchanges of the script have not happened yet.
    pub fn left_over(&self) -> usize {
        self.script().expected.len()
    }

    /// Ok when all exchanges of the script happened, and no other.
    pub fn verify(&self) -> Result<(), Unmet> {
        let script = self.script();
        if script.expected.is_empty() && script.unexpected.is_empty() {
            return Ok(());
        }
        Err(Unmet {
            left_over: script.expected.len(),
            unexpected: script.unexpected.clone(),
        })
    }

    fn then(
        self,
        matches: Option<Matches>,
        outcome: Result<http::Response<Bytes>, TransportError>,
    ) -> Self {
        self.script()
            .expected
            .push_back(Exchange { matches, outcome });
        self
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        // A predicate that panicked fails its test; the script itself is whole.
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Canned {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let mut script = self.script();
        let expected = script.expected.front().is_some_and(|exchange| {
            exchange
                .matches
                .as_ref()
                .is_none_or(|matches| matches(&request))
        });
        let exchange = if expected {
            script.expected.pop_front()
        } else {
            None
        };
        let Some(exchange) = exchange else {
            // The path and no query: a presigned query is a secret.
            let line = format!("{} {}", request.method(), request.uri().path());
            let message = match script.expected.len() {
                0 => format!("no call was expected, but {line} came"),
                _ => format!("another call was expected, but {line} came"),
            };
            script.unexpected.push(line);
            script.requests.push(request);
            return Err(TransportError::new(TransportErrorKind::Other, message).nothing_sent());
        };
        script.requests.push(request);
        exchange.outcome
    }
}

impl fmt::Debug for Canned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let script = self.script();
        f.debug_struct("Canned")
            .field("left_over", &script.expected.len())
            .field("requests", &script.requests.len())
            .field("unexpected", &script.unexpected)
            .finish()
    }
}

/// A script of [`Canned`] that was not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unmet {
    /// How many exchanges of the script did not happen.
    pub left_over: usize,
    /// The method and path of each request that nobody expected.
    pub unexpected: Vec<String>,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missing = match self.left_over {
            0 => None,
            1 => Some("1 expected call did not come".to_owned()),
            count => Some(format!("{count} expected calls did not come")),
        };
        let unexpected = match &*self.unexpected {
            [] => None,
            lines => Some(format!("nobody expected {}", lines.join(", "))),
        };
        let both: Vec<_> = [missing, unexpected].into_iter().flatten().collect();
        f.write_str(&both.join(", and "))
    }
}

impl Error for Unmet {}
