//! A server that says exactly the bytes a test wants, and keeps count of its connections.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests too"
)]

#[cfg(feature = "hyper")]
pub(crate) mod authority;
#[cfg(feature = "hyper")]
pub(crate) mod proxy;

use std::{
    future::Future,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use amplify_backend_transport::{TransportError, TransportErrorKind};
use bytes::Bytes;
use http::Request;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

pub(crate) const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A listener on loopback; dropping it ends it and its connections.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) counts: Arc<Counts>,
    _tasks: JoinSet<()>,
}

#[derive(Default)]
pub(crate) struct Counts {
    accepted: AtomicUsize,
    open: AtomicUsize,
    most: AtomicUsize,
}

impl Counts {
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(SeqCst)
    }

    pub(crate) fn open(&self) -> usize {
        self.open.load(SeqCst)
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.most.load(SeqCst)
    }
}

impl Server {
    /// Gives each connection, and its number from 0, to `script`.
    pub(crate) async fn start<F, Fut>(script: F) -> Self
    where
        F: Fn(usize, TcpStream) -> Fut + Send + 'static,
        Fut: Future<Output = io::Result<()>> + Send + 'static,
    {
        Self::listen(TcpListener::bind("127.0.0.1:0").await.unwrap(), script)
    }

    pub(crate) fn listen<F, Fut>(listener: TcpListener, script: F) -> Self
    where
        F: Fn(usize, TcpStream) -> Fut + Send + 'static,
        Fut: Future<Output = io::Result<()>> + Send + 'static,
    {
        let address = listener.local_addr().unwrap();
        let counts = Arc::<Counts>::default();
        let counted = counts.clone();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let number = counted.accepted.fetch_add(1, SeqCst);
                let open = counted.open.fetch_add(1, SeqCst) + 1;
                counted.most.fetch_max(open, SeqCst);
                let running = script(number, stream);
                let counted = counted.clone();
                connections.spawn(async move {
                    // What a client does to its connection is the test's business, not the server's.
                    let _ = running.await;
                    counted.open.fetch_sub(1, SeqCst);
                });
            }
        });
        Self {
            address,
            counts,
            _tasks: tasks,
        }
    }

    /// Answers every request on every connection with `response`.
    pub(crate) async fn always(response: &'static [u8]) -> Self {
        Self::start(move |_, mut stream| async move {
            while read_request(&mut stream).await.is_some() {
                stream.write_all(response).await?;
            }
            Ok(())
        })
        .await
    }

    /// Reads one request on each connection, says `response` and closes.
    pub(crate) async fn once(response: impl Into<Vec<u8>>) -> Self {
        let response = response.into();
        Self::start(move |_, mut stream| {
            let response = response.clone();
            async move {
                read_request(&mut stream).await;
                stream.write_all(&response).await
            }
        })
        .await
    }

    /// Reads one request on each connection, says `response` and resets the connection.
    pub(crate) async fn reset_after(response: &'static [u8]) -> Self {
        Self::start(move |_, mut stream| async move {
            read_request(&mut stream).await;
            stream.write_all(response).await?;
            stream.set_zero_linger()
        })
        .await
    }

    /// Reads one request on each connection and then says nothing until the client leaves.
    pub(crate) async fn silent() -> Self {
        Self::start(|_, mut stream| async move {
            read_request(&mut stream).await;
            until_closed(&mut stream).await;
            Ok(())
        })
        .await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn post(&self, body: impl Into<Bytes>) -> Request<Bytes> {
        Request::post(self.url("/path")).body(body.into()).unwrap()
    }

    pub(crate) fn get(&self) -> Request<Bytes> {
        Request::get(self.url("/path")).body(Bytes::new()).unwrap()
    }
}

/// The head and body of the next request; `None` when the client left first.
pub(crate) async fn read_request(
    stream: &mut (impl AsyncRead + Unpin),
) -> Option<(String, Vec<u8>)> {
    let mut seen = Vec::new();
    let end = loop {
        if let Some(end) = seen.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut seen).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(seen[..end].to_vec()).unwrap();
    let mut body = seen[end..].to_vec();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some((head, body))
}

/// Waits until the other side closes or resets, reading on without keeping anything.
pub(crate) async fn until_closed(stream: &mut (impl AsyncRead + Unpin)) {
    let mut scratch = [0; 4096];
    while !matches!(stream.read(&mut scratch).await, Ok(0) | Err(_)) {}
}

/// Waits for `condition` to come true. It must: there is no deadline but the test runner's.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

#[track_caller]
pub(crate) fn assert_kind(error: &TransportError, kind: TransportErrorKind) {
    assert_eq!(error.kind(), kind, "{error:?}");
}

/// All that an error prints.
pub(crate) fn printed(error: &TransportError) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text += &format!(" {next} {next:?}");
        cause = next.source();
    }
    text
}
