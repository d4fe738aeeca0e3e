//! What a request says about its own signature, taken apart and not yet believed.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, header};
use smallvec::SmallVec;

use super::VerifyError;
use crate::canonical;
use crate::error::SigningError;
use crate::hex::Hex;
use crate::presign;
use crate::signature::ALGORITHM;
use crate::signer::{DATE, TOKEN};
use crate::time::Timestamp;

/// Everything but the proof.
pub(super) struct Claim<'a> {
    pub(super) presigned: bool,
    pub(super) access_key_id: &'a str,
    pub(super) date: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) terminator: &'a str,
    /// As [`Timestamp`] writes it.
    pub(super) timestamp: &'a str,
    pub(super) signed_at: SystemTime,
    /// For a presigned request only.
    pub(super) expires_in: Option<Duration>,
    pub(super) signed_headers: SignedHeaders<'a>,
    pub(super) signature: [u8; 32],
    pub(super) session_token: Option<&'a str>,
}

impl<'a> Claim<'a> {
    /// `parameters` are those of the request's query.
    pub(super) fn of(
        headers: &'a HeaderMap,
        parameters: &'a Parameters,
    ) -> Result<Self, VerifyError> {
        match (
            only(headers, &header::AUTHORIZATION)?,
            parameters.is_signature(),
        ) {
            (Some(_), true) => Err(VerifyError::TwoSignatures),
            (Some(authorization), false) => Self::in_header(authorization, headers),
            (None, true) => Self::in_query(parameters, headers),
            (None, false) => Err(VerifyError::MissingAuthentication),
        }
    }

    fn in_header(authorization: &'a str, headers: &'a HeaderMap) -> Result<Self, VerifyError> {
        let (algorithm, fields) = cut(authorization, b' ');
        if algorithm != ALGORITHM {
            return Err(VerifyError::UnsupportedAlgorithm);
        }
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        let mut rest = Some(fields.unwrap_or_default());
        while let Some(fields) = rest {
            let (field, behind) = fields
                .split_once(',')
                .map_or((fields, None), |(field, behind)| (field, Some(behind)));
            rest = behind;
            let field = field.trim_matches(' ');
            let (name, place, value) = [
                ("Credential", &mut credential),
                ("SignedHeaders", &mut signed_headers),
                ("Signature", &mut signature),
            ]
            .into_iter()
            .find_map(|(name, place)| {
                let value = field.strip_prefix(name)?.strip_prefix('=')?;
                Some((name, place, value))
            })
            .ok_or(VerifyError::Malformed("Authorization"))?;
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
            only(headers, &TOKEN)?,
        )
    }

    fn in_query(parameters: &'a Parameters, headers: &HeaderMap) -> Result<Self, VerifyError> {
        let [
            algorithm,
            credential,
            date,
            signed_headers,
            expires,
            token,
            signature,
        ] = parameters.0.each_ref().map(Option::as_deref);
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
                credential: credential.ok_or(missing("X-Amz-Credential"))?,
                date: date.ok_or(missing("X-Amz-Date"))?,
                signed_headers: signed_headers.ok_or(missing("X-Amz-SignedHeaders"))?,
                signature: signature.ok_or(missing("X-Amz-Signature"))?,
            },
            Some(Duration::from_secs(
                seconds.ok_or(VerifyError::InvalidExpiry)?,
            )),
            token,
        )
    }

    fn new(
        stated: Stated<'a>,
        expires_in: Option<Duration>,
        session_token: Option<&'a str>,
    ) -> Result<Self, VerifyError> {
        let malformed = VerifyError::Malformed;
        let mut rest = Some(stated.credential);
        let mut part = || {
            let (part, behind) = cut(rest.unwrap_or_default(), b'/');
            rest = behind;
            let part = Some(part).filter(|part| !part.is_empty());
            part.ok_or(malformed("Credential"))
        };
        let (access_key_id, date, region) = (part()?, part()?, part()?);
        let (service, terminator) = (part()?, part()?);
        if rest.is_some() {
            return Err(malformed("Credential"));
        }
        let signed_at = Timestamp::parse(stated.date).ok_or(malformed("X-Amz-Date"))?;
        Ok(Self {
            presigned: expires_in.is_some(),
            access_key_id,
            date,
            region,
            service,
            terminator,
            timestamp: stated.date,
            signed_at,
            expires_in,
            signed_headers: SignedHeaders::parse(stated.signed_headers)?,
            signature: Hex::parse(stated.signature).ok_or(malformed("Signature"))?,
            session_token,
        })
    }
}

/// The names of the signed headers in their one spelling: lower case, sorted, none twice.
pub(super) struct SignedHeaders<'a>(SmallVec<[&'a [u8]; 8]>);

impl<'a> SignedHeaders<'a> {
    fn parse(text: &'a str) -> Result<Self, VerifyError> {
        let mut names = SmallVec::<[&[u8]; 8]>::new();
        for name in text.as_bytes().split(|byte| *byte == b';') {
            if !is_lower_case_name(name) {
                return Err(VerifyError::Malformed("SignedHeaders"));
            }
            if names.last().is_some_and(|last| *last >= name) {
                return Err(VerifyError::SignedHeadersNotSorted);
            }
            names.push(name);
        }
        Ok(Self(names))
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        let name = name.as_bytes();
        // Few are compared one by one, which is faster. Of many that would take whoever sends them
        // as long as they like.
        match self.0.spilled() {
            false => self.0.contains(&name),
            true => self.0.binary_search(&name).is_ok(),
        }
    }

    /// The first that is not among `headers`, which are sorted too, and hold no others.
    pub(super) fn first_absent(&self, headers: &[(&str, &str)]) -> Option<&'a [u8]> {
        let present = headers.chunk_by(|(name, _), (next, _)| name == next);
        let mut present = present.filter_map(|repeats| repeats.first());
        let is_absent = |name: &&[u8]| {
            present
                .next()
                .is_none_or(|(present, _)| present.as_bytes() != *name)
        };
        self.0.iter().copied().find(is_absent)
    }
}

/// Whether `name` is a token (RFC 9110, 5.6.2), and without upper-case letters.
fn is_lower_case_name(name: &[u8]) -> bool {
    // Most have nothing else, and a loop without a branch is one of vector instructions.
    let usual =
        |byte: u8| (byte.wrapping_sub(b'a') < 26) | (byte.wrapping_sub(b'0') < 10) | (byte == b'-');
    !name.is_empty()
        && (name.iter().fold(true, |all, byte| all & usual(*byte))
            || name.iter().all(|byte| {
                matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-')
                    || matches!(byte, b'.' | b'^'..=b'`' | b'|' | b'~')
            }))
}

/// `text` before and behind the first `byte`, an ASCII one. As `split_once` does it, and faster for
/// texts as short as these.
fn cut(text: &str, byte: u8) -> (&str, Option<&str>) {
    let place = text.bytes().position(|it| it == byte);
    let parts = place.and_then(|place| Some((text.get(..place)?, text.get(place + 1..)?)));
    parts.map_or((text, None), |(before, behind)| (before, Some(behind)))
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
pub(super) struct Parameters([Option<String>; presign::PARAMETERS.len()]);

impl Parameters {
    pub(super) fn of(query: &str) -> Result<Self, VerifyError> {
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

/// What could not be signed cannot have been signed.
pub(super) fn refused(error: SigningError) -> VerifyError {
    match error {
        SigningError::RepeatedHost => VerifyError::Repeated("Host"),
        SigningError::InvalidHeader(name) => VerifyError::InvalidHeader(name),
        _ => VerifyError::Missing("Host"),
    }
}
