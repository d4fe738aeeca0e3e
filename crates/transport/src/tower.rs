//! Any tower service as a transport.

use std::{
    error::Error,
    fmt,
    future::{Future, poll_fn},
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use tower_service::Service;

use crate::{Transport, TransportError, TransportErrorKind};

/// A transport that hands each request to a tower service, and so to whatever layers are around
/// it.
///
/// The service is cloned for each request, and waited for until it is ready. An error that is a
/// [`TransportError`], as it is or boxed, is passed on as it is. Any other becomes the source of an
/// error of kind [`Other`](TransportErrorKind::Other) that does not rule out that the request was
/// processed; map it inside the service where more is known.
///
/// ```
/// use std::time::Duration;
///
/// use amplify_backend_transport::{Canned, TowerTransport, Transport};
/// use bytes::Bytes;
/// use tower::{ServiceBuilder, service_fn};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let inner = std::sync::Arc::new(Canned::new().respond(http::Response::new(Bytes::from("{}"))));
/// let service = ServiceBuilder::new()
///     .concurrency_limit(8)
///     .timeout(Duration::from_secs(5))
///     .service(service_fn(move |request| {
///         let inner = inner.clone();
///         async move { inner.send(request).await }
///     }));
/// let transport = TowerTransport::new(service);
/// let request = http::Request::get("https://example.com/").body(Bytes::new())?;
/// assert_eq!(transport.send(request).await?.body(), "{}");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct TowerTransport<S> {
    // Behind a mutex, because few boxed services are Sync and only a clone is taken.
    service: Mutex<S>,
}

impl<S> TowerTransport<S> {
    /// Sends through clones of `service`.
    pub fn new(service: S) -> Self {
        Self {
            service: Mutex::new(service),
        }
    }
}

impl<S> Transport for TowerTransport<S>
where
    S: Service<http::Request<Bytes>, Response = http::Response<Bytes>> + Clone + Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    S::Future: Send,
{
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> impl Future<Output = Result<http::Response<Bytes>, TransportError>> + Send {
        let mut service = self
            .service
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        async move {
            // A service that is not ready was not given the request.
            poll_fn(|cx| service.poll_ready(cx))
                .await
                .map_err(|error| failed(error.into()).nothing_sent())?;
            service
                .call(request)
                .await
                .map_err(|error| failed(error.into()))
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for TowerTransport<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TowerTransport")
            .field("service", &self.service)
            .finish()
    }
}

fn failed(error: Box<dyn Error + Send + Sync>) -> TransportError {
    match error.downcast::<TransportError>() {
        Ok(error) => *error,
        Err(error) => TransportError::new(TransportErrorKind::Other, "the tower service failed")
            .with_source(error),
    }
}
