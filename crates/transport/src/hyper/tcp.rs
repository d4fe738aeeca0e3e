//! From a name to a TCP connection.

use std::{
    future::poll_fn,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    task::Poll,
    time::Duration,
};

use socket2::{SockRef, TcpKeepalive};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

/// How long the addresses of the family that the resolver prefers have the field to themselves.
/// RFC 8305 recommends 250 ms.
const HEAD_START: Duration = Duration::from_millis(250);

/// Opens TCP connections.
#[derive(Debug)]
pub(super) struct Tcp {
    /// All but the last of several addresses have a share of it each.
    pub(super) connect_timeout: Duration,
    pub(super) keepalive: Option<Duration>,
}

impl Tcp {
    /// Connects to `host`, and `only_to_loopback` to this machine alone: `localhost` is only a
    /// name, what it resolves to must be this machine too.
    pub(super) async fn connect(
        &self,
        host: &str,
        port: u16,
        only_to_loopback: bool,
    ) -> io::Result<TcpStream> {
        let mut addresses = match host.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => lookup_host((host, port)).await?.collect(),
        };
        if only_to_loopback {
            addresses.retain(|address| address.ip().is_loopback());
        }
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
}
