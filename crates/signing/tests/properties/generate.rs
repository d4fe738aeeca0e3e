//! Requests, credentials, times and settings of all kinds.

use std::time::{Duration, SystemTime};

use amplify_backend_signing::{Credentials, PathEncoding, Payload, SessionToken, Signer};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

pub(crate) const REGION: &str = "us-east-1";
pub(crate) const SERVICE: &str = "service";

pub(crate) fn method() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS",
    ])
}

/// Dots, repeated slashes, escapes right and wrong, and what else a URI may hold.
fn path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        4 => "[a-zA-Z0-9._~-]{1,8}",
        2 => prop::sample::select(vec!["", ".", "..", "...", "%2F", "%2e%2E", "%zz", "%", "%4"])
            .prop_map(str::to_owned),
        2 => "[a-z!$&'()*+,;=:@|%ሴ-]{1,6}",
        1 => "(%[0-9A-Fa-f]{2}){1,3}",
    ];
    vec(segment, 0..6).prop_map(|segments| format!("/{}", segments.join("/")))
}

/// Repeated and empty keys, with and without `=`. Escapes are UTF-8: of others, aws-sigv4 signs a
/// replacement character in place of the byte that is sent.
fn query() -> impl Strategy<Value = Option<String>> {
    let text = prop_oneof![
        3 => "[ab]{0,2}",
        2 => "[a-zA-Z0-9._~-]{0,6}",
        2 => "[a-z/?:@!$'()*+,;ሴ|-]{0,5}",
        1 => prop::sample::select(vec!["%20", "%2B", "%e1%88%b4", "%41", "%zz", "%", "%2", "%C3%a9"])
            .prop_map(str::to_owned),
    ];
    let part = (text.clone(), option::of(text)).prop_map(|(name, value)| match value {
        Some(value) => format!("{name}={value}"),
        None => name,
    });
    option::of(vec(part, 0..6).prop_map(|parts| parts.join("&")))
}

/// Runs of spaces, repeats, empty values, and names that are not signed.
fn headers() -> impl Strategy<Value = Vec<(HeaderName, HeaderValue)>> {
    let name = prop::sample::select(vec![
        "content-type",
        "x-amz-target",
        "x-amz-meta-a",
        "x-amz-meta-b",
        "my-header1",
        "range",
        "user-agent",
        "accept",
        "content-length",
        "x-amzn-trace-id",
    ]);
    let value = prop_oneof![
        3 => "[ -~]{0,12}",
        2 => " {0,3}[a-c]{0,2} {0,4}[a-c,;=\"]{0,4}  [a-c]? {0,3}",
        1 => "[a-c]\t?[a-c]",
        1 => "[aéሴ]{1,3} {0,3}é",
    ];
    let header = (name, value).prop_map(|(name, value)| {
        let value = HeaderValue::from_str(&value).unwrap();
        (HeaderName::from_static(name), value)
    });
    vec(header, 0..14)
}

/// The authority of the URI, if it has one, and the header `Host`, if there is one.
fn host() -> impl Strategy<Value = (&'static str, Option<&'static str>)> {
    prop::sample::select(vec![
        ("https://example.amazonaws.com", None),
        ("https://example.amazonaws.com:443", None),
        ("https://example.amazonaws.com:80", None),
        ("http://example.amazonaws.com:80", None),
        ("http://127.0.0.1:8080", None),
        ("http://[::1]:8080", None),
        ("http://127.0.0.1:8080", Some("example.amazonaws.com")),
        ("", Some("example.amazonaws.com")),
        ("", Some("localhost:8080")),
    ])
}

pub(crate) fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![vec(any::<u8>(), 0..200), Just(Vec::new())]
}

pub(crate) fn request() -> impl Strategy<Value = Request<Bytes>> {
    (method(), host(), path(), query(), headers(), body()).prop_map(
        |(method, (base, host), path, query, headers, body)| {
            let query = query.map_or(String::new(), |query| format!("?{query}"));
            let uri = format!("{base}{path}{query}");
            let mut request = Request::builder().method(method).uri(uri.as_bytes());
            if let Some(host) = host {
                request = request.header("host", host);
            }
            let mut request = request.body(Bytes::from(body)).expect(&uri);
            for (name, value) in headers {
                request.headers_mut().append(name, value);
            }
            request
        },
    )
}

pub(crate) fn credentials() -> impl Strategy<Value = Credentials> {
    (
        "[A-Z0-9]{4,20}",
        "[!-~]{1,80}",
        option::of("[A-Za-z0-9+/=]{1,400}"),
    )
        .prop_map(|(id, secret, token)| {
            let credentials = Credentials::new(id, secret);
            token
                .into_iter()
                .fold(credentials, Credentials::with_session_token)
        })
}

/// Any time, and often the seconds around midnight and the turn of a year.
pub(crate) fn time() -> impl Strategy<Value = SystemTime> {
    // Midnights: 1 January 1970, 2000, 2016, 2024 and 2025, 29 February 2024, 1 March 2100.
    let days = prop::sample::select(vec![0_u64, 10_957, 16_801, 19_723, 20_089, 19_782, 47_540]);
    let near = (days, 0_u64..172_800).prop_map(|(day, second)| day * 86_400 + second);
    let close = (1_u64..30_000, 0_u64..4).prop_map(|(day, second)| day * 86_400 + second - 2);
    prop_oneof![near, close, 0_u64..253_402_300_800]
        .prop_map(|second| SystemTime::UNIX_EPOCH + Duration::from_secs(second))
}

/// All that can be set on a signer.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) encode_twice: bool,
    pub(crate) normalize: bool,
    pub(crate) content_sha256_header: bool,
    pub(crate) token_is_signed: bool,
    pub(crate) payload: Payload,
}

impl Settings {
    pub(crate) fn signer(&self) -> Signer {
        Signer::new(REGION, SERVICE)
            .path_encoding(if self.encode_twice {
                PathEncoding::Twice
            } else {
                PathEncoding::Once
            })
            .normalize_path(self.normalize)
            .content_sha256_header(self.content_sha256_header)
            .session_token(if self.token_is_signed {
                SessionToken::Signed
            } else {
                SessionToken::AddedAfter
            })
            .payload(self.payload)
    }
}

pub(crate) fn settings() -> impl Strategy<Value = Settings> {
    let payload = prop_oneof![
        4 => Just(Payload::Hashed),
        1 => Just(Payload::Unsigned),
        1 => any::<[u8; 32]>().prop_map(Payload::Precomputed),
    ];
    (any::<[bool; 4]>(), payload).prop_map(|(switches, payload)| {
        let [
            encode_twice,
            normalize,
            content_sha256_header,
            token_is_signed,
        ] = switches;
        Settings {
            encode_twice,
            normalize,
            content_sha256_header,
            token_is_signed,
            payload,
        }
    })
}
