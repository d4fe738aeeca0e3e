//! Where the line runs between what a verifier accepts and what it refuses, and what it then says.
#![allow(clippy::unwrap_used, reason = "a test may fail the short way")]

use std::time::{Duration, SystemTime};

use amplify_backend_signing::{
    Credentials, Payload, SessionToken, Signer, Verified, Verifier, VerifyError,
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, header};

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

fn verify(
    verifier: &Verifier,
    request: &Request<Bytes>,
    credentials: &Credentials,
) -> Result<Verified, VerifyError> {
    verifier.verify(request, |_: &str| Some(credentials.clone()), at())
}

#[test]
fn a_look_up_that_has_to_wait_can_be_told_the_id_first() {
    let verifier = Verifier::new(signer());
    for request in both_ways(&signer(), &request("/"), &credentials()) {
        let mut noted = None;
        let note = |id: &str| {
            noted = Some(id.to_owned());
            None::<Credentials>
        };
        let unknown = verifier.verify(&request, note, at());
        assert_eq!(unknown, Err(VerifyError::UnknownAccessKey));
        assert_eq!(noted.as_deref(), Some("AKIDEXAMPLE"));
        assert!(verify(&verifier, &request, &credentials()).is_ok());
    }
}

#[test]
fn a_token_that_differs_in_any_byte_is_another() {
    let verifier = Verifier::new(signer());
    for length in [1, 7, 8, 9, 16, 17, 24] {
        let token = "t".repeat(length);
        let right = credentials().with_session_token(&*token);
        for request in both_ways(&signer(), &request("/"), &right) {
            assert!(verify(&verifier, &request, &right).is_ok());
            for place in 0..length {
                let mut other = token.clone();
                other.replace_range(place..=place, "u");
                let other = credentials().with_session_token(other);
                assert_eq!(
                    verify(&verifier, &request, &other),
                    Err(VerifyError::WrongSessionToken),
                    "{length} {place}"
                );
            }
        }
    }
}

#[test]
fn a_token_that_is_added_after_is_the_only_amz_header_that_need_not_be_signed() {
    let after = signer().session_token(SessionToken::AddedAfter);
    let temporary = credentials().with_session_token("token");
    let [mut request, _] = both_ways(&after, &request("/"), &temporary);
    let verifier = Verifier::new(after);
    assert!(verify(&verifier, &request, &temporary).is_ok());
    let acl = HeaderName::from_static("x-amz-acl");
    let value = HeaderValue::from_static("public-read");
    request.headers_mut().insert(&acl, value);
    assert_eq!(
        verify(&verifier, &request, &temporary),
        Err(VerifyError::HeaderNotSigned(acl))
    );
}

#[test]
fn a_body_can_be_left_open_in_silence_only_where_the_signature_is_in_the_query() {
    let open = signer().payload(Payload::Unsigned);
    let [signed, presigned] = both_ways(&open, &request("/"), &credentials());
    let lenient = Verifier::new(signer()).unsigned_payload(true);
    assert!(matches!(
        verify(&lenient, &signed, &credentials()),
        Err(VerifyError::SignatureMismatch(_))
    ));
    let verified = verify(&lenient, &presigned, &credentials()).unwrap();
    assert!(verified.presigned && !verified.payload_signed);
    assert_eq!(verified.signed_at, at());
}

#[test]
fn a_header_of_any_name_that_http_allows_can_be_signed() {
    let mut request = request("/");
    for name in ["0", "a!#$%&'*+-.^_`|~", "x_y", "x.y", "z~"] {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        request
            .headers_mut()
            .insert(name, HeaderValue::from_static("value"));
    }
    for request in both_ways(&signer(), &request, &credentials()) {
        assert_eq!(
            verify(&Verifier::new(signer()), &request, &credentials()).err(),
            None
        );
    }
}

