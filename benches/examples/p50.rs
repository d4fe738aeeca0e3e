//! The median time of one CreateBackendStorage call on loopback, beside a bare hyper connection
//! that sends a prebuilt, unsigned request to the same server. The two take turns, so that what
//! else the machine does hits both alike.
//!
//! ```text
//! cargo run --release -p amplify-backend-benches --example p50
//! ```

#![expect(clippy::print_stdout, reason = "it prints its figures")]

use std::time::{Duration, Instant};

use amplify_backend::{Client, Credentials, Endpoint, Operation, Region};
use amplify_backend_benches::raw::{self, RESPONSE, Text, text};
use amplify_backend_benches::{Inputs, inputs};
use http::Request;

const CALLS: usize = 20_000;

/// So many calls in a row, then the other's turn.
const TURN: usize = 100;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = raw::serve();
    let endpoint = Endpoint::new(&format!("http://{address}"))?;
    let Inputs {
        create_backend_storage: input,
        ..
    } = inputs();
    let client = Client::builder()
        .region(Region::new("us-east-1")?)
        .credentials(Credentials::new(
            "AKIDEXAMPLE",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        ))
        .endpoint(endpoint.clone())
        .build();
    let prebuilt = input.to_request(&endpoint)?;

    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    raw::runtime().block_on(async {
        let mut sender = raw::connect(address).await;
        for call in 0..2 * CALLS {
            let start = Instant::now();
            if (call / TURN).is_multiple_of(2) {
                client.send(&input).await?;
                ours.push(start.elapsed());
            } else {
                let request = Request::post(prebuilt.uri().path())
                    .header("host", "127.0.0.1")
                    .header("content-type", "application/json")
                    .body(Text::from(prebuilt.body().clone()))?;
                sender.ready().await?;
                let response = sender.send_request(request).await?;
                assert_eq!(text(response.into_body()).await, RESPONSE);
                raw.push(start.elapsed());
            }
        }
        Ok::<_, Box<dyn std::error::Error>>(())
    })?;
    let (ours, raw) = (median(ours), median(raw));
    println!("ours       {ours:?}");
    println!("raw hyper  {raw:?}");
    println!("ratio      {:.3}", ours.as_secs_f64() / raw.as_secs_f64());
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
