//! Whom the transport trusts, with certificates made here.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod support;

use std::{error::Error as _, net::SocketAddr, sync::Arc, time::Duration};

use amplify_backend_transport::{
    HyperTransport, RootCertificates, Transport, TransportError, TransportErrorKind as Kind,
};
use bytes::Bytes;
use rcgen::date_time_ymd;
use rustls::version;
use support::{
    Server, assert_kind,
    authority::{Authority, tls_server},
    read_request, until,
};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

async fn get(
    transport: &HyperTransport,
    host: &str,
    address: SocketAddr,
) -> Result<http::Response<Bytes>, TransportError> {
    let uri = format!("https://{host}:{}/", address.port());
    transport
        .send(http::Request::get(uri).body(Bytes::new()).unwrap())
        .await
}

#[track_caller]
fn assert_distrusted(error: &TransportError, cause: &str) {
    assert_kind(error, Kind::Tls);
    assert!(!error.may_have_been_processed());
    let source = error.source().unwrap().to_string();
    assert!(source.contains(cause), "{source}");
}

#[tokio::test]
async fn a_certificate_of_an_extra_root_is_trusted() {
    let authority = Authority::new();
    let server = tls_server(authority.serving("localhost", |_| ())).await;
    let transport = authority.trusting();
    for _ in 0..5 {
        assert_eq!(
            get(&transport, "localhost", server.address)
                .await
                .unwrap()
                .body(),
            "ok"
        );
    }
    assert_eq!(server.counts.accepted(), 1);
    drop(transport);
    until(|| server.counts.open() == 0).await;
}

#[tokio::test]
async fn a_certificate_for_an_address_is_trusted_for_it() {
    let authority = Authority::new();
    let server = tls_server(authority.serving("127.0.0.1", |_| ())).await;
    let transport = authority.trusting();
    assert_eq!(
        get(&transport, "127.0.0.1", server.address)
            .await
            .unwrap()
            .body(),
        "ok"
    );
    let error = get(&transport, "localhost", server.address)
        .await
        .unwrap_err();
    assert_distrusted(&error, "not valid for name");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let server = tls_server(authority.serving("example.com", |_| ())).await;
    let error = get(&authority.trusting(), "localhost", server.address)
        .await
        .unwrap_err();
    assert_distrusted(&error, "not valid for name");
    assert_eq!(error.to_string(), "no agreement with localhost on TLS");
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let authority = Authority::new();
    let config = authority.serving("localhost", |params| {
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
    });
    let server = tls_server(config).await;
    let error = get(&authority.trusting(), "localhost", server.address)
        .await
        .unwrap_err();
    assert_distrusted(&error, "expired");
}

#[tokio::test]
async fn a_certificate_that_is_not_valid_yet_is_refused() {
    let authority = Authority::new();
    let config = authority.serving("localhost", |params| {
        params.not_before = date_time_ymd(4000, 1, 1);
        params.not_after = date_time_ymd(4001, 1, 1);
    });
    let server = tls_server(config).await;
    let error = get(&authority.trusting(), "localhost", server.address)
        .await
        .unwrap_err();
    assert_distrusted(&error, "not valid yet");
}

#[tokio::test]
async fn an_unknown_authority_is_refused() {
    let server = tls_server(Authority::new().serving("localhost", |_| ())).await;
    for transport in [HyperTransport::new(), Authority::new().trusting()] {
        let error = get(&transport, "localhost", server.address)
            .await
            .unwrap_err();
        assert_kind(&error, Kind::Tls);
        assert!(!error.may_have_been_processed());
    }
    until(|| server.counts.open() == 0).await;
}

