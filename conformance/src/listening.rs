//! A port of loopback, or of elsewhere, that reads whole requests and answers them.

use std::convert::Infallible;
use std::pin::Pin;
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
use tokio::task::JoinSet;

/// In bytes, of a request's body.
const LARGEST_BODY: usize = 1 << 20;
/// Until the head of a request is there.
const HEAD_LIMIT: Duration = Duration::from_secs(10);

/// Answers what comes to `listener` with what `answer` makes of it. Dropped, it ends, and the
/// connections with it.
pub(crate) async fn serve<A, F>(listener: TcpListener, answer: A)
where
    A: Fn(Request<Bytes>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Bytes>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                connections.spawn(connection(stream, answer.clone()));
            },
            // Those that ended are forgotten.
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection<A, F>(stream: TcpStream, answer: A)
where
    A: Fn(Request<Bytes>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Bytes>> + Send + 'static,
{
    let answer = service_fn(move |request: Request<Incoming>| {
        let answer = answer.clone();
        async move {
            let (head, body) = request.into_parts();
            let body = Limited::new(body, LARGEST_BODY).collect().await;
            let response = match body {
                Ok(body) => answer(Request::from_parts(head, body.to_bytes())).await,
                Err(_) => {
                    let mut response = Response::new(Bytes::from_static(b"{}"));
                    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
                    response
                }
            };
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

/// The response, with a content length where it does not state one and may.
fn as_it_stands(response: Response<Bytes>) -> Response<Stated> {
    let length = response.body().len();
    let status = response.status();
    let mut response = response.map(|body| Stated(Some(body)));
    let without_body = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status);
    if !without_body && !response.headers().contains_key(CONTENT_LENGTH) {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
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
