//! The canonical request: the one spelling of a request that both sides hash.
//!
//! ```text
//! POST                                  method
//! /s3Buckets                            path
//! a=1&b=2                               query, sorted
//! host:example.com                      signed headers, sorted
//! x-amz-date:20150830T123600Z
//!
//! host;x-amz-date                       their names
//! 44136fa3…                             hash of the body
//! ```

mod uri;

use std::ops::Range;

use http::uri::Scheme;
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use smallvec::SmallVec;

pub(crate) use self::uri::{PathStyle, decoded, push_encoded, query};
use self::uri::{push_path, push_query};
use crate::error::SigningError;
use crate::hex::Hex;
use crate::sha256::TwoHashes;

/// Names and values, of headers or of a query. Up to this many cost no allocation.
pub(crate) type Pairs<'a> = SmallVec<[(&'a str, &'a str); 8]>;

/// The last line of a canonical request.
pub(crate) enum PayloadLine<'a> {
    /// The hash of this body, which is computed here, beside that of the request.
    HashOf(&'a [u8]),
    /// A known hash.
    Hash(Hex),
    /// `UNSIGNED-PAYLOAD`
    Unsigned,
}

pub(crate) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

impl PayloadLine<'_> {
    /// The line, where it is known.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::HashOf(_) => None,
            Self::Hash(hash) => Some(hash.as_str()),
            Self::Unsigned => Some(UNSIGNED_PAYLOAD),
        }
    }
}

/// A canonical request, its hash, and where in it the names of the signed headers are.
pub(crate) struct CanonicalRequest {
    pub(crate) text: String,
    pub(crate) hash: Hex,
    pub(crate) signed_headers: Range<usize>,
}

impl CanonicalRequest {
    /// `query` and `headers` are put in order here; both are as they stand in the request.
    pub(crate) fn new(
        method: &str,
        path: &str,
        style: PathStyle,
        query: &mut [(&str, &str)],
        headers: &mut [(&str, &str)],
        payload: &PayloadLine<'_>,
    ) -> Self {
        let length = |pairs: &[(&str, &str)]| -> usize {
            pairs
                .iter()
                .map(|(name, value)| 2 * name.len() + value.len() + 4)
                .sum()
        };
        // Room for most paths and queries, and for what is written behind: the string to sign, and
        // the signature.
        let room = 384 + path.len() + length(query) + length(headers);
        let mut text = String::with_capacity(room);
        let mut hashes = TwoHashes::new(match payload {
            PayloadLine::HashOf(body) => body,
            PayloadLine::Hash(_) | PayloadLine::Unsigned => &[],
        });
        text.push_str(method);
        text.push('\n');
        push_path(&mut text, path, style);
        text.push('\n');
        push_query(&mut text, query);
        text.push('\n');
        sort_headers(headers);
        push_headers(&mut text, headers, &mut hashes);
        text.push('\n');
        let start = text.len();
        push_names(&mut text, headers);
        let signed_headers = start..text.len();
        text.push('\n');
        hashes.take_in(text.as_bytes());
        match payload {
            PayloadLine::HashOf(_) => text.push_str(Hex::new(&hashes.message()).as_str()),
            PayloadLine::Hash(hash) => text.push_str(hash.as_str()),
            PayloadLine::Unsigned => text.push_str(UNSIGNED_PAYLOAD),
        }
        let hash = hashes.text(text.as_bytes());
        Self {
            text,
            hash: Hex::new(&hash),
            signed_headers,
        }
    }
}

/// Puts the headers in order; values of the same name stay in the order in which they are sent.
pub(crate) fn sort_headers(headers: &mut [(&str, &str)]) {
    headers.sort_by_key(|(name, _)| *name);
}

/// Writes the names of the sorted headers, each once, with `;` between them.
pub(crate) fn push_names(text: &mut String, headers: &[(&str, &str)]) {
    for (index, repeats) in headers
        .chunk_by(|(name, _), (next, _)| name == next)
        .enumerate()
    {
        if index > 0 {
            text.push(';');
        }
        text.push_str(repeats.first().map_or("", |(name, _)| name));
    }
}

/// The host that the service will see: the header, or else what a client sends for the URI, which
/// is without user, and without the scheme's own port.
pub(crate) fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Result<&'a str, SigningError> {
    let mut values = headers.get_all(header::HOST).iter();
    let host = match (values.next(), values.next()) {
        (Some(_), Some(_)) => return Err(SigningError::RepeatedHost),
        (Some(value), None) => text(&header::HOST, value)?,
        _ => {
            let authority = uri.authority().map_or("", |authority| authority.as_str());
            let mut host = authority;
            // A look at each byte first: few URIs have a user.
            if authority
                .bytes()
                .fold(false, |any, byte| any | (byte == b'@'))
            {
                host = authority
                    .rsplit_once('@')
                    .map_or(authority, |(_, host)| host);
            }
            let port = match uri.scheme() {
                Some(scheme) if *scheme == Scheme::HTTPS => ":443",
                Some(scheme) if *scheme == Scheme::HTTP => ":80",
                _ => "",
            };
            host.strip_suffix(port).unwrap_or(host)
        }
    };
    match trim(host) {
        "" => Err(SigningError::NoHost),
        host => Ok(host),
    }
}

