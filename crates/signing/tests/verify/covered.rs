//! What has to be signed, and what may change.

use amplify_backend_signing::{Payload, SessionToken, Verifier, VerifyError};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, header};

use crate::{
    at, both_ways, credentials, presigned, refused, refused_by, request, signed, signer, unsigned,
    verify, with_authorization, with_header,
};

const HASH_OF_BODY: &str = "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5";

#[test]
fn host_and_every_amz_header_have_to_be_signed() {
    let request = with_authorization("host;x-amz-date", "x-amz-date");
    assert_eq!(refused(&request), Some(VerifyError::HostNotSigned));
    let request = with_authorization("host;x-amz-date", "host");
    let not_signed = |name| Some(VerifyError::HeaderNotSigned(HeaderName::from_static(name)));
    assert_eq!(refused(&request), not_signed("x-amz-date"));
    for request in [signed(), presigned()] {
        let added = with_header(&request, "x-amz-acl", "public-read");
        assert_eq!(refused(&added), not_signed("x-amz-acl"));
    }
    let request = with_authorization("host;x-amz-date", "host;range;x-amz-date");
    let absent = VerifyError::SignedHeaderAbsent(HeaderName::from_static("range"));
    assert_eq!(refused(&request), Some(absent));
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
fn without_a_host_header_the_uri_says_the_host() {
    let mut request = Request::get("http://example.com/")
        .body(Bytes::new())
        .unwrap();
    signer().sign(&mut request, &credentials(), at()).unwrap();
    assert_eq!(refused(&request), None);
    // What a server gets over HTTP/1.1: the host in its header.
    let mut received = with_header(&request, "host", "example.com");
    *received.uri_mut() = "/".parse().unwrap();
    assert_eq!(refused(&received), None);
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
fn a_header_that_is_not_signed_may_change() {
    let request = with_header(&signed(), "user-agent", "proxy");
    assert_eq!(
        refused(&with_header(&request, "x-forwarded-for", "127.0.0.1")),
        None
    );
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
fn a_signed_header_that_is_repeated_is_refused() {
    let mut request = with_header(&unsigned(), "x-amz-meta-a", "a");
    signer().sign(&mut request, &credentials(), at()).unwrap();
    assert_eq!(refused(&request), None);
    let repeated = with_header(&request, "x-amz-meta-a", "a");
    assert!(matches!(
        refused(&repeated),
        Some(VerifyError::SignatureMismatch(_))
    ));
}

#[test]
fn a_signed_header_that_is_not_utf_8_is_refused() {
    let mut request = with_authorization("host;x-amz-date", "host;x-amz-date;x-amz-meta-a");
    let value = HeaderValue::from_bytes(b"\xff").unwrap();
    request.headers_mut().insert("x-amz-meta-a", value);
    let name = HeaderName::from_static("x-amz-meta-a");
    assert_eq!(refused(&request), Some(VerifyError::InvalidHeader(name)));
}

#[test]
fn the_stated_hash_has_to_be_the_bodys() {
    let stated = |payload| {
        let mut request = unsigned();
        let signer = signer().content_sha256_header(true).payload(payload);
        signer.sign(&mut request, &credentials(), at()).unwrap();
        request
    };
    let hashed = stated(Payload::Hashed);
    assert_eq!(hashed.headers()["x-amz-content-sha256"], HASH_OF_BODY);
    assert_eq!(refused(&hashed), None);
    // Signed by the owner of the key, and still not this body's.
    let other = stated(Payload::Precomputed([0; 32]));
    assert_eq!(refused(&other), Some(VerifyError::PayloadMismatch));
    let unsigned_payload = stated(Payload::Unsigned);
    assert_eq!(
        refused(&unsigned_payload),
        Some(VerifyError::UnsignedPayload)
    );
    let lenient = Verifier::new(signer()).unsigned_payload(true);
    assert_eq!(refused_by(&lenient, &unsigned_payload), None);
    for (value, error) in [
        (
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            VerifyError::StreamingPayload,
        ),
        (
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            VerifyError::StreamingPayload,
        ),
        (
            "unsigned-payload",
            VerifyError::Malformed("x-amz-content-sha256"),
        ),
        ("", VerifyError::Malformed("x-amz-content-sha256")),
    ] {
        let mut request = hashed.clone();
        let value = HeaderValue::from_static(value);
        request.headers_mut().insert("x-amz-content-sha256", value);
        assert_eq!(refused_by(&lenient, &request), Some(error));
    }
    let twice = with_header(&hashed, "x-amz-content-sha256", HASH_OF_BODY);
    assert_eq!(
        refused(&twice),
        Some(VerifyError::Repeated("x-amz-content-sha256"))
    );
}

#[test]
fn a_body_may_be_left_open_in_silence_only_in_the_query_and_where_that_is_allowed() {
    let open = signer().payload(Payload::Unsigned);
    let [signed, mut request] = both_ways(&open, &unsigned(), &credentials());
    let mismatch = |refused| matches!(refused, Some(VerifyError::SignatureMismatch(_)));
    assert!(mismatch(refused(&request)));
    let lenient = Verifier::new(signer()).unsigned_payload(true);
    assert!(mismatch(refused_by(&lenient, &signed)));
    *request.body_mut() = Bytes::from_static(b"another");
    let verified = verify(&lenient, &request, &credentials()).unwrap();
    assert!(verified.presigned && !verified.payload_signed);
    assert_eq!(verified.signed_at, at());
    // One that signs its body is held to it, there too.
    let mut request = presigned();
    *request.body_mut() = Bytes::from_static(b"another");
    assert!(mismatch(refused_by(&lenient, &request)));
}
