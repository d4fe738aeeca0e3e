//! [`AwsSigV4`]: the same signatures, made by AWS's own crate.

use std::borrow::Cow;
use std::time::SystemTime;

use ::aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SessionTokenMode, SignableBody, SignableRequest,
    SignatureLocation, SigningSettings, UriPathNormalizationMode,
};
use ::aws_sigv4::{http_request, sign::v4};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, header};

use crate::Sign;
use crate::canonical;
use crate::credentials::Credentials;
use crate::error::SigningError;
use crate::hex::Hex;
use crate::presign;
use crate::signer::{CONTENT_SHA256, DATE, Payload, SessionToken, Signer, TOKEN};
use crate::time::Timestamp;

/// Signs as a [`Signer`] does, through the crate `aws-sigv4`, for whoever wants AWS's own code in
/// the path. It derives the key anew for each request.
///
/// The two differ where `aws-sigv4` changes what it signs: an escape in a query that is not UTF-8
/// (`%FF`) becomes a replacement character there, and tabs around a header's value are signed.
#[derive(Clone, Debug)]
pub struct AwsSigV4 {
    signer: Signer,
}

impl AwsSigV4 {
    /// Signs with the settings of `signer`.
    pub fn new(signer: Signer) -> Self {
        Self { signer }
    }

    fn settings(&self, unsigned_headers: Vec<Cow<'static, str>>) -> SigningSettings {
        let Signer {
            path_style,
            session_token,
            content_sha256_header,
            ..
        } = &self.signer;
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::Headers;
        settings.excluded_headers = Some(unsigned_headers);
        settings.uri_path_normalization_mode = UriPathNormalizationMode::from(path_style.normalize);
        settings.percent_encoding_mode = match path_style.encode_again {
            true => PercentEncodingMode::Double,
            false => PercentEncodingMode::Single,
        };
        settings.payload_checksum_kind = match content_sha256_header {
            true => PayloadChecksumKind::XAmzSha256,
            false => PayloadChecksumKind::NoHeader,
        };
        settings.session_token_mode = match session_token {
            SessionToken::Signed => SessionTokenMode::Include,
            SessionToken::AddedAfter => SessionTokenMode::Exclude,
        };
        settings
    }
}

impl Sign for AwsSigV4 {
    fn sign(
        &self,
        request: &mut Request<Bytes>,
        credentials: &Credentials,
        at: SystemTime,
    ) -> Result<(), SigningError> {
        // What aws-sigv4 panics on, or leaves in place, is settled before it is asked.
        Timestamp::new(at)?;
        self.signer.check_names(credentials)?;
        let bare_uri = presign::without_signature(request.uri())?;
        let uri = bare_uri.as_ref().unwrap_or(request.uri());
        let uri = match uri.path() {
            // `host:port` alone, which is signed with the path `/`.
            "" => "/".to_owned(),
            _ => uri.to_string(),
        };
        let host = canonical::host(request.headers(), request.uri())?;
        let mut headers = vec![(header::HOST.as_str(), host)];
        let mut unsigned = Vec::new();
        let signers_own = [
            &header::HOST,
            &header::AUTHORIZATION,
            &DATE,
            &TOKEN,
            &CONTENT_SHA256,
        ];
        for (name, value) in request.headers() {
            if signers_own.contains(&name) {
                continue;
            }
            if self.signer.is_unsigned(name) {
                unsigned.push(Cow::Owned(name.as_str().to_owned()));
            } else {
                headers.push((name.as_str(), canonical::text(name, value)?));
            }
        }
        let body = match self.signer.payload {
            Payload::Hashed => SignableBody::Bytes(request.body()),
            Payload::Unsigned => SignableBody::UnsignedPayload,
            Payload::Precomputed(hash) => {
                SignableBody::Precomputed(Hex::new(&hash).as_str().to_owned())
            }
        };

        let identity = aws_credential_types::Credentials::new(
            credentials.access_key_id(),
            credentials.secret_access_key(),
            credentials.session_token().map(str::to_owned),
            credentials.expires_at(),
            "amplify-backend-signing",
        )
        .into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.signer.region)
            .name(&self.signer.service)
            .time(at)
            .settings(self.settings(unsigned))
            .build()
            .map_err(|error| SigningError::Other(error.into()))?
            .into();
        let method = request.method().as_str();
        let (instructions, _) = SignableRequest::new(method, uri, headers.into_iter(), body)
            .and_then(|request| http_request::sign(request, &params))
            .map_err(|error| SigningError::Other(error.into()))?
            .into_parts();
        let mut signed = Vec::new();
        for (name, value) in instructions.headers() {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_str(value);
            let mut value = value.map_err(|error| SigningError::Other(error.into()))?;
            let name = name.map_err(|error| SigningError::Other(error.into()))?;
            value.set_sensitive(name == header::AUTHORIZATION || name == TOKEN);
            signed.push((name, value));
        }
        let room = request.headers_mut().try_reserve(signed.len());
        room.map_err(|_| SigningError::TooManyHeaders)?;

        // From here on nothing fails.
        if let Some(uri) = bare_uri {
            *request.uri_mut() = uri;
        }
        for name in [&TOKEN, &CONTENT_SHA256] {
            request.headers_mut().remove(name);
        }
        for (name, value) in signed {
            request.headers_mut().insert(name, value);
        }
        Ok(())
    }
}
