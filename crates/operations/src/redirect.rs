use std::error::Error;
use std::fmt;

use bytes::Bytes;
use http::header::LOCATION;
use http::{Response, StatusCode};

use crate::request_id;

/// An answer with a status of 3xx. It is not followed.
///
/// Neither `Display` nor `Debug` prints headers or body, the location aside.
pub struct Redirect(Box<Response<Bytes>>);

impl Redirect {
    pub(crate) fn new(response: Response<Bytes>) -> Self {
        Self(Box::new(response))
    }

    /// Where to, as the `Location` header says.
    pub fn location(&self) -> Option<&str> {
        self.0.headers().get(LOCATION)?.to_str().ok()
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status()
    }

    /// The request id, if it was this service that answered.
    pub fn request_id(&self) -> Option<&str> {
        request_id(self.0.headers())
    }

    /// The response, whole.
    pub fn response(&self) -> &Response<Bytes> {
        &self.0
    }
}

impl fmt::Display for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "redirected ({}) ", self.status().as_u16())?;
        match self.location() {
            // A header may hold a tab.
            Some(location) => write!(f, "to {}", location.escape_debug()),
            None => f.write_str("without a location"),
        }
    }
}

impl fmt::Debug for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redirect")
            .field("status", &self.status())
            .field("location", &self.location())
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}

impl Error for Redirect {}
