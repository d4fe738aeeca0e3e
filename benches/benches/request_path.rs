//! One CreateBackendStorage call after another on loopback: the client against a bare hyper
//! connection that sends a prebuilt, unsigned request to the same server. And the stages alone.

use std::time::{Instant, SystemTime};

use amplify_backend::{Client, Credentials, Endpoint, Operation, Region, Signer};
use amplify_backend_benches::raw::{self, RESPONSE, Text, text};
use amplify_backend_benches::{Inputs, inputs};
use bytes::Bytes;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::{Request, Response};
use operations::models::CreateBackendStorageInput;

fn region() -> Region {
    Region::new("us-east-1").expect("it is one")
}

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

fn whole_call(criterion: &mut Criterion) {
    let address = raw::serve();
    let runtime = raw::runtime();
    let endpoint = Endpoint::new(&format!("http://{address}")).expect("an address is an endpoint");
    let Inputs {
        create_backend_storage: input,
        ..
    } = inputs();
    let mut group = criterion.benchmark_group("call");

    let client = Client::builder()
        .region(region())
        .credentials(credentials())
        .endpoint(endpoint.clone())
        .build();
    group.bench_function("ours", |bencher| {
        bencher.iter_custom(|times| {
            runtime.block_on(async {
                let start = Instant::now();
                for _ in 0..times {
                    client.send(&input).await.expect("the server answers");
                }
                start.elapsed()
            })
        });
    });

    let prebuilt = input.to_request(&endpoint).expect("the input can be sent");
    let mut sender = runtime.block_on(raw::connect(address));
    group.bench_function("raw-hyper", |bencher| {
        bencher.iter_custom(|times| {
            runtime.block_on(async {
                let start = Instant::now();
                for _ in 0..times {
                    let request = Request::post(prebuilt.uri().path())
                        .header("host", "127.0.0.1")
                        .header("content-type", "application/json")
                        .body(Text::from(prebuilt.body().clone()));
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

fn stages(criterion: &mut Criterion) {
    let endpoint = Endpoint::for_region(&region());
    let Inputs {
        create_backend_storage: input,
        ..
    } = inputs();
    let mut group = criterion.benchmark_group("stage");

    group.bench_function("encode", |bencher| {
        bencher.iter(|| input.to_request(&endpoint).expect("the input can be sent"));
    });

    let signer = Signer::new("us-east-1", "amplifybackend");
    let credentials = credentials();
    let at = SystemTime::now();
    group.bench_function("sign", |bencher| {
        bencher.iter_batched(
            || input.to_request(&endpoint).expect("the input can be sent"),
            |mut request| {
                signer
                    .sign(&mut request, &credentials, at)
                    .expect("it can be signed");
                request
            },
            BatchSize::SmallInput,
        );
    });

    group.bench_function("decode", |bencher| {
        bencher.iter(|| {
            let response = Response::new(Bytes::from_static(RESPONSE));
            CreateBackendStorageInput::parse_response(response).expect("an output")
        });
    });
    group.finish();
}

/// A client made anew, and its first call on a new connection.
fn first_call(criterion: &mut Criterion) {
    let address = raw::serve();
    let runtime = raw::runtime();
    let Inputs {
        create_backend_storage: input,
        ..
    } = inputs();
    criterion.bench_function("first-call/ours", |bencher| {
        bencher.iter_custom(|times| {
            runtime.block_on(async {
                let start = Instant::now();
                for _ in 0..times {
                    let client = Client::builder()
                        .region(region())
                        .credentials(credentials())
                        .endpoint(Endpoint::new(&format!("http://{address}")).expect("a URL"))
                        .build();
                    client.send(&input).await.expect("the server answers");
                }
                start.elapsed()
            })
        });
    });
}

criterion_group!(benches, stages, whole_call, first_call);
criterion_main!(benches);
