//! Why no response came, by what follows from it.

use std::{borrow::Cow, error::Error, fmt};

use http::StatusCode;

/// A request that got no response.
///
/// [`kind`](Self::kind) says what follows from it, and
/// [`may_have_been_processed`](Self::may_have_been_processed) whether repeating the request could
/// do a thing twice. Displays as one line, this level only; the cause is the
/// [source](Error::source). Neither holds headers or bodies.
pub struct TransportError(Box<Inner>);

struct Inner {
    kind: TransportErrorKind,
    may_have_been_processed: bool,
    message: Cow<'static, str>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// Why no response came, by what follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection: the name did not resolve, or the host refused or was not there. Nothing was
    /// sent, so any request may be repeated, and another time may do.
    Connect,
    /// A connection, but no agreement on TLS: the certificate has another name, has expired or is
    /// signed by an unknown authority, no version is shared, or the host refuses the client's
    /// certificate or misses one. The service has seen nothing. Repeating will not help: check the
    /// host name, the local clock, the roots and the client's certificate.
    Tls,
    /// The proxy did not lead to the host. Nothing was sent to the service, so any request may be
    /// repeated; whether another time may do, the fault tells.
    Proxy(ProxyFault),
    /// No response in time.
    Timeout {
        /// What was being waited for.
        phase: TimeoutPhase,
        /// Whether the whole request had been handed to the network. When it had, the service may
        /// still act on it; when it had not, the service never saw a complete request.
        sent_whole: bool,
    },
    /// The connection ended before the response was complete.
    Interrupted {
        /// Whether the whole request had been handed to the network. When it had, the service may
        /// have acted on it; when it had not, the service never saw a complete request.
        sent_whole: bool,
    },
    /// The response's head or body is over the limit. Nothing of it is kept. The service has
    /// probably processed the request, and repeating it would end the same way.
    ResponseTooLarge,
    /// What came back is not HTTP, or contradicts itself. The service may have processed the
    /// request. Something other than the service may have answered.
    Protocol,
    /// None of the above: the request is not one this transport sends, or a custom transport
    /// failed in its own way. Repeating it unchanged will probably end the same way.
    Other,
}

/// What a proxy did instead of leading to the host. Each says what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProxyFault {
    /// No connection to the proxy: its name did not resolve, or it refused or was not there.
    /// Another time may do. Check its host and port.
    Connect,
    /// No agreement on TLS with a proxy whose URL begins with `https://`. Repeating will not help:
    /// check that it speaks TLS on this port, its name, and the roots.
    Tls,
    /// It refused the tunnel. With 403 and the like its rules do not allow the host or the port,
    /// and repeating will not help; with 502 and the like it did not reach the host, and another
    /// time may do.
    Refused {
        /// The status it answered with.
        status: StatusCode,
    },
    /// It asks for credentials (407, or 401 in answer to `CONNECT`), and its URL has none. Repeating
    /// will not help: put `user:password@` in front of the host, percent-encoded.
    CredentialsRequired,
    /// It refused the user name and password of its URL, in the same way. Repeating will not help.
    CredentialsRefused,
    /// What it answered is not HTTP, as when another kind of server is there, or what came through
    /// its tunnel is not TLS, as when something on the way answers in the host's place. Repeating
    /// will not help: check its host, port and scheme.
    Protocol,
    /// It ended the connection before it had answered, or before there was TLS with the host.
    /// Another time may do.
    Interrupted,
}

/// What a request was waiting for when its time was up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeoutPhase {
    /// One of the transport's connections to come free. Nothing was sent: allow more connections,
    /// or send less at a time.
    Slot,
    /// A new connection: name, TCP and TLS, after the proxy if there is one. Nothing was sent.
    Connect,
    /// The proxy: its name, TCP, TLS if it is spoken to by that, and the tunnel through it. Nothing
    /// was sent. The message names the proxy.
    Proxy,
    /// The response, or the rest of it.
    Attempt,
}

impl TransportError {
    /// An error of one's own transport. `message` is one line, lower case, without a period and
    /// without secrets.
    ///
    /// Whether the request may have been processed follows from `kind`; where a kind leaves it
    /// open, it may have been. See [`nothing_sent`](Self::nothing_sent).
    pub fn new(kind: TransportErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        use TransportErrorKind as Kind;
        let may_have_been_processed = match kind {
            Kind::Connect | Kind::Tls | Kind::Proxy(_) => false,
            Kind::Timeout { phase, sent_whole } => phase == TimeoutPhase::Attempt && sent_whole,
            Kind::Interrupted { sent_whole } => sent_whole,
            Kind::ResponseTooLarge | Kind::Protocol | Kind::Other => true,
        };
        Self(Box::new(Inner {
            kind,
            may_have_been_processed,
            message: message.into(),
            source: None,
        }))
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error, for a transport that is certain that nothing of the request was sent.
    #[must_use]
    pub fn nothing_sent(mut self) -> Self {
        self.0.may_have_been_processed = false;
        self
    }

    /// What follows from this error.
    pub fn kind(&self) -> TransportErrorKind {
        self.0.kind
    }

    /// Whether the service may have acted on the request. `false` is certain: no complete request
    /// left this side. `true` only says that nothing rules it out.
    pub fn may_have_been_processed(&self) -> bool {
        self.0.may_have_been_processed
    }

    /// Whether time ran out, in any phase.
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, TransportErrorKind::Timeout { .. })
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("kind", &self.0.kind)
            .field("may_have_been_processed", &self.0.may_have_been_processed)
            .field("message", &self.0.message)
            .field("source", &self.0.source)
            .finish()
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_left_whole_may_have_been_processed() {
        use TransportErrorKind as Kind;
        let of = |kind| TransportError::new(kind, "x").may_have_been_processed();
        assert!(!of(Kind::Connect));
        assert!(!of(Kind::Tls));
        assert!(!of(Kind::Proxy(ProxyFault::Interrupted)));
        assert!(!of(Kind::Interrupted { sent_whole: false }));
        assert!(of(Kind::Interrupted { sent_whole: true }));
        let timeout = |phase, sent_whole| of(Kind::Timeout { phase, sent_whole });
        assert!(!timeout(TimeoutPhase::Slot, false));
        assert!(!timeout(TimeoutPhase::Connect, false));
        assert!(!timeout(TimeoutPhase::Proxy, false));
        assert!(!timeout(TimeoutPhase::Attempt, false));
        assert!(timeout(TimeoutPhase::Attempt, true));
        assert!(of(Kind::ResponseTooLarge));
        assert!(of(Kind::Protocol));
        assert!(of(Kind::Other));
        assert!(
            !TransportError::new(Kind::Other, "x")
                .nothing_sent()
                .may_have_been_processed()
        );
    }

    #[test]
    fn display_is_this_level_and_the_cause_is_the_source() {
        let error = TransportError::new(TransportErrorKind::Connect, "could not connect to host")
            .with_source("refused");
        assert_eq!(error.to_string(), "could not connect to host");
        assert_eq!(
            error.source().map(ToString::to_string).as_deref(),
            Some("refused")
        );
    }
}
