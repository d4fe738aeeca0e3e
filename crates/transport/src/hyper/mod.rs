//! The transport that most programs use: hyper over TCP and TLS, with a pool, deadlines and limits.

mod certificates;
mod connect;
mod connection;
mod http1;
#[cfg(feature = "http2")]
mod http2;
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
    certificates::{ClientCertificate, InvalidCertificate, RootCertificates},
    proxies::Proxies,
    proxy::{InvalidProxy, Proxy},
};
use self::{
    connect::{Connector, Limit},
    connection::Connection,
    pool::Pool,
    target::Target,
    tcp::Tcp,
    tls::Provider,
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

/// Sets up a [`HyperTransport`]. Every setting has a default, and every value is accepted.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct HyperTransportBuilder {
    connect_timeout: Duration,
    attempt_timeout: Duration,
    idle_timeout: Duration,
    tcp_keepalive: Option<Duration>,
    max_response_head: usize,
    max_response_body: usize,
    max_connections: usize,
    clear_text: bool,
    only_roots: Option<RootCertificates>,
    extra_roots: Vec<RootCertificates>,
    client_certificate: Option<ClientCertificate>,
    provider: Provider,
    proxies: Proxies,
}

impl Default for HyperTransportBuilder {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            attempt_timeout: Duration::from_secs(20),
            idle_timeout: Duration::from_secs(15),
            tcp_keepalive: Some(Duration::from_secs(15)),
            max_response_head: 64 * 1024,
            max_response_body: 8 * 1024 * 1024,
            max_connections: 64,
            clear_text: false,
            only_roots: None,
            extra_roots: Vec::new(),
            client_certificate: None,
            provider: Provider::default(),
            proxies: Proxies::new(),
        }
    }
}

impl HyperTransportBuilder {
    /// How long opening a connection may take, from the name to the end of the TLS handshake, with
    /// the tunnel through a proxy between. Default: 3 s.
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = time;
        self
    }

    /// How long a call may take, from waiting for a connection to the last byte of the response.
    /// Default: 20 s. A request can carry its own, see [`AttemptTimeout`].
    pub fn attempt_timeout(mut self, time: Duration) -> Self {
        self.attempt_timeout = time;
        self
    }

    /// How long a connection is kept without use. Default: 15 s. Zero keeps none.
    pub fn idle_timeout(mut self, time: Duration) -> Self {
        self.idle_timeout = time;
        self
    }

    /// After how long a silence TCP asks whether the other side is still there. Default: 15 s.
    /// `None` never asks.
    pub fn tcp_keepalive(mut self, time: Option<Duration>) -> Self {
        self.tcp_keepalive = time;
        self
    }

    /// How many bytes the head of a response may have, status line and headers. Default: 64 KiB.
    /// Over it, the call fails with [`ResponseTooLarge`](crate::TransportErrorKind). More than 100
    /// headers are never taken.
    pub fn max_response_head(mut self, bytes: usize) -> Self {
        self.max_response_head = bytes;
        self
    }

    /// How many bytes the body of a response may have. Default: 8 MiB. Over it, the call fails with
    /// [`ResponseTooLarge`](crate::TransportErrorKind), and nothing more is read.
    pub fn max_response_body(mut self, bytes: usize) -> Self {
        self.max_response_body = bytes;
        self
    }

    /// How many connections may be open at once, idle ones counted, to all hosts together. Further
    /// calls wait. Default: 64. Zero counts as one. Calls that share an HTTP/2 connection count
    /// each.
    pub fn max_connections(mut self, count: usize) -> Self {
        self.max_connections = count;
        self
    }

    /// Whether `http:` may go to other hosts than this one. Default: no. Whoever is on the way
    /// reads and changes such requests and responses.
    pub fn allow_clear_text(mut self, allow: bool) -> Self {
        self.clear_text = allow;
        self
    }

    /// Trusts `roots` instead of Mozilla's, as the AWS CLI does with those of `AWS_CA_BUNDLE`. The
    /// last call counts.
    pub fn only_roots(mut self, roots: RootCertificates) -> Self {
        self.only_roots = Some(roots);
        self
    }

    /// Trusts `roots` besides Mozilla's, or besides those of [`only_roots`](Self::only_roots). May
    /// be called again for more.
    pub fn extra_roots(mut self, roots: RootCertificates) -> Self {
        self.extra_roots.push(roots);
        self
    }

    /// Shows `certificate` to every host that asks for one. Default: none. A proxy does not get to
    /// see it. The last call counts.
    ///
    /// A host that has refused the certificate, or misses one, says so after the handshake in TLS
    /// 1.3: the call fails with [`Interrupted`](crate::TransportErrorKind), and the alert is in the
    /// error's sources.
    pub fn client_certificate(mut self, certificate: ClientCertificate) -> Self {
        self.client_certificate = Some(certificate);
        self
    }

    /// Leaves the cryptography of TLS to aws-lc-rs instead of ring. It agrees on keys with
    /// X25519MLKEM768, too, and needs a C compiler to build.
    #[cfg(feature = "aws-lc-rs")]
    pub fn aws_lc_rs(mut self) -> Self {
        self.provider = Provider::AwsLcRs;
        self
    }

    /// Which requests go through which proxy. Default: none do. The last call counts.
    pub fn proxies(mut self, proxies: Proxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// The transport. It opens no connection yet.
    pub fn build(self) -> HyperTransport {
        let roots = tls::roots(self.only_roots.as_ref(), &self.extra_roots);
        let certificate = self.client_certificate.as_ref();
        let tls = tls::with_hosts(self.provider, roots.clone(), certificate);
        let proxy_tls = match self.proxies.any_over_tls() {
            true => tls::with_proxies(self.provider, roots),
            // Nobody will use it.
            false => tls.clone(),
        };
        HyperTransport {
            pool: Arc::new(Pool::new(self.max_connections, self.idle_timeout)),
            settings: Arc::new(Settings {
                connector: Connector {
                    tcp: Tcp {
                        connect_timeout: self.connect_timeout,
                        keepalive: self.tcp_keepalive,
                    },
                    tls,
                    proxies: self.proxies,
                    proxy_tls,
                    clear_text: self.clear_text,
                    max_response_head: self.max_response_head,
                },
                attempt_timeout: self.attempt_timeout,
                max_response_body: self.max_response_body,
            }),
        }
    }
}
