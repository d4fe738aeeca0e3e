//! An open connection, of either version of HTTP, and what an exchange on one ends in.

use std::{
    mem,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
};

use bytes::Bytes;
use hyper::body::{Body, Incoming};

#[cfg(feature = "http2")]
use super::http2::Http2;
use super::{http1::Http1, target::Target};
use crate::{TransportError, TransportErrorKind as Kind};

/// An open connection.
#[derive(Debug)]
pub(super) enum Connection {
    /// For one call at a time.
    Http1(Box<Http1>),
    /// For many: a clone is the same connection.
    #[cfg(feature = "http2")]
    Http2(Http2),
}

impl Connection {
    pub(super) fn serves(&self, target: Target<&str>) -> bool {
        match self {
            Self::Http1(http1) => http1.serves(target),
            #[cfg(feature = "http2")]
            Self::Http2(http2) => http2.serves(target),
        }
    }

    /// The same connection for another call, if it takes more than one.
    pub(super) fn share(&self) -> Option<Self> {
        match self {
            Self::Http1(_) => None,
            #[cfg(feature = "http2")]
            Self::Http2(http2) => Some(Self::Http2(http2.clone())),
        }
    }

    /// Whether this connection can do all that `other` can, so that one of them is enough.
    pub(super) fn stands_in_for(&self, other: &Self) -> bool {
        match (self, other) {
            #[cfg(feature = "http2")]
            (Self::Http2(http2), Self::Http2(other)) => http2.stands_in_for(other),
            _ => false,
        }
    }

    /// Whether a call is using a connection that the pool holds too.
    pub(super) fn is_shared(&self) -> bool {
        match self {
            Self::Http1(_) => false,
            #[cfg(feature = "http2")]
            Self::Http2(http2) => http2.is_shared(),
        }
    }

    /// Whether the next request could go out here. From now on `waker` hears when the connection
    /// ends.
    pub(super) fn rest(&mut self, waker: &Waker) -> bool {
        match self {
            Self::Http1(http1) => http1.rest(waker),
            // It has a task that hears of its end.
            #[cfg(feature = "http2")]
            Self::Http2(http2) => http2.is_open(),
        }
    }

    /// Whether an idle connection is still good, as far as this machine knows.
    pub(super) fn probe(&mut self) -> bool {
        match self {
            Self::Http1(http1) => http1.probe(),
            #[cfg(feature = "http2")]
            Self::Http2(http2) => http2.is_open(),
        }
    }

    /// Whether all of the last request has left for the network.
    pub(super) fn sent_whole(&self) -> bool {
        match self {
            Self::Http1(http1) => http1.sent_whole(),
            // A task of its own writes, and may do so between a look and the end of the call.
            #[cfg(feature = "http2")]
            Self::Http2(_) => true,
        }
    }
}

/// An exchange without a response.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: TransportError,
    /// The request, if hyper had not begun with it.
    pub(super) unsent: Option<Box<http::Request<Bytes>>>,
    /// Whether the connection ended without a byte of an answer: on a reused one, it was probably
    /// closed before the request came.
    pub(super) unanswered: bool,
}

impl From<TransportError> for Failure {
    /// A failure that sending the request again would not mend.
    fn from(error: TransportError) -> Self {
        Self {
            error,
            unsent: None,
            unanswered: false,
        }
    }
}

/// A body that is being read, up to a limit.
pub(super) struct Collecting {
    body: Incoming,
    max: usize,
    first: Bytes,
    rest: Vec<u8>,
}

pub(super) enum NotCollected {
    TooLarge(TransportError),
    Failed(hyper::Error),
}

impl Collecting {
    /// Fails if `body` says beforehand that it is longer than `max` bytes.
    pub(super) fn new(body: Incoming, max: usize) -> Result<Self, TransportError> {
        if usize::try_from(body.size_hint().lower()).is_ok_and(|length| length <= max) {
            Ok(Self {
                body,
                max,
                first: Bytes::new(),
                rest: Vec::new(),
            })
        } else {
            Err(body_too_large(max))
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Bytes, NotCollected>> {
        while !self.body.is_end_stream() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                None => break,
                Some(Ok(frame)) => {
                    // Trailers say nothing this transport could pass on.
                    let Ok(data) = frame.into_data() else {
                        continue;
                    };
                    if data.len() > self.max.saturating_sub(self.first.len() + self.rest.len()) {
                        return Poll::Ready(Err(NotCollected::TooLarge(body_too_large(self.max))));
                    }
                    self.push(data);
                }
                Some(Err(error)) => return Poll::Ready(Err(NotCollected::Failed(error))),
            }
        }
        let rest = mem::take(&mut self.rest);
        let first = mem::take(&mut self.first);
        Poll::Ready(Ok(if rest.is_empty() { first } else { rest.into() }))
    }

    /// A body of one piece is passed on as it is; only one of several is copied together.
    fn push(&mut self, data: Bytes) {
        if self.rest.is_empty() && self.first.is_empty() {
            self.first = data;
            return;
        }
        self.rest.extend_from_slice(&mem::take(&mut self.first));
        self.rest.extend_from_slice(&data);
    }
}

fn body_too_large(max: usize) -> TransportError {
    TransportError::new(
        Kind::ResponseTooLarge,
        format!("the response body is over {max} bytes"),
    )
}
