//! What `sign` and `presign` do to a request, and what they leave alone.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may fail the short way"
)]

use std::error::Error as _;
use std::time::{Duration, SystemTime};

use amplify_backend_signing::{Credentials, Payload, SessionToken, Sign, Signer, SigningError};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, header};

fn at() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160)
}

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

fn request() -> Request<Bytes> {
    Request::post("https://example.amazonaws.com/path?a=b")
        .header("content-type", "text/plain")
        .body(Bytes::from_static(b"body"))
        .unwrap()
}

/// All that a request is, with sensitive values shown.
fn parts(request: &Request<Bytes>) -> String {
    let headers: Vec<_> = request.headers().iter().collect();
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (name, value.as_bytes(), value.is_sensitive()))
        .collect();
    format!(
        "{} {} {headers:?} {:?}",
        request.method(),
        request.uri(),
        request.body()
    )
}

#[test]
fn failed_signing_leaves_the_request_alone() {
    let signer = Signer::new("us-east-1", "service");
    let before_1970 = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    let no_host = Request::get("/").body(Bytes::new()).unwrap();
    let mut two_hosts = request();
    two_hosts
        .headers_mut()
        .append(header::HOST, HeaderValue::from_static("a"));
    two_hosts
        .headers_mut()
        .append(header::HOST, HeaderValue::from_static("b"));
    let mut not_utf8 = request();
    let value = HeaderValue::from_bytes(b"caf\xe9").unwrap();
    not_utf8.headers_mut().insert("x-name", value);
    let mut signed = request();
    signer.sign(&mut signed, &credentials(), at()).unwrap();

    type Check = fn(&SigningError) -> bool;
    let cases: [(Request<Bytes>, Signer, Credentials, SystemTime, Check); 9] = [
        (
            request(),
            signer.clone(),
            credentials(),
            before_1970,
            |error| matches!(error, SigningError::TimeOutOfRange),
        ),
        (no_host, signer.clone(), credentials(), at(), |error| {
            matches!(error, SigningError::NoHost)
        }),
        (two_hosts, signer.clone(), credentials(), at(), |error| {
            matches!(error, SigningError::RepeatedHost)
        }),
        (
            not_utf8,
            signer.clone(),
            credentials(),
            at(),
            |error| matches!(error, SigningError::InvalidHeader(name) if name == "x-name"),
        ),
        (
            request(),
            signer.clone(),
            Credentials::new("", "s"),
            at(),
            |error| matches!(error, SigningError::InvalidAccessKeyId),
        ),
        (
            request(),
            signer.clone(),
            Credentials::new("a/b", "s"),
            at(),
            |error| matches!(error, SigningError::InvalidAccessKeyId),
        ),
        (
            request(),
            Signer::new("a b", "service"),
            credentials(),
            at(),
            |error| matches!(error, SigningError::InvalidScope),
        ),
        (
            request(),
            Signer::new("us-east-1", ""),
            credentials(),
            at(),
            |error| matches!(error, SigningError::InvalidScope),
        ),
        (
            signed,
            signer,
            credentials().with_session_token("a\nb"),
            at(),
            |error| matches!(error, SigningError::InvalidSessionToken),
        ),
    ];
    for (mut request, signer, credentials, at, check) in cases {
        let before = parts(&request);
        let error = signer.sign(&mut request, &credentials, at).unwrap_err();
        assert!(check(&error), "{error:?}");
        assert_eq!(parts(&request), before, "{error}");
        if !matches!(error, SigningError::InvalidSessionToken) {
            let hour = Duration::from_secs(3600);
            let error = signer
                .presign(&mut request, &credentials, at, hour)
                .unwrap_err();
            assert!(check(&error), "{error:?}");
            assert_eq!(parts(&request), before, "{error}");
        }
    }
}

#[test]
fn each_reason_not_to_sign_is_one_line_of_its_own() {
    let cause = SigningError::Other("the key store is closed".into());
    assert_eq!(
        cause.source().unwrap().to_string(),
        "the key store is closed"
    );
    let reasons = [
        SigningError::InvalidAccessKeyId,
        SigningError::InvalidSessionToken,
        SigningError::InvalidScope,
        SigningError::NoHost,
        SigningError::RepeatedHost,
        SigningError::InvalidHeader(header::RANGE),
        SigningError::TimeOutOfRange,
        SigningError::InvalidExpiry,
        SigningError::InvalidUri,
        SigningError::TooManyHeaders,
    ];
    assert!(reasons.iter().all(|reason| reason.source().is_none()));
    let reasons = reasons.map(|reason| reason.to_string());
    for (index, reason) in reasons.iter().enumerate() {
        assert!(
            reason.starts_with("the ") || reason.starts_with("a "),
            "{reason}"
        );
        assert!(!reason.contains('\n') && !reason.ends_with('.'), "{reason}");
        assert!(!reasons[..index].contains(reason), "{reason}");
    }
    assert_eq!(reasons[5], "the value of header range is not UTF-8");
    assert_eq!(cause.to_string(), "the signer failed");
}

