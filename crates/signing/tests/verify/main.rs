//! Each way to be refused, by its own name, and where the line runs to what is accepted.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may fail the short way"
)]

use std::time::{Duration, SystemTime};

use amplify_backend_signing::{Credentials, Signer, Verified, Verifier, VerifyError};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};

mod covered;
mod form;
mod holder;
mod said;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

fn at() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160)
}

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

fn signer() -> Signer {
    Signer::new("us-east-1", "service")
}

fn request(target: &str) -> Request<Bytes> {
    Request::post(target)
        .header("host", "example.com")
        .body(Bytes::from_static(b"body"))
        .unwrap()
}

/// `request` as `signer` signs it, in the header and in the query.
fn both_ways(
    signer: &Signer,
    request: &Request<Bytes>,
    credentials: &Credentials,
) -> [Request<Bytes>; 2] {
    let (mut signed, mut presigned) = (request.clone(), request.clone());
    signer.sign(&mut signed, credentials, at()).unwrap();
    signer
        .presign(&mut presigned, credentials, at(), HOUR)
        .unwrap();
    [signed, presigned]
}

fn unsigned() -> Request<Bytes> {
    request("/path?a=b")
}

fn signed() -> Request<Bytes> {
    let [signed, _] = both_ways(&signer(), &unsigned(), &credentials());
    signed
}

fn presigned() -> Request<Bytes> {
    let [_, presigned] = both_ways(&signer(), &unsigned(), &credentials());
    presigned
}

fn verify(
    verifier: &Verifier,
    request: &Request<Bytes>,
    credentials: &Credentials,
) -> Result<Verified, VerifyError> {
    verifier.verify(request, |_: &str| Some(credentials.clone()), at())
}

/// Refused why, if at all.
fn refused(request: &Request<Bytes>) -> Option<VerifyError> {
    refused_by(&Verifier::new(signer()), request)
}

fn refused_by(verifier: &Verifier, request: &Request<Bytes>) -> Option<VerifyError> {
    let known = |id: &str| (id == "AKIDEXAMPLE").then(credentials);
    verifier.verify(request, known, at()).err()
}

fn with_header(request: &Request<Bytes>, name: &'static str, value: &str) -> Request<Bytes> {
    let mut request = request.clone();
    let value = HeaderValue::from_str(value).unwrap();
    request
        .headers_mut()
        .append(HeaderName::from_static(name), value);
    request
}

/// The signed request with a part of `Authorization` replaced.
fn with_authorization(from: &str, to: &str) -> Request<Bytes> {
    let mut request = signed();
    let authorization = request.headers()["authorization"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(authorization.contains(from), "{authorization}");
    request.headers_mut().remove("authorization");
    with_header(&request, "authorization", &authorization.replace(from, to))
}

/// The presigned request with a part of its query replaced.
fn with_query(from: &str, to: &str) -> Request<Bytes> {
    let mut request = presigned();
    let target = request.uri().to_string();
    assert!(target.contains(from), "{target}");
    *request.uri_mut() = target.replace(from, to).parse().unwrap();
    request
}
