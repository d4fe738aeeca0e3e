//! A signature, and what it was made over.

use std::fmt;
use std::ops::Range;
use std::slice::SliceIndex;

use crate::canonical::CanonicalRequest;
use crate::hex::Hex;

pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Day, region and service: what a signature is good for.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// As [`Timestamp::as_str`](crate::time::Timestamp::as_str) writes it.
    pub(crate) time: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
}

impl<'a> Scope<'a> {
    /// `20150830`
    pub(crate) fn date(&self) -> &'a str {
        self.time.get(..8).unwrap_or_default()
    }

    /// The scope, its parts joined by `separator`.
    pub(crate) fn push_to(&self, text: &mut String, separator: &str) {
        for part in [self.date(), self.region, self.service] {
            text.push_str(part);
            text.push_str(separator);
        }
        text.push_str("aws4_request");
    }
}

/// If a part of a credential scope can be told from what stands around it.
pub(crate) fn is_plain(part: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'/' && byte != b',';
    !part.is_empty() && part.bytes().all(plain)
}

/// The canonical request and the string to sign, one behind the other in one text.
pub(crate) struct ToSign {
    text: String,
    signed_headers: Range<usize>,
    string_to_sign: Range<usize>,
    scope: Range<usize>,
}

impl ToSign {
    /// `scope` as it stands in a credential: `20150830/us-east-1/iam/aws4_request`.
    pub(crate) fn new(request: CanonicalRequest, time: &str, scope: &str) -> Self {
        let CanonicalRequest {
            mut text,
            hash,
            signed_headers,
        } = request;
        let first = text.len();
        text.push_str(ALGORITHM);
        text.push('\n');
        text.push_str(time);
        text.push('\n');
        let start = text.len();
        text.push_str(scope);
        let scope = start..text.len();
        text.push('\n');
        text.push_str(hash.as_str());
        Self {
            string_to_sign: first..text.len(),
            text,
            signed_headers,
            scope,
        }
    }

    pub(crate) fn canonical_request(&self) -> &str {
        self.part(..self.string_to_sign.start)
    }

    pub(crate) fn string_to_sign(&self) -> &str {
        self.part(self.string_to_sign.clone())
    }

    /// `20150830/us-east-1/iam/aws4_request`
    pub(crate) fn scope(&self) -> &str {
        self.part(self.scope.clone())
    }

    pub(crate) fn signed_headers(&self) -> &str {
        self.part(self.signed_headers.clone())
    }

    fn part(&self, range: impl SliceIndex<str, Output = str>) -> &str {
        self.text.get(range).unwrap_or_default()
    }
}

/// A signature and what it was made over, as [`Signer::signature`](crate::Signer::signature)
/// computes it.
///
/// `Display` writes the 64 hex digits. `Debug` writes none of it: a signature is as good as the
/// request it signs, and the canonical request holds the session token.
pub struct Signature {
    /// The digits are behind the string to sign.
    to_sign: ToSign,
}

impl Signature {
    pub(crate) fn new(mut to_sign: ToSign, digits: &Hex) -> Self {
        to_sign.text.push_str(digits.as_str());
        Self { to_sign }
    }

    /// 64 lower-case hex digits.
    pub fn as_str(&self) -> &str {
        self.to_sign.part(self.to_sign.string_to_sign.end..)
    }

    /// What the request looks like to both sides. It holds the session token where that is signed.
    pub fn canonical_request(&self) -> &str {
        self.to_sign.canonical_request()
    }

    /// Algorithm, time, scope, and the hash of the canonical request.
    pub fn string_to_sign(&self) -> &str {
        self.to_sign.string_to_sign()
    }

    pub(crate) fn scope(&self) -> &str {
        self.to_sign.scope()
    }

    /// The names of the signed headers, sorted, with `;` between them.
    pub fn signed_headers(&self) -> &str {
        self.to_sign.signed_headers()
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signature")
            .field("signed_headers", &self.signed_headers())
            .finish_non_exhaustive()
    }
}
