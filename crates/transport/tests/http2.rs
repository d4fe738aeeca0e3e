//! HTTP/2, where TLS settles on it.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod support;

use std::{
    convert::Infallible,
    future::{pending, poll_fn},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll},
    time::Duration,
};

use amplify_backend_transport::{
    AttemptTimeout, HyperTransport, Replay, RootCertificates, TimeoutPhase, Transport,
    TransportErrorKind as Kind,
};
use bytes::Bytes;
use http::{Request, Response};
use hyper::{
    body::{Body, Frame, Incoming},
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use support::{Server, assert_kind, proxy::ProxyServer, until};
use tokio::{runtime::Handle, sync::Notify, task::JoinSet};
use tokio_rustls::TlsAcceptor;

const NAMES: [&str; 2] = ["localhost", "service.example.com"];

fn tls(protocols: &[&str]) -> (TlsAcceptor, RootCertificates) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(NAMES.map(str::to_owned)).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = protocols
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    (
        TlsAcceptor::from(Arc::new(config)),
        RootCertificates::from_der(cert.der()).unwrap(),
    )
}

/// Echoes bodies; `/hang` never answers, `/large` answers with 100,000 bytes.
async fn echo(request: Request<Incoming>) -> Result<Response<Text>, Infallible> {
    let version = format!("{:?}", request.version());
    let text = match request.uri().path() {
        "/hang" => pending().await,
        "/large" => Bytes::from(vec![b'x'; 100_000]),
        _ => collect(request.into_body()).await,
    };
    Ok(Response::builder()
        .header("x-version", version)
        .body(Text(Some(text)))
        .unwrap())
}

async fn collect(mut body: Incoming) -> Bytes {
    let mut all = Vec::new();
    while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        all.extend_from_slice(&frame.into_data().unwrap_or_default());
    }
    all.into()
}

struct Text(Option<Bytes>);

impl Body for Text {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|text| Ok(Frame::data(text))))
    }
}

async fn server() -> (Server, RootCertificates) {
    let (acceptor, roots) = tls(&["h2", "http/1.1"]);
    (serving(acceptor).await, roots)
}

async fn serving(acceptor: TlsAcceptor) -> Server {
    Server::start(move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            let stream = TokioIo::new(acceptor.accept(stream).await?);
            http2::Builder::new(TokioExecutor::new())
                .serve_connection(stream, service_fn(echo))
                .await
                .map_err(std::io::Error::other)
        }
    })
    .await
}

fn post(server: &Server, path: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    let uri = format!(
        "https://user:secret@localhost:{}{path}",
        server.address.port()
    );
    Request::post(uri).body(body.into()).unwrap()
}

#[tokio::test]
async fn many_calls_at_once_share_one_connection() {
    let (server, roots) = server().await;
    let transport = HyperTransport::builder().http2().extra_roots(roots).build();
    let response = transport.send(post(&server, "/", "first")).await.unwrap();
    assert_eq!(response.headers()["x-version"], "HTTP/2.0");
    let mut calls = JoinSet::new();
    for number in 0..100 {
        let (transport, request) = (transport.clone(), post(&server, "/", format!("{number}")));
        calls.spawn(async move {
            let response = transport.send(request).await.unwrap();
            assert_eq!(response.body(), &number.to_string());
        });
    }
    assert_eq!(calls.join_all().await.len(), 100);
    assert_eq!(server.counts.accepted(), 1);
}

#[tokio::test]
async fn many_calls_at_once_share_one_tunnel() {
    let (acceptor, roots) = tls(&["h2", "http/1.1"]);
    let server = serving(acceptor).await;
    let proxy = ProxyServer::to(&server).await;
    let transport = HyperTransport::builder()
        .http2()
        .extra_roots(roots)
        .proxies(proxy.for_all("user:password@"))
        .build();
    let post = |body: String| {
        Request::post("https://service.example.com/")
            .body(Bytes::from(body))
            .unwrap()
    };
    let response = transport.send(post("first".to_owned())).await.unwrap();
    assert_eq!(response.headers()["x-version"], "HTTP/2.0");
    let mut calls = JoinSet::new();
    for number in 0..100 {
        let (transport, request) = (transport.clone(), post(number.to_string()));
        calls.spawn(async move {
            let response = transport.send(request).await.unwrap();
            assert_eq!(response.body(), &number.to_string());
        });
    }
    assert_eq!(calls.join_all().await.len(), 100);
    assert_eq!(proxy.server.counts.accepted(), 1);
    drop(transport);
    until(|| proxy.server.counts.open() == 0 && server.counts.open() == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_at_once_from_cold_stay_within_the_bound() {
    let (server, roots) = server().await;
    let transport = HyperTransport::builder()
        .http2()
        .extra_roots(roots)
        .max_connections(8)
        .build();
    let mut calls = JoinSet::new();
    for _ in 0..1000 {
        let (transport, request) = (transport.clone(), post(&server, "/", "x"));
        calls.spawn(async move { transport.send(request).await.unwrap() });
    }
    assert_eq!(calls.join_all().await.len(), 1000);
    assert!(
        server.counts.accepted() <= 8,
        "{}",
        server.counts.accepted()
    );
    // Those that raced to be first are gone, and one is kept.
    until(|| server.counts.open() == 1).await;
}

#[tokio::test]
async fn a_server_without_http2_gets_http1() {
    let (acceptor, roots) = tls(&["http/1.1"]);
    let server = Server::start(move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            let stream = TokioIo::new(acceptor.accept(stream).await?);
            http1::Builder::new()
                .serve_connection(stream, service_fn(echo))
                .await
                .map_err(std::io::Error::other)
        }
    })
    .await;
    let transport = HyperTransport::builder().http2().extra_roots(roots).build();
    let response = transport.send(post(&server, "/", "x")).await.unwrap();
    assert_eq!(response.headers()["x-version"], "HTTP/1.1");
}

