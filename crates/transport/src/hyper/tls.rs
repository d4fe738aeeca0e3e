//! Whom to trust, and the TLS settings that follow from it.

use std::{error::Error, fmt, sync::Arc};

use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_pki_types::{CertificateDer, pem::PemObject};

/// Certificates of authorities to trust besides Mozilla's, for a private authority or a proxy that
/// inspects TLS.
///
/// ```
/// use amplify_backend_transport::{HyperTransport, RootCertificates};
///
/// # fn run(pem: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
/// let transport = HyperTransport::builder()
///     .extra_roots(RootCertificates::from_pem(pem)?)
///     .build();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RootCertificates(RootCertStore);

impl RootCertificates {
    /// All certificates of a PEM file's text. What is between them is passed over.
    ///
    /// Fails if there is none, or one cannot be read.
    pub fn from_pem(pem: &[u8]) -> Result<Self, InvalidCertificate> {
        let mut store = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(InvalidCertificate::because)?;
            store
                .add(certificate)
                .map_err(InvalidCertificate::because)?;
        }
        if store.is_empty() {
            return Err(InvalidCertificate { source: None });
        }
        Ok(Self(store))
    }

    /// One certificate in DER.
    pub fn from_der(der: &[u8]) -> Result<Self, InvalidCertificate> {
        let mut store = RootCertStore::empty();
        store
            .add(CertificateDer::from(der))
            .map_err(InvalidCertificate::because)?;
        Ok(Self(store))
    }
}

impl fmt::Debug for RootCertificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RootCertificates")
            .field(&self.0.len())
            .finish()
    }
}

/// Bytes that are no certificate of an authority.
#[derive(Debug)]
pub struct InvalidCertificate {
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl InvalidCertificate {
    fn because(source: impl Error + Send + Sync + 'static) -> Self {
        Self {
            source: Some(Box::new(source)),
        }
    }
}

impl fmt::Display for InvalidCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.source {
            Some(_) => "a root certificate could not be read",
            None => "there is no certificate in the PEM text",
        })
    }
}

impl Error for InvalidCertificate {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// TLS 1.2 and 1.3 on ring, with Mozilla's roots and `extra`.
pub(super) fn client_config(extra: &[RootCertificates]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for RootCertificates(store) in extra {
        roots.extend(store.roots.iter().cloned());
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has cipher suites for TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    if cfg!(feature = "http2") {
        config.alpn_protocols.push(b"h2".to_vec());
    }
    config.alpn_protocols.push(b"http/1.1".to_vec());
    Arc::new(config)
}
