//! A usual request is read in one go, and any other with care: the result is the same.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

#[path = "support/with_care.rs"]
mod with_care;

use std::fmt::Debug;

use allocation_counter::measure;
use amplify_backend_operations::server::ServerOperation;
use amplify_backend_operations::{DecodeErrorKind, Endpoint};
use bytes::Bytes;
use http::Request;
use models::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::with_care::WithCare;

/// What is at fault: the kind, the place, the member.
type Fault = (
    DecodeErrorKind,
    Option<(usize, usize)>,
    Option<&'static str>,
);

fn read<O: ServerOperation>(request: &Request<Bytes>) -> Result<O, Fault> {
    O::from_request(request).map_err(|error| (error.kind(), error.position(), error.member()))
}

/// Both ways of reading `request` agree.
fn agree_on<O: ServerOperation + PartialEq + Debug>(request: &Request<Bytes>) {
    assert_eq!(
        read::<O>(request),
        read::<WithCare<O>>(request).map(|WithCare(input)| input),
        "{:?}",
        request.body()
    );
}

/// What a change puts in: values, members, and what comes near to either.
const PIECES: &[&str] = &[
    "null",
    "true",
    "1e999",
    "1e9",
    "-0",
    "-",
    "01",
    "2147483648",
    "\"\"",
    "{}",
    "[]",
    "\"a\":1,",
    "\"a\":1e999,",
    "\"a\":\"\\ud800\",",
    "\"a\":\"\\u0041\",",
    "\"a\":\"\t\",",
    "\"a\":[null],",
    "\"appId\":1,",
    "\"appId\":\"b\",",
    "\"jobId\":null,",
    "\"resourceName\":\"b\",",
    "\"resourceName\":1,",
    "\"serviceName\":\"EFS\",",
    "\"maxResults\":7,",
    "\"maxResults\":1.0,",
    "\"resourceConfig\":{},",
    "\"authenticated\":[null],",
    "\"unAuthenticated\":[\"READ\",1],",
    "\u{feff}",
];

/// A change to a body: what is put in, where, and how many bytes it takes the place of.
type Change = (String, Index, usize);

fn change() -> impl Strategy<Value = Change> {
    let piece = prop_oneof![
        "[\\[\\]{}:,\"\\\\ \t\r\n0-9a-z\\-+.\u{1}é]{0,3}",
        proptest::sample::select(PIECES).prop_map(str::to_owned),
        (1..200_usize).prop_map(|deep| format!("\"a\":{}{},", "[".repeat(deep), "]".repeat(deep))),
        (1..400_usize).prop_map(|long| format!("\"a\":{},", "9".repeat(long))),
    ];
    (
        piece,
        any::<Index>(),
        prop_oneof![4 => Just(0), 1 => 0..8_usize],
    )
}

/// Both ways of reading `input`'s request agree, with its body as it is and with `changes` made.
fn agree<O: ServerOperation + PartialEq + Debug>(input: &O, changes: &[Change]) {
    let endpoint = Endpoint::new("https://example.com").unwrap();
    let mut request = input.to_request(&endpoint).unwrap();
    assert_eq!(read::<O>(&request).as_ref(), Ok(input));
    for (piece, place, length) in changes {
        let mut body = request.body().to_vec();
        // Where a member can stand, half of the time: elsewhere most changes are just no JSON.
        let places: Vec<_> = (0..=body.len())
            .filter(|place| place % 4 == 0 || matches!(body.get(place - 1), Some(b'{' | b',')))
            .collect();
        let start = *place.get(&places);
        let end = body.len().min(start + length);
        body.splice(start..end, piece.bytes());
        *request.body_mut() = body.into();
        agree_on::<O>(&request);
    }
}

macro_rules! every_operation {
    ($($name:ident: $input:ident,)*) => { proptest! {
        $(
            #[test]
            fn $name(input: $input, changes in vec(change(), 1..4)) {
                agree(&input, &changes);
            }
        )*
    } };
}

