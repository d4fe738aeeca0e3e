//! How often and how much a call allocates. Counted, so that it does not depend on the machine.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails the short way"
)]

use allocation_counter::AllocationInfo;
use amplify_backend::{Client, Credentials, Endpoint, Operation, Region};
use amplify_backend_benches::raw::{self, RESPONSE, Text, text};
use amplify_backend_benches::{Inputs, inputs};
use http::Request;
use tokio::runtime::Runtime;

/// Counts one exchange of many, after what is set up once has been set up. Client and server share
/// a thread, and so both are counted.
fn counted(runtime: &Runtime, mut exchange: impl AsyncFnMut()) -> AllocationInfo {
    let mut hundred = || {
        runtime.block_on(async {
            for _ in 0..100 {
                exchange().await;
            }
        });
    };
    hundred();
    let total = allocation_counter::measure(hundred);
    AllocationInfo {
        count_total: total.count_total / 100,
        bytes_total: total.bytes_total / 100,
        ..total
    }
}

#[test]
fn a_call_stays_within_forty_allocations_and_seventeen_kilobytes() {
    let runtime = raw::runtime();
    let address = runtime.block_on(raw::serve_here());
    let endpoint = Endpoint::new(&format!("http://{address}")).unwrap();
    let Inputs {
        create_backend_storage: input,
        ..
    } = inputs();

    let client = Client::builder()
        .region(Region::new("us-east-1").unwrap())
        .credentials(Credentials::new(
            "AKIDEXAMPLE",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        ))
        .endpoint(endpoint.clone())
        .build();
    let ours = counted(&runtime, async || {
        client.send(&input).await.unwrap();
    });

    let prebuilt = input.to_request(&endpoint).unwrap();
    let mut sender = runtime.block_on(raw::connect(address));
    let raw = counted(&runtime, async || {
        let request = Request::post(prebuilt.uri().path())
            .header("host", "127.0.0.1")
            .header("content-type", "application/json")
            .body(Text::from(prebuilt.body().clone()));
        sender.ready().await.unwrap();
        let response = sender.send_request(request.unwrap()).await.unwrap();
        assert_eq!(text(response.into_body()).await, RESPONSE);
    });

    println!(
        "ours: {} allocations, {} bytes",
        ours.count_total, ours.bytes_total
    );
    println!(
        "raw hyper: {} allocations, {} bytes",
        raw.count_total, raw.bytes_total
    );
    assert!(ours.count_total <= 40, "{ours:?}");
    assert!(ours.bytes_total <= 17_000, "{ours:?}");
}
