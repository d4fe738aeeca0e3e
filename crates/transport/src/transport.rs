//! The seam between a client and the network, and what a request can tell a transport beyond HTTP.

use std::{future::Future, sync::Arc, time::Duration};

use bytes::Bytes;

use crate::TransportError;

/// Sends one request and reads the whole response.
///
/// An implementation makes one attempt: it neither retries nor follows redirects, and any response
/// is a success, whatever its status. Dropping the future gives the attempt up.
///
/// The request has an absolute URI. Its extensions may carry [`Replay`] and [`AttemptTimeout`]; an
/// implementation that cannot heed them ignores them.
pub trait Transport: Send + Sync {
    /// Sends `request` and reads the response to its end.
    ///
    /// The error's [kind](TransportError::kind) says what follows from it.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> impl Future<Output = Result<http::Response<Bytes>, TransportError>> + Send;
}

impl<T: Transport> Transport for &T {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> impl Future<Output = Result<http::Response<Bytes>, TransportError>> + Send {
        T::send(self, request)
    }
}

impl<T: Transport> Transport for Arc<T> {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> impl Future<Output = Result<http::Response<Bytes>, TransportError>> + Send {
        T::send(self, request)
    }
}

/// Whether a request may be sent twice, as a request extension. The HTTP method does not tell: a
/// service may read with `POST`.
///
/// It decides what happens when a pooled connection turns out to have been closed by the other
/// side. Without the extension a request counts as [`Unsafe`](Replay::Unsafe).
///
/// ```
/// use amplify_backend_transport::Replay;
///
/// let mut request = http::Request::post("https://example.com/list").body(bytes::Bytes::new())?;
/// request.extensions_mut().insert(Replay::Safe);
/// # Ok::<_, http::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Replay {
    /// The request changes something: it is sent again only when nothing of it was written.
    #[default]
    Unsafe,
    /// The request only reads: it is sent again, once and on a fresh connection, when a reused
    /// connection closed before it answered a byte.
    Safe,
}

/// How long one attempt may take, as a request extension: from the call of [`Transport::send`] to
/// the last byte of the response. It replaces the transport's own setting for this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a duration under a name, it will not grow"
)]
pub struct AttemptTimeout(pub Duration);

impl AttemptTimeout {
    /// What `HyperTransport` allows where nothing else is set: 20 s.
    pub const DEFAULT: Self = Self(Duration::from_secs(20));
}
