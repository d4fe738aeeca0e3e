//! What a request says about its own signature, taken apart and not yet believed.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, Request, header};

use super::VerifyError;
use crate::canonical;
use crate::error::SigningError;
use crate::hex::Hex;
use crate::presign;
use crate::signature::ALGORITHM;
use crate::signer::{DATE, TOKEN};
use crate::time::Timestamp;

/// Everything but the proof.
pub(super) struct Claim {
    pub(super) presigned: bool,
    pub(super) access_key_id: String,
    pub(super) date: String,
    pub(super) region: String,
    pub(super) service: String,
    pub(super) terminator: String,
    pub(super) timestamp: Timestamp,
    pub(super) signed_at: SystemTime,
    /// For a presigned request only.
    pub(super) expires_in: Option<Duration>,
    /// Sorted, each once.
    pub(super) signed_headers: Vec<HeaderName>,
    pub(super) signature: [u8; 32],
    pub(super) session_token: Option<String>,
}

impl Claim {
    pub(super) fn of<B>(request: &Request<B>) -> Result<Self, VerifyError> {
        let headers = request.headers();
        let authorization = only(headers, &header::AUTHORIZATION)?;
        let parameters = Parameters::of(request.uri().query().unwrap_or_default())?;
        match (authorization, parameters.is_signature()) {
            (Some(_), true) => Err(VerifyError::TwoSignatures),
            (Some(authorization), false) => Self::in_header(authorization, headers),
            (None, true) => Self::in_query(parameters, headers),
            (None, false) => Err(VerifyError::MissingAuthentication),
        }
    }

    fn in_header(authorization: &str, headers: &HeaderMap) -> Result<Self, VerifyError> {
        let (algorithm, fields) = authorization.split_once(' ').unwrap_or((authorization, ""));
        if algorithm != ALGORITHM {
            return Err(VerifyError::UnsupportedAlgorithm);
        }
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for field in fields.split(',') {
            let (name, value) = field
                .trim_matches(' ')
                .split_once('=')
                .ok_or(VerifyError::Malformed("Authorization"))?;
            let (name, place) = match name {
                "Credential" => ("Credential", &mut credential),
                "SignedHeaders" => ("SignedHeaders", &mut signed_headers),
                "Signature" => ("Signature", &mut signature),
                _ => return Err(VerifyError::Malformed("Authorization")),
            };
            if place.replace(value).is_some() {
                return Err(VerifyError::Repeated(name));
            }
        }
        Self::new(
            Stated {
                credential: credential.ok_or(VerifyError::Missing("Credential"))?,
                date: only(headers, &DATE)?.ok_or(VerifyError::Missing("X-Amz-Date"))?,
                signed_headers: signed_headers.ok_or(VerifyError::Missing("SignedHeaders"))?,
                signature: signature.ok_or(VerifyError::Missing("Signature"))?,
            },
            None,
            only(headers, &TOKEN)?.map(str::to_owned),
        )
    }

    fn in_query(parameters: Parameters, headers: &HeaderMap) -> Result<Self, VerifyError> {
        let [
            algorithm,
            credential,
            date,
            signed_headers,
            expires,
            token,
            signature,
        ] = parameters.0;
        if token.is_some() && headers.contains_key(&TOKEN) {
            return Err(VerifyError::Repeated("X-Amz-Security-Token"));
        }
        let algorithm = algorithm.ok_or(VerifyError::Missing("X-Amz-Algorithm"))?;
        if algorithm != ALGORITHM {
            return Err(VerifyError::UnsupportedAlgorithm);
        }
        let expires = expires.ok_or(VerifyError::Missing("X-Amz-Expires"))?;
        let seconds = Some(expires).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let seconds = seconds.and_then(|text| text.parse().ok());
        let seconds = seconds.filter(|seconds| (1..=presign::LONGEST).contains(seconds));
        let missing = VerifyError::Missing;
        Self::new(
            Stated {
                credential: &credential.ok_or(missing("X-Amz-Credential"))?,
                date: &date.ok_or(missing("X-Amz-Date"))?,
                signed_headers: &signed_headers.ok_or(missing("X-Amz-SignedHeaders"))?,
                signature: &signature.ok_or(missing("X-Amz-Signature"))?,
            },
            Some(Duration::from_secs(
                seconds.ok_or(VerifyError::InvalidExpiry)?,
            )),
            token,
        )
    }

