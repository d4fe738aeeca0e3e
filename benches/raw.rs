//! hyper with nothing around it, on both sides: what everything else is measured against.

#![allow(clippy::missing_panics_doc, reason = "a bench fails the short way")]

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{LazyLock, mpsc};
use std::task::{Context, Poll};
use std::thread;

use bytes::Bytes;
use core_affinity::CoreId;
use http::{Request, Response};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::http1::SendRequest;
use hyper::service::service_fn;
use hyper::{client, server};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

/// What the servers here answer, whatever they are asked.
pub const RESPONSE: &[u8] = br#"{"appId":"d1a2b3c4d5e6f7","jobId":"job-1","status":"RUNNING"}"#;

/// Where the two ends of a connection on loopback run. It decides what a call costs most: a core that
/// has nothing else to do goes to sleep, and waking it takes longer than the call; where both ends
/// share one, each works while the other waits, and nothing sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cores {
    /// Client and server on a core each.
    Each,
    /// Both on the same.
    One,
}

/// A server on a thread of its own, with the thread that calls this for the client. Where there is
/// one core only, both are on it.
pub fn serve_on(cores: Cores) -> SocketAddr {
    // Asked once: a thread that was put onto a core sees no other.
    static THERE: LazyLock<Vec<CoreId>> =
        LazyLock::new(|| core_affinity::get_core_ids().unwrap_or_default());
    let there = &*THERE;
    let client = there.first().copied();
    let server = match cores {
        Cores::Each => there.get(1).copied().or(client),
        Cores::One => client,
    };
    // A thread begins on the cores of the one that starts it.
    server.map(core_affinity::set_for_current);
    let address = serve();
    client.map(core_affinity::set_for_current);
    address
}

/// A server on a thread of its own.
pub fn serve() -> SocketAddr {
    serve_with(Bytes::from_static(RESPONSE), false)
}

/// The same with so many bytes for an answer, and it reads what was sent, as any server does.
pub fn serve_reading(length: usize) -> SocketAddr {
    serve_with(vec![b' '; length].into(), true)
}

fn serve_with(body: Bytes, reads: bool) -> SocketAddr {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        runtime().block_on(async {
            let listener = listen().await;
            tell.send(listener.local_addr().expect("it is bound"))
                .expect("someone waits");
            accept(listener, body, reads).await;
        });
    });
    told.recv().expect("the server starts")
}

/// A server in the runtime that calls it, so that its memory is counted too.
pub async fn serve_here() -> SocketAddr {
    let listener = listen().await;
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(accept(listener, Bytes::from_static(RESPONSE), false));
    address
}

/// A connection to it.
pub async fn connect(address: SocketAddr) -> SendRequest<Text> {
    let stream = TcpStream::connect(address)
        .await
        .expect("the server listens");
    stream.set_nodelay(true).expect("TCP has the option");
    let (sender, driver) = client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .expect("HTTP/1.1 has no handshake");
    tokio::spawn(driver);
    sender
}

/// A runtime of one thread.
pub fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the machine has timers and sockets")
}

/// A port of this machine, for [`accept`].
pub async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback has a port")
}

/// Answers `body` to whatever comes. Where it does not read what was sent, that is left to hyper,
/// which passes over it.
pub async fn accept(listener: TcpListener, body: Bytes, reads: bool) {
    while let Ok((stream, _)) = listener.accept().await {
        stream.set_nodelay(true).expect("TCP has the option");
        let body = body.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let body = Text::from(body.clone());
            let sent = reads.then(|| request.into_body());
            async {
                if let Some(mut sent) = sent {
                    while let Some(Ok(_)) = frame(&mut sent).await {}
                }
                Response::builder()
                    .header("content-type", "application/json")
                    .header("x-amzn-requestid", "11111111-2222-3333-4444-555555555555")
                    .body(body)
            }
        });
        let connection = server::conn::http1::Builder::new();
        tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
    }
}

/// The path and the body of `prebuilt`, unsigned.
pub fn unsigned(prebuilt: &Request<Bytes>) -> Request<Text> {
    Request::post(prebuilt.uri().path())
        .header("host", "127.0.0.1")
        .header("content-type", "application/json")
        .body(Text::from(prebuilt.body().clone()))
        .expect("a valid request")
}

/// Sends `request`, and waits for the answer of a server of this file.
pub async fn exchange(sender: &mut SendRequest<Text>, request: Request<Text>) {
    let ready = sender.ready().await;
    ready.expect("the server keeps the connection");
    let response = sender.send_request(request).await.expect("a response");
    assert_eq!(text(response.into_body()).await, RESPONSE);
}

/// A body of one piece.
#[derive(Debug)]
pub struct Text(Option<Bytes>);

impl From<Bytes> for Text {
    fn from(text: Bytes) -> Self {
        Self(Some(text))
    }
}

impl Body for Text {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|text| Ok(Frame::data(text))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |text| text.len() as u64))
    }
}

/// Reads a body that comes in one piece.
pub async fn text(mut body: Incoming) -> Bytes {
    let frame = frame(&mut body).await;
    let frame = frame.expect("a body").expect("the connection holds");
    frame.into_data().expect("no trailers")
}

/// The next piece of a body.
async fn frame(body: &mut Incoming) -> Option<hyper::Result<Frame<Bytes>>> {
    poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await
}
