//! An authority that certifies what a test wants, and servers that speak TLS by it.

use std::sync::Arc;

use amplify_backend_transport::{ClientCertificate, HyperTransport, RootCertificates};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use rustls::{
    RootCertStore, ServerConfig, SupportedProtocolVersion,
    crypto::{CryptoProvider, ring},
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
    version,
};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

use super::{OK, Server, read_request, until_closed};

pub(crate) struct Authority(pub(crate) CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "Test authority");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn roots(&self) -> RootCertificates {
        RootCertificates::from_pem(self.0.pem().as_bytes()).unwrap()
    }

    /// A transport that trusts this authority.
    pub(crate) fn trusting(&self) -> HyperTransport {
        HyperTransport::builder().extra_roots(self.roots()).build()
    }

    /// A server's settings, with a certificate of this authority for `name`.
    pub(crate) fn serving(
        &self,
        name: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> ServerConfig {
        self.serving_versions(name, change, &[&version::TLS12, &version::TLS13])
    }

    pub(crate) fn serving_versions(
        &self,
        name: &str,
        change: impl FnOnce(&mut CertificateParams),
        versions: &[&'static SupportedProtocolVersion],
    ) -> ServerConfig {
        let clients = WebPkiClientVerifier::no_client_auth();
        self.serving_with(ring::default_provider(), name, change, versions, clients)
    }

    pub(crate) fn serving_with(
        &self,
        provider: CryptoProvider,
        name: &str,
        change: impl FnOnce(&mut CertificateParams),
        versions: &[&'static SupportedProtocolVersion],
        clients: Arc<dyn ClientCertVerifier>,
    ) -> ServerConfig {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(versions)
            .unwrap()
            .with_client_cert_verifier(clients)
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap()
    }

    /// A server's settings, for clients alone that this authority knows.
    pub(crate) fn serving_clients(
        &self,
        name: &str,
        versions: &[&'static SupportedProtocolVersion],
    ) -> ServerConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .unwrap();
        self.serving_with(ring::default_provider(), name, |_| (), versions, clients)
    }

    /// A client's certificate and key, in PEM.
    pub(crate) fn client_pem(&self) -> (String, String) {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params
            .extended_key_usages
            .push(ExtendedKeyUsagePurpose::ClientAuth);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    pub(crate) fn client(&self) -> ClientCertificate {
        let (certificate, key) = self.client_pem();
        ClientCertificate::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap()
    }
}

/// Answers every request with [`OK`].
pub(crate) async fn tls_server(config: ServerConfig) -> Server {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Server::start(move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = match acceptor.accept(stream).into_fallible().await {
                Ok(stream) => stream,
                Err((_, mut tcp)) => {
                    // A reset would overtake the alert that says why.
                    until_closed(&mut tcp).await;
                    return Ok(());
                }
            };
            while read_request(&mut stream).await.is_some() {
                stream.write_all(OK).await?;
                stream.flush().await?;
            }
            Ok(())
        }
    })
    .await
}
