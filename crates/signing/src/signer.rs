//! [`Signer`]: its settings, and what both forms of a signature share.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, header};

use crate::canonical::{self, CanonicalRequest, Pairs, PathStyle, PayloadLine};
use crate::credentials::Credentials;
use crate::error::SigningError;
use crate::hex::Hex;
use crate::key::KeyCache;
use crate::signature::{Scope, Signature, ToSign, is_plain};

pub(crate) static DATE: HeaderName = HeaderName::from_static("x-amz-date");
pub(crate) static TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
pub(crate) static CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// Signs requests to one service in one region.
///
/// # What is signed
///
/// Method, path, query, body, and every header except those that are
/// [left out](Self::unsigned_headers).
///
/// - `Host` is always signed. Where the request has no such header, it is the URI's host, with its
///   port unless that is the scheme's own: what HTTP clients send. It is not added to the request.
/// - Values are signed without the spaces and tabs around them, and with runs of spaces as one.
///   UTF-8 is signed byte for byte; a value that is not UTF-8 is an
///   [error](SigningError::InvalidHeader).
/// - The body is any `AsRef<[u8]>`, `""` where there is none. For one that is streamed, the request
///   is signed with `""` in its place and [`Payload::Precomputed`] or [`Payload::Unsigned`], and gets
///   it afterwards, with [`Request::map`](http::Request::map).
/// - A header that is there several times is signed as one, with commas, in the order of the values.
/// - `Authorization`, `X-Amz-Date`, `X-Amz-Security-Token`, `X-Amz-Content-Sha256`, and the
///   parameters of a presigned URI belong to the signer: what a request has of them is replaced or
///   removed. So a signed request is signed anew, not twice.
///
/// # Many threads
///
/// The key that is derived from the secret is kept until another secret or day needs another. It
/// is shared by all clones, and threads that sign do not wait for each other. A clone costs no
/// allocation, so a setting can be changed for one request:
///
/// ```
/// use amplify_backend_signing::{Payload, Signer};
///
/// let signer = Signer::s3("eu-central-1");
/// let for_one_upload = signer.clone().payload(Payload::Unsigned);
/// ```
#[derive(Clone, Debug)]
pub struct Signer {
    pub(crate) region: Arc<str>,
    pub(crate) service: Arc<str>,
    pub(crate) path_style: PathStyle,
    pub(crate) session_token: SessionToken,
    pub(crate) keys: Arc<KeyCache>,
    pub(crate) payload: Payload,
    pub(crate) content_sha256_header: bool,
    unsigned_headers: Option<Arc<[HeaderName]>>,
    scope_is_valid: bool,
}

/// How often the path is percent-encoded when it is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathEncoding {
    /// The path as it is in the URI is encoded once more: `%2F` is signed as `%252F`. All services
    /// but S3.
    #[default]
    Twice,
    /// The path is signed as it is in the URI: S3. Encode it there as S3 does, which is all but
    /// `A-Z a-z 0-9 - . _ ~ /`, with upper-case digits.
    Once,
}

/// What is signed of the body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload {
    /// The body's SHA-256.
    #[default]
    Hashed,
    /// Nothing: the service cannot tell if the body was changed on its way. For services that take
    /// it, over TLS. With it, `x-amz-content-sha256: UNSIGNED-PAYLOAD` is sent where that header
    /// is on.
    Unsigned,
    /// This SHA-256, computed elsewhere; the request's body is not looked at.
    Precomputed([u8; 32]),
}

/// What becomes of a session token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionToken {
    /// It is sent and signed.
    #[default]
    Signed,
    /// It is sent and not signed, for the few services that want it so.
    AddedAfter,
}

impl Signer {
    /// A signer for requests to `service` (its signing name, `"amplifybackend"`) in `region`.
    ///
    /// Its settings are those of most services: the path [encoded twice](PathEncoding::Twice) and
    /// normalized, the body hashed, no `x-amz-content-sha256`, the session token signed.
    pub fn new(region: impl Into<Arc<str>>, service: impl Into<Arc<str>>) -> Self {
        let (region, service) = (region.into(), service.into());
        Self {
            scope_is_valid: is_plain(&region) && is_plain(&service),
            region,
            service,
            path_style: PathStyle {
                encode_again: true,
                normalize: true,
            },
            session_token: SessionToken::Signed,
            keys: Arc::new(KeyCache::new(1)),
            payload: Payload::Hashed,
            content_sha256_header: false,
            unsigned_headers: None,
        }
    }

    /// A signer for S3: path encoded once and not normalized, `x-amz-content-sha256` sent.
    pub fn s3(region: impl Into<Arc<str>>) -> Self {
        Self::new(region, "s3")
            .path_encoding(PathEncoding::Once)
            .normalize_path(false)
            .content_sha256_header(true)
    }

    /// How often the path is encoded. Default: [`PathEncoding::Twice`].
    #[must_use]
    pub fn path_encoding(mut self, encoding: PathEncoding) -> Self {
        self.path_style.encode_again = encoding == PathEncoding::Twice;
        self
    }

    /// If `.` and `..` are resolved and repeated slashes merged in the path that is signed; the
    /// one that is sent stays. Default: `true`.
    #[must_use]
    pub fn normalize_path(mut self, normalize: bool) -> Self {
        self.path_style.normalize = normalize;
        self
    }

