//! How many times as fast as the crate `aws-sigv4` our signer is, key kept, without and with a
//! session token, and what verifying costs beside it. They take turns of a hundred calls, so that
//! what else the machine does hits all alike. Then, in turns too, what a signature costs each of
//! several threads on one signer.
//!
//! ```text
//! cargo run --release -p amplify-backend-benches --example signing -- [--keep]
//! ```
//!
//! `--keep` puts the figures into `results/signing.json`, for the report.

#![expect(clippy::print_stdout, reason = "it prints its figures")]

use std::hint::black_box;
use std::num::NonZero;
use std::thread;
use std::time::Instant;

use amplify_backend_benches::results::{Results, keeps};
use amplify_backend_benches::signers::{SMALL, at, aws_sigv4, credentials, ours, request, token};
use bytes::Bytes;
use http::Request;
use signing::Verifier;

const TURNS: usize = 500;

/// A turn has so many batches, one measurement each.
const BATCHES: usize = 20;

/// Calls in a batch: few requests at a time, as in a client, so that their memory stays warm.
const BATCH: u16 = 5;

const THREAD_TURNS: usize = 50;
const THREAD_CALLS: u32 = 5_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (keeps, mut results) = (keeps()?, Results::here());
    for (title, token) in [("without token", None), ("with token", Some(token()))] {
        let (signer, credentials) = (ours(), credentials(token.clone()));
        let verifier = Verifier::new(ours());
        let theirs = aws_sigv4(token, None);
        let sign = |request: &mut Request<Bytes>| {
            signer.sign(request, &credentials, at()).expect("signed");
        };
        let verify = |request: &mut Request<Bytes>| {
            let verified = verifier.verify(request, |_| Some(credentials.clone()), at());
            black_box(verified.expect("verified"));
        };
        let signed = || {
            let mut request = request(SMALL);
            sign(&mut request);
            request
        };
        let (mut ours, mut aws, mut verifying) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..TURNS {
            turn(&mut ours, || request(SMALL), sign);
            turn(&mut aws, || request(SMALL), &theirs);
            turn(&mut verifying, signed, verify);
        }
        let (ours, aws, verifying) = (Times::of(ours), Times::of(aws), Times::of(verifying));
        println!("{title:<20} median   minimum");
        for (name, times) in [
            ("sign, ours", &ours),
            ("sign, aws-sigv4", &aws),
            ("verify", &verifying),
        ] {
            println!(
                "  {name:<16} {:6.0} ns {:6.0} ns",
                times.median, times.minimum
            );
        }
        let (median, minimum) = (aws.median / ours.median, aws.minimum / ours.minimum);
        println!("  aws-sigv4 / ours {median:6.2}    {minimum:6.2}");
        results.add(format!("ours, {title}"), ours.median * 1e-9);
        results.add(format!("aws-sigv4, {title}"), aws.median * 1e-9);
        results.add(format!("verify, {title}"), verifying.median * 1e-9);
    }
    threads();
    if keeps {
        results.keep("signing")?;
    }
    Ok(())
}

fn turn(
    times: &mut Vec<f64>,
    build: impl Fn() -> Request<Bytes>,
    call: impl Fn(&mut Request<Bytes>),
) {
    for _ in 0..BATCHES {
        let mut requests: Vec<_> = (0..BATCH).map(|_| build()).collect();
        let start = Instant::now();
        requests.iter_mut().for_each(&call);
        let elapsed = start.elapsed();
        black_box(requests);
        times.push(elapsed.as_secs_f64() * 1e9 / f64::from(BATCH));
    }
}

/// Of one call, in nanoseconds.
struct Times {
    median: f64,
    minimum: f64,
}

impl Times {
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_unstable_by(f64::total_cmp);
        let at = |index: usize| times.get(index).copied().unwrap_or_default();
        Self {
            median: at(times.len() / 2),
            minimum: at(0),
        }
    }
}

/// What a signature takes on one thread, and on each of several that share a signer: the same as
/// long as there is a core for each, and beyond that as many times as long as they share a core.
fn threads() {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let (signer, credentials) = (ours(), credentials(None));
    let sign = || {
        let mut request = request(SMALL);
        let start = Instant::now();
        for _ in 0..THREAD_CALLS {
            signer
                .sign(&mut request, &credentials, at())
                .expect("signed");
            black_box(&request);
        }
        start.elapsed().as_secs_f64() * 1e9 / f64::from(THREAD_CALLS)
    };
    let counts = [1, 2, 8];
    let mut times = counts.map(|_| Vec::new());
    for _ in 0..THREAD_TURNS {
        for (count, times) in counts.into_iter().zip(&mut times) {
            thread::scope(|scope| {
                let threads: Vec<_> = (0..count).map(|_| scope.spawn(sign)).collect();
                times.extend(
                    threads
                        .into_iter()
                        .map(|thread| thread.join().expect("no panic")),
                );
            });
        }
    }
    println!("threads, {cores} cores     median   minimum");
    for (count, times) in counts.into_iter().zip(times) {
        let times = Times::of(times);
        println!(
            "  {count:<16} {:6.0} ns {:6.0} ns",
            times.median, times.minimum
        );
    }
}
