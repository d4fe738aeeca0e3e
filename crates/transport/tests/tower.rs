//! A tower service, with tower's layers around it, as a transport.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use std::{error::Error as _, sync::Arc, time::Duration};

use amplify_backend_transport::{
    Canned, TimeoutPhase, TowerTransport, Transport, TransportError, TransportErrorKind as Kind,
};
use bytes::Bytes;
use http::{Request, Response};
use tokio::task::JoinSet;
use tower::{BoxError, ServiceBuilder, ServiceExt as _, service_fn, timeout::error::Elapsed};

fn request() -> Request<Bytes> {
    Request::get("https://example.com/")
        .body(Bytes::new())
        .unwrap()
}

async fn never(_: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
    std::future::pending().await
}

#[tokio::test]
async fn a_service_answers() {
    let inner = Arc::new(Canned::new().respond(Response::new(Bytes::from("ok"))));
    let service = service_fn(move |request| {
        let inner = inner.clone();
        async move { inner.send(request).await }
    });
    let transport = TowerTransport::new(service);
    assert_eq!(transport.send(request()).await.unwrap().body(), "ok");
    assert_eq!(
        transport.send(request()).await.unwrap_err().kind(),
        Kind::Other
    );
}

#[tokio::test]
async fn a_transport_error_passes_through_layers_as_it_is() {
    let inner = Arc::new(Canned::new().fail(TransportError::new(Kind::Tls, "distrusted")));
    let service = ServiceBuilder::new()
        .concurrency_limit(1)
        .timeout(Duration::from_secs(60))
        .service(service_fn(move |request| {
            let inner = inner.clone();
            async move { inner.send(request).await }
        }));
    let error = TowerTransport::new(service)
        .send(request())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        (Kind::Tls, "distrusted".to_owned())
    );
}

#[tokio::test]
async fn an_error_of_a_layer_rules_nothing_out() {
    let service = ServiceBuilder::new()
        .timeout(Duration::from_millis(1))
        .service(service_fn(never));
    let error = TowerTransport::new(service)
        .send(request())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Other);
    assert!(error.may_have_been_processed());
    assert!(error.source().unwrap().is::<Elapsed>());
}

#[tokio::test]
async fn an_error_of_a_layer_can_be_given_its_kind() {
    let service = ServiceBuilder::new()
        .map_err(|error: BoxError| {
            let kind = Kind::Timeout {
                phase: TimeoutPhase::Attempt,
                sent_whole: true,
            };
            TransportError::new(kind, "no response within the layer's time").with_source(error)
        })
        .timeout(Duration::from_millis(1))
        .service(service_fn(never));
    let error = TowerTransport::new(service)
        .send(request())
        .await
        .unwrap_err();
    assert!(error.is_timeout());
}

#[tokio::test]
async fn a_service_that_is_not_ready_was_sent_nothing() {
    #[derive(Clone)]
    struct Broken;
    impl tower::Service<Request<Bytes>> for Broken {
        type Response = Response<Bytes>;
        type Error = BoxError;
        type Future = std::future::Pending<Result<Response<Bytes>, BoxError>>;
        fn poll_ready(
            &mut self,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Result<(), BoxError>> {
            std::task::Poll::Ready(Err("broken".into()))
        }
        fn call(&mut self, _: Request<Bytes>) -> Self::Future {
            std::future::pending()
        }
    }
    let error = TowerTransport::new(Broken)
        .send(request())
        .await
        .unwrap_err();
    assert!(!error.may_have_been_processed());
}

#[tokio::test]
async fn clones_share_a_concurrency_limit_and_boxed_services_do() {
    let running = Arc::new(tokio::sync::Semaphore::new(2));
    let service = ServiceBuilder::new()
        .concurrency_limit(2)
        .service(service_fn(move |_: Request<Bytes>| {
            let running = running.clone();
            async move {
                let _running = running
                    .try_acquire()
                    .expect("no more than the layer lets in");
                tokio::task::yield_now().await;
                Ok::<_, BoxError>(Response::new(Bytes::new()))
            }
        }));
    let transport = Arc::new(TowerTransport::new(service.boxed_clone()));
    let mut calls = JoinSet::new();
    for _ in 0..50 {
        let transport = transport.clone();
        calls.spawn(async move { transport.send(request()).await.unwrap() });
    }
    assert_eq!(calls.join_all().await.len(), 50);
}
