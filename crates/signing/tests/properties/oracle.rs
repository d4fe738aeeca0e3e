//! Ours against the crate `aws-sigv4`.
//!
//! The oracle departs from AWS's own cases, or from HTTP, in these; there the cases win, and what is
//! generated stays clear of them:
//! - a query's escapes that are not UTF-8 are replaced before signing;
//! - tabs around a header's value are signed, which a receiver has cut off;
//! - `x-amz-user-agent` and `x-amz-checksum-mode` are never signed in a presigned request.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use amplify_backend_signing::{AwsSigV4, Credentials, Payload, Sign as _, Signer};
use aws_sigv4::http_request::{
    self, PayloadChecksumKind, PercentEncodingMode, SessionTokenMode, SignableBody,
    SignableRequest, SignatureLocation, SigningSettings, UriPathNormalizationMode,
};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::Request;
use proptest::prelude::*;

use crate::generate::{self, REGION, SERVICE, Settings};

/// Signs as aws-sigv4 does with the same settings, in the query where there is an expiry.
fn sign_by_oracle(
    request: &mut Request<Bytes>,
    ours: &Settings,
    credentials: &Credentials,
    at: SystemTime,
    expires_in: Option<Duration>,
) {
    let mut settings = SigningSettings::default();
    let unsigned = ["user-agent", "accept", "content-length", "x-amzn-trace-id"];
    settings.excluded_headers = Some(unsigned.map(Cow::Borrowed).into());
    settings.uri_path_normalization_mode = UriPathNormalizationMode::from(ours.normalize);
    settings.percent_encoding_mode = if ours.encode_twice {
        PercentEncodingMode::Double
    } else {
        PercentEncodingMode::Single
    };
    settings.payload_checksum_kind = if ours.content_sha256_header {
        PayloadChecksumKind::XAmzSha256
    } else {
        PayloadChecksumKind::NoHeader
    };
    settings.session_token_mode = if ours.token_is_signed {
        SessionTokenMode::Include
    } else {
        SessionTokenMode::Exclude
    };
    if expires_in.is_some() {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = expires_in;
    }
    let body = match ours.payload {
        Payload::Unsigned => SignableBody::UnsignedPayload,
        Payload::Precomputed(hash) => {
            SignableBody::Precomputed(hash.map(|byte| format!("{byte:02x}")).concat())
        }
        _ => SignableBody::Bytes(request.body()),
    };

    let identity = aws_credential_types::Credentials::new(
        credentials.access_key_id(),
        credentials.secret_access_key(),
        credentials.session_token().map(str::to_owned),
        None,
        "oracle",
    )
    .into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name(SERVICE)
        .time(at)
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let headers = request.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.as_str(), str::from_utf8(value.as_bytes()).unwrap()));
    let uri = request.uri().to_string();
    let signable = SignableRequest::new(request.method().as_str(), uri, headers, body).unwrap();
    let (instructions, _) = http_request::sign(signable, &params).unwrap().into_parts();
    instructions.apply_to_request_http1x(request);
}

fn parameter(request: &Request<Bytes>, name: &str) -> Option<String> {
    let query = request.uri().query()?;
    let mut parts = query.split('&').filter_map(|part| part.split_once('='));
    parts
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn in_the_header_ours_equals_aws_sigv4(
        request in generate::request(),
        settings in generate::settings(),
        credentials in generate::credentials(),
        at in generate::time(),
    ) {
        let (mut ours, mut theirs) = (request.clone(), request);
        sign_by_oracle(&mut theirs, &settings, &credentials, at, None);
        settings.signer().sign(&mut ours, &credentials, at).unwrap();
        prop_assert_eq!(ours.headers(), theirs.headers());
        prop_assert_eq!(ours.uri(), theirs.uri());
    }

    #[test]
    fn in_the_query_ours_equals_aws_sigv4(
        request in generate::request(),
        settings in generate::settings(),
        credentials in generate::credentials(),
        at in generate::time(),
        seconds in 1_u64..=604_800,
    ) {
        let (mut ours, mut theirs) = (request.clone(), request);
        let expires_in = Duration::from_secs(seconds);
        sign_by_oracle(&mut theirs, &settings, &credentials, at, Some(expires_in));
        settings.signer().presign(&mut ours, &credentials, at, expires_in).unwrap();
        for name in ["X-Amz-SignedHeaders", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature"] {
            prop_assert_eq!(parameter(&ours, name), parameter(&theirs, name), "{}", name);
        }
    }

    #[test]
    fn both_implementations_of_sign_do_the_same(
        request in generate::request(),
        signed_before in any::<bool>(),
        settings in generate::settings(),
        credentials in generate::credentials(),
        at in generate::time(),
    ) {
        let mut ours = request;
        if signed_before {
            let other = Credentials::new("OTHER", "secret").with_session_token("other");
            Signer::s3("eu-west-1").sign(&mut ours, &other, at).unwrap();
            let hour = Duration::from_secs(3600);
            Signer::s3("eu-west-1").presign(&mut ours, &other, at, hour).unwrap();
        }
        let mut theirs = ours.clone();
        settings.signer().sign(&mut ours, &credentials, at).unwrap();
        AwsSigV4::new(settings.signer()).sign(&mut theirs, &credentials, at).unwrap();
        prop_assert_eq!(ours.headers(), theirs.headers());
        prop_assert_eq!(ours.uri(), theirs.uri());
        for (name, value) in theirs.headers() {
            prop_assert_eq!(value.is_sensitive(), ours.headers()[name].is_sensitive());
        }
    }
}

/// `CONNECT example.com:443`, from which the crate cannot make a URI with a query.
#[test]
fn both_implementations_sign_a_target_without_a_path() {
    let request = Request::connect("example.com:443").body(Bytes::new());
    let (mut ours, signer) = (request.unwrap(), Signer::new(REGION, SERVICE));
    let mut theirs = ours.clone();
    let (credentials, at) = (Credentials::new("id", "secret"), std::time::UNIX_EPOCH);
    signer.sign(&mut ours, &credentials, at).unwrap();
    let aws = AwsSigV4::new(signer);
    aws.sign(&mut theirs, &credentials, at).unwrap();
    assert_eq!(ours.headers(), theirs.headers());
}
