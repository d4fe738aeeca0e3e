//! [`Server`]: the emulator on a socket.

mod connection;
mod encoder;
mod head_scan;
mod http1;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use self::connection::Connection;
use crate::emulator::Emulator;

/// What the server bears from the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerOptions {
    /// The largest head of a request, in bytes. Default: 64 KiB. Beyond it, or with more than 100
    /// header lines: 431.
    pub max_request_head: usize,
    /// The largest body of a request, in bytes. Default: 1 MiB. Beyond it: 413. For the control
    /// interface it is always 64 MiB.
    pub max_request_body: usize,
    /// How long a request may take to arrive, from its first byte to its last, and an answer to be
    /// taken. Default: 10 s. Beyond it: 408.
    pub read_timeout: Duration,
    /// How long a connection may stay without a request. Default: 60 s. Then it is closed.
    pub idle_timeout: Duration,
    /// How many connections are served at once. Default: 1,024. Others wait.
    pub max_connections: usize,
    /// How long [`Server::shutdown`] waits for requests that are on their way. Default: 10 s.
    pub shutdown_timeout: Duration,
    /// Who may use the control interface. Default: this machine.
    pub control: Control,
}

/// Who may use the control interface under `/_emulator/`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Control {
    /// Nobody: it is not there.
    Off,
    /// Whoever is on this machine.
    #[default]
    Loopback,
    /// Whoever can reach the server. They can read and replace all it holds.
    Anyone,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            max_request_head: 64 * 1024,
            max_request_body: 1024 * 1024,
            read_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            max_connections: 1_024,
            shutdown_timeout: Duration::from_secs(10),
            control: Control::default(),
        }
    }
}

/// An emulator that listens on a socket. Dropping it ends it at once; [`shutdown`](Self::shutdown)
/// lets requests end first.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shutdown: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    shutdown_timeout: Duration,
}

impl Server {
    pub(crate) fn start(
        emulator: Emulator,
        address: impl ToSocketAddrs,
        options: ServerOptions,
    ) -> io::Result<Self> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        let listener = listen(address)?;
        let address = listener.local_addr()?;
        let (shutdown, told) = watch::channel(false);
        let accepting = runtime.spawn(accept(listener, emulator, options, told));
        Ok(Self {
            address,
            shutdown,
            accepting,
            shutdown_timeout: options.shutdown_timeout,
        })
    }

    /// Where the server listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The URL for clients of this machine: `http://127.0.0.1:4242`.
    pub fn endpoint(&self) -> String {
        let ip = match self.address.ip() {
            ip if !ip.is_unspecified() => ip,
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        format!("http://{}", SocketAddr::new(ip, self.address.port()))
    }

    /// Takes no more connections, answers what is on its way, and ends. What takes longer than
    /// [`shutdown_timeout`](ServerOptions::shutdown_timeout) is broken off.
    pub async fn shutdown(mut self) {
        self.shutdown.send_replace(true);
        // Only if it panicked is there an error, and then it has ended too.
        let _ = tokio::time::timeout(self.shutdown_timeout, &mut self.accepting).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn listen(address: impl ToSocketAddrs) -> io::Result<TcpListener> {
    // Enough for the clients of a load test that all come at once.
    const BACKLOG: i32 = 1_024;
    let mut last = io::Error::new(
        io::ErrorKind::InvalidInput,
        "there is no address to listen on",
    );
    for address in address.to_socket_addrs()? {
        let bound = || {
            let socket = Socket::new(
                Domain::for_address(address),
                Type::STREAM,
                Some(Protocol::TCP),
            )?;
            #[cfg(unix)]
            socket.set_reuse_address(true)?;
            socket.bind(&address.into())?;
            socket.listen(BACKLOG)?;
            socket.set_nonblocking(true)?;
            TcpListener::from_std(socket.into())
        };
        match bound() {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn accept(
    listener: TcpListener,
    emulator: Emulator,
    options: ServerOptions,
    mut shutdown: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        let has_room = connections.len() < options.max_connections;
        let accepted = tokio::select! {
            accepted = listener.accept(), if has_room => accepted,
            Some(_) = connections.join_next() => continue,
            _ = shutdown.changed() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                // Without it answers are only slower.
                let _ = stream.set_nodelay(true);
                let connection = Connection::new(stream, peer, emulator.clone(), options);
                connections.spawn(connection.serve(shutdown.clone()));
            }
            // No descriptors left, or a client that has gone: neither goes away by asking at once.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}
