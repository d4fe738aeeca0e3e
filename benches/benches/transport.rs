//! One small `POST` after another over a kept connection on loopback: `HyperTransport` against a
//! bare hyper connection, to the same server.

use std::time::Instant;

use amplify_backend_benches::raw::{self, RESPONSE, Text, text};
use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http::Request;
use transport::{HyperTransport, Transport};

const REQUEST: &[u8] = &[b'x'; 200];

fn one_post(criterion: &mut Criterion) {
    let address = raw::serve();
    let runtime = raw::runtime();
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

    let mut sender = runtime.block_on(raw::connect(address));
    group.bench_function("raw-hyper", |bencher| {
        bencher.iter_custom(|times| {
            runtime.block_on(async {
                let start = Instant::now();
                for _ in 0..times {
                    let request = request("/backend/d1a2b3c4d5e6f7/storage")
                        .body(Text::from(Bytes::from_static(REQUEST)));
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

criterion_group!(benches, one_post);
criterion_main!(benches);
