//! `canonical`: our signer and AWS's own sign the same.
//!
//! Input: settings on the first line, method and target on the second, headers, an empty line, the
//! body. The settings are words, in any order: `once` (the path is encoded once), `as-it-is` (it is
//! not normalized), `sha256` (the header `x-amz-content-sha256` is sent), `unsigned` (the body is
//! not signed), `token` (there is a session token), `added` (which is added after signing), and the
//! time in seconds since 1970.
//!
//! - With any settings, [`Signer`] and [`AwsSigV4`] refuse the same requests, and put the same into
//!   those that they sign. The differences that are documented are left out.
//! - What is refused is left exactly as it was. What is signed is signed anew, not twice.
//! - What is signed, in the header or in the query, verifies.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Request;
use percent_encoding::percent_decode_str;
use signing::{
    AwsSigV4, Credentials, PathEncoding, Payload, SessionToken, Sign, Signer, SigningError,
    Verifier,
};

use crate::message::{self, line};

/// Checks one request with one set of settings.
pub fn check(input: &[u8]) {
    let (settings, message) = line(input);
    let Some(request) = message::request(message) else {
        return;
    };
    let settings = String::from_utf8_lossy(settings);
    let (signer, credentials, at) = read(&settings);

    let signed = match outcome(&signer, &request, &credentials, at) {
        Ok(signed) => signed,
        Err(_) => return refused_by_both(&signer, &request, &credentials, at),
    };
    if is_the_same_to_both(&request) {
        let theirs = AwsSigV4::new(signer.clone());
        let theirs = outcome(&theirs, &request, &credentials, at);
        let theirs = theirs.expect("we sign what AWS signs");
        assert_eq!(signed.headers(), theirs.headers());
        assert_eq!(signed.uri(), theirs.uri());
    }
    let anew = outcome(&signer, &signed, &credentials, at).expect("it was signed before");
    assert_eq!(anew.headers(), signed.headers());
    assert_eq!(anew.uri(), signed.uri());

    // In the header, that the body is not signed has to be announced.
    let has = |word: &str| settings.split_whitespace().any(|it| it == word);
    if !has("unsigned") || has("sha256") {
        verifies(&signer, &signed, &credentials, at);
    }
    let mut presigned = request.clone();
    let hour = Duration::from_secs(3600);
    match signer.presign(&mut presigned, &credentials, at, hour) {
        Ok(()) => verifies(&signer, &presigned, &credentials, at),
        Err(SigningError::InvalidUri) => unchanged(&presigned, &request),
        Err(error) => panic!("{error}"),
    }
}

fn read(settings: &str) -> (Signer, Credentials, SystemTime) {
    let mut signer = Signer::new("us-east-1", "service");
    let mut credentials =
        Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    let mut at = 1_440_938_160;
    for word in settings.split_whitespace() {
        match word {
            "once" => signer = signer.path_encoding(PathEncoding::Once),
            "as-it-is" => signer = signer.normalize_path(false),
            "sha256" => signer = signer.content_sha256_header(true),
            "unsigned" => signer = signer.payload(Payload::Unsigned),
            "token" => credentials = credentials.with_session_token("FwoGZXIvYXdz//8="),
            "added" => signer = signer.session_token(SessionToken::AddedAfter),
            word => at = word.parse().unwrap_or(at),
        }
    }
    let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(at));
    (signer, credentials, at.unwrap_or(SystemTime::UNIX_EPOCH))
}

/// The request with its signature; on an error it is seen to be as it was.
fn outcome(
    signer: &impl Sign,
    request: &Request<Bytes>,
    credentials: &Credentials,
    at: SystemTime,
) -> Result<Request<Bytes>, SigningError> {
    let mut signed = request.clone();
    match signer.sign(&mut signed, credentials, at) {
        Ok(()) => Ok(signed),
        Err(error) => {
            unchanged(&signed, request);
            Err(error)
        }
    }
}

fn unchanged(ours: &Request<Bytes>, sent: &Request<Bytes>) {
    assert_eq!(ours.method(), sent.method());
    assert_eq!(ours.uri(), sent.uri());
    assert_eq!(ours.headers(), sent.headers());
    assert_eq!(ours.body(), sent.body());
}

fn refused_by_both(
    signer: &Signer,
    request: &Request<Bytes>,
    credentials: &Credentials,
    at: SystemTime,
) {
    let theirs = AwsSigV4::new(signer.clone());
    assert!(outcome(&theirs, request, credentials, at).is_err());
    let mut presigned = request.clone();
    let hour = Duration::from_secs(3600);
    assert!(
        signer
            .presign(&mut presigned, credentials, at, hour)
            .is_err()
    );
    unchanged(&presigned, request);
}

/// AWS's crate replaces what is not UTF-8 in a query, and signs the tabs around a value.
fn is_the_same_to_both(request: &Request<Bytes>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    let mut values = request.headers().values();
    percent_decode_str(query).decode_utf8().is_ok()
        && !values.any(|value| {
            let value = String::from_utf8_lossy(value.as_bytes());
            let value = value.trim_matches(' ');
            value.starts_with('\t') || value.ends_with('\t')
        })
}

fn verifies(signer: &Signer, request: &Request<Bytes>, credentials: &Credentials, at: SystemTime) {
    let verifier = Verifier::new(signer.clone()).unsigned_payload(true);
    let verified = verifier.verify(request, |_| Some(credentials.clone()), at);
    let verified = verified.unwrap_or_else(|error| panic!("{error}: {request:?}"));
    assert_eq!(verified.access_key_id, credentials.access_key_id());
}
