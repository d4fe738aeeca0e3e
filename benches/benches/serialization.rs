//! Shapes to HTTP and back, against serde_json alone on the same shapes.
//!
//! `encode/*` is an input to its request, `decode/*` a response to its output. `serde_json` beside
//! it is the same JSON read into, or written from, the same struct, without HTTP.

#![allow(missing_docs, reason = "criterion's macros make functions without any")]

use std::hint::black_box;

use amplify_backend_benches::shapes::{Visit, bucket_page, every_operation};
use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use http::Response;
use operations::models::{ListS3BucketsInput, ListS3BucketsOutput};
use operations::server::ServerOperation;
use operations::{Endpoint, Operation};
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

/// Both directions of an operation.
struct Benched<'a>(&'a mut Criterion);

impl Visit for Benched<'_> {
    fn operation<O>(&mut self, input: fn() -> O, output: fn() -> O::Output)
    where
        O: ServerOperation<Output: DeserializeOwned + 'static> + Serialize + Clone + 'static,
    {
        let endpoint = Endpoint::new("https://example.com").expect("a URL");
        let input = input();
        let mut group = self.0.benchmark_group(format!("encode/{}", O::NAME));
        group.bench_function("ours", |b| {
            b.iter(|| {
                black_box(&input)
                    .to_request(&endpoint)
                    .expect("it can be sent")
            });
        });
        group.bench_function("serde_json", |b| {
            b.iter(|| serde_json::to_vec(black_box(&input)).expect("it is JSON"));
        });
        group.finish();

        let response = O::to_response(&output());
        let body: Bytes = response.body().clone();
        let mut group = self.0.benchmark_group(format!("decode/{}", O::NAME));
        group.bench_function("ours", |b| {
            b.iter(|| O::parse_response(black_box(&response).clone()).expect("an output"));
        });
        group.bench_function("serde_json", |b| {
            b.iter(|| serde_json::from_slice::<O::Output>(black_box(&body)).expect("an output"));
        });
    }
}

fn operations(c: &mut Criterion) {
    every_operation(&mut Benched(c));
}

fn buckets(c: &mut Criterion) {
    let mut group = c.benchmark_group("buckets");
    for buckets in [10, 1_000, 100_000, 1_000_000] {
        let body = bucket_page(buckets);
        group.throughput(Throughput::Bytes(body.len() as u64));
        if buckets >= 100_000 {
            group.sample_size(10);
        }
        group.bench_with_input(BenchmarkId::new("ours", buckets), &body, |b, body| {
            b.iter(|| {
                ListS3BucketsInput::parse_response(Response::new(body.clone())).expect("a page")
            });
        });
        group.bench_with_input(BenchmarkId::new("serde_json", buckets), &body, |b, body| {
            b.iter(|| serde_json::from_slice::<ListS3BucketsOutput>(body).expect("a page"));
        });
    }
}

criterion_group!(benches, operations, buckets);
criterion_main!(benches);
