//! The pieces an [`Operation`] is made of, for adding one of your own.
//!
//! The example `own_operation` shows a whole one.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::uri::PathAndQuery;
use http::{Request, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

use crate::{
    DecodeError, EncodeError, Endpoint, Operation, Redirect, ResponseError, ServiceError, json,
};

/// The content type of every body.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Encoded in a label is all but `A-Z a-z 0-9 - . _ ~`, `/` and `%` included.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The request of the operation `O`: its method, its path with `labels` in their places, `body`.
///
/// `labels` are the names in [`Operation::PATH`] with their values, in any order.
///
/// # Errors
///
/// See [`EncodeError`].
pub fn encode<O: Operation>(
    endpoint: &Endpoint,
    labels: &[(&'static str, &str)],
    body: Body,
) -> Result<Request<Bytes>, EncodeError> {
    let target = target(endpoint.path(), O::PATH, labels)?;
    let length = target.len();
    let target = PathAndQuery::from_maybe_shared(Bytes::from(target))
        .map_err(|_| EncodeError::TargetTooLong { length })?;

    let body = body.finish()?;
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = O::METHOD;
    *request.uri_mut() = endpoint.uri(target);
    if let Some(json) = body {
        // Room for one: whoever sends it knows what else is needed.
        *request.headers_mut() = HeaderMap::with_capacity(1);
        request.headers_mut().insert(CONTENT_TYPE, JSON);
        *request.body_mut() = Bytes::from(json);
    }
    Ok(request)
}

/// The output in a 2xx `response`, or the error in any other.
///
/// An empty body counts as `{}`. What the service may leave out has to be an `Option` or have a
/// default in `T`.
///
/// # Errors
///
/// See [`ResponseError`]. A member that `T` requires and the body lacks counts as one of the wrong
/// type, [`DecodeErrorKind::Shape`](crate::DecodeErrorKind::Shape).
pub fn decode<T: DeserializeOwned>(response: Response<Bytes>) -> Result<T, ResponseError> {
    let status = response.status();
    if status.is_redirection() {
        return Err(Redirect::new(response).into());
    }
    if !status.is_success() {
        return Err(ServiceError::from_response(response).into());
    }
    let body: &[u8] = if response.body().is_empty() {
        b"{}"
    } else {
        response.body()
    };
    json::read_object(body).map_err(|fault| DecodeError::of_response(fault, response).into())
}

/// The body of a request: nothing, or a JSON object written member by member.
#[derive(Debug)]
pub struct Body {
    json: Option<Vec<u8>>,
    error: Option<serde_json::Error>,
}

impl Body {
    /// No body and no content type, for `GET`.
    pub fn none() -> Self {
        Self {
            json: None,
            error: None,
        }
    }

    /// An object without members as yet, `{}`.
    pub fn object() -> Self {
        // Room for the members of a usual input, so that the body is one allocation.
        let mut json = Vec::with_capacity(256);
        json.push(b'{');
        Self {
            json: Some(json),
            error: None,
        }
    }

    /// An object with members that are written already: what stands between its braces.
    #[cfg(feature = "server")]
    pub(crate) fn with_members(members: &[u8]) -> Self {
        let mut object = Self::object();
        if let Some(json) = &mut object.json {
            json.extend_from_slice(members);
        }
        object
    }

    /// Adds a member whose text is written in JSON as it is.
    #[cfg(feature = "server")]
    pub(crate) fn plain_member(mut self, name: &'static str, text: &str) -> Self {
        if let Some(json) = &mut self.json {
            let comma = if json.len() > 1 { "," } else { "" };
            for part in [comma, "\"", name, "\":\"", text, "\""] {
                json.extend_from_slice(part.as_bytes());
            }
        }
        self
    }

    /// Adds a member. What goes wrong is kept for [`encode`] to return.
    #[must_use]
    pub fn member(mut self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Self {
        if let Some(json) = &mut self.json {
            if json.len() > 1 {
                json.push(b',');
            }
            let written = serde_json::to_writer(&mut *json, name).and_then(|()| {
                json.push(b':');
                serde_json::to_writer(json, value)
            });
            self.error = self.error.or(written.err());
        }
        self
    }

    /// Adds a member if it is set. One that is not is left out, never sent as null.
    #[must_use]
    pub fn optional(self, name: &'static str, value: &Option<impl Serialize>) -> Self {
        match value {
            Some(value) => self.member(name, value),
            None => self,
        }
    }

    pub(crate) fn finish(self) -> Result<Option<Vec<u8>>, EncodeError> {
        if let Some(error) = self.error {
            return Err(EncodeError::Body(error));
        }
        Ok(self.json.map(|mut json| {
            json.push(b'}');
            json
        }))
    }
}

/// `prefix`, then `path` with each `{name}` replaced by its encoded label.
fn target(
    prefix: &str,
    path: &'static str,
    labels: &[(&'static str, &str)],
) -> Result<String, EncodeError> {
    let room: usize = labels.iter().map(|(_, value)| value.len()).sum();
    let mut target = String::with_capacity(prefix.len() + path.len() + room);
    target.push_str(prefix);

    let mut rest = path;
    while let Some((literal, (label, after))) = rest
        .split_once('{')
        .and_then(|(literal, open)| Some((literal, open.split_once('}')?)))
    {
        target.push_str(literal);
        match labels.iter().find(|(name, _)| *name == label) {
            None => return Err(EncodeError::MissingLabel { label }),
            Some((_, "")) => return Err(EncodeError::EmptyLabel { label }),
            // Left as they are by percent-encoding, and taken for a step up by whoever comes next.
            Some((_, "." | "..")) => return Err(EncodeError::DotLabel { label }),
            Some((_, value)) => target.extend(utf8_percent_encode(value, ENCODED)),
        }
        rest = after;
    }
    target.push_str(rest);
    Ok(target)
}
