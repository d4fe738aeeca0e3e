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

use std::iter;
use std::ops::Range;

use http::uri::Scheme;
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use smallvec::SmallVec;

use crate::error::SigningError;
use crate::hex::Hex;
use crate::sha256::Beside;

/// Names and values, of headers or of a query. Up to this many cost no allocation.
pub(crate) type Pairs<'a> = SmallVec<[(&'a str, &'a str); 8]>;

/// How a service spells the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PathStyle {
    pub(crate) encode_again: bool,
    pub(crate) normalize: bool,
}

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
        let mut hashes = Beside::new(match payload {
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

/// The names and values of a query as they stand in it. `a` is `a=`, and `&&` holds nothing.
pub(crate) fn query(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts.map(|part| part.split_once('=').unwrap_or((part, "")))
}

/// The bytes that `raw` stands for: `%41` is an `A` and `+` is a space. A `%` without two hex
/// digits stands for itself.
pub(crate) fn decoded(raw: &str) -> impl Iterator<Item = u8> {
    let hex = |digit: u8| {
        char::from(digit)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    let mut rest = raw.as_bytes();
    iter::from_fn(move || {
        let (first, mut after) = rest.split_first()?;
        let mut byte = if *first == b'+' { b' ' } else { *first };
        if let [b'%', high, low, behind @ ..] = rest
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            (byte, after) = ((high << 4) | low, behind);
        }
        rest = after;
        Some(byte)
    })
}

/// Writes what may stand in a URI as it is, and every other byte as `%` and two upper-case digits.
pub(crate) fn push_encoded(text: &mut String, bytes: impl Iterator<Item = u8>) {
    for byte in bytes {
        if is_unreserved(byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from(if digit < 10 {
                    b'0' + digit
                } else {
                    b'A' + digit - 10
                }));
            }
        }
    }
}

/// `A-Z a-z 0-9 - . _ ~`, told without a branch, so that a loop over it becomes one of vector
/// instructions.
fn is_unreserved(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let digit = byte.wrapping_sub(b'0') < 10;
    letter | digit | (byte == b'-') | (byte == b'.') | (byte == b'_') | (byte == b'~')
}

fn push_path(text: &mut String, path: &str, style: PathStyle) {
    if is_canonical(path, style) {
        text.push_str(path);
        return;
    }
    let push_segment = |text: &mut String, segment: &str| {
        text.push('/');
        if style.encode_again {
            // Encoded twice: SigV4 signs the *encoded* path again for every service but S3.
            push_encoded(text, segment.bytes());
        } else {
            text.push_str(segment);
        }
    };
    let segments = path.strip_prefix('/').unwrap_or(path).split('/');
    if !style.normalize {
        segments.for_each(|segment| push_segment(text, segment));
        return;
    }
    let start = text.len();
    for segment in segments {
        match segment {
            "" | "." => {}
            ".." => {
                // No `/` of the path is encoded and none within a segment is written plain.
                let parent = text.get(start..).and_then(|path| path.rfind('/'));
                text.truncate(start + parent.unwrap_or(0));
            }
            _ => push_segment(text, segment),
        }
    }
    let folder = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    if folder || text.len() == start {
        text.push('/');
    }
}

/// Whether a path is written as it is: most are.
fn is_canonical(path: &str, style: PathStyle) -> bool {
    let plain = |byte: u8| (byte == b'/') | is_unreserved(byte);
    let dot_or_slash = |byte: u8, next| (byte == b'/') & ((next == b'.') | (next == b'/'));
    path.starts_with('/')
        && (!style.encode_again || path.bytes().fold(true, |all, byte| all & plain(byte)))
        && !(style.normalize && any_pair(path, dot_or_slash))
}

