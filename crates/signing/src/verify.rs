//! [`Verifier`]: the server's side. Is this request signed, by whom, and is it still good?

mod error;
mod parse;

use std::borrow::Borrow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use self::error::{Mismatch, VerifyError};
use self::parse::{Claim, Parameters};
use crate::canonical::{self, CanonicalRequest, Pairs, PayloadLine, UNSIGNED_PAYLOAD};
use crate::constant_time;
use crate::credentials::Credentials;
use crate::hex::Hex;
use crate::key::{KeyCache, SigningKey};
use crate::signature::{Scope, ToSign};
use crate::signer::{CONTENT_SHA256, SessionToken, Signer, TOKEN};
use http::{HeaderMap, HeaderName, Request, header};

/// How many clients can send in turn until a key has to be derived anew.
const CACHED_KEYS: usize = 8;

/// Accepts the requests that a [`Signer`] with the same settings signs, in the header or in the
/// query, and no others. A body that is not signed has to be [allowed](Self::unsigned_payload).
///
/// ```
/// use std::time::SystemTime;
///
/// use amplify_backend_signing::{Credentials, Signer, Verifier};
/// use http::Request;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let verifier = Verifier::new(Signer::new("us-east-1", "amplifybackend"));
/// let client = Credentials::new("AKIDEXAMPLE", "secret");
/// let look_up = |id: &str| Some(&client).filter(|client| client.access_key_id() == id);
///
/// // What a server receives:
/// let mut request = Request::post("/s3Buckets").header("host", "127.0.0.1:8080").body("{}")?;
/// # let signer = Signer::new("us-east-1", "amplifybackend");
/// # signer.sign(&mut request, &client, SystemTime::now())?;
/// let verified = verifier.verify(&request, look_up, SystemTime::now())?;
/// assert_eq!(verified.access_key_id, "AKIDEXAMPLE");
///
/// *request.body_mut() = "[]";
/// let refused = verifier.verify(&request, look_up, SystemTime::now()).unwrap_err();
/// assert_eq!(refused.aws_code(), "InvalidSignatureException");
/// assert_eq!(refused.to_string(), "the signature does not match");
/// # Ok(())
/// # }
/// ```
///
/// What an accepted request vouches for: method, path, query, body, and the headers that are
/// signed, of which `Host` and all `x-amz-*` are some. It does not vouch for other headers, nor,
/// where there is a `Host` header, for the host in the URI; and it may be one that was accepted
/// before.
///
/// Anyone can send what has to be looked at here. Time and memory are in proportion to the head and
/// the body, which the server has to limit; signature and session token are compared in constant
/// time.
///
/// The keys derived for the eight clients that came last are kept, apart from the signer's and
/// shared by all clones; a replaced one is wiped.
#[derive(Clone, Debug)]
pub struct Verifier {
    signer: Signer,
    any_region: bool,
    unsigned_payload: bool,
    window: Duration,
}

/// An accepted request: who signed it, and how. It borrows nothing from the request, so that it can
/// go into its extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// The id of the access key.
    pub access_key_id: String,
    /// The region that the signature is for.
    pub region: String,
    /// The time that the signer states.
    pub signed_at: SystemTime,
    /// If the signature was in the query.
    pub presigned: bool,
    /// If the body is part of what was signed. Always, unless
    /// [`unsigned_payload`](Verifier::unsigned_payload) is allowed.
    pub payload_signed: bool,
}

impl Verifier {
    /// A verifier of what `signer` signs. Of its settings, region, service, path encoding and
    /// normalization, and the session token's count; the others a request states itself.
    pub fn new(mut signer: Signer) -> Self {
        signer.keys = Arc::new(KeyCache::new(CACHED_KEYS));
        Self {
            signer,
            any_region: false,
            unsigned_payload: false,
            window: Duration::from_secs(5 * 60),
        }
    }

    /// If signatures for any region are accepted, not only for the signer's. Default: `false`.
    #[must_use]
    pub fn any_region(mut self, accepted: bool) -> Self {
        self.any_region = accepted;
        self
    }

    /// If a request may leave its body unsigned (`UNSIGNED-PAYLOAD`). Default: `false`.
    #[must_use]
    pub fn unsigned_payload(mut self, accepted: bool) -> Self {
        self.unsigned_payload = accepted;
        self
    }

