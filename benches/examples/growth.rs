//! How a call's cost grows: with the number of calls made before, with calls in flight beside raw
//! hyper's on the same server (once unsigned, once with the same headers and a signature), and
//! decoding with the number of buckets, beside serde_json's. Those that are compared take turns.
//!
//! ```text
//! cargo run --release -p amplify-backend-benches --example growth -- [--keep]
//! ```
//!
//! `--keep` puts the figures into `results/growth.json`, for the report.

#![expect(clippy::print_stdout, reason = "it prints its figures")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use amplify_backend::Operation;
use amplify_backend_benches::raw::Cores;
use amplify_backend_benches::results::{Results, keeps, median};
use amplify_backend_benches::{in_flight, raw, shapes, stages};
use bytes::Bytes;
use http::Response;
use operations::models::{ListS3BucketsInput, ListS3BucketsOutput};

const CALLERS: [u32; 5] = [1, 8, 64, 256, 512];
const BUCKETS: [u32; 6] = [10, 100, 1_000, 10_000, 100_000, 1_000_000];

/// Calls in each tenth of all that one client makes.
const TENTH: usize = 20_000;

const TURNS: usize = 15;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (keeps, mut results) = (keeps()?, Results::here());
    calls_made(&mut results);
    calls_in_flight(&mut results)?;
    buckets(&mut results);
    if keeps {
        results.keep("growth")?;
    }
    Ok(())
}

/// Raw hyper's calls in between tell what the machine was doing.
fn calls_made(results: &mut Results) {
    let address = raw::serve_on(Cores::Each);
    let endpoint = stages::endpoint(&format!("http://{address}"));
    let client = stages::client(&endpoint);
    let unsigned = in_flight::unsigned(&endpoint);
    let tenths: Vec<f64> = raw::runtime().block_on(async {
        let mut connection = vec![raw::connect(address).await];
        let mut tenths = Vec::new();
        for _ in 0..10 {
            let (mut ours, mut bare) = (Vec::new(), Vec::new());
            for _ in 0..TENTH / 200 {
                ours.extend(in_flight::ours(&client, 1, 200).await);
                bare.extend(in_flight::bare(&mut connection, unsigned.clone(), 200).await);
            }
            tenths.push(median_of(&ours) / median_of(&bare));
        }
        tenths
    });
    println!(
        "p50 of a call / raw hyper's, by tenths of {} calls",
        10 * TENTH
    );
    let text: Vec<_> = tenths.iter().map(|ratio| format!("{ratio:.3}")).collect();
    println!("  {}", text.join(" "));
    if let [first, .., last] = tenths[..] {
        results.add("calls made, first tenth / raw hyper", first);
        results.add("calls made, last tenth / raw hyper", last);
    }
    println!();
}

fn calls_in_flight(results: &mut Results) -> Result<(), Box<dyn std::error::Error>> {
    println!("p50 of a call in µs, by calls in flight");
    println!(
        "{:>9} {:>10} {:>20} {:>20}",
        "", "ours", "raw hyper", "that signs"
    );
    let address = raw::serve_on(Cores::Each);
    let endpoint = stages::endpoint(&format!("http://{address}"));
    let unsigned = in_flight::unsigned(&endpoint);
    let signing = raw::runtime().block_on(in_flight::signing(&endpoint));
    for callers in CALLERS {
        let many = usize::try_from(callers)?;
        let calls = (4_000 / many).max(16);
        let turns: Vec<[f64; 3]> = raw::runtime().block_on(async {
            let client = stages::client(&endpoint);
            let mut connections = Vec::new();
            for _ in 0..many {
                connections.push(raw::connect(address).await);
            }
            let mut turn = async |calls| {
                [
                    median_of(&in_flight::ours(&client, many, calls).await),
                    median_of(&in_flight::bare(&mut connections, unsigned.clone(), calls).await),
                    median_of(&in_flight::bare(&mut connections, signing.clone(), calls).await),
                ]
            };
            // Connections are opened before anything counts.
            turn(2).await;
            let mut turns = Vec::new();
            for _ in 0..TURNS {
                turns.push(turn(calls).await);
            }
            turns
        });
        let of = |figure: fn(&[f64; 3]) -> f64| median(turns.iter().map(figure).collect());
        // Each turn is judged by the others next to it: what else goes on changes between turns.
        let figures = [
            ("ours", of(|[ours, ..]| *ours)),
            ("raw hyper", of(|[_, bare, _]| *bare)),
            ("ratio", of(|[ours, bare, _]| ours / bare)),
            ("raw hyper that signs", of(|[.., signing]| *signing)),
            ("ratio that signs", of(|[ours, _, signing]| ours / signing)),
        ];
        let [ours, bare, ratio, signing, ratio_that_signs] = figures.map(|(_, figure)| figure);
        println!(
            "{callers:9} {:10.1} {:10.1} ({ratio:6.3}) {:10.1} ({ratio_that_signs:6.3})",
            ours * 1e6,
            bare * 1e6,
            signing * 1e6
        );
        for (name, figure) in figures {
            results.add(format!("in flight, {name}, {callers}"), figure);
        }
    }
    println!();
    Ok(())
}

fn buckets(results: &mut Results) {
    println!("decoding ListS3Buckets, ns for a bucket");
    println!(
        "{:>9} {:>10} {:>10} {:>6}",
        "buckets", "ours", "serde_json", "ratio"
    );
    for buckets in BUCKETS {
        let body = shapes::bucket_page(usize::try_from(buckets).expect("it is small"));
        let times = (100_000 / buckets).max(1);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            ours.push(each(times, || decoded(&body)));
            theirs.push(each(times, || {
                serde_json::from_slice::<ListS3BucketsOutput>(&body).expect("a page")
            }));
        }
        let [ours, theirs] = [ours, theirs].map(|times| median(times) / f64::from(buckets));
        let ratio = ours / theirs;
        println!(
            "{buckets:9} {:10.1} {:10.1} {ratio:6.3}",
            ours * 1e9,
            theirs * 1e9
        );
        results.add(format!("bucket, ours, {buckets}"), ours);
        results.add(format!("bucket, serde_json, {buckets}"), theirs);
    }
    println!();
}

fn decoded(body: &Bytes) -> ListS3BucketsOutput {
    ListS3BucketsInput::parse_response(Response::new(body.clone())).expect("a page")
}

/// Dropping what it makes is not measured.
fn each<T>(times: u32, make: impl Fn() -> T) -> f64 {
    let mut made = Vec::with_capacity(usize::try_from(times).expect("it is small"));
    let start = Instant::now();
    made.extend((0..times).map(|_| make()));
    let took = start.elapsed();
    black_box(made);
    took.as_secs_f64() / f64::from(times)
}

fn median_of(times: &[Duration]) -> f64 {
    median(times.iter().map(Duration::as_secs_f64).collect())
}
