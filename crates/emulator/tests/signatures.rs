//! Who is let in: signatures in every mode, and what each refusal says.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails the short way"
)]

use std::time::{Duration, SystemTime};

use amplify_backend::models::ListS3BucketsInput;
use amplify_backend::{
    Credentials, Endpoint, Operation as _, Region, ServiceError, Signer, Transport as _,
};
use amplify_backend_emulator::{Emulator, SignatureMode};
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue, Request, Response};

const DATE: HeaderName = HeaderName::from_static("x-amz-date");

/// 2015-08-30T12:36:00Z
fn at() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160)
}

fn emulator(mode: SignatureMode) -> Emulator {
    Emulator::builder()
        .credentials([local()])
        .also_accept([Credentials::new("temporary", "secret").with_session_token("token")])
        .signatures(mode)
        .clock(at)
        .build()
        .unwrap()
}

fn local() -> Credentials {
    Credentials::new("local", "local")
}

fn signer() -> Signer {
    Signer::new("us-east-1", "amplifybackend")
}

fn unsigned() -> Request<Bytes> {
    let endpoint = Endpoint::new("http://localhost").unwrap();
    ListS3BucketsInput::default().to_request(&endpoint).unwrap()
}

fn signed(credentials: &Credentials, signer: &Signer, at: SystemTime) -> Request<Bytes> {
    let mut request = unsigned();
    signer.sign(&mut request, credentials, at).unwrap();
    request
}

/// Without a socket nobody has to wait.
fn answer(emulator: &Emulator, request: Request<Bytes>) -> Response<Bytes> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let answer = emulator.transport();
    runtime.unwrap().block_on(answer.send(request)).unwrap()
}

/// The code of a refusal.
fn refusal(emulator: &Emulator, request: Request<Bytes>) -> String {
    let response = answer(emulator, request);
    assert_eq!(response.status(), 403);
    let error = ServiceError::from_response(response);
    assert!(error.request_id().is_some() && error.message().is_some());
    error.sent_code().unwrap().to_owned()
}

/// `request` with one bit of its signature, its scope, its date or its body turned over, in every
/// way that can still be sent.
fn flipped(request: &Request<Bytes>) -> impl Iterator<Item = Request<Bytes>> {
    let flip = |bytes: &[u8]| -> Vec<Vec<u8>> {
        let bits = (0..bytes.len()).flat_map(|byte| (0..8).map(move |bit| (byte, bit)));
        bits.map(|(byte, bit)| {
            let mut flipped = bytes.to_vec();
            flipped[byte] ^= 1 << bit;
            flipped
        })
        .collect()
    };
    let headers = [AUTHORIZATION, DATE].into_iter().flat_map(move |name| {
        let values = flip(request.headers()[&name].as_bytes());
        values.into_iter().filter_map(move |value| {
            let mut changed = request.clone();
            let value = HeaderValue::from_bytes(&value).ok()?;
            changed.headers_mut().insert(name.clone(), value);
            Some(changed)
        })
    });
    let bodies = flip(request.body()).into_iter().map(move |body| {
        let mut changed = request.clone();
        *changed.body_mut() = body.into();
        changed
    });
    headers.chain(bodies)
}

#[test]
fn every_flipped_bit_of_signature_date_scope_and_body_is_refused_by_aws_names() {
    let emulator = emulator(SignatureMode::Enforce);
    let request = signed(&local(), &signer(), at());
    assert_eq!(answer(&emulator, request.clone()).status(), 200);
    let mut count = 0;
    for changed in flipped(&request) {
        let code = refusal(&emulator, changed.clone());
        assert!(
            matches!(
                code.as_str(),
                "InvalidSignatureException"
                    | "UnrecognizedClientException"
                    | "IncompleteSignatureException"
            ),
            "{code} for {changed:?}"
        );
        count += 1;
    }
    assert!(count > 1_000, "{count}");
}

#[test]
fn report_lets_every_flipped_bit_pass_and_logs_it() {
    let emulator = emulator(SignatureMode::Report);
    for changed in flipped(&signed(&local(), &signer(), at())) {
        let status = answer(&emulator, changed).status();
        let logged = emulator.requests(1).remove(0);
        assert_eq!(logged.signature, "reported");
        assert!(logged.signature_problem.is_some());
        assert_eq!(
            (logged.status, logged.operation),
            (status.as_u16(), Some("ListS3Buckets"))
        );
        assert_ne!(status, 403);
    }
}

