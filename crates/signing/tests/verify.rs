//! Each way to be refused, by its own name.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may fail the short way"
)]

use std::time::{Duration, SystemTime};

use amplify_backend_signing::{Credentials, Payload, SessionToken, Signer, Verifier, VerifyError};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};

const HASH_OF_BODY: &str = "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5";
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

fn unsigned() -> Request<Bytes> {
    Request::post("/path?a=b")
        .header("host", "example.com")
        .body(Bytes::from_static(b"body"))
        .unwrap()
}

fn signed() -> Request<Bytes> {
    let mut request = unsigned();
    signer().sign(&mut request, &credentials(), at()).unwrap();
    request
}

fn presigned() -> Request<Bytes> {
    let mut request = unsigned();
    signer()
        .presign(&mut request, &credentials(), at(), HOUR)
        .unwrap();
    request
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

#[test]
fn an_unchanged_request_is_accepted() {
    assert_eq!(refused(&signed()), None);
    assert_eq!(refused(&presigned()), None);
}

#[test]
fn a_request_without_a_signature_is_refused() {
    assert_eq!(
        refused(&unsigned()),
        Some(VerifyError::MissingAuthentication)
    );
}

#[test]
fn a_request_with_two_signatures_is_refused() {
    let authorization = signed().headers()["authorization"].clone();
    let both = with_header(
        &presigned(),
        "authorization",
        authorization.to_str().unwrap(),
    );
    assert_eq!(refused(&both), Some(VerifyError::TwoSignatures));
    let bearer = with_header(&presigned(), "authorization", "Bearer token");
    assert_eq!(refused(&bearer), Some(VerifyError::TwoSignatures));
    let mut escaped = signed();
    *escaped.uri_mut() = "/path?X-Amz-Signatur%65=a".parse().unwrap();
    assert_eq!(refused(&escaped), Some(VerifyError::TwoSignatures));
}

#[test]
fn what_may_be_there_once_is_refused_when_it_is_there_twice() {
    let authorization = signed().headers()["authorization"].clone();
    let authorization = authorization.to_str().unwrap();
    for (name, value, repeated) in [
        ("authorization", authorization, "authorization"),
        ("x-amz-date", "20150830T123600Z", "x-amz-date"),
        ("host", "example.com", "Host"),
    ] {
        let request = with_header(&signed(), name, value);
        assert_eq!(
            refused(&request),
            Some(VerifyError::Repeated(repeated)),
            "{name}"
        );
    }
    for field in ["Credential=a", "SignedHeaders=host", "Signature=a"] {
        let request = with_authorization("Signature=", &format!("{field}, Signature="));
        let repeated = match field.split_once('=').unwrap().0 {
            "Credential" => "Credential",
            "SignedHeaders" => "SignedHeaders",
            _ => "Signature",
        };
        assert_eq!(
            refused(&request),
            Some(VerifyError::Repeated(repeated)),
            "{field}"
        );
    }
    for name in [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-SignedHeaders",
        "X-Amz-Expires",
        "X-Amz-Signature",
    ] {
        for again in [name.to_owned(), name.replace("X-", "%58-")] {
            let request = with_query("a=b", &format!("{again}=a"));
            assert_eq!(
                refused(&request),
                Some(VerifyError::Repeated(name)),
                "{again}"
            );
        }
    }
}

#[test]
fn every_part_has_to_be_there() {
    let credential = "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ";
    for (part, missing) in [
        (credential, "Credential"),
        ("SignedHeaders=host;x-amz-date, ", "SignedHeaders"),
    ] {
        let request = with_authorization(part, "");
        assert_eq!(refused(&request), Some(VerifyError::Missing(missing)));
    }
    let mut no_signature = signed();
    let authorization = no_signature.headers_mut().remove("authorization").unwrap();
    let (head, _) = authorization
        .to_str()
        .unwrap()
        .split_once(", Signature")
        .unwrap();
    let no_signature = with_header(&no_signature, "authorization", head);
    assert_eq!(
        refused(&no_signature),
        Some(VerifyError::Missing("Signature"))
    );
    let mut no_date = signed();
    no_date.headers_mut().remove("x-amz-date");
    assert_eq!(refused(&no_date), Some(VerifyError::Missing("X-Amz-Date")));
    // `Date` is not a stand-in: no signer of AWS leaves `X-Amz-Date` out.
    let other_date = with_header(&no_date, "date", "Sun, 30 Aug 2015 12:36:00 GMT");
    assert_eq!(
        refused(&other_date),
        Some(VerifyError::Missing("X-Amz-Date"))
    );
    let mut no_host = signed();
    no_host.headers_mut().remove("host");
    assert_eq!(refused(&no_host), Some(VerifyError::Missing("Host")));
    for name in [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-SignedHeaders",
        "X-Amz-Expires",
        "X-Amz-Signature",
    ] {
        let request = with_query(&format!("{name}="), "other=");
        assert_eq!(refused(&request), Some(VerifyError::Missing(name)));
    }
}

#[test]
fn another_algorithm_is_refused() {
    for (from, to) in [
        ("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
        ("AWS4-HMAC-SHA256", "aws4-hmac-sha256"),
        ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256,"),
        ("AWS4-HMAC-SHA256 ", "Bearer "),
    ] {
        assert_eq!(
            refused(&with_authorization(from, to)),
            Some(VerifyError::UnsupportedAlgorithm)
        );
    }
    let request = with_query("=AWS4-HMAC-SHA256", "=AWS4-HMAC-SHA1");
    assert_eq!(refused(&request), Some(VerifyError::UnsupportedAlgorithm));
}

#[test]
fn what_is_malformed_is_named() {
    for (from, to, part) in [
        ("Credential=", "Credential", "Authorization"),
        ("Credential=", "Other=a, Credential=", "Authorization"),
        ("Credential=AKIDEXAMPLE/", "Credential=", "Credential"),
        ("Credential=AKIDEXAMPLE/", "Credential=/", "Credential"),
        (
            "Credential=AKIDEXAMPLE/",
            "Credential=AKID/EXAMPLE/",
            "Credential",
        ),
        ("/us-east-1/", "//", "Credential"),
        ("/aws4_request", "/", "Credential"),
        ("host;x-amz-date", "", "SignedHeaders"),
        ("host;x-amz-date", "host;;x-amz-date", "SignedHeaders"),
        ("host;x-amz-date", "host;x-amz-date;", "SignedHeaders"),
        ("host;x-amz-date", "Host;x-amz-date", "SignedHeaders"),
        ("host;x-amz-date", "host x-amz-date", "SignedHeaders"),
        ("Signature=", "Signature=0", "Signature"),
        ("Signature=", "Signature=g", "Signature"),
    ] {
        let request = with_authorization(from, to);
        assert_eq!(
            refused(&request),
            Some(VerifyError::Malformed(part)),
            "{from} {to}"
        );
    }
    let mut short = with_header(&unsigned(), "x-amz-date", "20150830T123600Z");
    short = with_header(
        &short,
        "authorization",
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=00",
    );
    assert_eq!(refused(&short), Some(VerifyError::Malformed("Signature")));
    let request = signed();
    let authorization = request.headers()["authorization"].to_str().unwrap();
    let (_, digits) = authorization.split_once("Signature=").unwrap();
    let upper = with_authorization(digits, &digits.to_uppercase());
    assert_eq!(refused(&upper), Some(VerifyError::Malformed("Signature")));
    for date in [
        "20150830T123600",
        "2015-08-30T12:36:00Z",
        "20150830T250000Z",
        "",
        "19691231T235959Z",
    ] {
        let mut request = signed();
        request.headers_mut().remove("x-amz-date");
        let request = with_header(&request, "x-amz-date", date);
        assert_eq!(
            refused(&request),
            Some(VerifyError::Malformed("X-Amz-Date")),
            "{date}"
        );
    }
    let not_utf8 = with_query("=AKIDEXAMPLE", "=%FF");
    assert_eq!(
        refused(&not_utf8),
        Some(VerifyError::Malformed("X-Amz-Credential"))
    );
}

#[test]
fn the_names_of_the_signed_headers_have_one_order() {
    for names in ["x-amz-date;host", "host;host;x-amz-date"] {
        let request = with_authorization("host;x-amz-date", names);
        assert_eq!(
            refused(&request),
            Some(VerifyError::SignedHeadersNotSorted),
            "{names}"
        );
    }
}

#[test]
fn a_presigned_request_holds_for_a_second_to_a_week() {
    for expires in [
        "0",
        "604801",
        "-1",
        "+1",
        "1.5",
        "",
        "99999999999999999999999",
        "1e3",
        "%20",
    ] {
        let request = with_query("X-Amz-Expires=3600", &format!("X-Amz-Expires={expires}"));
        assert_eq!(
            refused(&request),
            Some(VerifyError::InvalidExpiry),
            "{expires}"
        );
    }
}

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
fn a_header_that_is_not_signed_may_change() {
    let request = with_header(&signed(), "user-agent", "proxy");
    assert_eq!(
        refused(&with_header(&request, "x-forwarded-for", "127.0.0.1")),
        None
    );
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
fn a_presigned_request_may_leave_its_body_open_where_that_is_allowed() {
    let mut request = unsigned();
    let open = signer().payload(Payload::Unsigned);
    open.presign(&mut request, &credentials(), at(), HOUR)
        .unwrap();
    assert!(matches!(
        refused(&request),
        Some(VerifyError::SignatureMismatch(_))
    ));
    let lenient = Verifier::new(signer()).unsigned_payload(true);
    assert_eq!(refused_by(&lenient, &request), None);
    *request.body_mut() = Bytes::from_static(b"another");
    assert_eq!(refused_by(&lenient, &request), None);
    // One that signs its body is held to it, there too.
    let mut request = presigned();
    *request.body_mut() = Bytes::from_static(b"another");
    assert!(matches!(
        refused_by(&lenient, &request),
        Some(VerifyError::SignatureMismatch(_))
    ));
}

#[test]
fn a_token_that_was_added_after_is_for_verifiers_that_expect_it() {
    let temporary = credentials().with_session_token("token");
    let after = signer().session_token(SessionToken::AddedAfter);
    for presign in [false, true] {
        let mut request = unsigned();
        match presign {
            true => after.presign(&mut request, &temporary, at(), HOUR).unwrap(),
            false => after.sign(&mut request, &temporary, at()).unwrap(),
        }
        let known = |_: &str| Some(temporary.clone());
        let lenient = Verifier::new(after.clone());
        assert_eq!(lenient.verify(&request, known, at()).err(), None);
        let strict = Verifier::new(signer());
        assert!(strict.verify(&request, known, at()).is_err());
    }
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
fn a_large_request_is_looked_at_once_and_refused() {
    let mut request = signed();
    let names: Vec<String> = (0..5000).map(|number| format!("a{number:05}")).collect();
    let names = format!("{};host;x-amz-date", names.join(";"));
    request = {
        let authorization = request.headers()["authorization"]
            .to_str()
            .unwrap()
            .to_owned();
        request.headers_mut().remove("authorization");
        let authorization = authorization.replace("host;x-amz-date", &names);
        with_header(&request, "authorization", &authorization)
    };
    assert!(matches!(
        refused(&request),
        Some(VerifyError::SignedHeaderAbsent(_))
    ));
    let mut request = signed();
    let query = "a=%20&".repeat(10_000);
    *request.uri_mut() = format!("/path?{query}").parse().unwrap();
    assert!(matches!(
        refused(&request),
        Some(VerifyError::SignatureMismatch(_))
    ));
}
