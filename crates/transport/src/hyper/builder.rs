//! What can be set about a transport, and the defaults.

use std::{sync::Arc, time::Duration};

use super::{
    ClientCertificate, HyperTransport, Proxies, RootCertificates, Settings,
    connect::Connector,
    pool::Pool,
    tcp::Tcp,
    tls::{self, Provider},
};
use crate::AttemptTimeout;

/// Sets up a [`HyperTransport`]. Every setting has a default, and every value is accepted.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct HyperTransportBuilder {
    connect_timeout: Duration,
    attempt_timeout: Duration,
    idle_timeout: Duration,
    tcp_keepalive: Option<Duration>,
    max_response_head: usize,
    max_response_body: usize,
    max_connections: usize,
    clear_text: bool,
    only_roots: Option<RootCertificates>,
    extra_roots: Vec<RootCertificates>,
    client_certificate: Option<ClientCertificate>,
    provider: Provider,
    http2: bool,
    proxies: Proxies,
}

impl Default for HyperTransportBuilder {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            attempt_timeout: AttemptTimeout::DEFAULT.0,
            idle_timeout: Duration::from_secs(15),
            tcp_keepalive: Some(Duration::from_secs(15)),
            max_response_head: 64 * 1024,
            max_response_body: 8 * 1024 * 1024,
            max_connections: 64,
            clear_text: false,
            only_roots: None,
            extra_roots: Vec::new(),
            client_certificate: None,
            provider: Provider::default(),
            http2: false,
            proxies: Proxies::new(),
        }
    }
}

impl HyperTransportBuilder {
    /// How long opening a connection may take, from the name to the end of the TLS handshake, with
    /// the tunnel through a proxy between. Default: 3 s.
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = time;
        self
    }

    /// How long a call may take, from waiting for a connection to the last byte of the response.
    /// Default: 20 s. A request can carry its own, see [`AttemptTimeout`].
    pub fn attempt_timeout(mut self, time: Duration) -> Self {
        self.attempt_timeout = time;
        self
    }

    /// How long a connection is kept without use. Default: 15 s. Zero keeps none.
    pub fn idle_timeout(mut self, time: Duration) -> Self {
        self.idle_timeout = time;
        self
    }

    /// After how long a silence TCP asks whether the other side is still there. Default: 15 s.
    /// `None` never asks.
    pub fn tcp_keepalive(mut self, time: Option<Duration>) -> Self {
        self.tcp_keepalive = time;
        self
    }

    /// How many bytes the head of a response may have, status line and headers. Default: 64 KiB.
    /// Over it, the call fails with [`ResponseTooLarge`](crate::TransportErrorKind). More than 100
    /// headers are never taken.
    pub fn max_response_head(mut self, bytes: usize) -> Self {
        self.max_response_head = bytes;
        self
    }

    /// How many bytes the body of a response may have. Default: 8 MiB. Over it, the call fails with
    /// [`ResponseTooLarge`](crate::TransportErrorKind), and nothing more is read.
    pub fn max_response_body(mut self, bytes: usize) -> Self {
        self.max_response_body = bytes;
        self
    }

    /// How many connections may be open at once, idle ones counted, to all hosts together. Further
    /// calls wait. Default: 64. Zero counts as one. Calls that share an HTTP/2 connection count
    /// each.
    pub fn max_connections(mut self, count: usize) -> Self {
        self.max_connections = count;
        self
    }

    /// Whether `http:` may go to other hosts than this one. Default: no. Whoever is on the way
    /// reads and changes such requests and responses.
    pub fn allow_clear_text(mut self, allow: bool) -> Self {
        self.clear_text = allow;
        self
    }

    /// Trusts `roots` instead of Mozilla's, as the AWS CLI does with those of `AWS_CA_BUNDLE`. The
    /// last call counts.
    pub fn only_roots(mut self, roots: RootCertificates) -> Self {
        self.only_roots = Some(roots);
        self
    }

    /// Trusts `roots` besides Mozilla's, or besides those of [`only_roots`](Self::only_roots). May
    /// be called again for more.
    pub fn extra_roots(mut self, roots: RootCertificates) -> Self {
        self.extra_roots.push(roots);
        self
    }

    /// Shows `certificate` to every host that asks for one. Default: none. A proxy does not get to
    /// see it. The last call counts.
    ///
    /// Where the host refuses it, or misses one, the call fails with
    /// [`Tls`](crate::TransportErrorKind); over HTTP/2 in TLS 1.3 with `Interrupted`, and the
    /// host's alert is among the error's sources.
    pub fn client_certificate(mut self, certificate: ClientCertificate) -> Self {
        self.client_certificate = Some(certificate);
        self
    }

    /// Leaves the cryptography of TLS to aws-lc-rs instead of ring. It agrees on keys with
    /// X25519MLKEM768, too, and needs a C compiler to build.
    #[cfg(feature = "aws-lc-rs")]
    pub fn aws_lc_rs(mut self) -> Self {
        self.provider = Provider::AwsLcRs;
        self
    }

    /// Offers HTTP/2 to every host, in the TLS handshake. Without it, all is HTTP/1.1. One connection
    /// then carries many calls, as many as the host allows.
    #[cfg(feature = "http2")]
    pub fn http2(mut self) -> Self {
        self.http2 = true;
        self
    }

    /// Which requests go through which proxy. Default: none do. The last call counts.
    pub fn proxies(mut self, proxies: Proxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// The transport. It opens no connection yet.
    pub fn build(self) -> HyperTransport {
        let roots = tls::roots(self.only_roots.as_ref(), &self.extra_roots);
        let certificate = self.client_certificate.as_ref();
        let tls = tls::with_hosts(self.provider, roots.clone(), certificate, self.http2);
        let proxy_tls = match self.proxies.any_over_tls() {
            true => tls::with_proxies(self.provider, roots),
            // Nobody will use it.
            false => tls.clone(),
        };
        HyperTransport {
            pool: Arc::new(Pool::new(self.max_connections, self.idle_timeout)),
            settings: Arc::new(Settings {
                connector: Connector {
                    tcp: Tcp {
                        connect_timeout: self.connect_timeout,
                        keepalive: self.tcp_keepalive,
                    },
                    tls,
                    proxies: self.proxies,
                    proxy_tls,
                    clear_text: self.clear_text,
                    max_response_head: self.max_response_head,
                },
                attempt_timeout: self.attempt_timeout,
                max_response_body: self.max_response_body,
            }),
        }
    }
}
