//! Many requests at once on one HTTP/2 connection.

use std::{
    fmt,
    future::{Future, poll_fn},
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use hyper::{client::conn::http2, rt::Executor};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::task::JoinSet;

use super::{
    connection::{Collecting, Failure, NotCollected},
    target::{Target, without_user},
    wire::{Outgoing, Progress, Wire},
};
use crate::{TransportError, TransportErrorKind as Kind};

/// An HTTP/2 connection. Clones are the same connection, and dropping the last one closes it.
///
/// Unlike one of HTTP/1.1 it is driven by tasks, since it has something to say between calls and
/// for several of them. What they have written nobody knows, so a request they were given counts
/// as sent.
#[derive(Clone)]
pub(super) struct Http2(Arc<Shared>);

struct Shared {
    target: Target,
    sender: http2::SendRequest<Outgoing>,
    tasks: Tasks,
}

impl Http2 {
    pub(super) async fn start(
        target: Target,
        wire: Wire,
        max_head: usize,
        keepalive: Option<Duration>,
    ) -> hyper::Result<Self> {
        let tasks = Tasks::default();
        let (sender, driver) = http2::Builder::new(tasks.clone())
            .timer(TokioTimer::new())
            .keep_alive_interval(keepalive)
            .max_header_list_size(u32::try_from(max_head).unwrap_or(u32::MAX))
            .handshake(TokioIo::new(wire))
            .await?;
        // Whatever ends the connection, the sender tells.
        tasks.execute(async { drop(driver.await) });
        Ok(Self(Arc::new(Shared {
            target,
            sender,
            tasks,
        })))
    }

    pub(super) fn serves(&self, target: Target<&str>) -> bool {
        self.0.target.serves(target)
    }

    pub(super) fn is_open(&self) -> bool {
        !self.0.sender.is_closed()
    }

    pub(super) fn stands_in_for(&self, other: &Self) -> bool {
        self.is_open() && self.0.target == other.0.target
    }

    pub(super) fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// Sends `request` and reads the response, its body up to `max_body` bytes.
    pub(super) async fn exchange(
        &self,
        request: http::Request<Bytes>,
        max_body: usize,
    ) -> Result<http::Response<Bytes>, Failure> {
        let request = outgoing(request);
        let response = match self.0.sender.clone().try_send_request(request).await {
            Ok(response) => response,
            Err(mut error) => {
                let unsent = error.take_message();
                let failure = failure(error.into_error(), true);
                let unsent = unsent.map(|request| Box::new(request.map(Outgoing::into_bytes)));
                return Err(Failure { unsent, ..failure });
            }
        };
        let (head, body) = response.into_parts();
        let mut collecting = Collecting::new(body, max_body)?;
        match poll_fn(|cx| collecting.poll(cx)).await {
            Ok(body) => Ok(http::Response::from_parts(head, body)),
            Err(NotCollected::TooLarge(error)) => Err(error.into()),
            Err(NotCollected::Failed(error)) => Err(failure(error, false)),
        }
    }
}

impl fmt::Debug for Http2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http2")
            .field("target", &self.0.target)
            .finish_non_exhaustive()
    }
}

fn outgoing(request: http::Request<Bytes>) -> http::Request<Outgoing> {
    let (mut head, body) = request.into_parts();
    head.version = http::Version::HTTP_2;
    // HTTP/2 forbids a user name in front of the host.
    head.uri = without_user(mem::take(&mut head.uri).into_parts());
    http::Request::from_parts(head, Arc::<Progress>::default().start(body))
}

fn failure(error: hyper::Error, unanswered: bool) -> Failure {
    let described = if error.is_user() {
        TransportError::new(Kind::Other, "the request cannot be sent as HTTP/2")
    } else {
        let message = match unanswered {
            true => "the connection or stream ended before the response",
            false => "the connection or stream ended within the response",
        };
        TransportError::new(Kind::Interrupted { sent_whole: true }, message)
    };
    Failure {
        error: described.with_source(error),
        unsent: None,
        unanswered,
    }
}

/// The tasks of one connection, which end with it.
#[derive(Clone, Default)]
struct Tasks(Arc<Mutex<JoinSet<()>>>);

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Tasks {
    fn execute(&self, future: F) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(future);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // The tasks hold the set that holds them, so it does not end by itself.
        self.tasks
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .abort_all();
    }
}
