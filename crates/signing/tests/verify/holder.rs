//! Who may sign, for what, and when.

use std::time::{Duration, SystemTime};

use amplify_backend_signing::{Credentials, SessionToken, Signer, Verifier, VerifyError};
use bytes::Bytes;
use http::Request;

use crate::{
    HOUR, SECOND, at, both_ways, credentials, presigned, refused, refused_by, request, signed,
    signer, unsigned, verify, with_authorization, with_header, with_query,
};

#[test]
fn the_scope_has_to_be_the_verifiers() {
    for (from, to, error) in [
        ("/20150830/", "/20150831/", VerifyError::WrongDate),
        ("/us-east-1/", "/us-east-2/", VerifyError::WrongRegion),
        ("/service/", "/s3/", VerifyError::WrongService),
        (
            "/aws4_request",
            "/aws4_reques",
            VerifyError::WrongTerminator,
        ),
    ] {
        assert_eq!(refused(&with_authorization(from, to)), Some(error.clone()));
        let (from, to) = (from.replace('/', "%2F"), to.replace('/', "%2F"));
        assert_eq!(refused(&with_query(&from, &to)), Some(error));
    }
    let elsewhere = Verifier::new(Signer::new("eu-west-1", "service"));
    assert_eq!(
        refused_by(&elsewhere, &signed()),
        Some(VerifyError::WrongRegion)
    );
    let anywhere = elsewhere.any_region(true);
    assert_eq!(refused_by(&anywhere, &signed()), None);
    assert_eq!(refused_by(&anywhere, &presigned()), None);
}

#[test]
fn a_request_older_or_newer_than_five_minutes_is_refused() {
    let verifier = Verifier::new(signer());
    let outcome = |verifier: &Verifier, request: &Request<Bytes>, now| {
        verifier.verify(request, |_| Some(credentials()), now).err()
    };
    let window = Duration::from_secs(300);
    let (old, new) = (Some(VerifyError::TooOld), Some(VerifyError::TooNew));
    let request = signed();
    assert_eq!(outcome(&verifier, &request, at() + window), None);
    assert_eq!(outcome(&verifier, &request, at() + window + SECOND), old);
    assert_eq!(outcome(&verifier, &request, at() - window), None);
    assert_eq!(outcome(&verifier, &request, at() - window - SECOND), new);
    assert_eq!(outcome(&verifier, &request, SystemTime::UNIX_EPOCH), new);
    let before_1970 = SystemTime::UNIX_EPOCH - HOUR;
    assert_eq!(outcome(&verifier, &request, before_1970), new);

    let request = presigned();
    assert_eq!(outcome(&verifier, &request, at() + HOUR), None);
    assert_eq!(outcome(&verifier, &request, at() + HOUR + SECOND), old);
    assert_eq!(outcome(&verifier, &request, at() - window), None);
    assert_eq!(outcome(&verifier, &request, at() - window - SECOND), new);

    let narrow = verifier.window(SECOND);
    assert_eq!(outcome(&narrow, &signed(), at() + SECOND), None);
    assert_eq!(outcome(&narrow, &signed(), at() + 2 * SECOND), old);
}

#[test]
fn an_unknown_key_and_a_foreign_token_are_refused_alike() {
    let unknown = with_authorization("AKIDEXAMPLE", "AKIDOTHER");
    assert_eq!(refused(&unknown), Some(VerifyError::UnknownAccessKey));
    let wrong = Some(VerifyError::WrongSessionToken);
    // The key has no token, and the request brings one.
    let token = with_header(&signed(), "x-amz-security-token", "token");
    assert_eq!(refused(&token), wrong);
    // The key has one, and the request brings none, or another, in either form.
    let verifier = Verifier::new(signer());
    let known = |_: &str| Some(credentials().with_session_token("token"));
    for request in [&signed(), &presigned()] {
        assert_eq!(verifier.verify(request, known, at()).err(), wrong);
    }
    let other = credentials().with_session_token("tokem");
    let mut request = unsigned();
    signer().sign(&mut request, &other, at()).unwrap();
    assert_eq!(verifier.verify(&request, known, at()).err(), wrong);
    signer().presign(&mut request, &other, at(), HOUR).unwrap();
    assert_eq!(verifier.verify(&request, known, at()).err(), wrong);
    // A token in both places is one too many.
    let both = with_header(&request, "x-amz-security-token", "token");
    let repeated = VerifyError::Repeated("X-Amz-Security-Token");
    assert_eq!(verifier.verify(&both, known, at()).err(), Some(repeated));
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
fn a_token_that_was_added_after_is_for_verifiers_that_expect_it() {
    let temporary = credentials().with_session_token("token");
    let after = signer().session_token(SessionToken::AddedAfter);
    for request in both_ways(&after, &unsigned(), &temporary) {
        let known = |_: &str| Some(temporary.clone());
        let lenient = Verifier::new(after.clone());
        assert_eq!(lenient.verify(&request, known, at()).err(), None);
        let strict = Verifier::new(signer());
        assert!(strict.verify(&request, known, at()).is_err());
    }
}

#[test]
fn clients_that_send_in_turn_are_told_apart() {
    let verifier = Verifier::new(signer());
    // More of them than the verifier keeps keys of.
    let clients: Vec<_> = (0..12)
        .map(|number| Credentials::new(format!("AKID{number}"), format!("secret {number}")))
        .collect();
    for _ in 0..3 {
        for (client, other) in clients.iter().zip(clients.iter().cycle().skip(1)) {
            let mut request = unsigned();
            signer().sign(&mut request, client, at()).unwrap();
            let verified = verifier.verify(&request, |_| Some(client.clone()), at());
            assert_eq!(verified.unwrap().access_key_id, client.access_key_id());
            let refused = verifier.verify(&request, |_| Some(other.clone()), at());
            assert!(matches!(refused, Err(VerifyError::SignatureMismatch(_))));
        }
    }
}

#[test]
fn only_the_owner_learns_that_credentials_have_expired() {
    let verifier = Verifier::new(signer());
    let until = |end| move |_: &str| Some(credentials().with_expiry(end));
    let outcome = |request: &Request<Bytes>, end| verifier.verify(request, until(end), at()).err();
    assert_eq!(outcome(&signed(), at() + SECOND), None);
    assert_eq!(
        outcome(&signed(), at()),
        Some(VerifyError::CredentialsExpired)
    );
    let mut forged = signed();
    *forged.body_mut() = Bytes::new();
    let forged = outcome(&forged, at());
    assert!(matches!(forged, Some(VerifyError::SignatureMismatch(_))));
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
