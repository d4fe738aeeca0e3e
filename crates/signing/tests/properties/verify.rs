//! What was signed verifies, and with any one byte changed it does not.

use std::time::{Duration, SystemTime};

use amplify_backend_signing::{Credentials, Payload, Signer, Verified, Verifier, VerifyError};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::generate::{self, REGION, SERVICE};

fn verify(
    verifier: &Verifier,
    request: &Request<Bytes>,
    credentials: &Credentials,
    at: SystemTime,
) -> Result<Verified, VerifyError> {
    let known = |id: &str| (id == credentials.access_key_id()).then(|| credentials.clone());
    verifier.verify(request, known, at)
}

/// A part of a request that a signature covers.
#[derive(Clone, Debug)]
enum Part {
    Method,
    Target,
    Header(&'static str),
    Body,
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        2 => Just(Part::Method),
        2 => Just(Part::Target),
        2 => Just(Part::Body),
        // Scope, names and signature are all in `authorization`.
        4 => Just(Part::Header("authorization")),
        1 => Just(Part::Header("host")),
        1 => Just(Part::Header("x-amz-date")),
        1 => Just(Part::Header("x-amz-security-token")),
        1 => Just(Part::Header("x-amz-meta-a")),
    ]
}

/// Changes one byte; `false` where no request can have that byte there.
fn change(request: &mut Request<Bytes>, part: &Part, index: Index, mask: u8) -> bool {
    let flip = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        if bytes.is_empty() {
            return None;
        }
        *index.get_mut(&mut bytes) ^= mask;
        Some(bytes)
    };
    match part {
        Part::Method => {
            let bytes = flip(request.method().as_str().as_bytes());
            let method = bytes.and_then(|bytes| Method::from_bytes(&bytes).ok());
            method
                .map(|method| *request.method_mut() = method)
                .is_some()
        }
        Part::Target => {
            let bytes = flip(request.uri().to_string().as_bytes());
            let uri = bytes.and_then(|bytes| Uri::try_from(bytes).ok());
            uri.map(|uri| *request.uri_mut() = uri).is_some()
        }
        Part::Header(name) => {
            let bytes = request
                .headers()
                .get(*name)
                .and_then(|value| flip(value.as_bytes()));
            let value = bytes.and_then(|bytes| HeaderValue::from_bytes(&bytes).ok());
            let name = HeaderName::from_static(name);
            value
                .map(|value| request.headers_mut().insert(name, value))
                .is_some()
        }
        Part::Body => {
            let bytes = flip(request.body());
            bytes
                .map(|bytes| *request.body_mut() = Bytes::from(bytes))
                .is_some()
        }
    }
}

/// The target with the digits of its escapes in upper case: the one way in which two targets that
/// differ in one byte, and have none of `.`, `//` and `+`, are the same one. In the path, which is
/// encoded twice, they are not.
fn meaning(uri: &Uri) -> (String, String) {
    let mut query = uri.query().unwrap_or_default().as_bytes().to_vec();
    for at in 0..query.len().saturating_sub(2) {
        if query[at] == b'%' {
            query[at + 1..at + 3].make_ascii_uppercase();
        }
    }
    (uri.path().to_owned(), String::from_utf8(query).unwrap())
}

