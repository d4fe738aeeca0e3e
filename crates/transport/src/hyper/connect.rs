//! From a target to a stream that speaks HTTP: name, TCP, TLS.

use std::{
    future::poll_fn,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use http::uri::Authority;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;

#[cfg(feature = "http2")]
use super::http2::Http2;
use super::{
    connection::Connection,
    http1::Http1,
    wire::{Progress, Stream, Wire},
};
use crate::{TimeoutPhase, TransportError, TransportErrorKind as Kind};

/// How long the addresses of the family that the resolver prefers have the field to themselves.
/// RFC 8305 recommends 250 ms.
const HEAD_START: Duration = Duration::from_millis(250);

/// What a connection is opened for, and which connection serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target<Host = Box<str>> {
    pub(super) tls: bool,
    pub(super) host: Host,
    pub(super) port: u16,
}

impl<'a> Target<&'a str> {
    /// Refuses what this transport does not send, clear text to other machines first of all.
    pub(super) fn of(uri: &'a http::Uri, clear_text: bool) -> Result<Self, TransportError> {
        let refuse =
            |message: String| Err(TransportError::new(Kind::Other, message).nothing_sent());
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return refuse("the request's URI has no scheme and host".to_owned());
        };
        let in_brackets = authority.host();
        let host = in_brackets.trim_start_matches('[').trim_end_matches(']');
        let tls = match scheme {
            "https" => true,
            "http" => false,
            _ => return refuse(format!("{scheme}: is neither https: nor http:")),
        };
        if !tls && !clear_text && !is_loopback(host) {
            return refuse(format!(
                "http: would send the request to {host} in clear text: use https:, or allow clear text"
            ));
        }
        // Read here, because Uri takes `:99999` for no port at all.
        let port = host_and_port(authority).strip_prefix(in_brackets);
        let port = match port.and_then(|it| it.strip_prefix(':')) {
            None | Some("") if tls => 443,
            None | Some("") => 80,
            Some(port) => match port.parse() {
                Ok(port) => port,
                Err(_) => return refuse(format!("{port} is not a port")),
            },
        };
        Ok(Self { tls, host, port })
    }

    fn to_owned(self) -> Target {
        Target {
            tls: self.tls,
            host: self.host.into(),
            port: self.port,
        }
    }
}

impl Target {
    pub(super) fn serves(&self, target: Target<&str>) -> bool {
        self.tls == target.tls
            && self.port == target.port
            && self.host.eq_ignore_ascii_case(target.host)
    }
}

impl Copy for Target<&str> {}

