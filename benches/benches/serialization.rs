//! Shapes to HTTP and back, against serde_json alone on the same shapes.
//!
//! `encode/*` is an input to its request, `decode/*` a response to its output. `serde_json` beside
//! it is the same JSON read into, or written from, the same struct, without HTTP.

#![allow(clippy::unwrap_used, reason = "a bench fails the short way")]
#![allow(missing_docs, reason = "criterion's macros make functions without any")]

use std::hint::black_box;

use amplify_backend_benches::{bucket_page, inputs, outputs};
use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use http::Response;
use operations::models::{ListS3BucketsInput, ListS3BucketsOutput};
use operations::server::ServerOperation;
use operations::{Endpoint, Operation};
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

fn encode<O: Operation + Serialize>(c: &mut Criterion, input: &O) {
    let endpoint = Endpoint::new("https://example.com").unwrap();
    let mut group = c.benchmark_group(format!("encode/{}", O::NAME));
    group.bench_function("ours", |b| {
        b.iter(|| black_box(input).to_request(&endpoint).unwrap())
    });
    group.bench_function("serde_json", |b| {
        b.iter(|| serde_json::to_vec(black_box(input)).unwrap());
    });
}

fn decode<O>(c: &mut Criterion, output: &O::Output)
where
    O: ServerOperation<Output: DeserializeOwned>,
{
    let response = O::to_response(output);
    let body: Bytes = response.body().clone();
    let mut group = c.benchmark_group(format!("decode/{}", O::NAME));
    group.bench_function("ours", |b| {
        b.iter(|| O::parse_response(black_box(&response).clone()).unwrap());
    });
    group.bench_function("serde_json", |b| {
        b.iter(|| serde_json::from_slice::<O::Output>(black_box(&body)).unwrap());
    });
}

fn every_operation(c: &mut Criterion) {
    let (i, o) = (inputs(), outputs());
    encode(c, &i.create_backend_storage);
    encode(c, &i.delete_backend_storage);
    encode(c, &i.get_backend_job);
    encode(c, &i.get_backend_storage);
    encode(c, &i.import_backend_storage);
    encode(c, &i.list_backend_jobs);
    encode(c, &i.list_s3_buckets);
    encode(c, &i.update_backend_job);
    encode(c, &i.update_backend_storage);
    decode::<operations::models::CreateBackendStorageInput>(c, &o.create_backend_storage);
    decode::<operations::models::GetBackendJobInput>(c, &o.get_backend_job);
    decode::<operations::models::GetBackendStorageInput>(c, &o.get_backend_storage);
}

fn list_s3_buckets(c: &mut Criterion) {
    let mut group = c.benchmark_group("decode/ListS3Buckets");
    for buckets in [10, 1_000, 100_000, 1_000_000] {
        let body = bucket_page(buckets);
        group.throughput(Throughput::Bytes(body.len().try_into().unwrap()));
        if buckets >= 100_000 {
            group.sample_size(10);
        }
        group.bench_with_input(BenchmarkId::new("ours", buckets), &body, |b, body| {
            b.iter(|| ListS3BucketsInput::parse_response(Response::new(body.clone())).unwrap());
        });
        group.bench_with_input(BenchmarkId::new("serde_json", buckets), &body, |b, body| {
            b.iter(|| serde_json::from_slice::<ListS3BucketsOutput>(body).unwrap());
        });
    }
}

criterion_group!(benches, every_operation, list_s3_buckets);
criterion_main!(benches);
