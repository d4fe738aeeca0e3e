//! Whom to trust, and the TLS that follows from it.

use std::{error::Error, io, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
    pki_types::ServerName,
    sign::SingleCertAndKey,
};
use tokio_rustls::TlsConnector;

use super::{
    certificates::{ClientCertificate, RootCertificates},
    wire::Stream,
};

/// The crate that does the cryptography.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Provider {
    #[default]
    Ring,
    #[cfg(feature = "aws-lc-rs")]
    AwsLcRs,
}

/// The roots that `only` names, or else Mozilla's, and `extra`.
pub(super) fn roots(
    only: Option<&RootCertificates>,
    extra: &[RootCertificates],
) -> Arc<RootCertStore> {
    let mut roots = match only {
        Some(RootCertificates(store)) => store.clone(),
        None => RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    };
    for RootCertificates(store) in extra {
        roots.extend(store.roots.iter().cloned());
    }
    Arc::new(roots)
}

/// TLS 1.2 and 1.3 with hosts, which may ask for `certificate`, and choose HTTP/2 where it is
/// offered.
pub(super) fn with_hosts(
    provider: Provider,
    roots: Arc<RootCertStore>,
    certificate: Option<&ClientCertificate>,
    http2: bool,
) -> Arc<ClientConfig> {
    let protocols: &[&[u8]] = match http2 {
        true => &[b"h2", b"http/1.1"],
        false => &[b"http/1.1"],
    };
    config(provider, roots, certificate, protocols)
}

/// TLS 1.2 and 1.3 with proxies, which are not whom a certificate is for, and to which this
/// transport speaks HTTP/1.1.
pub(super) fn with_proxies(provider: Provider, roots: Arc<RootCertStore>) -> Arc<ClientConfig> {
    config(provider, roots, None, &[b"http/1.1"])
}

fn config(
    provider: Provider,
    roots: Arc<RootCertStore>,
    certificate: Option<&ClientCertificate>,
    protocols: &[&[u8]],
) -> Arc<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(Arc::new(provider.cryptography()))
        .with_safe_default_protocol_versions()
        .expect("both providers have cipher suites for TLS 1.2 and 1.3")
        .with_root_certificates(roots);
    let mut config = match certificate {
        Some(certificate) => {
            let key = certificate.key(provider).clone();
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(key)))
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    Arc::new(config)
}

impl Provider {
    pub(super) fn cryptography(self) -> CryptoProvider {
        match self {
            Self::Ring => ring::default_provider(),
            #[cfg(feature = "aws-lc-rs")]
            Self::AwsLcRs => rustls::crypto::aws_lc_rs::default_provider(),
        }
    }
}

/// Why there is no TLS on a stream.
#[derive(Clone, Copy, Debug)]
pub(super) enum Disagreement {
    /// The other side went.
    Ended,
    /// The other side speaks something else.
    NoTls,
    /// What rustls has against the other side, or the other side against us.
    Verdict,
}

/// Speaks TLS with `host` on `stream`.
pub(super) async fn handshake(
    config: &Arc<ClientConfig>,
    host: &str,
    stream: Stream,
) -> Result<Stream, (Disagreement, Box<dyn Error + Send + Sync>)> {
    let name = ServerName::try_from(host)
        .map_err(|error| (Disagreement::Verdict, error.into()))?
        .to_owned();
    let connector = TlsConnector::from(config.clone());
    match connector.connect(name, stream).await {
        Ok(stream) => Ok(Stream::Tls(Box::new(stream))),
        Err(error) => Err((why(&error), error.into())),
    }
}

fn why(error: &io::Error) -> Disagreement {
    match tls_verdict(error) {
        Some(rustls::Error::InvalidMessage(_)) => Disagreement::NoTls,
        Some(_) => Disagreement::Verdict,
        None => Disagreement::Ended,
    }
}

/// What rustls says about a stream, if it is rustls that ended it.
pub(super) fn tls_verdict(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}
