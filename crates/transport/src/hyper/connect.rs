//! From a target to a connection that speaks HTTP: TCP, a proxy's tunnel, TLS.

use std::{sync::Arc, time::Duration};

use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::time::{Instant, timeout_at};

#[cfg(feature = "http2")]
use super::http2::Http2;
use super::{
    connection::Connection,
    http1::Http1,
    proxies::Proxies,
    proxy::Proxy,
    target::Target,
    tcp::Tcp,
    tls::{self, Disagreement},
    tunnel,
    wire::{Progress, Stream, Wire},
};
use crate::{ProxyFault as Fault, TimeoutPhase, TransportError, TransportErrorKind as Kind};

/// Opens connections.
#[derive(Debug)]
pub(super) struct Connector {
    pub(super) tcp: Tcp,
    pub(super) tls: Arc<ClientConfig>,
    pub(super) proxies: Proxies,
    /// TLS to a proxy itself.
    pub(super) proxy_tls: Arc<ClientConfig>,
    pub(super) clear_text: bool,
    pub(super) max_response_head: usize,
}

/// The moment by which something must have ended, and how long it had until then.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    pub(super) at: Instant,
    pub(super) time: Duration,
}

impl Limit {
    /// Runs `future`, whose time `phase` is, and which leads to what `goal` names.
    async fn bound<T>(
        self,
        phase: TimeoutPhase,
        goal: impl FnOnce() -> String,
        future: impl Future<Output = Result<T, TransportError>>,
    ) -> Result<T, TransportError> {
        match timeout_at(self.at, future).await {
            Ok(output) => output,
            Err(_) => {
                let kind = Kind::Timeout {
                    phase,
                    sent_whole: false,
                };
                let message = format!("no {} within {:?}", goal(), self.time);
                Err(TransportError::new(kind, message))
            }
        }
    }
}

impl Connector {
    /// Opens one connection to `target`, within the time for it and before the `call` must have
    /// ended.
    pub(super) async fn connect(
        &self,
        target: Target<&str>,
        call: Limit,
    ) -> Result<Connection, TransportError> {
        let time = self.tcp.connect_timeout;
        let limit = match Instant::now().checked_add(time) {
            Some(at) if at < call.at => Limit { at, time },
            _ => call,
        };
        let host = target.host;
        let (stream, proxy) = match self.proxies.route(target) {
            None => (None, None),
            Some(proxy) => {
                let goal = || format!("way to {host} through the proxy {proxy}");
                let reaching = self.through(proxy, target);
                let stream = limit.bound(TimeoutPhase::Proxy, goal, reaching).await?;
                (Some(stream), Some(proxy))
            }
        };
        let opening = self.open(target, stream, proxy);
        let goal = || format!("connection to {host}");
        limit.bound(TimeoutPhase::Connect, goal, opening).await
    }

    /// A stream to `proxy` or, for TLS, to `target` through it.
    async fn through(&self, proxy: &Proxy, target: Target<&str>) -> Result<Stream, TransportError> {
        let tcp = self.tcp.connect(&proxy.host, proxy.port, false).await;
        let mut stream = Stream::Plain(tcp.map_err(|error| {
            let message = "could not be connected to";
            proxy.fault(Fault::Connect, message).with_source(error)
        })?);
        if proxy.tls {
            stream = tls::handshake(&self.proxy_tls, &proxy.host, stream)
                .await
                .map_err(|(why, error)| {
                    let fault = match why {
                        Disagreement::Ended => Fault::Interrupted,
                        Disagreement::NoTls | Disagreement::Verdict => Fault::Tls,
                    };
                    let message = "came to no agreement on TLS";
                    proxy.fault(fault, message).with_source(error)
                })?;
        }
        if target.tls {
            stream = tunnel::open(stream, proxy, target).await?;
        }
        Ok(stream)
    }

    /// Speaks to `target` on `stream`, if `proxy` has led to one.
    async fn open(
        &self,
        target: Target<&str>,
        stream: Option<Stream>,
        proxy: Option<&Proxy>,
    ) -> Result<Connection, TransportError> {
        let Target { tls, host, port } = target;
        let mut stream = match stream {
            Some(stream) => stream,
            None => {
                let only_to_loopback = !tls && !self.clear_text;
                let tcp = self.tcp.connect(host, port, only_to_loopback).await;
                Stream::Plain(tcp.map_err(|error| {
                    let message = format!("could not connect to {host} port {port}");
                    TransportError::new(Kind::Connect, message).with_source(error)
                })?)
            }
        };
        if tls {
            stream = tls::handshake(&self.tls, host, stream)
                .await
                .map_err(|(why, error)| no_tls(host, proxy, why).with_source(error))?;
        }
        let progress = Arc::<Progress>::default();
        #[cfg(feature = "http2")]
        if stream.speaks_http2() {
            let wire = Wire::new(stream, progress);
            return Http2::start(
                target.to_owned(),
                wire,
                self.max_response_head,
                self.tcp.keepalive,
            )
            .await
            .map(Connection::Http2)
            .map_err(|error| not_started("HTTP/2", error));
        }
        let mut http1 = hyper::client::conn::http1::Builder::new();
        http1.max_header_size(self.max_response_head);
        // The buffer also bounds what is read ahead of a body; hyper takes no less than 8 KiB.
        http1.max_buf_size(self.max_response_head.max(8 * 1024));
        let (sender, driver) = http1
            .handshake(TokioIo::new(Wire::new(stream, progress.clone())))
            .await
            .map_err(|error| not_started("HTTP/1.1", error))?;
        Ok(Connection::Http1(Box::new(Http1::new(
            target.to_owned(),
            proxy.filter(|_| !tls).cloned(),
            sender,
            driver,
            progress,
            self.max_response_head,
        ))))
    }
}

/// Why there is no TLS with `host`, which a `proxy` may have led to.
fn no_tls(host: &str, proxy: Option<&Proxy>, why: Disagreement) -> TransportError {
    match (proxy, why) {
        (None, _) => {
            let kind = match why {
                // The other side may also just have gone.
                Disagreement::Ended => Kind::Connect,
                Disagreement::NoTls | Disagreement::Verdict => Kind::Tls,
            };
            TransportError::new(kind, format!("no agreement with {host} on TLS"))
        }
        (Some(proxy), Disagreement::Verdict) => {
            let message = format!("no agreement with {host} on TLS, through the proxy {proxy}");
            TransportError::new(Kind::Tls, message)
        }
        (Some(proxy), Disagreement::NoTls) => {
            let message = format!("sent something else than TLS through its tunnel to {host}");
            proxy.fault(Fault::Protocol, &message)
        }
        (Some(proxy), Disagreement::Ended) => {
            let message = format!("ended its tunnel to {host} before there was TLS");
            proxy.fault(Fault::Interrupted, &message)
        }
    }
}

fn not_started(protocol: &str, error: hyper::Error) -> TransportError {
    let message = format!("could not start {protocol} on the connection");
    TransportError::new(Kind::Connect, message).with_source(error)
}
