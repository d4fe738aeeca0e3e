//! Certificates: of the authorities to trust, and the client's own.

use std::{borrow::Cow, error::Error, fmt, sync::Arc};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};

use super::tls::Provider;

/// Certificates of authorities to trust, for a private authority or a proxy that inspects TLS.
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
pub struct RootCertificates(pub(super) RootCertStore);

impl RootCertificates {
    /// All certificates of a PEM file's text. What is between them is passed over.
    ///
    /// Fails if there is none, or one cannot be read; the error says which, counted from 1.
    pub fn from_pem(pem: &[u8]) -> Result<Self, InvalidCertificate> {
        let mut store = RootCertStore::empty();
        for (index, certificate) in certificates(pem)?.into_iter().enumerate() {
            store
                .add(certificate)
                .map_err(|error| InvalidCertificate::unreadable(index, error))?;
        }
        Ok(Self(store))
    }

    /// One certificate in DER.
    ///
    /// Fails if it cannot be read.
    pub fn from_der(der: &[u8]) -> Result<Self, InvalidCertificate> {
        let mut store = RootCertStore::empty();
        store
            .add(CertificateDer::from(der))
            .map_err(InvalidCertificate::because(
                "the certificate cannot be read",
            ))?;
        Ok(Self(store))
    }

    /// The roots that this platform trusts, read now: files on Linux, the keychain on macOS, the
    /// certificate store on Windows. As with OpenSSL, the environment variables `SSL_CERT_FILE` and
    /// `SSL_CERT_DIR` name others in their place.
    ///
    /// Give them to [`only_roots`](super::HyperTransportBuilder::only_roots) to trust what the
    /// platform trusts and no more, or to [`extra_roots`](super::HyperTransportBuilder::extra_roots)
    /// to trust Mozilla's as well. Certificates that cannot be read are passed over, which happens
    /// in platforms' stores. Fails if none is left.
    #[cfg(feature = "native-roots")]
    pub fn native() -> Result<Self, InvalidCertificate> {
        let found = rustls_native_certs::load_native_certs();
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(found.certs);
        if !store.is_empty() {
            return Ok(Self(store));
        }
        let none = "this platform has no root certificates where they are looked for";
        Err(match found.errors.into_iter().next() {
            Some(error) => InvalidCertificate::because(none)(error),
            None => InvalidCertificate::new(none),
        })
    }
}

impl fmt::Debug for RootCertificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RootCertificates")
            .field(&self.0.len())
            .finish()
    }
}

/// The client's own certificate, with its private key, for hosts that ask for one (mutual TLS).
///
/// ```
/// use amplify_backend_transport::{ClientCertificate, HyperTransport};
///
/// # fn run(certificate: &[u8], key: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
/// let transport = HyperTransport::builder()
///     .client_certificate(ClientCertificate::from_pem(certificate, key)?)
///     .build();
/// # Ok(())
/// # }
/// ```
///
/// `Debug` shows how many certificates there are, and nothing of the key.
#[derive(Clone)]
pub struct ClientCertificate {
    ring: Arc<CertifiedKey>,
    #[cfg(feature = "aws-lc-rs")]
    aws_lc_rs: Arc<CertifiedKey>,
}

impl ClientCertificate {
    /// `certificates` is PEM text with the client's certificate first, then those that lead to an
    /// authority the host trusts. `key` is PEM text with the private key, as PKCS #8, PKCS #1 or
    /// SEC 1, not encrypted: RSA with 2048 bits or more, ECDSA with P-256 or P-384, or Ed25519.
    /// Where both are in one file, it is given twice.
    ///
    /// Fails if one of them is not there or cannot be read, or if the key is not the
    /// certificate's.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, InvalidCertificate> {
        let chain = self::certificates(certificates)?;
        let encrypted = key.windows(9).any(|word| word == b"ENCRYPTED");
        // Why a key's text cannot be read is told by quoting it.
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| {
            InvalidCertificate::new(match encrypted {
                true => "the private key is encrypted: give it decrypted",
                false => "there is no private key in the PEM text, or it cannot be read",
            })
        })?;
        let certified = |provider: Provider| {
            let provider = provider.cryptography();
            let key = CertifiedKey::from_der(chain.clone(), key.clone_key(), &provider);
            key.map(Arc::new).map_err(InvalidCertificate::because(
                "the private key cannot be used with the client certificate",
            ))
        };
        Ok(Self {
            ring: certified(Provider::Ring)?,
            #[cfg(feature = "aws-lc-rs")]
            aws_lc_rs: certified(Provider::AwsLcRs)?,
        })
    }

    pub(super) fn key(&self, provider: Provider) -> &Arc<CertifiedKey> {
        match provider {
            Provider::Ring => &self.ring,
            #[cfg(feature = "aws-lc-rs")]
            Provider::AwsLcRs => &self.aws_lc_rs,
        }
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClientCertificate")
            .field(&self.ring.cert.len())
            .finish()
    }
}

/// All certificates in PEM text, of which there is at least one.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, InvalidCertificate> {
    let found = CertificateDer::pem_slice_iter(pem)
        .enumerate()
        .map(|(index, read)| read.map_err(|error| InvalidCertificate::unreadable(index, error)))
        .collect::<Result<Vec<_>, _>>()?;
    match found.is_empty() {
        true => Err(InvalidCertificate::new(
            "there is no certificate in the PEM text",
        )),
        false => Ok(found),
    }
}

/// Text or bytes that are no certificate, or a private key that is none. Displays as what is wrong,
/// without anything of a key.
#[derive(Debug)]
pub struct InvalidCertificate {
    what: Cow<'static, str>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl InvalidCertificate {
    fn new(what: &'static str) -> Self {
        Self {
            what: what.into(),
            source: None,
        }
    }

    fn because<E: Error + Send + Sync + 'static>(
        what: impl Into<Cow<'static, str>>,
    ) -> impl FnOnce(E) -> Self {
        move |source| Self {
            what: what.into(),
            source: Some(Box::new(source)),
        }
    }

    /// The certificate at `index` in PEM text cannot be read.
    fn unreadable(index: usize, source: impl Error + Send + Sync + 'static) -> Self {
        let number = index + 1;
        Self::because(format!(
            "certificate {number} in the PEM text cannot be read"
        ))(source)
    }
}

impl fmt::Display for InvalidCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for InvalidCertificate {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
