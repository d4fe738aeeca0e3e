//! Hosts that ask who the client is.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod support;

use std::error::Error as _;

use amplify_backend_transport::{
    ClientCertificate, HyperTransport, InvalidCertificate, Transport, TransportError,
    TransportErrorKind as Kind,
};
use bytes::Bytes;
use http::Request;
use rustls::version::{TLS12, TLS13};
use support::{
    Server, assert_kind,
    authority::{Authority, tls_server},
    printed,
    proxy::ProxyServer,
};

async fn get(transport: &HyperTransport, server: &Server) -> Result<(), TransportError> {
    let uri = format!("https://localhost:{}/", server.address.port());
    let request = Request::get(uri).body(Bytes::new()).unwrap();
    let response = transport.send(request).await?;
    assert_eq!(response.body(), "ok");
    Ok(())
}

#[tokio::test]
async fn a_host_that_asks_for_a_certificate_gets_it() {
    let authority = Authority::new();
    for version in [&TLS12, &TLS13] {
        let server = tls_server(authority.serving_clients("localhost", &[version])).await;
        let transport = HyperTransport::builder()
            .extra_roots(authority.roots())
            .client_certificate(authority.client())
            .build();
        for _ in 0..3 {
            get(&transport, &server).await.unwrap();
        }
        assert_eq!(server.counts.accepted(), 1, "{version:?}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_missing_or_of_an_unknown_authority_is_told() {
    let authority = Authority::new();
    for version in [&TLS12, &TLS13] {
        for certificate in [None, Some(Authority::new().client())] {
            let server = tls_server(authority.serving_clients("localhost", &[version])).await;
            let mut transport = HyperTransport::builder().extra_roots(authority.roots());
            if let Some(certificate) = certificate {
                transport = transport.client_certificate(certificate);
            }
            let error = get(&transport.build(), &server).await.unwrap_err();
            assert_kind(&error, Kind::Tls);
            assert!(!error.may_have_been_processed());
            let printed = printed(&error);
            assert!(printed.contains("received fatal alert"), "{printed}");
        }
    }
}

#[cfg(feature = "http2")]
#[tokio::test]
async fn over_http2_the_refusal_is_among_the_sources() {
    let authority = Authority::new();
    for version in [&TLS12, &TLS13] {
        let mut config = authority.serving_clients("localhost", &[version]);
        config.alpn_protocols = vec![b"h2".to_vec()];
        let server = tls_server(config).await;
        let transport = HyperTransport::builder().http2();
        let transport = transport.extra_roots(authority.roots()).build();
        let error = get(&transport, &server).await.unwrap_err();
        let printed = printed(&error);
        assert!(printed.contains("received fatal alert"), "{printed}");
    }
}

#[tokio::test]
async fn a_proxy_does_not_see_the_certificate() {
    let authority = Authority::new();
    let server = tls_server(authority.serving_clients("service.example.com", &[&TLS13])).await;
    let request = || {
        Request::get("https://service.example.com/")
            .body(Bytes::new())
            .unwrap()
    };
    let transport = |proxy: &ProxyServer| {
        HyperTransport::builder()
            .extra_roots(authority.roots())
            .client_certificate(authority.client())
            .proxies(proxy.for_all(""))
            .build()
    };
    let proxy = ProxyServer::over_tls(authority.serving("localhost", |_| ()), &server).await;
    let response = transport(&proxy).send(request()).await.unwrap();
    assert_eq!(response.body(), "ok");

    let asking = authority.serving_clients("localhost", &[&TLS13]);
    let proxy = ProxyServer::over_tls(asking, &server).await;
    let error = transport(&proxy).send(request()).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::Proxy(_)), "{error:?}");
    assert!(!error.may_have_been_processed());
}

#[test]
fn a_certificate_is_read_with_its_key_and_prints_nothing_of_it() {
    let authority = Authority::new();
    let (certificate, key) = authority.client_pem();
    let chain = format!("# the client's\n{certificate}\n{}", authority.0.pem());
    let client = ClientCertificate::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
    assert_eq!(format!("{client:?}"), "ClientCertificate(2)");
    let both = format!("{key}{certificate}");
    ClientCertificate::from_pem(both.as_bytes(), both.as_bytes()).unwrap();
}

#[test]
fn what_is_no_certificate_or_key_is_refused_with_what_is_wrong() {
    let authority = Authority::new();
    let (certificate, key) = authority.client_pem();
    let (_, other) = authority.client_pem();
    let broken = key.replace('M', "!");
    let encrypted = key.replace("PRIVATE", "ENCRYPTED PRIVATE");
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    let no_key = "there is no private key in the PEM text, or it cannot be read";
    let unusable = "the private key cannot be used with the client certificate";
    let decrypt = "the private key is encrypted: give it decrypted";
    let refused = |certificate: &str, key: &str| -> InvalidCertificate {
        let error = ClientCertificate::from_pem(certificate.as_bytes(), key.as_bytes());
        error.unwrap_err()
    };
    for (certificate, key, expected) in [
        ("", &*key, "there is no certificate in the PEM text"),
        (&key, &key, "there is no certificate in the PEM text"),
        (
            "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
            &key,
            "certificate 1 in the PEM text cannot be read",
        ),
        (&certificate, "", no_key),
        (&certificate, &certificate, no_key),
        (&certificate, &broken, no_key),
        (&certificate, &encrypted, decrypt),
        (&certificate, old, decrypt),
        (&certificate, &other, unusable),
        (
            &certificate,
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            unusable,
        ),
    ] {
        let error = refused(certificate, key);
        assert_eq!(error.to_string(), expected);
        let mut shown = format!("{error:?}");
        if let Some(source) = error.source() {
            shown += &source.to_string();
        }
        for line in key.lines().filter(|line| line.len() > 20) {
            assert!(line.starts_with('-') || !shown.contains(line), "{shown}");
        }
    }
}