#[test]
fn a_date_or_a_token_in_the_query_is_no_signature_and_each_other_part_begins_one() {
    let verifier = Verifier::new(signer());
    for (parameter, error) in [
        ("X-Amz-Date=a", VerifyError::MissingAuthentication),
        ("X-Amz-Expires=1", VerifyError::MissingAuthentication),
        ("X-Amz-SignedHeaders=a", VerifyError::MissingAuthentication),
        ("X-Amz-Security-Token=a", VerifyError::MissingAuthentication),
        ("X-Amz-Algorithm=a", VerifyError::UnsupportedAlgorithm),
        (
            "X-Amz-Credential=a",
            VerifyError::Missing("X-Amz-Algorithm"),
        ),
        ("X-Amz-Signature=a", VerifyError::Missing("X-Amz-Algorithm")),
    ] {
        let request = request(&format!("/?{parameter}"));
        assert_eq!(verify(&verifier, &request, &credentials()), Err(error));
    }
}

#[test]
fn a_host_that_is_not_utf_8_is_refused_by_its_name() {
    let [mut request, _] = both_ways(&signer(), &request("/"), &credentials());
    let value = HeaderValue::from_bytes(b"example\xff").unwrap();
    request.headers_mut().insert(header::HOST, value);
    assert_eq!(
        verify(&Verifier::new(signer()), &request, &credentials()),
        Err(VerifyError::InvalidHeader(header::HOST))
    );
}

#[test]
fn a_mismatch_shows_both_texts_that_were_expected() {
    let [mut request, _] = both_ways(&signer(), &request("/"), &credentials());
    *request.body_mut() = Bytes::new();
    let error = verify(&Verifier::new(signer()), &request, &credentials()).unwrap_err();
    assert_eq!(error.to_string(), "the signature does not match");
    let mismatch = error.mismatch().unwrap();
    let (canonical, to_sign) = (mismatch.canonical_request(), mismatch.string_to_sign());
    assert!(canonical.starts_with("POST\n/\n\nhost:example.com\n"));
    assert_eq!(
        format!("{error:?}"),
        format!(
            "SignatureMismatch(Mismatch {{ canonical_request: {canonical:?}, \
             string_to_sign: {to_sign:?} }})"
        )
    );
    assert_eq!(VerifyError::TooOld.mismatch(), None);
}

#[test]
fn each_reason_to_refuse_is_one_line_of_its_own() {
    let reasons = [
        VerifyError::MissingAuthentication,
        VerifyError::TwoSignatures,
        VerifyError::UnsupportedAlgorithm,
        VerifyError::Missing("Host"),
        VerifyError::Repeated("Host"),
        VerifyError::Malformed("Host"),
        VerifyError::SignedHeadersNotSorted,
        VerifyError::InvalidExpiry,
        VerifyError::WrongDate,
        VerifyError::WrongRegion,
        VerifyError::WrongService,
        VerifyError::WrongTerminator,
        VerifyError::TooOld,
        VerifyError::TooNew,
        VerifyError::UnknownAccessKey,
        VerifyError::WrongSessionToken,
        VerifyError::CredentialsExpired,
        VerifyError::HostNotSigned,
        VerifyError::HeaderNotSigned(header::RANGE),
        VerifyError::SignedHeaderAbsent(header::RANGE),
        VerifyError::InvalidHeader(header::RANGE),
        VerifyError::PayloadMismatch,
        VerifyError::UnsignedPayload,
        VerifyError::StreamingPayload,
    ]
    .map(|reason| reason.to_string());
    for (index, reason) in reasons.iter().enumerate() {
        assert!(reason.contains(' '), "{reason}");
        assert!(!reason.contains('\n') && !reason.ends_with('.'), "{reason}");
        let others = reasons.iter().skip(index + 1);
        assert!(!others.into_iter().any(|other| other == reason), "{reason}");
    }
    assert_eq!(
        VerifyError::SignedHeaderAbsent(header::RANGE).to_string(),
        "the signed header range is absent"
    );
}
