//! What an operation is.

use std::error::Error;
use std::fmt;

use bytes::Bytes;
use http::{Method, Request, Response};

use crate::{DecodeError, EncodeError, Endpoint, Redirect, ServiceError};

/// An operation of the service, implemented by its input.
///
/// Everything here is a fact of the wire: nothing is sent, signed or waited for.
pub trait Operation: Sized {
    /// What the service answers.
    type Output;

    /// The name in the service model, such as `CreateBackendStorage`.
    const NAME: &'static str;
    /// The HTTP method. `POST` does not tell whether the operation changes anything.
    const METHOD: Method;
    /// The path, with its labels in braces: `/backend/{appId}/storage`.
    const PATH: &'static str;
    /// Whether the operation only reads, so that sending it twice does no harm.
    const READ_ONLY: bool;

    /// The request to send: method, URI, content type and body. Not signed.
    ///
    /// # Errors
    ///
    /// When a label is empty, `.` or `..`, or when the target would be longer than HTTP clients
    /// take. Nothing about an input is checked beyond that: the service knows its rules better.
    fn to_request(&self, endpoint: &Endpoint) -> Result<Request<Bytes>, EncodeError>;

    /// What the response says: the output, or the error.
    ///
    /// # Errors
    ///
    /// See [`ResponseError`]: any status but 2xx, and a 2xx that cannot be read.
    fn parse_response(response: Response<Bytes>) -> Result<Self::Output, ResponseError>;
}

/// Why a response is not an output.
#[derive(Debug)]
#[non_exhaustive]
pub enum ResponseError {
    /// The service answered with an error.
    Service(ServiceError),
    /// Somebody answered with a redirect, which this API never does. It is not followed: a signed
    /// request is for the host it was signed for.
    Redirect(Redirect),
    /// The status is a success, the body is not. For an operation that changes something, the
    /// change was most likely made.
    Decode(DecodeError),
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Service(_) => "the service answered with an error",
            Self::Redirect(_) => "the answer is a redirect",
            Self::Decode(_) => "the answer cannot be read",
        })
    }
}

impl Error for ResponseError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(match self {
            Self::Service(error) => error,
            Self::Redirect(error) => error,
            Self::Decode(error) => error,
        })
    }
}

impl From<ServiceError> for ResponseError {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl From<Redirect> for ResponseError {
    fn from(error: Redirect) -> Self {
        Self::Redirect(error)
    }
}

impl From<DecodeError> for ResponseError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}
