//! What a refusal says, and what it keeps to itself.

use amplify_backend_signing::{Verifier, VerifyError};
use bytes::Bytes;
use http::header;

use crate::{
    HOUR, at, both_ways, credentials, refused, request, signer, unsigned, verify,
    with_authorization,
};

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
fn a_mismatch_shows_what_was_expected_and_neither_token_nor_signature() {
    let temporary = credentials().with_session_token("token/of/the/session");
    let verifier = Verifier::new(signer());
    for presign in [false, true] {
        let mut request = unsigned();
        match presign {
            true => signer()
                .presign(&mut request, &temporary, at(), HOUR)
                .unwrap(),
            false => signer().sign(&mut request, &temporary, at()).unwrap(),
        }
        *request.body_mut() = Bytes::from_static(b"another");
        let right = match presign {
            true => signer()
                .presigned_signature(&request, &temporary, at(), HOUR)
                .unwrap(),
            false => signer().signature(&request, &temporary, at()).unwrap(),
        };
        let error = verifier
            .verify(&request, |_| Some(temporary.clone()), at())
            .unwrap_err();
        let mismatch = error.mismatch().unwrap();
        assert_eq!(mismatch.string_to_sign(), right.string_to_sign());
        let shown = right
            .canonical_request()
            .replace("token/of/the/session", "..");
        let shown = shown.replace("token%2Fof%2Fthe%2Fsession", "..");
        assert_eq!(mismatch.canonical_request(), shown);
        let all = format!("{error:?} {error} {mismatch:?}");
        for secret in ["the/session", "the%2Fsession", right.as_str(), "wJalr"] {
            assert!(!all.contains(secret), "{all}");
        }
    }
}

#[test]
fn refusals_have_the_names_that_aws_has_for_them() {
    for (error, code) in [
        (refused(&unsigned()), "MissingAuthenticationTokenException"),
        (
            refused(&with_authorization("Signature=", "")),
            "IncompleteSignatureException",
        ),
        (
            refused(&with_authorization("AKID", "B")),
            "UnrecognizedClientException",
        ),
        (
            refused(&with_authorization("/us-east-1/", "/a/")),
            "InvalidSignatureException",
        ),
        (
            Some(VerifyError::CredentialsExpired),
            "ExpiredTokenException",
        ),
        (Some(VerifyError::TooOld), "InvalidSignatureException"),
    ] {
        assert_eq!(error.unwrap().aws_code(), code);
    }
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
