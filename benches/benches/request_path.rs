//! One CreateBackendStorage call after another on loopback, our client against a bare hyper
//! connection that sends a prebuilt, unsigned request to the same server, and with feature `peers`
//! the official SDK; the stages of the call alone; and up to 512 calls in flight, also against raw
//! hyper that signs each call.

use std::time::Duration;

use amplify_backend_benches::stages::{self, Stage};
use amplify_backend_benches::{in_flight, raw};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

fn one(criterion: &mut Criterion) {
    let stage = |name: &str| match name.split_once('/') {
        Some((_, operation)) => {
            operation == "CreateBackendStorage" && !name.starts_with("emulator")
        }
        None => !name.starts_with("sign-") && name != "presign" && name != "verify",
    };
    let mut group = criterion.benchmark_group("request-path");
    for mut stage in stages::all().into_iter().filter(|it| stage(&it.name)) {
        let Stage { name, .. } = &stage;
        group.bench_function(name.clone(), |bencher| {
            bencher.iter_custom(|times| stage.time(times));
        });
    }
}

/// The mean time that a call takes, by how many there are at a time.
fn many(criterion: &mut Criterion) {
    let address = raw::serve();
    let runtime = raw::runtime();
    let endpoint = stages::endpoint(&format!("http://{address}"));
    let client = stages::client(&endpoint);
    let unsigned = in_flight::unsigned(&endpoint);
    let signing = runtime.block_on(in_flight::signing(&endpoint));

    let mut group = criterion.benchmark_group("in-flight");
    for callers in [1, 8, 64, 512] {
        group.bench_function(BenchmarkId::new("ours", callers), |bencher| {
            bencher.iter_custom(|times| {
                let calls = calls_of_each(times, callers);
                let took = runtime.block_on(in_flight::ours(&client, callers, calls));
                mean_of(times, &took)
            });
        });
        let mut connections = runtime.block_on(async {
            let mut connections = Vec::new();
            for _ in 0..callers {
                connections.push(raw::connect(address).await);
            }
            connections
        });
        group.bench_function(BenchmarkId::new("raw-hyper", callers), |bencher| {
            bencher.iter_custom(|times| {
                let calls = calls_of_each(times, callers);
                let bare = in_flight::bare(&mut connections, unsigned.clone(), calls);
                mean_of(times, &runtime.block_on(bare))
            });
        });
        group.bench_function(BenchmarkId::new("raw-hyper-signing", callers), |bencher| {
            bencher.iter_custom(|times| {
                let calls = calls_of_each(times, callers);
                let bare = in_flight::bare(&mut connections, signing.clone(), calls);
                mean_of(times, &runtime.block_on(bare))
            });
        });
    }
}

/// So that all together make `times` calls, about, and each one at least.
fn calls_of_each(times: u64, callers: usize) -> usize {
    usize::try_from(times).map_or(usize::MAX, |times| times.div_ceil(callers))
}

/// What `times` calls take whose mean is that of `took`.
#[expect(clippy::cast_precision_loss, reason = "counts for a mean")]
fn mean_of(times: u64, took: &[Duration]) -> Duration {
    let total: Duration = took.iter().sum();
    total.mul_f64(times as f64 / took.len() as f64)
}

criterion_group!(benches, one, many);
criterion_main!(benches);