#[test]
fn a_request_has_room_for_all_that_signing_adds_or_is_left_alone() {
    // As many headers as there can be.
    let mut full = request();
    let headers = full.headers_mut();
    for number in 0.. {
        let name: HeaderName = format!("accept-{number}").parse().unwrap();
        let value = HeaderValue::from_static("");
        if headers.try_insert(name, value).is_err() {
            break;
        }
    }
    let most = headers.len();
    let names: Vec<_> = headers.keys().take(4).cloned().collect();
    let temporary = credentials().with_session_token("token");
    // With authorization, date, token and hash.
    let signer = Signer::s3("us-east-1");
    for room in 0..=4 {
        let mut request = full.clone();
        for name in &names[..room] {
            request.headers_mut().remove(name);
        }
        let outcome = signer.sign(&mut request, &temporary, at());
        if room == 4 {
            outcome.unwrap();
            assert_eq!(request.headers().len(), most);
        } else {
            assert!(matches!(outcome, Err(SigningError::TooManyHeaders)));
            assert_eq!(request.headers().len(), most - room);
        }
    }
}

#[test]
fn failed_presigning_leaves_the_request_alone() {
    let signer = Signer::new("us-east-1", "service");
    let week = Duration::from_secs(7 * 24 * 60 * 60);
    let second = Duration::from_secs(1);
    for expires_in in [
        Duration::ZERO,
        second - Duration::from_nanos(1),
        week + second,
        Duration::MAX,
    ] {
        let mut request = request();
        let before = parts(&request);
        let error = signer
            .presign(&mut request, &credentials(), at(), expires_in)
            .unwrap_err();
        assert!(matches!(error, SigningError::InvalidExpiry));
        assert_eq!(parts(&request), before);
    }
    for expires_in in [second, week] {
        signer
            .presign(&mut request(), &credentials(), at(), expires_in)
            .unwrap();
    }

    let long = format!("http://example.com/{}", "a".repeat(65_400));
    let mut long = Request::get(long).body(Bytes::new()).unwrap();
    let options = Request::options("*").header("host", "example.com");
    let mut options = options.body(Bytes::new()).unwrap();
    for request in [&mut long, &mut options] {
        let before = parts(request);
        let error = signer
            .presign(request, &credentials(), at(), second)
            .unwrap_err();
        assert!(matches!(error, SigningError::InvalidUri), "{error:?}");
        assert_eq!(parts(request), before);
    }
}

#[test]
fn a_signed_request_is_signed_anew_and_not_twice() {
    let signer = Signer::new("us-east-1", "service");
    let temporary = credentials().with_session_token("token");
    let hour = Duration::from_secs(3600);
    let signed = |was: &dyn Fn(&mut Request<Bytes>)| {
        let mut request = request();
        was(&mut request);
        signer.sign(&mut request, &credentials(), at()).unwrap();
        let mut presigned = request.clone();
        signer
            .presign(&mut presigned, &credentials(), at(), hour)
            .unwrap();
        (
            request.headers().clone(),
            request.uri().clone(),
            presigned.uri().clone(),
        )
    };
    let fresh = signed(&|_| ());
    assert_eq!(fresh.1, "https://example.amazonaws.com/path?a=b");
    let s3 = Signer::s3("us-east-1");
    assert_eq!(
        fresh,
        signed(&|request| s3.sign(request, &temporary, at()).unwrap())
    );
    assert_eq!(
        fresh,
        signed(&|request| s3.presign(request, &temporary, at(), hour).unwrap())
    );
    assert_eq!(
        fresh,
        signed(&|request| {
            for _ in 0..2 {
                for name in ["authorization", "x-amz-date", "x-amz-security-token"] {
                    request
                        .headers_mut()
                        .append(name, HeaderValue::from_static("old"));
                }
            }
        })
    );
}