#[test]
fn off_looks_at_no_signature() {
    let emulator = emulator(SignatureMode::Off);
    assert_eq!(answer(&emulator, unsigned()).status(), 200);
    assert_eq!(emulator.requests(1)[0].signature, "not checked");
}

#[test]
fn each_refusal_has_the_name_that_aws_has_for_it() {
    let emulator = emulator(SignatureMode::Enforce);
    let refused = |request| refusal(&emulator, request);
    let invalid = "InvalidSignatureException";
    let unknown = "UnrecognizedClientException";
    assert_eq!(refused(unsigned()), "MissingAuthenticationTokenException");
    assert_eq!(
        refused(signed(&Credentials::new("other", "local"), &signer(), at())),
        unknown
    );
    assert_eq!(
        refused(signed(&Credentials::new("local", "other"), &signer(), at())),
        invalid
    );
    assert_eq!(
        refused(signed(&local(), &Signer::new("us-east-1", "s3"), at())),
        invalid
    );
    assert_eq!(
        refused(signed(&local().with_session_token("t"), &signer(), at())),
        unknown
    );
    assert_eq!(
        refused(signed(
            &Credentials::new("temporary", "secret"),
            &signer(),
            at()
        )),
        unknown
    );
    let (window, second) = (Duration::from_secs(5 * 60), Duration::from_secs(1));
    for close in [at() - window, at() + window] {
        let request = signed(&local(), &signer(), close);
        assert_eq!(answer(&emulator, request).status(), 200);
    }
    for far in [at() - window - second, at() + window + second] {
        assert_eq!(refused(signed(&local(), &signer(), far)), invalid);
    }
    let mut half = signed(&local(), &signer(), at());
    half.headers_mut().remove(DATE);
    assert_eq!(refused(half), "IncompleteSignatureException");
}

#[test]
fn a_key_that_has_expired_is_refused() {
    let expired = Credentials::new("id", "secret").with_expiry(at());
    let emulator = Emulator::builder()
        .credentials([expired.clone()])
        .clock(at)
        .build()
        .unwrap();
    let request = signed(&expired, &signer(), at());
    assert_eq!(refusal(&emulator, request), "ExpiredTokenException");
}

#[test]
fn any_region_is_accepted_unless_one_is_set() {
    let in_frankfurt = signed(
        &local(),
        &Signer::new("eu-central-1", "amplifybackend"),
        at(),
    );
    let any = emulator(SignatureMode::Enforce);
    assert_eq!(answer(&any, in_frankfurt.clone()).status(), 200);
    let one = Emulator::builder()
        .credentials([local()])
        .region(Region::new("us-east-1").unwrap())
        .clock(at)
        .build()
        .unwrap();
    assert_eq!(refusal(&one, in_frankfurt), "InvalidSignatureException");
    assert_eq!(
        answer(&one, signed(&local(), &signer(), at())).status(),
        200
    );
}

#[test]
fn a_presigned_request_is_accepted() {
    let mut request = unsigned();
    let hour = Duration::from_secs(3_600);
    signer()
        .presign(&mut request, &local(), at() - hour / 2, hour)
        .unwrap();
    let emulator = emulator(SignatureMode::Enforce);
    assert_eq!(answer(&emulator, request).status(), 200);
    let target = emulator.requests(1).remove(0).target;
    assert!(target.ends_with("X-Amz-Signature=.."), "{target}");
}

#[test]
fn the_log_shows_what_the_emulator_would_have_signed_and_no_secret() {
    let emulator = emulator(SignatureMode::Enforce);
    let wrong = Credentials::new("temporary", "canary-secret").with_session_token("token");
    refusal(&emulator, signed(&wrong, &signer(), at()));
    let logged = emulator.requests(1).remove(0);
    assert_eq!(logged.error.as_deref(), Some("InvalidSignatureException"));
    let canonical = logged.canonical_request.as_deref().unwrap();
    assert!(canonical.starts_with("POST\n/s3Buckets\n\n"), "{canonical}");
    assert!(canonical.contains("x-amz-security-token:.."), "{canonical}");
    let to_sign = logged.string_to_sign.as_deref().unwrap();
    assert!(
        to_sign.starts_with("AWS4-HMAC-SHA256\n20150830T123600Z\n"),
        "{to_sign}"
    );
    let shown = format!("{logged:?}{emulator:?}");
    assert!(
        !shown.contains("canary") && !shown.contains("security-token:token"),
        "{shown}"
    );
}