    /// How far the stated time may be from the verifier's, either way. Default: 5 minutes. For
    /// presigned requests only how far it may be ahead, since they say themselves how long they
    /// hold.
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Accepts or refuses `request` as of `at`. `credentials` is asked, at most once, for the
    /// credentials that belong to an access key id; it may lend them.
    ///
    /// Where a look-up has to wait, verify first with one that notes the id and answers `None`, and
    /// again with what was found: no signature is computed before there are credentials.
    ///
    /// # Errors
    ///
    /// The first reason to refuse the request. See [`VerifyError`], each of which knows the name
    /// that AWS has [for it](VerifyError::aws_code).
    pub fn verify<B: AsRef<[u8]>, C: Borrow<Credentials>>(
        &self,
        request: &Request<B>,
        credentials: impl FnOnce(&str) -> Option<C>,
        at: SystemTime,
    ) -> Result<Verified, VerifyError> {
        let parameters = Parameters::of(request.uri().query().unwrap_or_default())?;
        let claim = Claim::of(request.headers(), &parameters)?;
        self.check_scope(&claim)?;
        self.check_time(&claim, at)?;
        let credentials = credentials(claim.access_key_id).ok_or(VerifyError::UnknownAccessKey)?;
        let credentials = credentials.borrow();
        check_token(&claim, credentials)?;
        let payload_signed = self.check_signature(request, &claim, credentials)?;
        // After the signature: how long a key holds is nobody's business but its owner's.
        if credentials.expires_at().is_some_and(|end| end <= at) {
            return Err(VerifyError::CredentialsExpired);
        }
        Ok(Verified {
            access_key_id: claim.access_key_id.into(),
            region: claim.region.into(),
            signed_at: claim.signed_at,
            presigned: claim.presigned,
            payload_signed,
        })
    }

    fn check_scope(&self, claim: &Claim<'_>) -> Result<(), VerifyError> {
        if claim.date != self.scope(claim).date() {
            return Err(VerifyError::WrongDate);
        }
        if !self.any_region && claim.region != &*self.signer.region {
            return Err(VerifyError::WrongRegion);
        }
        if claim.service != &*self.signer.service {
            return Err(VerifyError::WrongService);
        }
        if claim.terminator != "aws4_request" {
            return Err(VerifyError::WrongTerminator);
        }
        Ok(())
    }

    fn check_time(&self, claim: &Claim<'_>, at: SystemTime) -> Result<(), VerifyError> {
        let longest = claim.expires_in.unwrap_or(self.window);
        match at.duration_since(claim.signed_at) {
            Ok(age) if age > longest => Err(VerifyError::TooOld),
            Err(ahead) if ahead.duration() > self.window => Err(VerifyError::TooNew),
            _ => Ok(()),
        }
    }

    /// If the signature is right, and then if the body is part of what was signed.
    fn check_signature<B: AsRef<[u8]>>(
        &self,
        request: &Request<B>,
        claim: &Claim<'_>,
        credentials: &Credentials,
    ) -> Result<bool, VerifyError> {
        let mut headers = self.signed_headers(request, claim)?;
        let payload = self.payload(request.headers(), request.body().as_ref())?;
        self.signer
            .keys
            .with(credentials, self.scope(claim), |key| {
                let to_sign = self.to_sign(request, claim, &mut headers, &payload, key);
                if key.verify(to_sign.string_to_sign(), &claim.signature) {
                    return Ok(!matches!(payload, PayloadLine::Unsigned));
                }
                // A presigned request need not say if its body is signed.
                let silent = claim.presigned && !request.headers().contains_key(&CONTENT_SHA256);
                if self.unsigned_payload && silent {
                    let payload = PayloadLine::Unsigned;
                    let to_sign = self.to_sign(request, claim, &mut headers, &payload, key);
                    if key.verify(to_sign.string_to_sign(), &claim.signature) {
                        return Ok(false);
                    }
                }
                Err(VerifyError::SignatureMismatch(
                    Mismatch::new(&to_sign).into(),
                ))
            })
    }