every_operation! {
    create_backend_storage: CreateBackendStorageInput,
    delete_backend_storage: DeleteBackendStorageInput,
    get_backend_job: GetBackendJobInput,
    get_backend_storage: GetBackendStorageInput,
    import_backend_storage: ImportBackendStorageInput,
    list_backend_jobs: ListBackendJobsInput,
    list_s3_buckets: ListS3BucketsInput,
    update_backend_job: UpdateBackendJobInput,
    update_backend_storage: UpdateBackendStorageInput,
}

#[test]
fn each_member_that_is_left_out_null_or_of_another_type_is_found_either_way() {
    let body = r#"{"backendEnvironmentName":"e","resourceConfig":{"bucketName":"b","permissions":{"authenticated":["READ"],"unAuthenticated":["READ"]},"serviceName":"S3"},"resourceName":"r"}"#;
    let values = [
        r#""e""#,
        r#""b""#,
        r#"["READ"]"#,
        r#""S3""#,
        r#""r""#,
        r#"{"authenticated":["READ"],"unAuthenticated":["READ"]}"#,
    ];
    let mut refused = 0;
    for value in values {
        for other in [
            "null",
            "1",
            "{}",
            "[]",
            r#""""#,
            r#"[""]"#,
            "[null]",
            r#"{"a":1}"#,
            "true",
        ] {
            for body in [body.replace(value, other), body.replacen(value, other, 1)] {
                let request = post("/backend/d1/storage", body);
                refused += usize::from(read::<CreateBackendStorageInput>(&request).is_err());
                agree_on::<CreateBackendStorageInput>(&request);
            }
        }
    }
    assert!(refused > 50, "{refused}");
}

fn post(path: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    Request::post(path)
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap()
}

#[test]
fn each_piece_at_each_place_of_a_body_is_read_alike_either_way() {
    let body = r#"{"maxResults":25,"operation":"o"}"#;
    for piece in PIECES {
        for place in 0..=body.len() {
            let (before, behind) = body.split_at(place);
            let changed = format!("{before}{piece}{behind}");
            agree_on::<ListBackendJobsInput>(&post("/backend/d1/job/e", changed));
        }
    }
}

/// How often reading `request` allocates, in one go where that is possible and with care.
fn allocations<O: ServerOperation>(request: &Request<Bytes>) -> (u64, u64) {
    let usual = measure(|| drop(O::from_request(request).unwrap()));
    let careful = measure(|| drop(WithCare::<O>::from_request(request).unwrap()));
    (usual.count_total, careful.count_total)
}

#[test]
fn a_usual_request_allocates_less_than_one_that_is_read_with_care() {
    let create = r#" {"backendEnvironmentName":"e é","resourceConfig":{"permissions":
        {"authenticated":["READ","LIST"]},"serviceName":"S3"},"resourceName":"r"} "#;
    let job = Request::get("/backend/d1/job/e/j").body(Bytes::new());
    for (usual, careful) in [
        allocations::<CreateBackendStorageInput>(&post("/backend/d1/storage", create)),
        allocations::<GetBackendJobInput>(&job.unwrap()),
        allocations::<UpdateBackendJobInput>(&post("/backend/d1/job/e/j", "")),
        allocations::<ListBackendJobsInput>(&post("/backend/d1/job/e", r#"{"maxResults": -7}"#)),
    ] {
        assert!(usual < careful, "{usual} {careful}");
    }
}

#[test]
fn a_request_with_more_than_20_digits_or_20_levels_is_read_with_care() {
    for (most, is_usual) in [(20, true), (21, false)] {
        let digits = format!(r#"{{"a":{}}}"#, "9".repeat(most));
        let levels = format!(
            r#"{{"a":{}{}}}"#,
            "[".repeat(most - 1),
            "]".repeat(most - 1)
        );
        for body in [digits, levels] {
            let request = post("/backend/d1/job/e", body);
            agree_on::<ListBackendJobsInput>(&request);
            let (usual, careful) = allocations::<ListBackendJobsInput>(&request);
            assert_eq!(usual < careful, is_usual, "{:?}", request.body());
        }
    }
}