    /// What is signed of the body. Default: [`Payload::Hashed`].
    #[must_use]
    pub fn payload(mut self, payload: Payload) -> Self {
        self.payload = payload;
        self
    }

    /// If `x-amz-content-sha256` is sent, and signed. S3 and a few others want it; presigned
    /// requests never have it. Default: `false`.
    #[must_use]
    pub fn content_sha256_header(mut self, sent: bool) -> Self {
        self.content_sha256_header = sent;
        self
    }

    /// The headers that are not signed, in place of the default list.
    ///
    /// By default these are left out, since a proxy, an HTTP client or the next attempt may change
    /// them: `accept`, `accept-encoding`, `amz-sdk-invocation-id`, `amz-sdk-request`,
    /// `cache-control`, `connection`, `content-length`, `expect`, `forwarded`, `from`,
    /// `keep-alive`, `max-forwards`, `pragma`, `proxy-authenticate`, `proxy-authorization`,
    /// `proxy-connection`, `referer`, `te`, `trailer`, `transfer-encoding`, `upgrade`,
    /// `user-agent`, `via`, `x-amzn-trace-id`, `x-forwarded-for`, `x-forwarded-host`,
    /// `x-forwarded-port`, `x-forwarded-proto`.
    ///
    /// `Host` is signed and `Authorization` is not, whatever the list says.
    #[must_use]
    pub fn unsigned_headers(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        self.unsigned_headers = Some(names.into_iter().collect());
        self
    }

    /// If the session token is signed. Default: [`SessionToken::Signed`].
    #[must_use]
    pub fn session_token(mut self, session_token: SessionToken) -> Self {
        self.session_token = session_token;
        self
    }

    /// The request's own headers that are to be signed, and `host`. It comes last: behind
    /// `content-type`, alone in most requests, there is then nothing to put in order.
    pub(crate) fn push_headers_to_sign<'a>(
        &self,
        pairs: &mut Pairs<'a>,
        headers: &'a HeaderMap,
        host: &'a str,
    ) -> Result<(), SigningError> {
        for (name, value) in headers {
            if name != header::HOST && !self.is_unsigned(name) {
                pairs.push((name.as_str(), canonical::text(name, value)?));
            }
        }
        pairs.push((header::HOST.as_str(), host));
        Ok(())
    }

    pub(crate) fn is_unsigned(&self, name: &HeaderName) -> bool {
        match (name.as_str(), &self.unsigned_headers) {
            // The signer's own.
            (
                "authorization" | "x-amz-date" | "x-amz-security-token" | "x-amz-content-sha256",
                _,
            ) => true,
            (_, Some(unsigned)) => unsigned.contains(name),
            (name, None) => is_unsigned_by_default(name),
        }
    }

    /// Known where a header has it too.
    pub(crate) fn payload_line<'a>(&self, body: &'a [u8]) -> PayloadLine<'a> {
        match &self.payload {
            Payload::Hashed if self.content_sha256_header => PayloadLine::Hash(Hex::sha256(body)),
            Payload::Hashed => PayloadLine::HashOf(body),
            Payload::Unsigned => PayloadLine::Unsigned,
            Payload::Precomputed(hash) => PayloadLine::Hash(Hex::new(hash)),
        }
    }

    pub(crate) fn signature_over(
        &self,
        credentials: &Credentials,
        time: &str,
        request: impl FnOnce() -> CanonicalRequest,
    ) -> Signature {
        // The key comes first: what it takes to share it with other threads waits for all that was
        // computed before.
        self.keys.with(credentials, self.scope(time), |key| {
            let to_sign = ToSign::new(request(), time, key.scope());
            let signature = Hex::new(&key.sign(to_sign.string_to_sign()));
            Signature::new(to_sign, &signature)
        })
    }

    pub(crate) fn check_names(&self, credentials: &Credentials) -> Result<(), SigningError> {
        if !credentials.access_key_id_is_plain() {
            return Err(SigningError::InvalidAccessKeyId);
        }
        if !self.scope_is_valid {
            return Err(SigningError::InvalidScope);
        }
        Ok(())
    }

    pub(crate) fn scope<'a>(&'a self, time: &'a str) -> Scope<'a> {
        Scope {
            time,
            region: &self.region,
            service: &self.service,
        }
    }
}

/// The list that [`Signer::unsigned_headers`] documents. By its length a name is compared with
/// four of them at most.
fn is_unsigned_by_default(name: &str) -> bool {
    match name.len() {
        2..=4 => matches!(name, "te" | "via" | "from"),
        6 => matches!(name, "accept" | "expect" | "pragma"),
        7 => matches!(name, "referer" | "trailer" | "upgrade"),
        9 => name == "forwarded",
        10 => matches!(name, "connection" | "keep-alive" | "user-agent"),
        12 => name == "max-forwards",
        13 => name == "cache-control",
        14 => name == "content-length",
        15 => matches!(
            name,
            "accept-encoding" | "amz-sdk-request" | "x-amzn-trace-id" | "x-forwarded-for"
        ),
        16 => matches!(
            name,
            "proxy-connection" | "x-forwarded-host" | "x-forwarded-port"
        ),
        17 => matches!(name, "transfer-encoding" | "x-forwarded-proto"),
        18 => name == "proxy-authenticate",
        19 => name == "proxy-authorization",
        21 => name == "amz-sdk-invocation-id",
        _ => false,
    }
}
