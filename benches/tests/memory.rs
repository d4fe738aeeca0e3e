//! What decoding needs of memory. Counted, so that it does not depend on the machine.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use amplify_backend_benches::shapes::bucket_page;
use http::Response;
use operations::Operation;
use operations::models::ListS3BucketsInput;

#[test]
fn a_million_buckets_need_less_than_three_times_their_body() {
    let body = bucket_page(1_000_000);
    let length = u64::try_from(body.len()).unwrap();
    let mut read = 0;
    let counted = allocation_counter::measure(|| {
        let page = ListS3BucketsInput::parse_response(Response::new(body)).unwrap();
        read = page.buckets.unwrap().len();
    });
    assert_eq!(read, 1_000_000);
    // The body itself was there before.
    let peak = length + counted.bytes_max;
    assert!(
        peak < 3 * length,
        "{peak} bytes at the peak for a body of {length}"
    );
}
