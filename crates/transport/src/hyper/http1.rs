//! One request out and one response in on one HTTP/1.1 connection.

use std::{
    error::Error,
    fmt,
    future::{Future, poll_fn},
    io, mem,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{
    HeaderValue, StatusCode, Uri,
    header::{HOST, PROXY_AUTHORIZATION},
    uri::PathAndQuery,
};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::AlertDescription;

use super::{
    connection::{Collecting, Failure, NotCollected},
    proxy::Proxy,
    target::{Target, host_and_port, without_user},
    tls::tls_verdict,
    wire::{Outgoing, Progress, Wire},
};
use crate::{TransportError, TransportErrorKind as Kind};

/// An HTTP/1.1 connection.
///
/// Nothing drives it but the call that uses it: there is no task to hand requests to, and whoever
/// drops the call drops the connection. It also means that nothing is written behind the back of a
/// deadline that has just read how far the request had got.
pub(super) struct Http1 {
    target: Target,
    /// The proxy that passes the requests on, which a tunnel does not.
    via: Option<Proxy>,
    sender: http1::SendRequest<Outgoing>,
    driver: http1::Connection<TokioIo<Wire>, Outgoing>,
    progress: Arc<Progress>,
    max_head: usize,
    ended: bool,
}

impl Http1 {
    pub(super) fn new(
        target: Target,
        via: Option<Proxy>,
        sender: http1::SendRequest<Outgoing>,
        driver: http1::Connection<TokioIo<Wire>, Outgoing>,
        progress: Arc<Progress>,
        max_head: usize,
    ) -> Self {
        Self {
            target,
            via,
            sender,
            driver,
            progress,
            max_head,
            ended: false,
        }
    }

    pub(super) fn serves(&self, target: Target<&str>) -> bool {
        self.target.serves(target)
    }

    pub(super) fn sent_whole(&self) -> bool {
        self.progress.sent_whole()
    }

    /// Whether the next request could go out here. From now on `waker` hears when the connection
    /// ends.
    pub(super) fn rest(&mut self, waker: &Waker) -> bool {
        self.drive(&mut Context::from_waker(waker));
        !self.ended && self.sender.is_ready()
    }

    /// Whether an idle connection is still good, as far as this machine knows.
    pub(super) fn probe(&mut self) -> bool {
        self.progress.set_probing(true);
        // It also makes hyper forget the waker of `rest`, which the next request would wake.
        let good = self.rest(Waker::noop());
        self.progress.set_probing(false);
        good
    }

    /// Sends `request` and reads the response, its body up to `max_body` bytes.
    ///
    /// A connection whose exchange failed, or was dropped before its end, must not be used again.
    pub(super) fn exchange(
        &mut self,
        request: http::Request<Bytes>,
        max_body: usize,
    ) -> impl Future<Output = Result<http::Response<Bytes>, Failure>> {
        let response =
            self.sender
                .try_send_request(outgoing(request, self.via.as_ref(), &self.progress));
        async move {
            let response = {
                let mut response = pin!(response);
                poll_fn(|cx| {
                    self.drive(cx);
                    // Only the driver moves the response on, and it was just polled: no one needs
                    // waking.
                    match response
                        .as_mut()
                        .poll(&mut Context::from_waker(Waker::noop()))
                    {
                        Poll::Ready(response) => Poll::Ready(Some(response)),
                        Poll::Pending if self.ended => Poll::Ready(None),
                        Poll::Pending => Poll::Pending,
                    }
                })
                .await
            };
            let (head, body) = match response {
                Some(Ok(response)) => response.into_parts(),
                Some(Err(mut error)) => {
                    let unsent = error.take_message();
                    let failure = self.failure(Some(error.into_error()));
                    let unsent = unsent.map(|request| Box::new(request.map(Outgoing::into_bytes)));
                    return Err(Failure { unsent, ..failure });
                }
                None => return Err(self.failure(None)),
            };
            if let Some(proxy) = &self.via
                && head.status == StatusCode::PROXY_AUTHENTICATION_REQUIRED
            {
                return Err(proxy.wants_credentials(&head.headers).into());
            }
            let mut collecting = Collecting::new(body, max_body)?;
            // Most bodies have come along with the head. Taking one wakes the driver, which by now
            // need not wake this call.
            self.drive(&mut Context::from_waker(Waker::noop()));
            let body = poll_fn(|cx| {
                match collecting.poll(&mut Context::from_waker(Waker::noop())) {
                    Poll::Ready(body) => return Poll::Ready(Some(body)),
                    Poll::Pending => self.drive(cx),
                }
                match collecting.poll(&mut Context::from_waker(Waker::noop())) {
                    Poll::Ready(body) => Poll::Ready(Some(body)),
                    Poll::Pending if self.ended => Poll::Ready(None),
                    Poll::Pending => Poll::Pending,
                }
            })
            .await;
            match body {
                Some(Ok(body)) => Ok(http::Response::from_parts(head, body)),
                Some(Err(NotCollected::TooLarge(error))) => Err(error.into()),
                Some(Err(NotCollected::Failed(error))) => Err(self.failure(Some(error))),
                None => Err(self.failure(None)),
            }
        }
    }

    fn drive(&mut self, cx: &mut Context<'_>) {
        // hyper hands the error, if there is one, to the response or its body.
        self.ended = self.ended || Pin::new(&mut self.driver).poll(cx).is_ready();
    }

    /// Says what `error` means, given how far the exchange had got.
    fn failure(&self, error: Option<hyper::Error>) -> Failure {
        let sent_whole = self.progress.sent_whole();
        let read = self.progress.read();
        let described = match &error {
            Some(error) if error.is_user() => {
                TransportError::new(Kind::Other, "the request cannot be sent as HTTP/1.1")
            }
            Some(error) if read == 0 && refuses_certificate(error) => {
                // Certain, because it is the end of the handshake that was refused.
                let message = "the host refuses the client's certificate, or misses one";
                TransportError::new(Kind::Tls, message)
            }
            Some(error) if error.is_parse() && read >= self.max_head => {
                let message = format!("the response head is over {} bytes", self.max_head);
                TransportError::new(Kind::ResponseTooLarge, message)
            }
            Some(error) if error.is_parse() || is_malformed(error) => {
                TransportError::new(Kind::Protocol, "the response is not valid HTTP/1.1")
            }
            _ => {
                let message = match (read, sent_whole) {
                    (1.., _) => "the connection ended within the response",
                    (0, true) => "the connection ended before the response",
                    (0, false) => "the connection ended before the request was sent",
                };
                TransportError::new(Kind::Interrupted { sent_whole }, message)
            }
        };
        let unanswered = read == 0 && matches!(described.kind(), Kind::Interrupted { .. });
        let described = match error {
            Some(error) => described.with_source(error),
            None => described,
        };
        let described = if self.progress.sent_any() {
            described
        } else {
            described.nothing_sent()
        };
        Failure {
            error: described,
            unsent: None,
            unanswered,
        }
    }
}

impl fmt::Debug for Http1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http1")
            .field("target", &self.target)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

/// Turns `request` into what HTTP/1.1 sends: the path alone, the host as a header; to a proxy, the
/// whole URI.
fn outgoing(
    request: http::Request<Bytes>,
    via: Option<&Proxy>,
    progress: &Arc<Progress>,
) -> http::Request<Outgoing> {
    let (mut head, body) = request.into_parts();
    let mut uri = mem::take(&mut head.uri).into_parts();
    if let Some(authority) = &uri.authority
        && !head.headers.contains_key(HOST)
        && let Ok(host) = HeaderValue::from_str(host_and_port(authority))
    {
        head.headers.insert(HOST, host);
    }
    let path = uri
        .path_and_query
        .take()
        .unwrap_or_else(|| PathAndQuery::from_static("/"));
    head.uri = match via {
        None => Uri::from(path),
        Some(proxy) => {
            if let Some(authorization) = &proxy.authorization {
                head.headers
                    .insert(PROXY_AUTHORIZATION, authorization.clone());
            }
            uri.path_and_query = Some(path);
            without_user(uri)
        }
    };
    head.version = http::Version::HTTP_11;
    http::Request::from_parts(head, progress.start(body))
}

/// Whether a body's framing is broken, rather than the connection under it.
fn is_malformed(error: &hyper::Error) -> bool {
    under(error).is_some_and(|io| {
        matches!(
            io.kind(),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
        ) && tls_verdict(io).is_none()
    })
}

/// Whether the host has not let the client in. In TLS 1.3 it says so when the client is through
/// with the handshake, and has sent its request.
fn refuses_certificate(error: &hyper::Error) -> bool {
    use AlertDescription as Alert;
    let verdict = under(error).and_then(tls_verdict);
    matches!(
        verdict,
        Some(rustls::Error::AlertReceived(
            Alert::CertificateRequired
                | Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::AccessDenied
                | Alert::DecryptError
        ))
    )
}

fn under(error: &hyper::Error) -> Option<&io::Error> {
    error.source()?.downcast_ref()
}
