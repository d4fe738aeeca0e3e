//! Why a request was refused.

use std::error::Error;
use std::fmt;

use http::HeaderName;

use crate::signature::ToSign;

/// Why a request was refused.
///
/// Nothing in here is secret, and nothing tells the signature that would have been right.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// The request is not signed: no `Authorization`, nothing in its query.
    MissingAuthentication,
    /// The request is signed in the header and in the query: which one should count?
    TwoSignatures,
    /// The signature is not an AWS4-HMAC-SHA256 one.
    UnsupportedAlgorithm,
    /// This part of the signature is missing; it is named as it is spelled in the request.
    Missing(&'static str),
    /// This part of the signature, or this header, is there more than once.
    Repeated(&'static str),
    /// This part of the signature, or this header, does not have the form it must have.
    Malformed(&'static str),
    /// The names of the signed headers are not sorted, or one is there twice.
    SignedHeadersNotSorted,
    /// `X-Amz-Expires` is not a number of seconds from 1 to 604,800 (7 days).
    InvalidExpiry,
    /// The day in the credential scope is not the day of the request.
    WrongDate,
    /// The signature is for another region.
    WrongRegion,
    /// The signature is for another service.
    WrongService,
    /// The credential scope does not end in `aws4_request`.
    WrongTerminator,
    /// The request was signed too long ago, or, if presigned, has expired. The sender's clock may
    /// be wrong.
    TooOld,
    /// The request was signed in the future. The sender's clock may be wrong.
    TooNew,
    /// Nobody has an access key with this id.
    UnknownAccessKey,
    /// The session token is missing, is not the one of the access key, or the key has none.
    WrongSessionToken,
    /// The signature is right, and its temporary credentials no longer hold.
    CredentialsExpired,
    /// `Host` is not among the signed headers: anyone could send the request elsewhere.
    HostNotSigned,
    /// This `x-amz-*` header is not among the signed ones: anyone could have added it.
    HeaderNotSigned(HeaderName),
    /// This header is said to be signed, and the request does not have it.
    SignedHeaderAbsent(HeaderName),
    /// The value of this header is not UTF-8.
    InvalidHeader(HeaderName),
    /// The body is not the one whose hash is in `x-amz-content-sha256`.
    PayloadMismatch,
    /// The body is not signed, and the verifier wants it signed.
    UnsignedPayload,
    /// The body is signed in chunks (`STREAMING-…`), which this crate does not check.
    StreamingPayload,
    /// The signature is not the one that the secret gives for this request: something was changed
    /// after signing, or was signed with another secret, or spelled differently.
    SignatureMismatch(Box<Mismatch>),
}

impl VerifyError {
    /// The name that AWS has for it, for the answer's `x-amzn-errortype`. AWS sends them with the
    /// status 403.
    pub fn aws_code(&self) -> &'static str {
        match self {
            Self::MissingAuthentication => "MissingAuthenticationTokenException",
            Self::TwoSignatures
            | Self::UnsupportedAlgorithm
            | Self::Missing(_)
            | Self::Repeated(_)
            | Self::Malformed(_)
            | Self::SignedHeadersNotSorted
            | Self::InvalidExpiry => "IncompleteSignatureException",
            Self::UnknownAccessKey | Self::WrongSessionToken => "UnrecognizedClientException",
            Self::CredentialsExpired => "ExpiredTokenException",
            Self::WrongDate
            | Self::WrongRegion
            | Self::WrongService
            | Self::WrongTerminator
            | Self::TooOld
            | Self::TooNew
            | Self::HostNotSigned
            | Self::HeaderNotSigned(_)
            | Self::SignedHeaderAbsent(_)
            | Self::InvalidHeader(_)
            | Self::PayloadMismatch
            | Self::UnsignedPayload
            | Self::StreamingPayload
            | Self::SignatureMismatch(_) => "InvalidSignatureException",
        }
    }

    /// What the signature was expected over, where that is what failed: for a log.
    pub fn mismatch(&self) -> Option<&Mismatch> {
        match self {
            Self::SignatureMismatch(mismatch) => Some(mismatch),
            _ => None,
        }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingAuthentication => "the request is not signed",
            Self::TwoSignatures => "the request is signed in the header and in the query",
            Self::UnsupportedAlgorithm => "the signature is not an AWS4-HMAC-SHA256 one",
            Self::Missing(part) => return write!(f, "{part} is missing"),
            Self::Repeated(part) => return write!(f, "{part} is there more than once"),
            Self::Malformed(part) => return write!(f, "{part} is malformed"),
            Self::SignedHeadersNotSorted => "the names of the signed headers are not sorted",
            Self::InvalidExpiry => "X-Amz-Expires is not a number from 1 to 604800",
            Self::WrongDate => "the credential scope is for another day",
            Self::WrongRegion => "the credential scope is for another region",
            Self::WrongService => "the credential scope is for another service",
            Self::WrongTerminator => "the credential scope does not end in aws4_request",
            Self::TooOld => "the signature has expired",
            Self::TooNew => "the signature is from the future",
            Self::UnknownAccessKey => "the access key is unknown",
            Self::WrongSessionToken => "the session token is not the access key's",
            Self::CredentialsExpired => "the credentials have expired",
            Self::HostNotSigned => "the header host is not signed",
            Self::HeaderNotSigned(name) => return write!(f, "the header {name} is not signed"),
            Self::SignedHeaderAbsent(name) => {
                return write!(f, "the signed header {name} is absent");
            }
            Self::InvalidHeader(name) => {
                return write!(f, "the value of header {name} is not UTF-8");
            }
            Self::PayloadMismatch => "the body is not the one that was signed",
            Self::UnsignedPayload => "the body is not signed",
            Self::StreamingPayload => "bodies signed in chunks are not supported",
            Self::SignatureMismatch(_) => "the signature does not match",
        })
    }
}

impl Error for VerifyError {}

/// What a signature that did not match was expected over. The session token is replaced by `..`,
/// and the expected signature is not here: it would be as good as the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Mismatch {
    canonical_request: String,
    string_to_sign: String,
}

impl Mismatch {
    pub(super) fn new(to_sign: &ToSign) -> Self {
        let mut canonical_request = to_sign.canonical_request().to_owned();
        for (start, end) in [
            ("\nx-amz-security-token:", '\n'),
            ("X-Amz-Security-Token=", '&'),
        ] {
            canonical_request = without_value(&canonical_request, start, end);
        }
        Self {
            canonical_request,
            string_to_sign: to_sign.string_to_sign().into(),
        }
    }

    /// What the request looks like to the verifier. Its hash, with the session token in place, is
    /// the last line of the string to sign.
    pub fn canonical_request(&self) -> &str {
        &self.canonical_request
    }

    /// Algorithm, time, scope, and the hash of the canonical request.
    pub fn string_to_sign(&self) -> &str {
        &self.string_to_sign
    }
}

/// `text` with `..` for whatever is between `start` and the next `end`, or the end of the line.
fn without_value(text: &str, start: &str, end: char) -> String {
    let mut parts = text.split(start);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let value = part.find([end, '\n']).unwrap_or(part.len());
        shown.push_str(start);
        shown.push_str("..");
        shown.push_str(part.get(value..).unwrap_or_default());
    }
    shown
}

impl fmt::Debug for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mismatch")
            .field("canonical_request", &self.canonical_request)
            .field("string_to_sign", &self.string_to_sign)
            .finish()
    }
}
