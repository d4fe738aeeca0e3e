//! What signing, presigning and verifying cost, ours against the crate `aws-sigv4`.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use amplify_backend_benches::signers::{
    ID, SECRET, SMALL, at, aws_sigv4, credentials, ours, request, token,
};
use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use http::Request;
use signing::{Credentials, Signer, Verifier};

/// Few requests at a time, as in a client: their memory stays warm, and comes from the allocator's
/// caches.
const BATCH: BatchSize = BatchSize::NumIterations(5);

fn signing(c: &mut Criterion) {
    for (with, token) in [("", None), ("-with-token", Some(token()))] {
        let build = || request(SMALL);
        let mut group = c.benchmark_group(format!("signing{with}"));
        let credentials = credentials(token.clone());
        let signer = ours();
        group.bench_function("ours/kept-key", |b| {
            let sign = |request: &mut Request<Bytes>| {
                signer.sign(request, &credentials, at()).expect("signed");
            };
            b.iter_batched_ref(build, sign, BATCH);
        });
        group.bench_function("ours/new-key", |b| {
            let sign = |(signer, request): &mut (Signer, Request<Bytes>)| {
                signer.sign(request, &credentials, at()).expect("signed");
            };
            let input = || (ours(), build());
            b.iter_batched_ref(input, sign, BATCH);
        });
        let aws = aws_sigv4(token, None);
        group.bench_function("aws-sigv4", |b| {
            b.iter_batched_ref(build, |request| aws(request), BATCH);
        });
    }
}

fn signing_by_body(c: &mut Criterion) {
    let (signer, credentials) = (ours(), credentials(None));
    let aws = aws_sigv4(None, None);
    let mut group = c.benchmark_group("signing-body");
    for bytes in [0, 1 << 10, 64 << 10, 1 << 20] {
        let build = || request(bytes);
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(format!("ours/{bytes}"), |b| {
            let sign = |request: &mut Request<Bytes>| {
                signer.sign(request, &credentials, at()).expect("signed");
            };
            b.iter_batched_ref(build, sign, BATCH);
        });
        group.bench_function(format!("aws-sigv4/{bytes}"), |b| {
            b.iter_batched_ref(build, |request| aws(request), BATCH);
        });
    }
}

fn presign(c: &mut Criterion) {
    let (signer, credentials) = (ours(), credentials(None));
    let aws = aws_sigv4(None, Some(Duration::from_secs(900)));
    let build = || request(0);
    let mut group = c.benchmark_group("presign");
    group.bench_function("ours", |b| {
        let sign = |request: &mut Request<Bytes>| {
            let expires_in = Duration::from_secs(900);
            signer
                .presign(request, &credentials, at(), expires_in)
                .expect("signed");
        };
        b.iter_batched_ref(build, sign, BATCH);
    });
    group.bench_function("aws-sigv4", |b| {
        b.iter_batched_ref(build, |request| aws(request), BATCH);
    });
}

fn verify(c: &mut Criterion) {
    let mut group = c.benchmark_group("verify");
    for (form, token) in [
        ("header", None),
        ("header-with-token", Some(token())),
        ("query", None),
    ] {
        let (signer, credentials) = (ours(), credentials(token));
        let mut request = request(SMALL);
        let signed = match form {
            "query" => signer.presign(&mut request, &credentials, at(), Duration::from_secs(900)),
            _ => signer.sign(&mut request, &credentials, at()),
        };
        signed.expect("signed");
        let verifier = Verifier::new(signer);
        group.bench_function(form, |b| {
            b.iter(|| {
                let verified = verifier.verify(&request, |_| Some(credentials.clone()), at());
                black_box(verified.expect("verified"))
            });
        });
    }
}

/// Several clients, each with its own access key, that send in turn.
fn verify_in_turn(c: &mut Criterion) {
    let mut group = c.benchmark_group("verify-in-turn");
    for clients in [1, 2, 8, 9] {
        let signer = ours();
        let signed = |number| {
            let credentials =
                Credentials::new(format!("{ID}{number}"), format!("{SECRET}{number}"));
            let mut request = request(SMALL);
            signer
                .sign(&mut request, &credentials, at())
                .expect("signed");
            (request, credentials)
        };
        let requests: Vec<_> = (0..clients).map(signed).collect();
        let verifier = Verifier::new(signer.clone());
        let mut turns = requests.iter().cycle();
        group.bench_function(clients.to_string(), |b| {
            b.iter(|| {
                let (request, credentials) = turns.next().expect("one client at least");
                let verified = verifier.verify(request, |_| Some(credentials.clone()), at());
                black_box(verified.expect("verified"))
            });
        });
    }
}

/// Time for one signature on each of so many threads, all on one signer. Up to the number of cores
/// it should stay the same.
fn threads(c: &mut Criterion) {
    let (signer, credentials) = (ours(), credentials(None));
    let mut group = c.benchmark_group("signing-threads");
    for threads in [1, 2, 4, 8] {
        group.bench_function(threads.to_string(), |b| {
            b.iter_custom(|iterations| {
                let start = Instant::now();
                thread::scope(|scope| {
                    for _ in 0..threads {
                        scope.spawn(|| {
                            let mut request = request(SMALL);
                            for _ in 0..iterations {
                                signer
                                    .sign(&mut request, &credentials, at())
                                    .expect("signed");
                                black_box(&request);
                            }
                        });
                    }
                });
                start.elapsed()
            });
        });
    }
}

criterion_group!(
    benches,
    signing,
    signing_by_body,
    presign,
    verify,
    verify_in_turn,
    threads
);
criterion_main!(benches);
