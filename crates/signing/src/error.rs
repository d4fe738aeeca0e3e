//! Why a request was not signed.

use std::error::Error;
use std::fmt;

use http::HeaderName;

/// Why a request was not signed. The request is then exactly as it was, and trying again with the
/// same request, credentials and time fails the same way.
#[derive(Debug)]
#[non_exhaustive]
pub enum SigningError {
    /// The access key id is empty, or has a character other than visible ASCII without `/` and
    /// `,`: no service could take the signature apart again.
    InvalidAccessKeyId,
    /// The session token has characters that cannot stand in a header.
    InvalidSessionToken,
    /// The signer's region or service is empty, or has a character other than visible ASCII
    /// without `/` and `,`.
    InvalidScope,
    /// The request has neither a `Host` header nor a URI with a host. What a service would see
    /// there cannot be signed.
    NoHost,
    /// The request has more than one `Host` header. Servers refuse that or pick either.
    RepeatedHost,
    /// The value of this header is not UTF-8. Whoever forwards it may change its bytes, so it
    /// is not signed; leave the header out of the signature, or encode it.
    InvalidHeader(HeaderName),
    /// The time is before 1970 or after 9999, which `x-amz-date` cannot say.
    TimeOutOfRange,
    /// A presigned request must hold for at least 1 second and at most 7 days.
    InvalidExpiry,
    /// The URI cannot take a signature in its query: it would be longer than a URI can be (65,534
    /// bytes), or it has no path (`*`, or `host:port` alone).
    InvalidUri,
    /// The request has no room for more headers.
    TooManyHeaders,
    /// Another implementation of [`Sign`](crate::Sign) failed for a reason of its own.
    Other(Box<dyn Error + Send + Sync>),
}

impl fmt::Display for SigningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidAccessKeyId => "the access key id cannot stand in a signature",
            Self::InvalidSessionToken => "the session token cannot stand in a header",
            Self::InvalidScope => "the region or the service cannot stand in a signature",
            Self::NoHost => "the request has no host, neither as a header nor in its URI",
            Self::RepeatedHost => "the request has more than one Host header",
            Self::InvalidHeader(name) => {
                return write!(f, "the value of header {name} is not UTF-8");
            }
            Self::TimeOutOfRange => "the time is before 1970 or after 9999",
            Self::InvalidExpiry => "a presigned request holds for 1 second to 7 days",
            Self::InvalidUri => "the URI cannot take a signature in its query",
            Self::TooManyHeaders => "the request has no room for more headers",
            Self::Other(_) => "the signer failed",
        })
    }
}

impl Error for SigningError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Other(error) => Some(&**error),
            _ => None,
        }
    }
}
