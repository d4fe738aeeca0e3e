//! The median time of one CreateBackendStorage call on loopback: our client, a bare hyper connection
//! that sends a prebuilt, unsigned request to the same server and, with feature `peers`, the
//! official SDK. Then that of making a client and its first call. All take turns, so that what else
//! the machine does hits them alike. Once with client and server on a core each, once with both on
//! the same.
//!
//! ```text
//! cargo run --release -p amplify-backend-benches --features peers --example p50 -- [--keep]
//! ```
//!
//! `--keep` puts the figures into `results/p50.json`, for the report.

#![expect(clippy::print_stdout, reason = "it prints its figures")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use amplify_backend_benches::raw::Cores;
use amplify_backend_benches::results::{Results, keeps, median};
#[cfg(feature = "peers")]
use amplify_backend_benches::sdk;
use amplify_backend_benches::{in_flight, raw, shapes, stages};

const TURNS: usize = 200;

/// So many calls in a row, then the other's turn.
const TURN: usize = 100;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (keeps, mut results) = (keeps()?, Results::here());
    for (cores, suffix) in [(Cores::Each, ""), (Cores::One, ", one core")] {
        println!(
            "client and server on {}",
            match cores {
                Cores::One => "the same core",
                _ => "a core each",
            }
        );
        let measured = measured(cores)?;
        for (name, time) in &measured {
            println!("  {name:24} {:7.1} µs", time * 1e6);
            results.add(format!("{name}{suffix}"), *time);
        }
        let ours = measured.get("ours");
        for other in ["raw hyper", "official SDK"] {
            if let (Some(ours), Some(time)) = (ours, measured.get(other)) {
                println!("  ours / {other:17} {:7.3}", ours / time);
            }
        }
    }
    if keeps {
        results.keep("p50")?;
    }
    Ok(())
}

/// Medians in seconds.
fn measured(cores: Cores) -> Result<BTreeMap<&'static str, f64>, Box<dyn std::error::Error>> {
    let address = raw::serve_on(cores);
    let endpoint = stages::endpoint(&format!("http://{address}"));
    let input = shapes::create_backend_storage();
    let unsigned = in_flight::unsigned(&endpoint);
    let client = stages::client(&endpoint);
    #[cfg(feature = "peers")]
    let official = sdk::client(&endpoint);

    let mut times: BTreeMap<_, Vec<Duration>> = BTreeMap::new();
    raw::runtime().block_on(async {
        let mut connection = vec![raw::connect(address).await];
        let mut add = |name, took: Vec<_>| times.entry(name).or_default().extend(took);
        for _ in 0..TURNS {
            let bare = in_flight::bare(&mut connection, unsigned.clone(), TURN).await;
            add("raw hyper", bare);
            add("ours", in_flight::ours(&client, 1, TURN).await);
            let first_call = async || {
                let client = stages::client(&endpoint);
                client.send(&input).await.expect("the server answers");
            };
            add("ours, first call", timed(TURN / 10, first_call).await);
            #[cfg(feature = "peers")]
            {
                let call = async || sdk::call(&official).await;
                add("official SDK", timed(TURN, call).await);
                let first_call = async || sdk::call(&sdk::client(&endpoint)).await;
                add("official SDK, first call", timed(1, first_call).await);
            }
        }
    });
    let seconds = |times: Vec<Duration>| times.iter().map(Duration::as_secs_f64).collect();
    let medians = times
        .into_iter()
        .map(|(name, times)| (name, median(seconds(times))));
    Ok(medians.collect())
}

async fn timed(times: usize, call: impl AsyncFn()) -> Vec<Duration> {
    let mut took = Vec::with_capacity(times);
    for _ in 0..times {
        let start = Instant::now();
        call().await;
        took.push(start.elapsed());
    }
    took
}
