//! The transport that most programs use: hyper over TCP and TLS, with a pool, deadlines and limits.

mod basic;
mod builder;
mod certificates;
mod connect;
mod connection;
mod http1;
#[cfg(feature = "http2")]
mod http2;
mod no_proxy;
mod pool;
mod proxies;
mod proxy;
mod target;
mod tcp;
mod tls;
mod tunnel;
mod wire;

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    runtime::Handle,
    time::{Instant, Sleep, sleep_until},
};

pub use self::{
    builder::HyperTransportBuilder,
    certificates::{ClientCertificate, InvalidCertificate, RootCertificates},
    proxies::Proxies,
    proxy::{InvalidProxy, Proxy},
};
use self::{
    connect::{Connector, Limit},
    connection::Connection,
    pool::Pool,
    target::Target,
};
use crate::{
    AttemptTimeout, Replay, TimeoutPhase, Transport, TransportError, TransportErrorKind as Kind,
};

/// Sends requests over TCP and TLS, on connections it keeps between calls.
///
/// It must be used inside a Tokio runtime whose I/O and time are enabled. Clones share the
/// connections, and idle ones are closed when the last clone is dropped. A call runs where it is
/// awaited: dropping it closes its connection.
///
/// A connection that the other side has closed while it was idle is noticed and replaced. Where
/// that shows only after the request went out, the request is sent once more on a fresh connection
/// if it is marked [`Replay::Safe`], or nothing of it was written.
///
/// `http:` is refused unless the host is a loopback address or `localhost`, see
/// [`allow_clear_text`](HyperTransportBuilder::allow_clear_text). TLS is 1.2 or later, against
/// Mozilla's roots, see [`extra_roots`](HyperTransportBuilder::extra_roots). Requests go straight to
/// their hosts unless [`proxies`](HyperTransportBuilder::proxies) says otherwise.
#[derive(Clone)]
pub struct HyperTransport {
    pool: Arc<Pool>,
    settings: Arc<Settings>,
}

struct Settings {
    connector: Connector,
    attempt_timeout: Duration,
    max_response_body: usize,
}

impl HyperTransport {
    /// A transport with the builder's defaults.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// A builder, to set limits, deadlines and trust.
    pub fn builder() -> HyperTransportBuilder {
        HyperTransportBuilder::default()
    }
}

impl Default for HyperTransport {
    fn default() -> Self {
        Self::new()
    }
}

impl Transport for HyperTransport {
    #[expect(
        clippy::manual_async_fn,
        reason = "an `async fn` holds its arguments twice"
    )]
    fn send(
        &self,
        mut request: http::Request<Bytes>,
    ) -> impl Future<Output = Result<http::Response<Bytes>, TransportError>> + Send {
        async move {
            let Settings {
                connector,
                attempt_timeout,
                max_response_body,
            } = &*self.settings;
            if Handle::try_current().is_err() {
                let message = "HyperTransport works inside a Tokio runtime only";
                return Err(TransportError::new(Kind::Other, message).nothing_sent());
            }
            let uri = request.uri().clone();
            let target = Target::of(&uri, connector.clear_text)?;
            let safe = request.extensions().get() == Some(&Replay::Safe);
            let time = match request.extensions().get() {
                Some(AttemptTimeout(time)) => *time,
                None => *attempt_timeout,
            };
            let limit = Limit {
                at: instant_after(time),
                time,
            };
            let sleep = pin!(sleep_until(limit.at));
            let mut deadline = Deadline(sleep);

            let slot = deadline.bound(pin!(self.pool.slot())).await;
            let _slot = slot.map_err(|TimeIsUp| {
                let message = format!("no connection came free within {time:?}");
                time_is_up(TimeoutPhase::Slot, false, message)
            })?;

            let mut pooled = self.pool.take(target);
            // At most twice: on a pooled connection, and on a fresh one.
            loop {
                let reused = pooled.is_some();
                let mut connection = match pooled.take() {
                    Some(connection) => connection,
                    None => {
                        self.pool.make_room();
                        // Boxed, because few calls need it and it is larger than all the rest.
                        let connection = Box::pin(connector.connect(target, limit)).await?;
                        self.pool.share(&connection);
                        connection
                    }
                };
                let copy = (reused && safe).then(|| request.clone());
                let outcome = match &mut connection {
                    Connection::Http1(http1) => {
                        let exchange = pin!(http1.exchange(request, *max_response_body));
                        deadline.bound(exchange).await
                    }
                    #[cfg(feature = "http2")]
                    Connection::Http2(http2) => {
                        let mut exchange = Box::pin(http2.exchange(request, *max_response_body));
                        deadline.bound(exchange.as_mut()).await
                    }
                };
                let failure = match outcome {
                    Ok(Ok(response)) => {
                        self.pool.put(connection);
                        return Ok(response);
                    }
                    Ok(Err(failure)) => failure,
                    Err(TimeIsUp) => {
                        let sent_whole = connection.sent_whole();
                        let message = format!("no complete response within {time:?}");
                        return Err(time_is_up(TimeoutPhase::Attempt, sent_whole, message));
                    }
                };
                request = match (failure.unsent, copy) {
                    (Some(unsent), _) if reused => *unsent,
                    (_, Some(copy)) if failure.unanswered => copy,
                    _ => return Err(failure.error),
                };
            }
        }
    }
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperTransport")
            .field("attempt_timeout", &self.settings.attempt_timeout)
            .field(
                "connect_timeout",
                &self.settings.connector.tcp.connect_timeout,
            )
            .finish_non_exhaustive()
    }
}

fn time_is_up(phase: TimeoutPhase, sent_whole: bool, message: String) -> TransportError {
    TransportError::new(Kind::Timeout { phase, sent_whole }, message)
}

/// The moment by which a call must have ended.
struct Deadline<'a>(Pin<&'a mut Sleep>);

struct TimeIsUp;

impl Deadline<'_> {
    /// Runs `future` unless the time is up before it ends.
    async fn bound<F: Future>(&mut self, mut future: Pin<&mut F>) -> Result<F::Output, TimeIsUp> {
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => self.0.as_mut().poll(cx).map(|()| Err(TimeIsUp)),
        })
        .await
    }
}

/// `time` from now; what is too far away for the clock is never reached.
fn instant_after(time: Duration) -> Instant {
    let never = Duration::from_secs(60 * 60 * 24 * 365);
    let now = Instant::now();
    now.checked_add(time).unwrap_or_else(|| now + never)
}