/// A request in which every byte counts.
fn plain_request() -> impl Strategy<Value = Request<Bytes>> {
    let path = "(/[a-zA-Z0-9_~-]{1,6}(%[A-F0-9]{2})?){1,4}";
    let query = "([a-z]{1,3}(%2[A-F])?=[a-zA-Z0-9_~-]{1,4}(%E1%88%B4)?&){0,3}";
    let parts = (
        generate::method(),
        path,
        query,
        "[a-z]{1,6}( [a-z]{1,6})?",
        generate::body(),
    );
    parts.prop_map(|(method, path, query, value, body)| {
        let target = match query.strip_suffix('&') {
            Some(query) => format!("{path}?{query}"),
            None => path,
        };
        Request::builder()
            .method(method)
            .uri(target)
            .header("host", "example.amazonaws.com")
            .header("x-amz-meta-a", value)
            .body(Bytes::from(body))
            .unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn what_was_signed_verifies(
        request in generate::request(),
        settings in generate::settings(),
        credentials in generate::credentials(),
        at in generate::time(),
        expires_in in proptest::option::of(1_u64..=604_800),
    ) {
        // A hash that does not fit the body is for the next property.
        prop_assume!(!matches!(settings.payload, Payload::Precomputed(_)));
        let mut request = request;
        let signer = settings.signer();
        match expires_in.map(Duration::from_secs) {
            None => signer.sign(&mut request, &credentials, at),
            Some(expires_in) => signer.presign(&mut request, &credentials, at, expires_in),
        }
        .unwrap();
        // In the header, an unsigned body has to be announced.
        let announced = settings.content_sha256_header || expires_in.is_some();
        let payload_signed = settings.payload != Payload::Unsigned;
        prop_assume!(payload_signed || announced);
        let verifier = Verifier::new(signer).unsigned_payload(true);
        let verified = verify(&verifier, &request, &credentials, at).unwrap();
        prop_assert_eq!(verified.access_key_id.as_str(), credentials.access_key_id());
        prop_assert_eq!(verified.region.as_str(), REGION);
        prop_assert_eq!(verified.presigned, expires_in.is_some());
        prop_assert_eq!(verified.payload_signed, payload_signed);
        let strict = verifier.unsigned_payload(false);
        prop_assert_eq!(verify(&strict, &request, &credentials, at).is_ok(), payload_signed);
    }

    #[test]
    fn with_any_one_byte_changed_it_is_refused(
        request in plain_request(),
        credentials in generate::credentials(),
        at in generate::time(),
        presigned in any::<bool>(),
        part in part(),
        index in any::<Index>(),
        mask in 1_u8..=255,
    ) {
        let mut request = request;
        let signer = Signer::new(REGION, SERVICE);
        if presigned {
            signer.presign(&mut request, &credentials, at, Duration::from_secs(60)).unwrap();
        } else {
            signer.sign(&mut request, &credentials, at).unwrap();
        }
        let verifier = Verifier::new(signer);
        prop_assert!(verify(&verifier, &request, &credentials, at).is_ok());

        let mut changed = request.clone();
        // From `mask` on, the first that leaves a request that can be sent.
        let masks = (mask..=255).chain(1..mask);
        let found = masks.into_iter().any(|mask| change(&mut changed, &part, index, mask));
        prop_assume!(found);
        let same = match part {
            Part::Target => meaning(changed.uri()) == meaning(request.uri()),
            _ => false,
        };
        let outcome = verify(&verifier, &changed, &credentials, at);
        prop_assert_eq!(outcome.is_ok(), same, "{:?} {:?}", changed, outcome);
    }

    #[test]
    fn another_secret_or_token_is_refused(
        request in generate::request(),
        credentials in generate::credentials(),
        others in generate::credentials(),
        at in generate::time(),
    ) {
        let mut request = request;
        let signer = Signer::new(REGION, SERVICE);
        signer.sign(&mut request, &credentials, at).unwrap();
        let verifier = Verifier::new(signer);
        prop_assume!(others.secret_access_key() != credentials.secret_access_key());
        prop_assert!(verifier.verify(&request, |_| Some(others), at).is_err());
    }

    #[test]
    fn nothing_that_is_sent_makes_it_panic(
        authorization in "(AWS4-HMAC-SHA256 )?[ -~]{0,80}",
        query in "(X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature)=[!-~&&[^#<>]]{0,20}&?){0,8}",
        date in "[ -~]{0,20}",
        at in generate::time(),
    ) {
        let mut request = Request::get(format!("/?{query}")).body(Bytes::new());
        if let Ok(request) = &mut request {
            let verifier = Verifier::new(Signer::new(REGION, SERVICE));
            let key = |_: &str| Some(Credentials::new("id", "secret"));
            prop_assert!(verifier.verify(request, key, at).is_err());
            let headers = request.headers_mut();
            headers.insert("authorization", HeaderValue::from_str(&authorization).unwrap());
            headers.insert("x-amz-date", HeaderValue::from_str(&date).unwrap());
            prop_assert!(verifier.verify(request, key, at).is_err());
        }
    }
}