#[tokio::test]
async fn both_versions_of_tls_are_spoken() {
    for version in [&version::TLS12, &version::TLS13] {
        let authority = Authority::new();
        let config = authority.serving_versions("localhost", |_| (), &[version]);
        let server = tls_server(config).await;
        let transport = authority.trusting();
        for _ in 0..2 {
            assert_eq!(
                get(&transport, "localhost", server.address)
                    .await
                    .unwrap()
                    .body(),
                "ok"
            );
        }
        assert_eq!(server.counts.accepted(), 1, "{version:?}");
    }
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_refused() {
    let server = Server::start(|_, mut stream| async move {
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
            .await?;
        support::until_closed(&mut stream).await;
        Ok(())
    })
    .await;
    let error = get(&HyperTransport::new(), "localhost", server.address)
        .await
        .unwrap_err();
    assert_kind(&error, Kind::Tls);
}

#[tokio::test]
async fn a_connection_that_ends_within_the_handshake_is_connect() {
    let server = Server::start(|_, mut stream| async move {
        tokio::io::AsyncReadExt::read_u8(&mut stream).await?;
        stream.set_zero_linger()
    })
    .await;
    let error = get(&HyperTransport::new(), "localhost", server.address)
        .await
        .unwrap_err();
    assert_kind(&error, Kind::Connect);
    assert!(!error.may_have_been_processed());
}

#[tokio::test]
async fn under_tls_too_a_body_cut_short_is_interrupted() {
    let authority = Authority::new();
    let acceptor = TlsAcceptor::from(Arc::new(authority.serving("localhost", |_| ())));
    // Without a length only the proper end of TLS tells the end of the body.
    for head in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\n\r\nhalf",
    ] {
        let acceptor = acceptor.clone();
        let server = Server::start(move |_, stream| {
            let acceptor = acceptor.clone();
            async move {
                let mut stream = acceptor.accept(stream).await?;
                read_request(&mut stream).await;
                stream.write_all(head.as_bytes()).await?;
                stream.flush().await
            }
        })
        .await;
        let error = get(&authority.trusting(), "localhost", server.address)
            .await
            .unwrap_err();
        assert_kind(&error, Kind::Interrupted { sent_whole: true });
    }
}

#[tokio::test]
async fn a_deadline_under_tls_tells_what_was_sent() {
    let authority = Authority::new();
    let acceptor = TlsAcceptor::from(Arc::new(authority.serving("localhost", |_| ())));
    let server = Server::start(move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            let _stream = acceptor.accept(stream).await?;
            std::future::pending().await
        }
    })
    .await;
    let transport = HyperTransport::builder()
        .extra_roots(authority.roots())
        .attempt_timeout(Duration::from_millis(300))
        .build();
    for (length, whole) in [(2, true), (32 * 1024 * 1024, false)] {
        let uri = format!("https://localhost:{}/", server.address.port());
        let request = http::Request::post(uri)
            .body(Bytes::from(vec![b'x'; length]))
            .unwrap();
        let error = transport.send(request).await.unwrap_err();
        assert!(
            matches!(error.kind(), Kind::Timeout { sent_whole, .. } if sent_whole == whole),
            "{error:?}"
        );
        assert_eq!(error.may_have_been_processed(), whole);
    }
}

#[tokio::test]
async fn only_what_is_named_is_trusted_and_what_is_added() {
    let (one, two, three) = (Authority::new(), Authority::new(), Authority::new());
    let transport = HyperTransport::builder()
        .extra_roots(one.roots())
        .only_roots(three.roots())
        .only_roots(two.roots())
        .build();
    for (authority, trusted) in [(one, true), (two, true), (three, false)] {
        let server = tls_server(authority.serving("localhost", |_| ())).await;
        let response = get(&transport, "localhost", server.address).await;
        match trusted {
            true => assert_eq!(response.unwrap().body(), "ok"),
            false => assert_kind(&response.unwrap_err(), Kind::Tls),
        }
    }
}