    fn new(
        stated: Stated<'_>,
        expires_in: Option<Duration>,
        session_token: Option<String>,
    ) -> Result<Self, VerifyError> {
        let malformed = VerifyError::Malformed;
        let parts: Vec<&str> = stated.credential.split('/').collect();
        let &[access_key_id, date, region, service, terminator] = parts.as_slice() else {
            return Err(malformed("Credential"));
        };
        if parts.contains(&"") {
            return Err(malformed("Credential"));
        }
        let (timestamp, signed_at) =
            Timestamp::parse(stated.date).ok_or(malformed("X-Amz-Date"))?;
        Ok(Self {
            presigned: expires_in.is_some(),
            access_key_id: access_key_id.into(),
            date: date.into(),
            region: region.into(),
            service: service.into(),
            terminator: terminator.into(),
            timestamp,
            signed_at,
            expires_in,
            signed_headers: header_names(stated.signed_headers)?,
            signature: Hex::parse(stated.signature).ok_or(malformed("Signature"))?,
            session_token,
        })
    }
}

/// What both forms state, each in its own place.
struct Stated<'a> {
    credential: &'a str,
    date: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

/// The value of each of [`presign::PARAMETERS`] that a query has.
#[derive(Default)]
struct Parameters([Option<String>; presign::PARAMETERS.len()]);

impl Parameters {
    fn of(query: &str) -> Result<Self, VerifyError> {
        let mut parameters = Self::default();
        for (name, value) in canonical::query(query) {
            for (known, place) in presign::PARAMETERS.into_iter().zip(&mut parameters.0) {
                if !canonical::decoded(name).eq(known.bytes()) {
                    continue;
                }
                let value = String::from_utf8(canonical::decoded(value).collect())
                    .map_err(|_| VerifyError::Malformed(known))?;
                if place.replace(value).is_some() {
                    return Err(VerifyError::Repeated(known));
                }
            }
        }
        Ok(parameters)
    }

    /// If this is more than a request that has a date or a token in its query.
    fn is_signature(&self) -> bool {
        let [algorithm, credential, .., signature] = &self.0;
        algorithm.is_some() || credential.is_some() || signature.is_some()
    }
}

/// The value of a header that may be there once at most.
pub(super) fn only<'a>(
    headers: &'a HeaderMap,
    name: &'static HeaderName,
) -> Result<Option<&'a str>, VerifyError> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(_), Some(_)) => Err(VerifyError::Repeated(name.as_str())),
        (Some(value), None) => {
            let value = canonical::text(name, value).map_err(refused)?;
            Ok(Some(value.trim_matches([' ', '\t'])))
        }
        _ => Ok(None),
    }
}

/// One spelling only: lower case, sorted, none twice.
fn header_names(text: &str) -> Result<Vec<HeaderName>, VerifyError> {
    let mut names: Vec<HeaderName> = Vec::new();
    for text in text.split(';') {
        let name = HeaderName::from_bytes(text.as_bytes()).ok();
        let name = name.filter(|name| name.as_str() == text);
        let name = name.ok_or(VerifyError::Malformed("SignedHeaders"))?;
        if names
            .last()
            .is_some_and(|last| last.as_str() >= name.as_str())
        {
            return Err(VerifyError::SignedHeadersNotSorted);
        }
        names.push(name);
    }
    Ok(names)
}

/// What could not be signed cannot have been signed.
pub(super) fn refused(error: SigningError) -> VerifyError {
    match error {
        SigningError::RepeatedHost => VerifyError::Repeated("Host"),
        SigningError::InvalidHeader(name) => VerifyError::InvalidHeader(name),
        _ => VerifyError::Missing("Host"),
    }
}
