//! How often signing allocates. The counts do not depend on the machine.
#![allow(clippy::unwrap_used, reason = "a test may fail the short way")]

use std::time::{Duration, SystemTime};

use allocation_counter::measure;
use amplify_backend_signing::{Credentials, Payload, Signer};
use bytes::Bytes;
use http::Request;

fn at() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160)
}

/// A call as the client sends it. It has no room for two more headers and a token.
fn request() -> Request<Bytes> {
    Request::post("https://amplifybackend.us-east-1.amazonaws.com/backend/d1a2b3c4d5e6f7/storage")
        .header("content-type", "application/json")
        .header("user-agent", "amplify-backend/0.1.0")
        .header(
            "amz-sdk-invocation-id",
            "7f3a2f64-6c1d-4c8b-9f0e-1d2c3b4a5968",
        )
        .header("amz-sdk-request", "attempt=1; max=3")
        .body(Bytes::from_static(b"{}"))
        .unwrap()
}

fn allocations(signer: &Signer, credentials: &Credentials) -> u64 {
    // The first signature derives the key, and keeps it.
    signer.sign(&mut request(), credentials, at()).unwrap();
    let mut request = request();
    let sign = || signer.sign(&mut request, credentials, at()).unwrap();
    measure(sign).count_total
}

#[test]
fn signing_a_built_request_allocates_at_most_six_times() {
    let long_term = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    let temporary = long_term.clone().with_session_token("A".repeat(1000));
    let signer = Signer::new("us-east-1", "amplifybackend");

    // The canonical request, and the values of the two headers.
    assert_eq!(allocations(&signer, &long_term), 3);
    // With the token the header map has to grow: its entries and its index. The token's own header
    // is made with the credentials.
    assert_eq!(allocations(&signer, &temporary), 5);
}

#[test]
fn a_hash_or_its_absence_costs_no_more_than_its_header() {
    let credentials = Credentials::new("AKIDEXAMPLE", "secret");
    let signer = Signer::new("us-east-1", "service");
    let precomputed = signer.clone().payload(Payload::Precomputed([7; 32]));
    assert_eq!(allocations(&precomputed, &credentials), 3);

    let s3 = Signer::s3("us-east-1").payload(Payload::Unsigned);
    let mut signed = request();
    s3.sign(&mut signed, &credentials, at()).unwrap();
    // Signed anew, the header map has room.
    let again = || s3.sign(&mut signed, &credentials, at()).unwrap();
    assert_eq!(measure(again).count_total, 4);
}

#[test]
fn no_length_changes_how_often_signing_allocates() {
    let credentials = Credentials::new("AKIDEXAMPLE", "secret");
    let signer = Signer::new("us-east-1", "service");
    let count = |path: usize, name: usize, value: usize, query: usize| {
        let target = format!("/{}", "p".repeat(path));
        let query = match query {
            0 => String::new(),
            length => format!("?{}=", "q".repeat(length)),
        };
        let mut request = Request::get(target + &query)
            .header("host", "example.com")
            .header(format!("x-{}", "n".repeat(name)), "v".repeat(value))
            .body(Bytes::new())
            .unwrap();
        signer.sign(&mut request, &credentials, at()).unwrap();
        // Signed anew, the header map has room.
        measure(|| signer.sign(&mut request, &credentials, at()).unwrap()).count_total
    };
    let short = count(1, 1, 1, 0);
    for [path, name, value, query] in [
        [1000, 1, 0, 0],
        [1, 1000, 0, 0],
        [1, 1, 1000, 0],
        [1, 1, 0, 1000],
        [1000, 1000, 1000, 1000],
    ] {
        assert_eq!(
            count(path, name, value, query),
            short,
            "{path} {name} {value} {query}"
        );
    }
}

#[test]
fn a_clone_of_a_signer_or_of_credentials_does_not_allocate() {
    let credentials = Credentials::new("AKIDEXAMPLE", "secret").with_session_token("token");
    let signer = Signer::new("us-east-1", "service");
    let clone = || {
        drop((
            credentials.clone(),
            signer.clone().payload(Payload::Unsigned),
        ))
    };
    assert_eq!(measure(clone).count_total, 0);
}