/// Runs itself with the variable that names the platform's roots, since a test that sets a variable
/// does so for those beside it.
#[cfg(feature = "native-roots")]
#[tokio::test]
async fn the_platforms_roots_are_read_where_openssl_reads_them() {
    const CHILD: &str = "TEST_OF_NATIVE_ROOTS";
    if let Some(what) = std::env::var_os(CHILD) {
        if what == "none" {
            let error = RootCertificates::native().unwrap_err();
            assert_eq!(
                error.to_string(),
                "this platform has no root certificates where they are looked for"
            );
            assert!(error.source().is_some());
        } else {
            let address = what.to_str().unwrap().parse().unwrap();
            let native = RootCertificates::native().unwrap();
            let transport = HyperTransport::builder().only_roots(native).build();
            let response = get(&transport, "localhost", address).await.unwrap();
            assert_eq!(response.body(), "ok");
        }
        println!("the child has done its part");
        return;
    }
    let authority = Authority::new();
    let server = tls_server(authority.serving("localhost", |_| ())).await;
    let folder = std::env::temp_dir().join(format!("native-roots-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let (bundle, missing) = (folder.join("bundle.pem"), folder.join("missing.pem"));
    // As in a platform's store, not everything in it can be read.
    let unreadable = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    std::fs::write(&bundle, format!("{unreadable}{}", authority.0.pem())).unwrap();
    let mut runs = Vec::new();
    for (file, what) in [
        (bundle, server.address.to_string()),
        (missing, "none".to_owned()),
    ] {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child
            .args(["--exact", "--nocapture"])
            .arg("the_platforms_roots_are_read_where_openssl_reads_them")
            .env_remove("SSL_CERT_DIR")
            .env("SSL_CERT_FILE", file)
            .env(CHILD, what);
        let ran = tokio::task::spawn_blocking(move || child.output().unwrap());
        runs.push(ran.await.unwrap());
    }
    std::fs::remove_dir_all(&folder).unwrap();
    for run in runs {
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(
            run.status.success() && said.contains("the child has done its part"),
            "{said} {}",
            String::from_utf8_lossy(&run.stderr)
        );
    }
}

#[cfg(feature = "aws-lc-rs")]
#[tokio::test]
async fn aws_lc_rs_takes_the_place_of_ring_where_it_is_told_to() {
    use rustls::{NamedGroup, crypto::aws_lc_rs, server::WebPkiClientVerifier};

    let authority = Authority::new();
    let serving = |only: Option<NamedGroup>, versions, clients| {
        let mut provider = aws_lc_rs::default_provider();
        if let Some(only) = only {
            provider.kx_groups.retain(|group| group.name() == only);
        }
        authority.serving_with(provider, "localhost", |_| (), versions, clients)
    };
    let transport = || {
        HyperTransport::builder()
            .extra_roots(authority.roots())
            .client_certificate(authority.client())
    };
    // A server that agrees on keys in the one way that ring does not know.
    let server = tls_server(serving(
        Some(NamedGroup::X25519MLKEM768),
        &[&version::TLS13],
        WebPkiClientVerifier::no_client_auth(),
    ))
    .await;
    let response = get(
        &transport().aws_lc_rs().build(),
        "localhost",
        server.address,
    )
    .await;
    assert_eq!(response.unwrap().body(), "ok");
    let without = get(&transport().build(), "localhost", server.address).await;
    assert_kind(&without.unwrap_err(), Kind::Tls);

    // And the client's key is used by it, too.
    for version in [&version::TLS12, &version::TLS13] {
        let server = tls_server(authority.serving_clients("localhost", &[version])).await;
        let response = get(
            &transport().aws_lc_rs().build(),
            "localhost",
            server.address,
        )
        .await;
        assert_eq!(response.unwrap().body(), "ok");
    }
}

#[test]
fn roots_are_read_from_pem_and_der() {
    let (one, two) = (Authority::new(), Authority::new());
    RootCertificates::from_der(one.0.der()).unwrap();
    let both = format!(
        "# a bundle\n{}\nwords between\n{}",
        one.0.pem(),
        two.0.pem()
    );
    let roots = RootCertificates::from_pem(both.as_bytes()).unwrap();
    assert_eq!(format!("{roots:?}"), "RootCertificates(2)");

    let empty = RootCertificates::from_pem(b"").unwrap_err();
    assert_eq!(empty.to_string(), "there is no certificate in the PEM text");
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (pem, number) in [
        (broken, 1),
        (&*format!("{both}{broken}{both}"), 3),
        (
            "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
            1,
        ),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n", 1),
    ] {
        let error = RootCertificates::from_pem(pem.as_bytes()).unwrap_err();
        let expected = format!("certificate {number} in the PEM text cannot be read");
        assert_eq!(error.to_string(), expected);
        assert!(error.source().is_some());
    }
    assert!(RootCertificates::from_der(b"").is_err());
    assert!(RootCertificates::from_der(&[0x30; 40]).is_err());
}
