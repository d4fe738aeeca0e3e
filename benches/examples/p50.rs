//! The median time of one CreateBackendStorage call on loopback: our client, a bare hyper connection
//! that sends a prebuilt, unsigned request to the same server and, with feature `peers`, the
//! official SDK. Then that of making a client and its first call. All take turns, so that what else
//! the machine does hits them alike.
//!
//! ```text
//! cargo run --release -p amplify-backend-benches --features peers --example p50 -- [--keep]
//! ```
//!
//! `--keep` puts the figures into `results/p50.json`, for the report.

#![expect(clippy::print_stdout, reason = "it prints its figures")]

use std::time::Duration;

use amplify_backend::Operation;
use amplify_backend_benches::results::{Results, keeps, median};
use amplify_backend_benches::{in_flight, raw, shapes, stages};

const TURNS: usize = 200;

/// So many calls in a row, then the other's turn.
const TURN: usize = 100;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = raw::serve();
    let endpoint = stages::endpoint(&format!("http://{address}"));
    let input = shapes::create_backend_storage();
    let prebuilt = input.to_request(&endpoint)?;
    let client = stages::client(&endpoint);
    #[cfg(feature = "peers")]
    let sdk = amplify_backend_benches::sdk::client(&endpoint);

    let names = [
        "raw hyper",
        "ours",
        "ours, first call",
        "official SDK",
        "official SDK, first call",
    ];
    let mut all = names.map(|_| Vec::new());
    let [bare, ours, first, official, official_first] = &mut all;
    raw::runtime().block_on(async {
        let mut connection = vec![raw::connect(address).await];
        for _ in 0..TURNS {
            bare.extend(in_flight::bare(&mut connection, &prebuilt, TURN).await);
            ours.extend(in_flight::ours(&client, 1, TURN).await);
            for _ in 0..TURN / 10 {
                first.push(
                    timed(async || {
                        let client = stages::client(&endpoint);
                        client.send(&input).await.expect("the server answers");
                    })
                    .await,
                );
            }
            #[cfg(feature = "peers")]
            {
                use amplify_backend_benches::sdk;
                for _ in 0..TURN {
                    official.push(timed(async || sdk::call(&sdk).await).await);
                }
                official_first.push(timed(async || sdk::call(&sdk::client(&endpoint)).await).await);
            }
        }
    });
    #[cfg(not(feature = "peers"))]
    let _ = (official, official_first);

    let mut results = Results::here();
    for (name, times) in names
        .into_iter()
        .zip(all)
        .filter(|(_, times)| !times.is_empty())
    {
        let times = times.iter().map(Duration::as_secs_f64).collect();
        let time = median(times);
        println!("{name:24} {:7.1} µs", time * 1e6);
        results.add(name, time);
    }
    for other in ["raw hyper", "official SDK"] {
        if let (Some(ours), Some(time)) = (results.get("ours"), results.get(other)) {
            println!("ours / {other:17} {:7.3}", ours / time);
        }
    }
    if keeps() {
        results.keep("p50")?;
    }
    Ok(())
}

async fn timed(call: impl AsyncFnOnce()) -> Duration {
    let start = std::time::Instant::now();
    call().await;
    start.elapsed()
}
