//! What signing, presigning and verifying cost, ours against the crate `aws-sigv4`.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use aws_sigv4::http_request::{
    self, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use http::Request;
use signing::{Credentials, Signer, Verifier};

const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const REGION: &str = "us-east-1";
const SERVICE: &str = "amplifybackend";

fn at() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160)
}

/// A token as long as the one in AWS's signing cases, 356 bytes. Longer ones bring both signers
/// closer to each other: to the time that hashing and copying the token takes.
fn token() -> String {
    "IQoJb3JpZ2luX2VjEXAMPLE/"
        .chars()
        .cycle()
        .take(356)
        .collect()
}

fn credentials(token: Option<String>) -> Credentials {
    let credentials = Credentials::new(ID, SECRET);
    token
        .into_iter()
        .fold(credentials, Credentials::with_session_token)
}

/// A call as the client sends it, with a body of that many bytes.
fn request(body: usize) -> Request<Bytes> {
    Request::post("https://amplifybackend.us-east-1.amazonaws.com/backend/d1a2b3c4d5e6f7/storage")
        .header("content-type", "application/json")
        .header("user-agent", "amplify-backend/0.1.0 Rust/1.95 linux")
        .header(
            "amz-sdk-invocation-id",
            "7f3a2f64-6c1d-4c8b-9f0e-1d2c3b4a5968",
        )
        .header("amz-sdk-request", "attempt=1; max=3")
        .body(Bytes::from(vec![b'x'; body]))
        .expect("a valid request")
}

/// Few requests at a time, as in a client: their memory stays warm, and comes from the allocator's
/// caches.
const BATCH: BatchSize = BatchSize::NumIterations(5);

/// The body of a CreateBackendStorage call, about.
const SMALL: usize = 200;

/// AWS's own signer as its documentation shows it, with what can be kept made once. It leaves out
/// the same headers, and presigns where there is an expiry.
fn aws_sigv4(token: Option<String>, expires_in: Option<Duration>) -> impl Fn(&mut Request<Bytes>) {
    let credentials = aws_credential_types::Credentials::new(ID, SECRET, token, None, "bench");
    let identity = credentials.into();
    let mut settings = SigningSettings::default();
    let unsigned = ["amz-sdk-invocation-id", "amz-sdk-request"].map(Into::into);
    settings
        .excluded_headers
        .get_or_insert_default()
        .extend(unsigned);
    if expires_in.is_some() {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = expires_in;
    }
    move |request| {
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name(SERVICE)
            .time(at())
            .settings(settings.clone())
            .build()
            .expect("all is set")
            .into();
        let headers = request.headers().iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.to_str().expect("ASCII")));
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.uri().to_string(),
            headers,
            SignableBody::Bytes(request.body()),
        );
        let output = http_request::sign(signable.expect("a valid request"), &params);
        let (instructions, _) = output.expect("a request that can be signed").into_parts();
        instructions.apply_to_request_http1x(request);
    }
}

fn signing(c: &mut Criterion) {
    for (with, token) in [("", None), ("-with-token", Some(token()))] {
        let build = || request(SMALL);
        let mut group = c.benchmark_group(format!("signing{with}"));
        let credentials = credentials(token.clone());
        let signer = Signer::new(REGION, SERVICE);
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
            let input = || (Signer::new(REGION, SERVICE), build());
            b.iter_batched_ref(input, sign, BATCH);
        });
        let aws = aws_sigv4(token, None);
        group.bench_function("aws-sigv4", |b| {
            b.iter_batched_ref(build, |request| aws(request), BATCH);
        });
    }
}

fn signing_by_body(c: &mut Criterion) {
    let (signer, credentials) = (Signer::new(REGION, SERVICE), credentials(None));
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
    let (signer, credentials) = (Signer::new(REGION, SERVICE), credentials(None));
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
        let (signer, credentials) = (Signer::new(REGION, SERVICE), credentials(token));
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
        let signer = Signer::new(REGION, SERVICE);
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
    let (signer, credentials) = (Signer::new(REGION, SERVICE), credentials(None));
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
