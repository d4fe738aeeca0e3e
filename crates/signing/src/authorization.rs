//! Signed requests: the signature in the header `Authorization`.

use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, header};

use crate::Sign;
use crate::canonical::{self, CanonicalRequest, Pairs, PayloadLine};
use crate::credentials::Credentials;
use crate::error::SigningError;
use crate::presign;
use crate::signature::{ALGORITHM, Signature};
use crate::signer::{CONTENT_SHA256, DATE, SessionToken, Signer, TOKEN};
use crate::time::Timestamp;

impl Signer {
    /// Signs `request` as of `at`: sets `authorization`, `x-amz-date`, and where they apply
    /// `x-amz-security-token` and `x-amz-content-sha256`.
    ///
    /// `authorization` and the token are marked as sensitive, so that their `Debug` shows nothing.
    ///
    /// # Errors
    ///
    /// The request is then left exactly as it was. See [`SigningError`].
    pub fn sign<B: AsRef<[u8]>>(
        &self,
        request: &mut Request<B>,
        credentials: &Credentials,
        at: SystemTime,
    ) -> Result<(), SigningError> {
        let timestamp = Timestamp::new(at)?;
        let time = timestamp.as_str();
        let payload = self.payload_line(request.body().as_ref());
        let signature = self.header_signature(request, credentials, time, &payload)?;

        let authorization = authorization(credentials, &signature);
        let date = HeaderValue::from_str(time).expect("digits, T and Z are valid header bytes");
        let token = credentials.session_token_header()?;
        let content_sha256 = payload.as_str().filter(|_| self.content_sha256_header);
        let content_sha256 = content_sha256
            .map(|hash| HeaderValue::from_str(hash).expect("hex digits are valid header bytes"));
        let uri = presign::without_signature(request.uri())?;
        let added = 2 + usize::from(token.is_some()) + usize::from(content_sha256.is_some());
        let room = request.headers_mut().try_reserve(added);
        room.map_err(|_| SigningError::TooManyHeaders)?;

        // From here on nothing fails.
        if let Some(uri) = uri {
            *request.uri_mut() = uri;
        }
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, authorization);
        headers.insert(&DATE, date);
        match token {
            Some(token) => drop(headers.insert(&TOKEN, token.clone())),
            None => remove(headers, &TOKEN),
        }
        match content_sha256 {
            Some(hash) => drop(headers.insert(&CONTENT_SHA256, hash)),
            None => remove(headers, &CONTENT_SHA256),
        }
        Ok(())
    }

    /// The signature that [`sign`](Self::sign) would put into `request`, and what it is made over.
    ///
    /// # Errors
    ///
    /// See [`SigningError`].
    pub fn signature<B: AsRef<[u8]>>(
        &self,
        request: &Request<B>,
        credentials: &Credentials,
        at: SystemTime,
    ) -> Result<Signature, SigningError> {
        let payload = self.payload_line(request.body().as_ref());
        let timestamp = Timestamp::new(at)?;
        self.header_signature(request, credentials, timestamp.as_str(), &payload)
    }

    fn header_signature<B>(
        &self,
        request: &Request<B>,
        credentials: &Credentials,
        time: &str,
        payload: &PayloadLine<'_>,
    ) -> Result<Signature, SigningError> {
        self.check_names(credentials)?;
        let uri = request.uri();
        let host = canonical::host(request.headers(), uri)?;
        let mut headers = Pairs::new();
        self.push_headers_to_sign(&mut headers, request.headers(), host)?;
        if let (true, Some(hash)) = (self.content_sha256_header, payload.as_str()) {
            headers.push((CONTENT_SHA256.as_str(), hash));
        }
        headers.push((DATE.as_str(), time));
        if let (Some(token), SessionToken::Signed) =
            (credentials.session_token(), self.session_token)
        {
            headers.push((TOKEN.as_str(), token));
        }
        let mut query = Pairs::new();
        let parameters = uri.query().into_iter().flat_map(canonical::query);
        query.extend(parameters.filter(|(name, _)| !presign::is_parameter(name)));
        Ok(self.signature_over(credentials, time, || {
            CanonicalRequest::new(
                request.method().as_str(),
                uri.path(),
                self.path_style,
                &mut query,
                &mut headers,
                payload,
            )
        }))
    }
}

impl Sign for Signer {
    fn sign(
        &self,
        request: &mut Request<Bytes>,
        credentials: &Credentials,
        at: SystemTime,
    ) -> Result<(), SigningError> {
        Signer::sign(self, request, credentials, at)
    }
}

fn authorization(credentials: &Credentials, signature: &Signature) -> HeaderValue {
    let text = [
        ALGORITHM,
        " Credential=",
        credentials.access_key_id(),
        "/",
        signature.scope(),
        ", SignedHeaders=",
        signature.signed_headers(),
        ", Signature=",
        signature.as_str(),
    ];
    let mut value = HeaderValue::try_from(text.concat())
        .expect("names of headers, digits and what is plain are valid header bytes");
    value.set_sensitive(true);
    value
}

/// Looks for the name by comparing: few headers take less time than the hash of the name.
fn remove(headers: &mut HeaderMap, name: &HeaderName) {
    if headers.keys().any(|key| key == name) {
        headers.remove(name);
    }
}
