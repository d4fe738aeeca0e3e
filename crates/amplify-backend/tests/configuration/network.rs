//! What the configuration says of the network is what a client does, over real sockets.

use std::sync::Arc;

use amplify_backend::config::{Config, Environment};
use amplify_backend::{Error, ErrorKind};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto::ring};

use crate::home;

/// The home folder of somebody with a region and keys.
fn with_keys() -> Environment {
    home()
        .with_variable("AWS_REGION", "us-east-1")
        .with_variable("AWS_ACCESS_KEY_ID", "AKID")
        .with_variable("AWS_SECRET_ACCESS_KEY", "s")
}

async fn list(environment: Environment) -> Result<(), Error> {
    let config = Config::builder().environment(environment);
    let client = config.allow_clear_text(true).load()?.client()?;
    client.list_s3_buckets().send().await.map(|_| ())
}

/// Answers one request with `{}`, and returns its head.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> String {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n{}") {
        let byte = stream.read_u8().await.unwrap();
        read.push(byte);
    }
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    stream.write_all(answer).await.unwrap();
    String::from_utf8(read).unwrap()
}

#[tokio::test]
async fn requests_go_through_the_proxy_of_the_environment() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = listener.local_addr().unwrap();
    let environment = with_keys()
        .with_variable("AWS_ENDPOINT_URL", "http://far.example/prefix")
        .with_variable("http_proxy", format!("http://user:password@{proxy}"));
    let seen = tokio::spawn(async move { answer(listener.accept().await.unwrap().0).await });
    list(environment).await.unwrap();
    let head = seen.await.unwrap();
    let line = "POST http://far.example/prefix/s3Buckets HTTP/1.1\r\n";
    assert!(head.starts_with(line), "{head}");
    let credentials = "proxy-authorization: Basic dXNlcjpwYXNzd29yZA==\r\n";
    assert!(head.contains(credentials), "{head}");
}

#[tokio::test]
async fn the_certificates_of_the_bundle_are_trusted() {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority = CertifiedIssuer::self_signed(authority, key).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = certificate.signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    answer(stream).await;
                }
            });
        }
    });
    let environment = with_keys()
        .with_variable("AWS_ENDPOINT_URL", url)
        .with_variable("AWS_MAX_ATTEMPTS", "1")
        .with_file("/home/u/ca.pem", authority.pem());
    let bundle = environment
        .clone()
        .with_variable("AWS_CA_BUNDLE", "~/ca.pem");
    list(bundle).await.unwrap();
    let error = list(environment).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().contains("trusted roots"), "{error}");
}
