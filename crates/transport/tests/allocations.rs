//! How often and how much a call allocates, beside hyper without anything around it.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod support;

use std::convert::Infallible;

use allocation_counter::AllocationInfo;
use amplify_backend_transport::{HyperTransport, Transport, TransportErrorKind as Kind};
use bytes::Bytes;
use http::{Request, Response};
use hyper::{client::conn::http1, server, service::service_fn};
use hyper_util::rt::TokioIo;
use support::{Server, assert_kind, read_request};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};

/// Client and server share this runtime's one thread, and so both are counted.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// A server like the ones users test with, on hyper.
async fn echo() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service_fn(|_: Request<hyper::body::Incoming>| async {
                let response = Response::builder()
                    .header("content-type", "application/json")
                    .header("x-amzn-requestid", "11111111-2222-3333-4444-555555555555");
                Ok::<_, Infallible>(response.body(Text(Some(Bytes::from_static(BODY)))).unwrap())
            });
            let serving =
                server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(serving);
        }
    });
    address
}

const BODY: &[u8] = br#"{"appId":"d1a2b3c4d5e6f7","jobId":"job-1","status":"RUNNING"}"#;

struct Text(Option<Bytes>);

impl hyper::body::Body for Text {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Infallible>>> {
        std::task::Poll::Ready(self.0.take().map(|text| Ok(hyper::body::Frame::data(text))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        hyper::body::SizeHint::with_exact(self.0.as_ref().map_or(0, |text| text.len() as u64))
    }
}

fn request(target: &str) -> http::request::Builder {
    Request::post(target)
        .header("host", "127.0.0.1")
        .header("content-type", "application/json")
        .header("authorization", "x".repeat(250))
}

/// Counts one exchange of many, after what is set up once has been set up.
fn counted(runtime: &Runtime, mut exchange: impl AsyncFnMut()) -> AllocationInfo {
    runtime.block_on(async {
        for _ in 0..100 {
            exchange().await;
        }
    });
    let total = allocation_counter::measure(|| {
        runtime.block_on(async {
            for _ in 0..100 {
                exchange().await;
            }
        });
    });
    AllocationInfo {
        count_total: total.count_total / 100,
        bytes_total: total.bytes_total / 100,
        ..total
    }
}

#[test]
fn a_call_allocates_little_more_than_hyper_itself() {
    let runtime = runtime();
    let address = runtime.block_on(echo());

    let target = format!("http://{address}/path");
    let transport = HyperTransport::new();
    let ours = counted(&runtime, async || {
        let request = request(&target).body(Bytes::from(vec![b'x'; 200])).unwrap();
        let response = transport.send(request).await.unwrap();
        assert_eq!(response.body(), BODY);
    });

    let mut sender = runtime.block_on(async {
        let stream = TcpStream::connect(address).await.unwrap();
        let (sender, driver) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(driver);
        sender
    });
    let raw = counted(&runtime, async || {
        let request = request("/path")
            .body(Text(Some(Bytes::from(vec![b'x'; 200]))))
            .unwrap();
        sender.ready().await.unwrap();
        let response = sender.send_request(request).await.unwrap();
        let (_, body) = response.into_parts();
        let mut body = std::pin::pin!(body);
        let frame = std::future::poll_fn(|cx| hyper::body::Body::poll_frame(body.as_mut(), cx));
        assert_eq!(frame.await.unwrap().unwrap().into_data().unwrap(), BODY);
    });

    println!(
        "ours: {} allocations, {} bytes",
        ours.count_total, ours.bytes_total
    );
    println!(
        "raw hyper: {} allocations, {} bytes",
        raw.count_total, raw.bytes_total
    );
    assert!(ours.count_total <= raw.count_total + 4, "{ours:?} {raw:?}");
    assert!(
        ours.bytes_total <= raw.bytes_total + 1024,
        "{ours:?} {raw:?}"
    );
}

#[test]
fn a_body_without_end_costs_no_more_than_the_limit() {
    let runtime = runtime();
    let server = runtime.block_on(Server::start(|_, mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        loop {
            stream.write_all(&[b'x'; 1000]).await?;
        }
    }));
    let transport = HyperTransport::builder()
        .max_response_body(256 * 1024)
        .build();
    let used = allocation_counter::measure(|| {
        let error = runtime.block_on(transport.send(server.get())).unwrap_err();
        assert_kind(&error, Kind::ResponseTooLarge);
    });
    // The body grows by doubling, beside one read buffer of 64 KiB.
    assert!(used.bytes_max <= 1024 * 1024, "{used:?}");
}