/// Whether any two bytes in a row are as `is` tells. All are looked at, without an early return, so
/// that the loop becomes one of vector instructions.
fn any_pair(text: &str, is: impl Fn(u8, u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let next = bytes.get(1..).unwrap_or_default();
    let pairs = bytes.iter().zip(next);
    pairs.fold(false, |any, (byte, next)| any | is(*byte, *next))
}

fn push_query(text: &mut String, query: &mut [(&str, &str)]) {
    // Sorted as if encoded: every byte that will be encoded begins with `%`, which is less than
    // all that will not, and upper-case hex digits keep the order of the bytes.
    fn key(raw: &str) -> impl Iterator<Item = (bool, u8)> {
        decoded(raw).map(|byte| (is_unreserved(byte), byte))
    }
    query.sort_by(|(name, value), (other_name, other_value)| {
        key(name)
            .cmp(key(other_name))
            .then_with(|| key(value).cmp(key(other_value)))
    });
    for (index, (name, value)) in query.iter().enumerate() {
        if index > 0 {
            text.push('&');
        }
        push_encoded(text, decoded(name));
        text.push('=');
        push_encoded(text, decoded(value));
    }
}

fn push_headers(text: &mut String, headers: &[(&str, &str)], hashes: &mut Beside<'_>) {
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

    fn path(path: &str, encode_again: bool, normalize: bool) -> String {
        let mut text = String::from("before");
        push_path(
            &mut text,
            path,
            PathStyle {
                encode_again,
                normalize,
            },
        );
        text.split_off("before".len())
    }

    fn canonical_query(target: &str) -> String {
        let uri: Uri = target.parse().unwrap();
        let mut text = String::new();
        push_query(
            &mut text,
            &mut query(uri.query().unwrap_or_default()).collect::<Pairs<'_>>(),
        );
        text
    }

    #[test]
    fn a_path_is_normalized_as_rfc_3986_says_and_slashes_are_merged() {
        for (written, normal) in [
            ("", "/"),
            ("/", "/"),
            ("*", "/*"),
            ("/a", "/a"),
            ("/a/", "/a/"),
            ("//a//b//", "/a/b/"),
            ("/./a/./", "/a/"),
            ("/a/.", "/a/"),
            ("/a/..", "/"),
            ("/a/b/..", "/a/"),
            ("/../../a", "/a"),
            ("/a/../../b/../c", "/c"),
            ("/a/...", "/a/..."),
            ("/a%2F..%2Fb", "/a%2F..%2Fb"),
        ] {
            assert_eq!(path(written, false, true), normal, "{written}");
        }
    }

    #[test]
    fn a_path_that_is_not_normalized_keeps_its_dots_and_slashes() {
        for written in ["/", "//", "/a//b/", "/a/../b/./"] {
            assert_eq!(path(written, false, false), written);
            assert_eq!(path(written, true, false), written);
        }
    }

    #[test]
    fn a_path_that_is_encoded_again_has_its_percent_signs_encoded() {
        assert_eq!(
            path("/a%2Fb+c/ሴ~%/!", true, true),
            "/a%252Fb%2Bc/%E1%88%B4~%25/%21"
        );
    }

    #[test]
    fn a_path_is_looked_at_piece_by_piece_only_where_its_style_may_change_it() {
        let [once, twice] = [false, true];
        let [as_it_is, normalized] = [false, true];
        for (path, styles) in [
            (
                "/backend/d1-a.b_c~/storage",
                &[
                    (once, as_it_is),
                    (once, normalized),
                    (twice, as_it_is),
                    (twice, normalized),
                ][..],
            ),
            ("/a%2Fb", &[(once, as_it_is), (once, normalized)]),
            ("/a//b", &[(once, as_it_is), (twice, as_it_is)]),
            ("/a/./b", &[(once, as_it_is), (twice, as_it_is)]),
            ("/a/%2E/../b", &[(once, as_it_is)]),
            ("", &[]),
            ("*", &[]),
        ] {
            for (encode_again, normalize) in [
                (once, as_it_is),
                (once, normalized),
                (twice, as_it_is),
                (twice, normalized),
            ] {
                let style = PathStyle {
                    encode_again,
                    normalize,
                };
                let expected = styles.contains(&(encode_again, normalize));
                assert_eq!(is_canonical(path, style), expected, "{path} {style:?}");
            }
        }
    }

    #[test]
    fn every_byte_but_letters_digits_and_four_more_is_encoded() {
        for byte in 0..=255 {
            let mut text = String::new();
            push_encoded(&mut text, iter::once(byte));
            let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            let expected = if plain {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            };
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn a_query_is_decoded_encoded_and_sorted() {
        for (target, canonical) in [
            ("/", ""),
            ("/?", ""),
            ("/?&&", ""),
            ("/?a", "a="),
            ("/?=", "="),
            ("/?=a", "=a"),
            ("/?a=b=c", "a=b%3Dc"),
            ("/?b=1&a=2&a=1&a=", "a=&a=1&a=2&b=1"),
            ("/?a-=1&a=2", "a=2&a-=1"),
            ("/?%61%2f=+", "a%2F=%20"),
            ("/?z=1&%E1%88%B4=2", "%E1%88%B4=2&z=1"),
            ("/?%zz=%4&%", "%25=&%25zz=%254"),
            ("/?a=%FF", "a=%FF"),
        ] {
            assert_eq!(canonical_query(target), canonical, "{target}");
        }
    }

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
