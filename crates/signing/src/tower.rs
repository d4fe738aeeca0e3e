//! [`SignLayer`]: signs what goes through a tower service.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::SystemTime;

use bytes::Bytes;
use http::Request;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::Sign;
use crate::credentials::Credentials;
use crate::error::SigningError;

/// Signs each request before the inner service gets it.
///
/// `credentials` and `clock` are asked once for each request. Put the layer inside of one that
/// retries, so that each attempt is signed anew.
///
/// ```
/// use std::time::SystemTime;
///
/// use amplify_backend_signing::{Credentials, SignLayer, Signer};
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "secret");
/// let layer = SignLayer::new(
///     Signer::new("us-east-1", "amplifybackend"),
///     move || credentials.clone(),
///     SystemTime::now,
/// );
/// ```
#[derive(Clone)]
pub struct SignLayer<S, C, T> {
    signer: S,
    credentials: C,
    clock: T,
}

impl<S: Sign, C: Fn() -> Credentials, T: Fn() -> SystemTime> SignLayer<S, C, T> {
    /// A layer that signs with `signer` and what `credentials` returns, as of what `clock` returns.
    pub fn new(signer: S, credentials: C, clock: T) -> Self {
        Self {
            signer,
            credentials,
            clock,
        }
    }
}

impl<S, C, T> fmt::Debug for SignLayer<S, C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignLayer { .. }")
    }
}

impl<I, S: Clone, C: Clone, T: Clone> Layer<I> for SignLayer<S, C, T> {
    type Service = SignService<I, S, C, T>;

    fn layer(&self, inner: I) -> Self::Service {
        SignService {
            inner,
            layer: self.clone(),
        }
    }
}

/// The service that [`SignLayer`] makes.
#[derive(Clone, Debug)]
pub struct SignService<I, S, C, T> {
    inner: I,
    layer: SignLayer<S, C, T>,
}

impl<I, S, C, T> Service<Request<Bytes>> for SignService<I, S, C, T>
where
    I: Service<Request<Bytes>>,
    S: Sign,
    C: Fn() -> Credentials,
    T: Fn() -> SystemTime,
{
    type Response = I::Response;
    type Error = SignError<I::Error>;
    type Future = SignFuture<I::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context).map_err(SignError::Service)
    }

    fn call(&mut self, mut request: Request<Bytes>) -> Self::Future {
        let SignLayer {
            signer,
            credentials,
            clock,
        } = &self.layer;
        match signer.sign(&mut request, &credentials(), clock()) {
            Ok(()) => SignFuture {
                answer: Some(self.inner.call(request)),
                error: None,
            },
            Err(error) => SignFuture {
                answer: None,
                error: Some(error),
            },
        }
    }
}

pin_project! {
    /// The answer of a [`SignService`].
    #[derive(Debug)]
    #[must_use = "nothing is sent before it is polled"]
    pub struct SignFuture<F> {
        #[pin]
        answer: Option<F>,
        error: Option<SigningError>,
    }
}

impl<F: Future<Output = Result<R, E>>, R, E> Future for SignFuture<F> {
    type Output = Result<R, SignError<E>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(answer) = this.answer.as_pin_mut() {
            return answer.poll(context).map_err(SignError::Service);
        }
        match this.error.take() {
            Some(error) => Poll::Ready(Err(SignError::Signing(error))),
            None => Poll::Pending, // asked again after the answer
        }
    }
}

/// Why a [`SignService`] has no response.
#[derive(Debug)]
#[non_exhaustive]
pub enum SignError<E> {
    /// The request could not be signed; the inner service never saw it.
    Signing(SigningError),
    /// The inner service failed.
    Service(E),
}

impl<E> fmt::Display for SignError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signing(_) => "could not sign the request",
            Self::Service(_) => "could not send the request",
        })
    }
}

impl<E: Error + 'static> Error for SignError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Signing(error) => Some(error),
            Self::Service(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::{Ready, ready};
    use std::pin::pin;
    use std::task::Waker;

    use http::header;

    use super::*;
    use crate::Signer;

    /// Answers with the request's `Authorization`, if it has one.
    #[derive(Clone)]
    struct Echo;

    impl Service<Request<Bytes>> for Echo {
        type Response = Option<http::HeaderValue>;
        type Error = Infallible;
        type Future = Ready<Result<Self::Response, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request<Bytes>) -> Self::Future {
            ready(Ok(request.headers().get(header::AUTHORIZATION).cloned()))
        }
    }

    type Answer = Poll<Result<Option<http::HeaderValue>, SignError<Infallible>>>;

    fn send(uri: &str) -> Answer {
        let request = Request::get(uri).body(Bytes::new()).unwrap();
        let answer = pin!(layer().layer(Echo).call(request));
        answer.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn the_inner_service_gets_the_request_signed() {
        let Poll::Ready(Ok(Some(authorization))) = send("http://127.0.0.1/") else {
            panic!("not signed");
        };
        let text = authorization.to_str().unwrap();
        assert!(text.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/19700101/us-east-1/"));
    }

    /// Ready as told, and never has an answer.
    #[derive(Clone)]
    struct Told(Poll<Result<(), fmt::Error>>);

    impl Service<Request<Bytes>> for Told {
        type Response = ();
        type Error = fmt::Error;
        type Future = Ready<Result<(), fmt::Error>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), fmt::Error>> {
            self.0
        }

        fn call(&mut self, _: Request<Bytes>) -> Self::Future {
            ready(Err(fmt::Error))
        }
    }

    type Signing = SignLayer<Signer, fn() -> Credentials, fn() -> SystemTime>;

    fn layer() -> Signing {
        SignLayer::new(
            Signer::new("us-east-1", "service"),
            || Credentials::new("AKIDEXAMPLE", "secret"),
            || SystemTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn it_is_ready_when_the_inner_service_is() {
        let mut context = Context::from_waker(Waker::noop());
        let mut poll = |told| layer().layer(Told(told)).poll_ready(&mut context);
        assert!(poll(Poll::Pending).is_pending());
        assert!(matches!(poll(Poll::Ready(Ok(()))), Poll::Ready(Ok(()))));
        assert!(matches!(
            poll(Poll::Ready(Err(fmt::Error))),
            Poll::Ready(Err(SignError::Service(fmt::Error)))
        ));
    }

    #[test]
    fn an_error_says_which_step_failed_and_has_its_cause_behind() {
        let fail = |uri| {
            let request = Request::get(uri).body(Bytes::new()).unwrap();
            let answer = pin!(layer().layer(Told(Poll::Pending)).call(request));
            let Poll::Ready(Err(error)) = answer.poll(&mut Context::from_waker(Waker::noop()))
            else {
                panic!("no error");
            };
            (error.to_string(), error.source().unwrap().to_string())
        };
        let (signing, no_host) = fail("/");
        assert_eq!(signing, "could not sign the request");
        assert_eq!(no_host, SigningError::NoHost.to_string());
        let (sending, cause) = fail("http://127.0.0.1/");
        assert_eq!(sending, "could not send the request");
        assert_eq!(cause, fmt::Error.to_string());
    }

    #[test]
    fn debug_shows_nothing_of_whoever_signs() {
        assert_eq!(format!("{:?}", layer()), "SignLayer { .. }");
    }

    #[test]
    fn a_request_that_cannot_be_signed_is_not_sent() {
        let answer = send("/");
        assert!(matches!(
            answer,
            Poll::Ready(Err(SignError::Signing(SigningError::NoHost)))
        ));
    }
}
