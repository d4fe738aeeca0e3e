//! One small `POST` after another over a kept connection on loopback: `HyperTransport` against a
//! bare hyper connection, to the same server.

use std::{
    convert::Infallible,
    future::poll_fn,
    net::SocketAddr,
    pin::Pin,
    sync::mpsc,
    task::{Context, Poll},
    thread,
    time::Instant,
};

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http::{Request, Response};
use hyper::{
    body::{Body, Frame, Incoming, SizeHint},
    client, server,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
};
use transport::{HyperTransport, Transport};

const REQUEST: &[u8] = &[b'x'; 200];
const RESPONSE: &[u8] = br#"{"appId":"d1a2b3c4d5e6f7","jobId":"job-1","status":"RUNNING"}"#;

fn one_post(criterion: &mut Criterion) {
    let address = serve();
    let runtime = runtime();
    let mut group = criterion.benchmark_group("transport");

    let transport = HyperTransport::new();
    let target = format!("http://{address}/backend/d1a2b3c4d5e6f7/storage");
    group.bench_function("ours", |bencher| {
        bencher.iter_custom(|times| {
            runtime.block_on(async {
                let start = Instant::now();
                for _ in 0..times {
                    let request = request(&target).body(Bytes::from_static(REQUEST));
                    let response = transport.send(request.expect("a valid request")).await;
                    assert_eq!(response.expect("a response").body(), RESPONSE);
                }
                start.elapsed()
            })
        });
    });

    let mut sender = runtime.block_on(async {
        let stream = TcpStream::connect(address)
            .await
            .expect("the server listens");
        stream.set_nodelay(true).expect("TCP has the option");
        let stream = TokioIo::new(stream);
        let (sender, driver) = client::conn::http1::handshake(stream)
            .await
            .expect("HTTP/1.1 has no handshake");
        tokio::spawn(driver);
        sender
    });
    group.bench_function("raw-hyper", |bencher| {
        bencher.iter_custom(|times| {
            runtime.block_on(async {
                let start = Instant::now();
                for _ in 0..times {
                    let request =
                        request("/backend/d1a2b3c4d5e6f7/storage").body(Text::of(REQUEST));
                    sender
                        .ready()
                        .await
                        .expect("the server keeps the connection");
                    let response = sender.send_request(request.expect("a valid request")).await;
                    let body = text(response.expect("a response").into_body()).await;
                    assert_eq!(body, RESPONSE);
                }
                start.elapsed()
            })
        });
    });
    group.finish();
}

/// The headers of a signed call.
fn request(target: &str) -> http::request::Builder {
    Request::post(target)
        .header("host", "127.0.0.1")
        .header("content-type", "application/json")
        .header("authorization", AUTHORIZATION)
}

const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/amplifybackend/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A hyper server on a thread of its own.
fn serve() -> SocketAddr {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        runtime().block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0")
                .await
                .expect("loopback has a port");
            tell.send(listener.local_addr().expect("it is bound"))
                .expect("someone waits");
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).expect("TCP has the option");
                let service = service_fn(|request: Request<Incoming>| async {
                    text(request.into_body()).await;
                    Response::builder()
                        .header("content-type", "application/json")
                        .header("x-amzn-requestid", "11111111-2222-3333-4444-555555555555")
                        .body(Text::of(RESPONSE))
                });
                let connection = server::conn::http1::Builder::new();
                tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
            }
        });
    });
    told.recv().expect("the server starts")
}

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the machine has timers and sockets")
}

/// A body of one piece.
struct Text(Option<Bytes>);

impl Text {
    fn of(text: &'static [u8]) -> Self {
        Self(Some(Bytes::from_static(text)))
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
async fn text(mut body: Incoming) -> Bytes {
    let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
    let frame = frame.expect("a body").expect("the connection holds");
    frame.into_data().expect("no trailers")
}

criterion_group!(benches, one_post);
criterion_main!(benches);