/// UTF-8 is signed byte for byte, as AWS's own signers do; anything else has no agreed spelling.
pub(crate) fn text<'a>(name: &HeaderName, value: &'a HeaderValue) -> Result<&'a str, SigningError> {
    str::from_utf8(value.as_bytes()).map_err(|_| SigningError::InvalidHeader(name.clone()))
}

/// Whether any two bytes in a row are as `is` tells. All are looked at, without an early return, so
/// that the loop becomes one of vector instructions.
fn any_pair(text: &str, is: impl Fn(u8, u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let next = bytes.get(1..).unwrap_or_default();
    let pairs = bytes.iter().zip(next);
    pairs.fold(false, |any, (byte, next)| any | is(*byte, *next))
}

fn push_headers(text: &mut String, headers: &[(&str, &str)], hashes: &mut TwoHashes<'_>) {
    for repeats in headers.chunk_by(|(name, _), (next, _)| name == next) {
        for (index, (name, value)) in repeats.iter().enumerate() {
            if index == 0 {
                text.push_str(name);
                text.push(':');
            } else {
                text.push(',');
            }
            push_value(text, value);
        }
        text.push('\n');
        hashes.take_in(text.as_bytes());
    }
}

/// Cuts off what HTTP lets a receiver cut off around a value.
fn trim(value: &str) -> &str {
    let space = |byte: &u8| matches!(byte, b' ' | b'\t');
    match value.as_bytes() {
        // Few values begin or end with one.
        [first, .., last] if !space(first) && !space(last) => value,
        _ => value.trim_matches([' ', '\t']),
    }
}

fn push_value(text: &mut String, value: &str) {
    let value = trim(value);
    if !any_pair(value, |byte, next| (byte == b' ') & (next == b' ')) {
        text.push_str(value);
        return;
    }
    // Runs of spaces become one; tabs within a value stay, as AWS's own signers have it.
    let words = value.split(' ').filter(|word| !word.is_empty());
    for (index, word) in words.enumerate() {
        if index > 0 {
            text.push(' ');
        }
        text.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_loses_the_spaces_around_it_and_runs_become_one() {
        for (written, canonical) in [
            ("", ""),
            ("   ", ""),
            ("a", "a"),
            (" a", "a"),
            ("a ", "a"),
            ("a b\t", "a b"),
            ("\t a  b   c \t", "a b c"),
            ("\"a   b\"", "\"a b\""),
            ("a\t\tb", "a\t\tb"),
        ] {
            let mut text = String::new();
            push_value(&mut text, written);
            assert_eq!(text, canonical);
        }
    }

    #[test]
    fn the_host_is_the_headers_and_else_what_a_client_sends_for_the_uri() {
        for (header, uri, expected) in [
            (
                Some("header.example:80"),
                "https://uri.example/",
                "header.example:80",
            ),
            (None, "https://uri.example/", "uri.example"),
            (None, "https://uri.example:443/", "uri.example"),
            (None, "https://uri.example:80/", "uri.example:80"),
            (None, "http://uri.example:80/", "uri.example"),
            (None, "http://user:word@127.0.0.1:8080/", "127.0.0.1:8080"),
            (None, "http://[::1]:80/", "[::1]"),
            (None, "ws://uri.example:80/", "uri.example:80"),
            (None, "http://user@name@uri.example/", "uri.example"),
        ] {
            let mut headers = HeaderMap::new();
            headers.extend(header.map(|value| (header::HOST, value.parse().unwrap())));
            assert_eq!(host(&headers, &uri.parse().unwrap()).unwrap(), expected);
        }
    }

    #[test]
    fn no_host_and_two_hosts_are_refused() {
        let target = Uri::from_static("/");
        let mut headers = HeaderMap::new();
        assert!(matches!(host(&headers, &target), Err(SigningError::NoHost)));
        headers.append(header::HOST, HeaderValue::from_static(" "));
        assert!(matches!(host(&headers, &target), Err(SigningError::NoHost)));
        headers.append(header::HOST, HeaderValue::from_static("a"));
        assert!(matches!(
            host(&headers, &target),
            Err(SigningError::RepeatedHost)
        ));
    }
}