#[tokio::test]
async fn limits_and_deadlines_hold() {
    let (server, roots) = server().await;
    let transport = HyperTransport::builder()
        .http2()
        .extra_roots(roots)
        .max_response_body(99_999)
        .build();
    let error = transport
        .send(post(&server, "/large", ""))
        .await
        .unwrap_err();
    assert_kind(&error, Kind::ResponseTooLarge);

    let mut hanging = post(&server, "/hang", "");
    hanging
        .extensions_mut()
        .insert(AttemptTimeout(Duration::from_millis(50)));
    let error = transport.send(hanging).await.unwrap_err();
    let expected = Kind::Timeout {
        phase: TimeoutPhase::Attempt,
        sent_whole: true,
    };
    assert_kind(&error, expected);
    // Only their streams ended; the connection serves on.
    assert_eq!(
        transport
            .send(post(&server, "/", "on"))
            .await
            .unwrap()
            .body(),
        "on"
    );
    assert_eq!(server.counts.accepted(), 1);
}

/// A server that closes its first connection when it gets a second request there.
async fn forgetful() -> (Server, RootCertificates) {
    let (acceptor, roots) = tls(&["h2"]);
    let server = Server::start(move |number, stream| {
        let acceptor = acceptor.clone();
        async move {
            let stream = TokioIo::new(acceptor.accept(stream).await?);
            let seen = Arc::new((AtomicUsize::new(0), Notify::new()));
            let told = seen.clone();
            let service = service_fn(move |request| {
                let told = told.clone();
                async move {
                    if number == 0 && told.0.fetch_add(1, SeqCst) > 0 {
                        told.1.notify_one();
                        return pending().await;
                    }
                    echo(request).await
                }
            });
            tokio::select! {
                served = http2::Builder::new(TokioExecutor::new())
                    .serve_connection(stream, service) => served.map_err(std::io::Error::other),
                () = seen.1.notified() => Ok(()),
            }
        }
    })
    .await;
    (server, roots)
}

#[tokio::test]
async fn a_connection_that_ends_without_an_answer_is_replaced_for_reading_requests_only() {
    let (server, roots) = forgetful().await;
    let transport = HyperTransport::builder()
        .http2()
        .extra_roots(roots.clone())
        .build();
    transport.send(post(&server, "/", "")).await.unwrap();
    let error = transport
        .send(post(&server, "/", "changing"))
        .await
        .unwrap_err();
    assert_kind(&error, Kind::Interrupted { sent_whole: true });
    assert!(error.may_have_been_processed());

    let (server, roots) = forgetful().await;
    let transport = HyperTransport::builder().http2().extra_roots(roots).build();
    transport.send(post(&server, "/", "")).await.unwrap();
    let mut reading = post(&server, "/", "reading");
    reading.extensions_mut().insert(Replay::Safe);
    assert_eq!(transport.send(reading).await.unwrap().body(), "reading");
    assert_eq!(server.counts.accepted(), 2);
}

#[tokio::test]
async fn no_task_and_no_socket_is_left_behind() {
    let (server, roots) = server().await;
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let transport = HyperTransport::builder().http2().extra_roots(roots).build();
    transport.send(post(&server, "/", "")).await.unwrap();
    drop(transport);
    until(|| server.counts.open() == 0 && tasks() == before).await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_when_its_time_is_over() {
    let (server, roots) = server().await;
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let brief = Duration::from_millis(20);
    let transport = HyperTransport::builder()
        .http2()
        .extra_roots(roots)
        .idle_timeout(brief)
        .build();
    transport.send(post(&server, "/", "")).await.unwrap();
    until(|| server.counts.open() == 0 && tasks() == before).await;
    transport.send(post(&server, "/", "")).await.unwrap();
    assert_eq!(server.counts.accepted(), 2);
}
