//! A tunnel through a proxy: `CONNECT`, RFC 9110 section 9.3.6.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{
    Method, Request, StatusCode,
    header::{HOST, PROXY_AUTHORIZATION},
};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

use super::{
    proxy::Proxy,
    target::Target,
    wire::{Outgoing, Progress, Stream},
};
use crate::{ProxyFault as Fault, TransportError, TransportErrorKind as Kind};

/// How long the head of the answer may be.
const MAX_HEAD: usize = 16 * 1024;

/// Has `proxy`, to which `stream` leads, connect it to `target`.
pub(super) async fn open(
    stream: Stream,
    proxy: &Proxy,
    target: Target<&str>,
) -> Result<Stream, TransportError> {
    let request = request(proxy, target).map_err(|error| {
        TransportError::new(Kind::Other, "the request's host cannot be sent to a proxy")
            .with_source(error)
            .nothing_sent()
    })?;
    let no_answer = |error: hyper::Error| {
        let fault = if error.is_parse() {
            let message = "did not answer in HTTP/1.1, or with a head over 16 KiB";
            proxy.fault(Fault::Protocol, message)
        } else {
            proxy.fault(Fault::Interrupted, "ended the connection without an answer")
        };
        fault.with_source(error)
    };
    let mut http1 = http1::Builder::new();
    http1.max_header_size(MAX_HEAD);
    http1.max_buf_size(MAX_HEAD);
    let (mut sender, mut driver) = http1
        .handshake(TokioIo::new(stream))
        .await
        .map_err(no_answer)?;
    let response = {
        let mut response = pin!(sender.send_request(request));
        poll_fn(|cx| {
            // hyper hands its error, if there is one, to the response.
            let ended = driver.poll_without_shutdown(cx).is_ready();
            // Only the driver moves the response on, and it was just polled: no one needs waking.
            let mut unwoken = Context::from_waker(Waker::noop());
            match response.as_mut().poll(&mut unwoken) {
                Poll::Ready(response) => Poll::Ready(Some(response)),
                Poll::Pending if ended => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    };
    let response = match response {
        Some(response) => response.map_err(no_answer)?,
        None => return Err(proxy.fault(Fault::Interrupted, "ended the connection")),
    };
    match response.status() {
        // The second is what tinyproxy says to wrong credentials.
        StatusCode::PROXY_AUTHENTICATION_REQUIRED | StatusCode::UNAUTHORIZED => {
            return Err(proxy.wants_credentials(response.headers()));
        }
        status if !status.is_success() => {
            let Target { host, port, .. } = target;
            let message = format!("refused a tunnel to {host} port {port}: {status}");
            return Err(proxy.fault(Fault::Refused { status }, &message));
        }
        _ => {}
    }
    let parts = driver.into_parts();
    if !parts.read_buf.is_empty() {
        // In TLS it is the client that speaks first.
        let message = "sent something else where its tunnel should begin";
        return Err(proxy.fault(Fault::Protocol, message));
    }
    Ok(parts.io.into_inner())
}

fn request(proxy: &Proxy, target: Target<&str>) -> Result<Request<Outgoing>, http::Error> {
    let Target { host, port, .. } = target;
    let authority = match host.contains(':') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    };
    let mut request = Request::builder()
        .method(Method::CONNECT)
        .header(HOST, &authority)
        .uri(authority);
    if let Some(authorization) = &proxy.authorization {
        request = request.header(PROXY_AUTHORIZATION, authorization);
    }
    request.body(Arc::<Progress>::default().start(Bytes::new()))
}
