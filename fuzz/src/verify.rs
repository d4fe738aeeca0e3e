//! `verify`: a signed request that is changed on its way is accepted only where nothing that is
//! signed has changed.
//!
//! Input: the name of a signed request on the first line: `header`, `token`, `query`, `unsigned`;
//! then edits, one a line, `AT LENGTH TEXT`: of the request as a text, LENGTH bytes at AT make way
//! for TEXT, in which `\n` is the end of a line. Instead of a name `raw`: what follows is a request,
//! and is never accepted, since nobody knows the key.
//!
//! - Nothing panics.
//! - Without a change the request is accepted.
//! - Where it is accepted, method, path, query, signed headers and body mean what was signed, all
//!   `x-amz-*` headers are signed, and it is told as what was signed.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Request;
use http::uri::Scheme;
use percent_encoding::percent_decode_str;
use signing::{Credentials, Payload, Signer, Verifier, VerifyError};

use crate::message::{self, line};

const PLAIN: &str = "POST /backend/d1/storage/st%C3%A4ging?b=2&a=%2F+1&b=1
host: example.amazonaws.com
content-type: application/json
user-agent: fuzz
x-amz-meta-a: two  words

{\"resourceName\":\"photos\"}";

const BROWSER: &str = "GET /photos/a%20b.jpg?version=1
host: example.amazonaws.com

";

/// Checks one request with changes.
pub fn check(input: &[u8]) {
    let (name, edits) = line(input);
    let mut credentials =
        Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
    let hour = Duration::from_secs(3600);
    let mut signer = Signer::new("us-east-1", "service");
    let text = match name {
        b"header" | b"token" => PLAIN,
        b"query" | b"unsigned" => BROWSER,
        b"raw" => return never_accepted(edits, &signer, at),
        _ => return,
    };
    let mut signed = message::request(text.as_bytes()).expect("it is a request");
    if name == b"token" {
        credentials = credentials.with_session_token("FwoGZXIvYXdz//8=");
    }
    if name == b"unsigned" {
        signer = signer.payload(Payload::Unsigned);
    }
    let done = match text {
        PLAIN => signer.sign(&mut signed, &credentials, at),
        _ => signer.presign(&mut signed, &credentials, at, hour),
    };
    done.expect("it can be signed");

    let written = written(&signed);
    let edited = edited(written.clone(), edits);
    let Some(sent) = message::request(&edited) else {
        return;
    };
    let verifier = Verifier::new(signer).unsigned_payload(name == b"unsigned");
    let verify = |request| verifier.verify(request, |id| known(id, &credentials), at);
    let original = verify(&signed).expect("it was signed");
    let verified = match verify(&sent) {
        Ok(verified) => verified,
        Err(error) => {
            assert_ne!(edited, written, "{error}");
            return drop((error.to_string(), format!("{error:?}"), error.aws_code()));
        }
    };

    assert_eq!(verified, original);
    let names = signed_headers(&signed);
    assert_eq!(Meaning::of(&sent, &names), Meaning::of(&signed, &names));
    assert_eq!(verified.payload_signed, name != b"unsigned");
    assert!(!verified.payload_signed || sent.body() == signed.body());
    let mut sent_names = sent.headers().keys().map(|name| name.as_str());
    assert!(
        sent_names.all(|name| !name.starts_with("x-amz-") || names.iter().any(|it| it == name))
    );
}

fn known(id: &str, credentials: &Credentials) -> Option<Credentials> {
    (id == credentials.access_key_id()).then(|| credentials.clone())
}

fn never_accepted(message: &[u8], signer: &Signer, at: SystemTime) {
    let Some(request) = message::request(message) else {
        return;
    };
    // Not the one in AWS's examples: those are signed with it.
    let unknown = Credentials::new("AKIDEXAMPLE", "nobody knows");
    let verifier = Verifier::new(signer.clone())
        .any_region(true)
        .unsigned_payload(true);
    let error = verifier.verify(&request, |_| Some(unknown), at);
    let error = error.expect_err("nobody knows the key");
    if let VerifyError::SignatureMismatch(mismatch) = &error {
        drop(format!("{mismatch:?}"));
    }
    drop((error.to_string(), error.aws_code()));
}

/// The request as a text that [`message::request`] reads.
fn written(request: &Request<Bytes>) -> Vec<u8> {
    let mut text = format!("{} {}\n", request.method(), request.uri()).into_bytes();
    for (name, value) in request.headers() {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.push(b'\n');
    }
    text.push(b'\n');
    text.extend_from_slice(request.body());
    text
}

fn edited(mut text: Vec<u8>, mut edits: &[u8]) -> Vec<u8> {
    while !edits.is_empty() {
        let (edit, rest) = line(edits);
        edits = rest;
        let mut parts = edit.splitn(3, |byte| *byte == b' ');
        let mut number = || str::from_utf8(parts.next()?).ok()?.parse::<usize>().ok();
        if let (Some(at), Some(length)) = (number(), number()) {
            let start = at.min(text.len());
            let end = start.saturating_add(length).min(text.len());
            text.splice(start..end, unescaped(parts.next().unwrap_or_default()));
        }
    }
    text
}

/// The text with each `\n` in it as the end of a line.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        if rest.starts_with(b"\\n") {
            bytes.push(b'\n');
            rest = &rest[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    bytes
}

/// The names that the signature says are signed.
fn signed_headers(request: &Request<Bytes>) -> Vec<String> {
    let authorization = request.headers().get("authorization");
    let authorization = authorization.map(|value| value.to_str().expect("it is our own"));
    let names = match authorization {
        Some(value) => value
            .split("SignedHeaders=")
            .nth(1)
            .and_then(|it| it.split(',').next()),
        None => request.uri().query().and_then(|query| {
            let query = query.split("X-Amz-SignedHeaders=").nth(1)?;
            query.split('&').next()
        }),
    };
    let names = names.expect("a signature names them").replace("%3B", ";");
    names.split(';').map(str::to_owned).collect()
}

/// What a signature covers, in the one form that all spellings of it have. Made without the code
/// that is checked.
#[derive(Debug, PartialEq)]
struct Meaning {
    method: String,
    path: Vec<String>,
    is_folder: bool,
    query: Vec<(Vec<u8>, Vec<u8>)>,
    headers: Vec<(String, String)>,
}

impl Meaning {
    fn of(request: &Request<Bytes>, names: &[String]) -> Self {
        let mut path = Vec::new();
        for segment in request.uri().path().split('/') {
            match segment {
                "" | "." => {}
                ".." => drop(path.pop()),
                _ => path.push(segment.to_owned()),
            }
        }
        let mut last = request.uri().path().rsplit('/');
        let is_folder = path.is_empty() || matches!(last.next(), Some("" | "." | ".."));
        let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).collect::<Vec<_>>();
        let query = request.uri().query().unwrap_or_default();
        let parts = query.split('&').filter(|part| !part.is_empty());
        let parts = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
        let parts = parts.map(|(name, value)| (decoded(name), decoded(value)));
        let mut query: Vec<_> = parts
            .filter(|(name, _)| name != b"X-Amz-Signature")
            .collect();
        query.sort();
        let headers = names
            .iter()
            .map(|name| (name.clone(), value(request, name)));
        Self {
            method: request.method().to_string(),
            path,
            is_folder,
            query,
            headers: headers.collect(),
        }
    }
}

/// The values of a header as one.
fn value(request: &Request<Bytes>, name: &str) -> String {
    let text = |value: &[u8]| {
        let value = str::from_utf8(value).expect("what is signed is UTF-8");
        let value = value.trim_matches([' ', '\t']);
        let words: Vec<_> = value.split(' ').filter(|word| !word.is_empty()).collect();
        words.join(" ")
    };
    let values: Vec<_> = request.headers().get_all(name).iter().collect();
    if values.is_empty() && name == "host" {
        let uri = request.uri();
        let default = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTP => ":80",
            _ => ":443",
        };
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let host = authority.rsplit('@').next().unwrap_or_default();
        return host.strip_suffix(default).unwrap_or(host).to_owned();
    }
    let values: Vec<_> = values.iter().map(|value| text(value.as_bytes())).collect();
    values.join(",")
}
