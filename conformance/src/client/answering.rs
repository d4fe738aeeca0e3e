//! A port of loopback that answers every request in the same way, and keeps the requests.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Body, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// In bytes, of a request's body.
const LARGEST_BODY: usize = 1 << 20;
/// Until the head of a request is there.
const HEAD_LIMIT: Duration = Duration::from_secs(10);

type Received = Arc<Mutex<Vec<Request<Bytes>>>>;

pub(super) struct Answering {
    endpoint: String,
    received: Received,
    accepting: JoinHandle<()>,
}

impl Answering {
    /// Answers with `response`. Without one, nothing is expected to be sent: 500.
    pub(super) async fn start(response: Option<Response<Bytes>>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let received = Received::default();
        let response = response.unwrap_or_else(|| {
            let mut refusal = Response::new(Bytes::new());
            *refusal.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            refusal
        });
        let accepting = tokio::spawn(accept(listener, response, received.clone()));
        Ok(Self {
            endpoint,
            received,
            accepting,
        })
    }

    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Answers no more, and gives the requests that came.
    pub(super) async fn stop(self) -> Vec<Request<Bytes>> {
        self.accepting.abort();
        _ = self.accepting.await;
        let mut received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *received)
    }
}

async fn accept(listener: TcpListener, response: Response<Bytes>, received: Received) {
    // Dropped with this future, and the connections with it.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, response.clone(), received.clone()));
    }
}

async fn serve(stream: TcpStream, response: Response<Bytes>, received: Received) {
    let answer = service_fn(|request: Request<Incoming>| {
        let (response, received) = (response.clone(), received.clone());
        async move {
            let (head, body) = request.into_parts();
            let body = match Limited::new(body, LARGEST_BODY).collect().await {
                Ok(body) => body.to_bytes(),
                Err(error) => Bytes::from(format!("a body that cannot be read: {error}")),
            };
            let mut kept = received.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push(Request::from_parts(head, body));
            drop(kept);
            Ok::<_, Infallible>(as_it_stands(response))
        }
    });
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT);
    // A client that goes away is no concern of this side.
    _ = server.serve_connection(TokioIo::new(stream), answer).await;
}

/// The response, with a content length where the case does not give one.
fn as_it_stands(response: Response<Bytes>) -> Response<Stated> {
    let mut response = response.map(|body| Stated(Some(body)));
    if !response.headers().contains_key(CONTENT_LENGTH)
        && response.status() != StatusCode::NO_CONTENT
        && let Some(body) = &response.body().0
    {
        let length = body.len().into();
        response.headers_mut().insert(CONTENT_LENGTH, length);
    }
    response
}

/// A body of which only the content length says how long it is, right or wrong. Where it is shorter,
/// the connection ends early.
struct Stated(Option<Bytes>);

impl Body for Stated {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|body| Ok(Frame::data(body))))
    }
}