fn is_loopback(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

/// `authority` without the user name that Uri lets it begin with.
pub(super) fn host_and_port(authority: &Authority) -> &str {
    authority.as_str().rsplit('@').next().unwrap_or_default()
}

fn not_started(protocol: &str, error: hyper::Error) -> TransportError {
    let message = format!("could not start {protocol} on the connection");
    TransportError::new(Kind::Connect, message).with_source(error)
}

/// Opens connections.
#[derive(Debug)]
pub(super) struct Connector {
    pub(super) tls: Arc<ClientConfig>,
    pub(super) connect_timeout: Duration,
    pub(super) keepalive: Option<Duration>,
    pub(super) clear_text: bool,
    pub(super) max_response_head: usize,
}

impl Connector {
    /// Opens one connection to `target`, within the time for it.
    pub(super) async fn connect(&self, target: Target<&str>) -> Result<Connection, TransportError> {
        match timeout(self.connect_timeout, self.open(target)).await {
            Ok(connection) => connection,
            Err(_) => {
                let kind = Kind::Timeout {
                    phase: TimeoutPhase::Connect,
                    sent_whole: false,
                };
                let message = format!(
                    "no connection to {} within {:?}",
                    target.host, self.connect_timeout
                );
                Err(TransportError::new(kind, message))
            }
        }
    }

    async fn open(&self, target: Target<&str>) -> Result<Connection, TransportError> {
        let tcp = self.tcp(target).await.map_err(|error| {
            let message = format!("could not connect to {} port {}", target.host, target.port);
            TransportError::new(Kind::Connect, message).with_source(error)
        })?;
        // A tunnel through a proxy would go here: it takes a TCP stream and gives one.
        let stream = if target.tls {
            self.tls(target, tcp).await?
        } else {
            Stream::Plain(tcp)
        };
        let progress = Arc::<Progress>::default();
        #[cfg(feature = "http2")]
        if stream.speaks_http2() {
            let wire = Wire::new(stream, progress);
            return Http2::start(
                target.to_owned(),
                wire,
                self.max_response_head,
                self.keepalive,
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
            sender,
            driver,
            progress,
            self.max_response_head,
        ))))
    }

    async fn tcp(&self, target: Target<&str>) -> io::Result<TcpStream> {
        let addresses = match target.host.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, target.port)],
            Err(_) => lookup_host((target.host, target.port)).await?.collect(),
        };
        let addresses = if target.tls || self.clear_text {
            addresses
        } else {
            // `localhost` is only a name: what it resolves to must be this machine too.
            addresses
                .into_iter()
                .filter(|address| address.ip().is_loopback())
                .collect()
        };
        let stream = self.first_to_answer(addresses).await?;
        stream.set_nodelay(true)?;
        if let Some(time) = self.keepalive {
            let keepalive = TcpKeepalive::new().with_time(time).with_interval(time);
            // A platform that cannot do it still has the deadlines.
            let _ = SockRef::from(&stream).set_tcp_keepalive(&keepalive);
        }
        Ok(stream)
    }

    /// Tries the preferred family's addresses, and the other family's soon after, and takes
    /// whichever answers first.
    async fn first_to_answer(&self, addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
        let Some(first) = addresses.first().copied() else {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "the name has no address",
            ));
        };
        let (preferred, other): (Vec<_>, Vec<_>) = addresses
            .into_iter()
            .partition(|address| address.is_ipv4() == first.is_ipv4());
        let mut preferred = pin!(self.in_turn(preferred));
        if other.is_empty() {
            return preferred.await;
        }
        match timeout(HEAD_START, preferred.as_mut()).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => return self.in_turn(other).await.map_err(|_| error),
            Err(_) => {}
        }
        let mut other = pin!(self.in_turn(other));
        let (mut preferred_failed, mut other_failed) = (None, false);
        poll_fn(|cx| {
            if preferred_failed.is_none() {
                match preferred.as_mut().poll(cx) {
                    Poll::Ready(Ok(stream)) => return Poll::Ready(Ok(stream)),
                    Poll::Ready(Err(error)) => preferred_failed = Some(error),
                    Poll::Pending => {}
                }
            }
            if !other_failed {
                match other.as_mut().poll(cx) {
                    Poll::Ready(Ok(stream)) => return Poll::Ready(Ok(stream)),
                    Poll::Ready(Err(_)) => other_failed = true,
                    Poll::Pending => {}
                }
            }
            match preferred_failed.take() {
                Some(error) if other_failed => Poll::Ready(Err(error)),
                error => {
                    preferred_failed = error;
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// Tries `addresses` one after another. All but the last have a share of the time, so that a
    /// dead one does not use it up.
    async fn in_turn(&self, mut addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
        let Some(last) = addresses.pop() else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let count = u32::try_from(addresses.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        for address in addresses {
            let connecting = TcpStream::connect(address);
            if let Ok(Ok(stream)) = timeout(self.connect_timeout / count, connecting).await {
                return Ok(stream);
            }
        }
        TcpStream::connect(last).await
    }

    async fn tls(&self, target: Target<&str>, tcp: TcpStream) -> Result<Stream, TransportError> {
        let failed = |kind, error: Box<dyn std::error::Error + Send + Sync>| {
            let message = format!("no agreement with {} on TLS", target.host);
            TransportError::new(kind, message).with_source(error)
        };
        let name = ServerName::try_from(target.host)
            .map_err(|error| failed(Kind::Tls, error.into()))?
            .to_owned();
        match TlsConnector::from(self.tls.clone())
            .connect(name, tcp)
            .await
        {
            Ok(stream) => Ok(Stream::Tls(Box::new(stream))),
            Err(error) => {
                // The other side may also just have gone; only rustls's own verdicts are final.
                let verdict = error
                    .get_ref()
                    .is_some_and(|inner| inner.is::<rustls::Error>());
                Err(failed(
                    if verdict { Kind::Tls } else { Kind::Connect },
                    error.into(),
                ))
            }
        }
    }
}
