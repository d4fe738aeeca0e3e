//! How often and how much a call allocates. Counted, so that it does not depend on the machine.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails the short way"
)]

use std::time::SystemTime;

use allocation_counter::AllocationInfo;
use amplify_backend::{Client, Credentials, Endpoint, Operation, Region};
use amplify_backend_benches::raw::{self, RESPONSE, Text, text};
use amplify_backend_benches::{Inputs, inputs};
use emulator::{Emulator, Snapshot};
use http::Request;
use serde_json::json;
use signing::Signer;
use tokio::runtime::Runtime;
use transport::Transport as _;

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

#[test]
fn the_emulator_answers_a_signed_request_in_forty_allocations_however_much_it_holds() {
    let answered = |resources: usize| {
        let storage = (0..resources).map(|number| {
            let name = if number == 0 {
                "photos"
            } else {
                &*format!("photos{number}")
            };
            json!({ "resourceName": name, "bucketName": format!("bucket-{name}") })
        });
        let environment = json!({
            "backendEnvironmentName": "staging",
            "storage": storage.collect::<Vec<_>>(),
        });
        let seed = json!({ "apps": [{
            "appId": "d1a2b3c4d5e6f7",
            "environments": [environment],
        }] });
        let credentials = Credentials::new("local", "local");
        let emulator = Emulator::builder()
            .credentials([credentials.clone()])
            .seed(serde_json::from_value::<Snapshot>(seed).unwrap())
            // So that the log is full, and each entry takes the place of another.
            .request_log(50)
            .build()
            .unwrap();
        let endpoint = Endpoint::new("http://127.0.0.1:4242").unwrap();
        let mut request = inputs().get_backend_storage.to_request(&endpoint).unwrap();
        let signer = Signer::new("us-east-1", "amplifybackend");
        signer
            .sign(&mut request, &credentials, SystemTime::now())
            .unwrap();
        let transport = emulator.transport();
        counted(&raw::runtime(), async || {
            let response = transport.send(request.clone()).await.unwrap();
            assert_eq!(response.status(), 200);
        })
    };
    let (few, many) = (answered(10), answered(10_000));
    println!(
        "the emulator: {} allocations, {} bytes",
        few.count_total, few.bytes_total
    );
    assert!(few.count_total <= 40, "{few:?}");
    assert_eq!(few.count_total, many.count_total);
}
