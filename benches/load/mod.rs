//! Requests on bare sockets: written as they are, and read no further than to tell that the answer
//! is whole and 200. What is sent is in [`requests`].

pub mod requests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

/// What may fail for many reasons, none of which anybody asks for.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// What one connection sends, over and over.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Script {
    /// Each as it stands on the wire.
    pub requests: Arc<[Vec<u8>]>,
    /// The one that comes next: a round need not end where the script does.
    next: usize,
}

impl Script {
    /// From the first one on.
    pub fn new(requests: Vec<Vec<u8>>) -> Self {
        Self {
            requests: requests.into(),
            next: 0,
        }
    }

    fn next(&mut self) -> &[u8] {
        let request = self.requests.get(self.next).map_or(&[][..], Vec::as_slice);
        self.next = (self.next + 1) % self.requests.len();
        request
    }
}

/// When it is enough.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum End {
    /// After this time.
    After(Duration),
    /// After so many requests, over all connections.
    Requests(u64),
}

/// What was done.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    requests: u64,
    body_bytes: u64,
    took: Duration,
}

impl Load {
    /// How many requests were answered.
    #[expect(clippy::cast_precision_loss, reason = "a count for a figure")]
    pub fn requests(&self) -> f64 {
        self.requests as f64
    }

    /// How long all took.
    pub fn took(&self) -> Duration {
        self.took
    }

    /// Requests a second.
    pub fn rate(&self) -> f64 {
        self.requests() / self.took.as_secs_f64()
    }

    /// The length of a body, on average.
    pub fn mean_body(&self) -> u64 {
        self.body_bytes / self.requests.max(1)
    }
}

/// Sends what `scripts` say, each on a connection of its own, and waits for each answer before the
/// next request.
///
/// # Errors
///
/// A connection that breaks, or an answer that is not 200.
pub fn load(
    runtime: &Runtime,
    address: SocketAddr,
    scripts: &mut Vec<Script>,
    end: End,
) -> Outcome<Load> {
    runtime.block_on(async {
        let mut connections = Vec::new();
        for script in scripts.drain(..) {
            connections.push((Connection::open(address).await?, script));
        }
        let begin = Instant::now();
        let (until, left) = match end {
            End::After(time) => (Some(begin + time), u64::MAX),
            End::Requests(count) => (None, count),
        };
        let left = Arc::new(AtomicU64::new(left));
        let running: Vec<_> = connections
            .into_iter()
            .map(|(mut connection, mut script)| {
                let left = Arc::clone(&left);
                tokio::spawn(async move {
                    let (mut requests, mut body_bytes) = (0, 0);
                    while until.is_none_or(|until| Instant::now() < until) && take_one(&left) {
                        body_bytes += connection.exchange(script.next()).await?;
                        requests += 1;
                    }
                    Ok::<_, String>((script, requests, body_bytes))
                })
            })
            .collect();
        let mut load = Load {
            requests: 0,
            body_bytes: 0,
            took: Duration::ZERO,
        };
        for connection in running {
            let (script, requests, body_bytes) = connection.await??;
            scripts.push(script);
            load.requests += requests;
            load.body_bytes += body_bytes;
        }
        load.took = begin.elapsed();
        Ok(load)
    })
}

fn take_one(left: &AtomicU64) -> bool {
    let one_less = |left: u64| left.checked_sub(1);
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
        .is_ok()
}

struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    answer: BytesMut,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self, String> {
        Ok(Self {
            address,
            stream: connect(address).await?,
            answer: BytesMut::with_capacity(16 * 1024),
        })
    }

    /// Sends one request and reads its answer. Gives the length of the body.
    async fn exchange(&mut self, request: &[u8]) -> Result<u64, String> {
        let broken = |error: std::io::Error| format!("the connection broke: {error}");
        self.stream.write_all(request).await.map_err(broken)?;
        self.answer.clear();
        let (answer, ends) = loop {
            let read = self.stream.read_buf(&mut self.answer).await;
            if read.map_err(broken)? == 0 {
                return Err("the server ended the connection in its answer".to_owned());
            }
            if let Some(answer) = whole(&self.answer)? {
                break answer;
            }
        };
        if ends {
            self.stream = connect(self.address).await?;
        }
        Ok(answer)
    }
}

async fn connect(address: SocketAddr) -> Result<TcpStream, String> {
    let failed = |error| format!("{address} takes no connection: {error}");
    let stream = TcpStream::connect(address).await.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    Ok(stream)
}

/// The length of the body, and whether the connection ends behind it, once all of it is there.
fn whole(answer: &[u8]) -> Result<Option<(u64, bool)>, String> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut head = httparse::Response::new(&mut headers);
    let parsed = head.parse(answer);
    let httparse::Status::Complete(body) = parsed.map_err(|error| error.to_string())? else {
        return Ok(None);
    };
    let value = |name: &str| {
        let found = head
            .headers
            .iter()
            .find(|it| it.name.eq_ignore_ascii_case(name));
        found.and_then(|it| str::from_utf8(it.value).ok())
    };
    let length = value("content-length").and_then(|length| length.parse::<usize>().ok());
    let length = length.ok_or("the answer does not say how long it is")?;
    if answer.len() < body + length {
        return Ok(None);
    }
    if head.code != Some(200) {
        return Err(format!("not 200: {}", String::from_utf8_lossy(answer)));
    }
    let ends = value("connection").is_some_and(|it| it.eq_ignore_ascii_case("close"));
    Ok(Some((length as u64, ends)))
}