    /// The headers that the claim says are signed; refused where it leaves one out that must be.
    fn signed_headers<'a, B>(
        &self,
        request: &'a Request<B>,
        claim: &Claim<'_>,
    ) -> Result<Pairs<'a>, VerifyError> {
        let host = canonical::host(request.headers(), request.uri()).map_err(parse::refused)?;
        let names = &claim.signed_headers;
        if !names.contains(header::HOST.as_str()) {
            return Err(VerifyError::HostNotSigned);
        }
        let token_is_signed = self.signer.session_token == SessionToken::Signed;
        let mut pairs = Pairs::new();
        for (name, value) in request.headers() {
            if names.contains(name.as_str()) {
                if name != header::HOST {
                    let value = canonical::text(name, value).map_err(parse::refused)?;
                    pairs.push((name.as_str(), value));
                }
            } else if name.as_str().starts_with("x-amz-") && (token_is_signed || name != TOKEN) {
                return Err(VerifyError::HeaderNotSigned(name.clone()));
            }
        }
        pairs.push((header::HOST.as_str(), host));
        canonical::sort_headers(&mut pairs);
        match names.first_absent(&pairs) {
            None => Ok(pairs),
            Some(name) => Err(HeaderName::from_bytes(name).map_or(
                VerifyError::Malformed("SignedHeaders"),
                VerifyError::SignedHeaderAbsent,
            )),
        }
    }

    /// The last line of the canonical request, once the body is seen to fit it.
    fn payload<'a>(
        &self,
        headers: &HeaderMap,
        body: &'a [u8],
    ) -> Result<PayloadLine<'a>, VerifyError> {
        let stated = match parse::only(headers, &CONTENT_SHA256)? {
            None => return Ok(PayloadLine::HashOf(body)),
            Some(stated) => stated,
        };
        if stated == UNSIGNED_PAYLOAD {
            let allowed = self.unsigned_payload.then_some(PayloadLine::Unsigned);
            return allowed.ok_or(VerifyError::UnsignedPayload);
        }
        if stated.starts_with("STREAMING-") {
            return Err(VerifyError::StreamingPayload);
        }
        if Hex::parse(stated).is_none() {
            return Err(VerifyError::Malformed("x-amz-content-sha256"));
        }
        Some(Hex::sha256(body))
            .filter(|hash| hash.as_str() == stated)
            .map(PayloadLine::Hash)
            .ok_or(VerifyError::PayloadMismatch)
    }

    fn to_sign<B>(
        &self,
        request: &Request<B>,
        claim: &Claim<'_>,
        headers: &mut Pairs<'_>,
        payload: &PayloadLine<'_>,
        key: &SigningKey,
    ) -> ToSign {
        let query = canonical::query(request.uri().query().unwrap_or_default());
        let mut query: Pairs<'_> = query
            .filter(|(name, _)| !self.is_added_after(claim, name))
            .collect();
        let request = CanonicalRequest::new(
            request.method().as_str(),
            request.uri().path(),
            self.signer.path_style,
            &mut query,
            headers,
            payload,
        );
        ToSign::new(request, claim.timestamp, key.scope())
    }

    fn scope<'a>(&'a self, claim: &'a Claim<'_>) -> Scope<'a> {
        Scope {
            time: claim.timestamp,
            region: claim.region,
            service: &self.signer.service,
        }
    }

    /// If a parameter of the query comes after the signature.
    fn is_added_after(&self, claim: &Claim<'_>, name: &str) -> bool {
        let is = |parameter: &str| canonical::decoded(name).eq(parameter.bytes());
        let token_too = self.signer.session_token == SessionToken::AddedAfter;
        claim.presigned && (is("X-Amz-Signature") || token_too && is("X-Amz-Security-Token"))
    }
}

/// The token is part of what the key is: with another one, or without, it is another's request.
fn check_token(claim: &Claim<'_>, credentials: &Credentials) -> Result<(), VerifyError> {
    let stated = claim.session_token.unwrap_or_default().as_bytes();
    let expected = credentials.session_token().unwrap_or_default().as_bytes();
    match constant_time::eq(stated, expected) {
        true => Ok(()),
        false => Err(VerifyError::WrongSessionToken),
    }
}
