//! How many times as fast as the crate `aws-sigv4` our signer is, key kept, without and with a
//! session token; what verifying costs beside it; and what each of several threads gets done on
//! one signer. Whatever is compared takes turns of a hundred calls, so that what else the machine
//! does hits all alike.
//!
//! ```text
//! cargo run --release -p amplify-backend-benches --example signing
//! ```

#![expect(clippy::print_stdout, reason = "it prints its figures")]

use std::hint::black_box;
use std::thread;
use std::time::Instant;

use amplify_backend_benches::signers::{
    SMALL, at, aws_sigv4, credentials, ours, request, token,
};
use bytes::Bytes;
use http::Request;
use signing::Verifier;

const TURNS: usize = 500;

/// A turn has so many batches, one measurement each.
const BATCHES: usize = 20;

/// Calls in a batch: few requests at a time, as in a client, so that their memory stays warm.
const BATCH: u16 = 5;

fn main() {
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
        println!("{title:<24}   median   minimum");
        println!("  sign, ours            {:6.0} ns {:6.0} ns", ours.median, ours.minimum);
        println!("  sign, aws-sigv4       {:6.0} ns {:6.0} ns", aws.median, aws.minimum);
        println!("  verify, ours          {:6.0} ns {:6.0} ns", verifying.median, verifying.minimum);
        let times_as_fast = [aws.median / ours.median, aws.minimum / ours.minimum];
        println!("  aws-sigv4 / ours      {:6.2}    {:6.2}", times_as_fast[0], times_as_fast[1]);
    }
    threads();
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

fn threads() {}