#[test]
fn what_is_secret_is_marked_as_sensitive() {
    let mut request = request();
    let credentials = credentials().with_session_token("token-of-the-session");
    let signer = Signer::new("us-east-1", "service");
    signer.sign(&mut request, &credentials, at()).unwrap();
    for name in ["authorization", "x-amz-security-token"] {
        assert!(request.headers()[name].is_sensitive(), "{name}");
    }
    let signature = signer.signature(&request, &credentials, at()).unwrap();
    assert_eq!(signature.to_string(), signature.as_str());
    let shown = format!("{request:?} {signer:?} {credentials:?} {signature:?}");
    for harmless in [
        "keys: KeyCache { .. }",
        r#"Credentials { access_key_id: "AKIDEXAMPLE", .. }"#,
        r#"Signature { signed_headers: "content-type;host;x-amz-date;x-amz-security-token", .. }"#,
    ] {
        assert!(shown.contains(harmless), "{shown}");
    }
    for secret in ["token-of-the-session", "wJalrXUtnFEMI", signature.as_str()] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn the_default_list_leaves_out_what_others_may_change() {
    let mut request = request();
    for name in [
        "accept",
        "accept-encoding",
        "amz-sdk-invocation-id",
        "amz-sdk-request",
        "cache-control",
        "connection",
        "content-length",
        "expect",
        "forwarded",
        "from",
        "keep-alive",
        "max-forwards",
        "pragma",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "referer",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
        "x-amzn-trace-id",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-proto",
    ] {
        request
            .headers_mut()
            .insert(name, HeaderValue::from_static("value"));
    }
    for name in ["range", "if-match", "x-amz-target", "x-custom"] {
        request
            .headers_mut()
            .insert(name, HeaderValue::from_static("value"));
    }
    let signer = Signer::new("us-east-1", "service");
    let signed = |signer: &Signer| {
        let signature = signer.signature(&request, &credentials(), at()).unwrap();
        signature.signed_headers().to_owned()
    };
    assert_eq!(
        signed(&signer),
        "content-type;host;if-match;range;x-amz-date;x-amz-target;x-custom"
    );
    let own_list = signer.unsigned_headers([header::CONTENT_TYPE, header::HOST, header::RANGE]);
    let signed = signed(&own_list);
    assert!(signed.starts_with("accept;"), "{signed}");
    assert!(signed.contains(";host;"), "{signed}");
    assert!(
        !signed.contains("content-type") && !signed.contains("range"),
        "{signed}"
    );
}

#[test]
fn a_token_that_is_added_after_is_sent_and_not_signed() {
    let credentials = credentials().with_session_token("to/ken");
    let signer = Signer::new("us-east-1", "service").session_token(SessionToken::AddedAfter);
    let mut signed = request();
    signer.sign(&mut signed, &credentials, at()).unwrap();
    assert_eq!(signed.headers()["x-amz-security-token"], "to/ken");
    let authorization = signed.headers()["authorization"].to_str().unwrap();
    assert!(authorization.contains("SignedHeaders=content-type;host;x-amz-date,"));

    let mut presigned = request();
    let hour = Duration::from_secs(3600);
    let signature = signer
        .presigned_signature(&presigned, &credentials, at(), hour)
        .unwrap();
    assert!(!signature.canonical_request().contains("Token"));
    signer
        .presign(&mut presigned, &credentials, at(), hour)
        .unwrap();
    let query = presigned.uri().query().unwrap();
    assert!(
        query.contains("&X-Amz-Security-Token=to%2Fken&X-Amz-Signature="),
        "{query}"
    );
}

#[test]
fn the_body_can_be_hashed_elsewhere_or_not_at_all() {
    let hash = [0x5a; 32];
    let signer = Signer::s3("us-east-1");
    let header = |payload| {
        let mut request = request();
        signer
            .clone()
            .payload(payload)
            .sign(&mut request, &credentials(), at())
            .unwrap();
        request.headers()["x-amz-content-sha256"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        header(Payload::Hashed),
        "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5"
    );
    assert_eq!(header(Payload::Precomputed(hash)), "5a".repeat(32));
    assert_eq!(header(Payload::Unsigned), "UNSIGNED-PAYLOAD");
}

#[test]
fn utf_8_in_a_header_is_signed_as_it_is() {
    let mut request = request();
    let value = HeaderValue::from_bytes("  é  ሴ ".as_bytes()).unwrap();
    request.headers_mut().insert("x-name", value);
    let signer = Signer::new("us-east-1", "service");
    let signature = signer.signature(&request, &credentials(), at()).unwrap();
    assert!(signature.canonical_request().contains("\nx-name:é ሴ\n"));
}

#[test]
fn a_signer_can_be_an_object_and_shared() {
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    let signer = Signer::new("us-east-1", "service");
    shared(&signer);
    let mut one = request();
    signer.sign(&mut one, &credentials(), at()).unwrap();
    let object: std::sync::Arc<dyn Sign + Send + Sync> = std::sync::Arc::new(signer.clone());
    for sign in [&signer as &dyn Sign, &&signer, &object] {
        let mut other = request();
        sign.sign(&mut other, &credentials(), at()).unwrap();
        assert_eq!(one.headers(), other.headers());
    }
}

#[test]
fn threads_that_replace_each_others_key_sign_as_if_alone() {
    let shared = Signer::new("us-east-1", "service");
    std::thread::scope(|scope| {
        for thread in 0..8_u32 {
            let shared = &shared;
            scope.spawn(move || {
                let credentials = Credentials::new("id", format!("secret {}", thread % 3));
                for day in 0..100 {
                    let at = at() + Duration::from_secs(24 * 60 * 60) * (day % 2);
                    let alone = Signer::new("us-east-1", "service");
                    let [ours, expected] = [shared, &alone]
                        .map(|signer| signer.signature(&request(), &credentials, at).unwrap());
                    assert_eq!(ours.as_str(), expected.as_str());
                }
            });
        }
    });
}
