//! Presigned requests: the signature in the query, good for a while, for whoever has the URI.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{Request, Uri, header};

use crate::canonical::{self, CanonicalRequest, Pairs};
use crate::credentials::Credentials;
use crate::error::SigningError;
use crate::signature::{ALGORITHM, Signature};
use crate::signer::{CONTENT_SHA256, DATE, SessionToken, Signer, TOKEN};
use crate::time::Timestamp;

/// 7 days, in seconds.
pub(crate) const LONGEST: u64 = 7 * 24 * 60 * 60;

/// What a presigned URI has in its query.
pub(crate) const PARAMETERS: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
];

impl Signer {
    /// Signs `request` in its query: its URI alone, sent with the same method, the signed headers
    /// and the same body, is good for `expires_in` from `at` on.
    ///
    /// `expires_in` is 1 second to 7 days; parts of a second are cut off. With temporary
    /// credentials the URI holds no longer than they do. Signed are the same headers as by
    /// [`sign`](Self::sign), so a request with only `Host` makes a URI that a browser can open. For
    /// S3, set [`Payload::Unsigned`](crate::Payload::Unsigned).
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use amplify_backend_signing::{Credentials, Payload, Signer};
    /// use http::Request;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let signer = Signer::s3("eu-central-1").payload(Payload::Unsigned);
    /// let credentials = Credentials::new("AKIDEXAMPLE", "secret");
    ///
    /// let uri = "https://my-bucket.s3.eu-central-1.amazonaws.com/photos/cat.jpg";
    /// let mut request = Request::get(uri).body("")?;
    /// let hour = Duration::from_secs(60 * 60);
    /// signer.presign(&mut request, &credentials, SystemTime::now(), hour)?;
    /// assert!(request.uri().to_string().contains("cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The request is then left exactly as it was. See [`SigningError`].
    pub fn presign<B: AsRef<[u8]>>(
        &self,
        request: &mut Request<B>,
        credentials: &Credentials,
        at: SystemTime,
        expires_in: Duration,
    ) -> Result<(), SigningError> {
        let (signature, mut target) = self.presigned(request, credentials, at, expires_in)?;
        if self.session_token == SessionToken::AddedAfter {
            push_token(&mut target, credentials);
        }
        target.push_str("&X-Amz-Signature=");
        target.push_str(signature.as_str());
        let uri = with_target(request.uri(), target)?;

        // From here on nothing fails.
        *request.uri_mut() = uri;
        for name in [&header::AUTHORIZATION, &DATE, &TOKEN, &CONTENT_SHA256] {
            request.headers_mut().remove(name);
        }
        Ok(())
    }

    /// The signature that [`presign`](Self::presign) would put into `request`, and what it is made
    /// over.
    ///
    /// # Errors
    ///
    /// See [`SigningError`].
    pub fn presigned_signature<B: AsRef<[u8]>>(
        &self,
        request: &Request<B>,
        credentials: &Credentials,
        at: SystemTime,
        expires_in: Duration,
    ) -> Result<Signature, SigningError> {
        let (signature, _) = self.presigned(request, credentials, at, expires_in)?;
        Ok(signature)
    }

    /// The signature, and the path and query that are signed.
    fn presigned<B: AsRef<[u8]>>(
        &self,
        request: &Request<B>,
        credentials: &Credentials,
        at: SystemTime,
        expires_in: Duration,
    ) -> Result<(Signature, String), SigningError> {
        let seconds = expires_in.as_secs();
        if !(1..=LONGEST).contains(&seconds) {
            return Err(SigningError::InvalidExpiry);
        }
        let timestamp = Timestamp::new(at)?;
        let time = timestamp.as_str();
        self.check_names(credentials)?;
        let uri = request.uri();
        let host = canonical::host(request.headers(), uri)?;
        let mut headers = Pairs::new();
        self.push_headers_to_sign(&mut headers, request.headers(), host)?;
        canonical::sort_headers(&mut headers);

        let mut target = target_without_signature(uri);
        target.push(if target.contains('?') { '&' } else { '?' });
        target.push_str("X-Amz-Algorithm=");
        target.push_str(ALGORITHM);
        target.push_str("&X-Amz-Credential=");
        canonical::push_encoded(&mut target, credentials.access_key_id().bytes());
        target.push_str("%2F");
        self.scope(time).push_to(&mut target, "%2F");
        target.push_str("&X-Amz-Date=");
        target.push_str(time);
        target.push_str("&X-Amz-SignedHeaders=");
        let mut names = String::new();
        canonical::push_names(&mut names, &headers);
        canonical::push_encoded(&mut target, names.bytes());
        target.push_str("&X-Amz-Expires=");
        target.push_str(&seconds.to_string());
        if self.session_token == SessionToken::Signed {
            push_token(&mut target, credentials);
        }

        let (_, query) = target.split_once('?').unwrap_or_default();
        let signature = self.signature_over(credentials, time, || {
            CanonicalRequest::new(
                request.method().as_str(),
                uri.path(),
                self.path_style,
                &mut canonical::query(query).collect::<Pairs<'_>>(),
                &mut headers,
                &self.payload_line(request.body().as_ref()),
            )
        });
        Ok((signature, target))
    }
}

/// If `name`, as it stands in a query, is one of [`PARAMETERS`].
pub(crate) fn is_parameter(name: &str) -> bool {
    PARAMETERS
        .iter()
        .any(|parameter| canonical::decoded(name).eq(parameter.bytes()))
}

/// The URI without the parameters of a presigned one, where it has any.
pub(crate) fn without_signature(uri: &Uri) -> Result<Option<Uri>, SigningError> {
    let mut parameters = uri.query().into_iter().flat_map(canonical::query);
    if !parameters.any(|(name, _)| is_parameter(name)) {
        return Ok(None);
    }
    with_target(uri, target_without_signature(uri)).map(Some)
}

/// Path and query, without the parameters of a presigned URI.
fn target_without_signature(uri: &Uri) -> String {
    let query = uri.query().unwrap_or_default();
    let mut target = String::with_capacity(uri.path().len() + query.len() + 1024);
    target.push_str(uri.path());
    let mut separator = '?';
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, _) = part.split_once('=').unwrap_or((part, ""));
        if !is_parameter(name) {
            target.push(separator);
            target.push_str(part);
            separator = '&';
        }
    }
    target
}

fn with_target(uri: &Uri, target: String) -> Result<Uri, SigningError> {
    let target = PathAndQuery::from_maybe_shared(Bytes::from(target));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(target.map_err(|_| SigningError::InvalidUri)?);
    Uri::from_parts(parts).map_err(|_| SigningError::InvalidUri)
}

fn push_token(target: &mut String, credentials: &Credentials) {
    if let Some(token) = credentials.session_token() {
        target.push_str("&X-Amz-Security-Token=");
        canonical::push_encoded(target, token.bytes());
    }
}
