//! What a proxy can do wrong, and the error that each gives. In none of them has the service seen
//! anything, and in none of them does the error print a credential.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod support;

use std::{error::Error as _, sync::Arc, time::Duration};

use amplify_backend_transport::{
    AttemptTimeout, HyperTransport, HyperTransportBuilder, Proxies, Proxy, ProxyFault as Fault,
    TimeoutPhase, Transport, TransportError, TransportErrorKind as Kind,
};
use bytes::Bytes;
use http::{Request, StatusCode};
use proptest::{prelude::*, sample::select};
use support::{
    Server, assert_kind,
    authority::{Authority, tls_server},
    printed,
    proxy::ProxyServer,
    read_request, until, until_closed,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

const CANARY: &str = "canary-in-a-bird-cage";

/// The proxy at `host_and_port`, with credentials that must not print.
fn proxies(scheme: &str, host_and_port: &str) -> Proxies {
    let url = format!("{scheme}://{CANARY}:{CANARY}@{host_and_port}");
    Proxies::new().all(Proxy::new(&url).unwrap())
}

fn at(server: &Server) -> HyperTransportBuilder {
    let address = server.address.to_string();
    HyperTransport::builder().proxies(proxies("http", &address))
}

/// Sends a changing request with secrets in it, and checks what holds for every fault.
async fn failing(transport: &HyperTransport) -> TransportError {
    failing_at(transport, "https://service.example.com").await
}

async fn failing_at(transport: &HyperTransport, host: &str) -> TransportError {
    let uri = format!("{host}/{CANARY}?{CANARY}");
    let request = Request::post(uri)
        .header("authorization", CANARY)
        .body(Bytes::from_static(CANARY.as_bytes()))
        .unwrap();
    let error = transport.send(request).await.unwrap_err();
    assert!(!error.may_have_been_processed(), "{error:?}");
    assert!(!printed(&error).contains(CANARY), "{error:?}");
    error
}

#[track_caller]
fn assert_fault(error: &TransportError, fault: Fault) {
    assert_kind(error, Kind::Proxy(fault));
}

#[tokio::test]
async fn refusing_the_connection_is_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let transport = HyperTransport::builder()
        .proxies(proxies("http", &address))
        .build();
    let error = failing(&transport).await;
    assert_fault(&error, Fault::Connect);
    assert_eq!(
        error.to_string(),
        format!("the proxy http://{address} could not be connected to")
    );
    assert!(error.source().is_some());
}

#[tokio::test]
async fn an_unknown_name_is_connect() {
    let transport = HyperTransport::builder()
        .proxies(proxies("http", "host.invalid:3128"))
        .build();
    let error = failing(&transport).await;
    // A resolver that hangs ends as a timeout of the same phase.
    assert!(
        matches!(
            error.kind(),
            Kind::Proxy(Fault::Connect)
                | Kind::Timeout {
                    phase: TimeoutPhase::Proxy,
                    ..
                }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn refusing_the_tunnel_tells_the_status() {
    for (answer, status) in [
        (
            "HTTP/1.1 403 Forbidden\r\ncontent-length: 21\r\n\r\ncanary-in-a-bird-cage",
            403,
        ),
        ("HTTP/1.1 400 canary-in-a-bird-cage\r\n\r\n", 400),
        (
            "HTTP/1.0 502 Bad Gateway\r\ncontent-type: text/html\r\n\r\n<html>canary-in-a-bird-cage",
            502,
        ),
        (
            "HTTP/1.1 503 \r\ntransfer-encoding: chunked\r\n\r\n5\r\n<html",
            503,
        ),
        ("HTTP/1.1 599 \r\ncontent-length: 0\r\n\r\n", 599),
        (
            "HTTP/1.1 302 Found\r\nlocation: https://canary-in-a-bird-cage/\r\n\r\n",
            302,
        ),
        (
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: tls\r\n\r\n",
            101,
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n",
            404,
        ),
    ] {
        let proxy = Server::once(answer).await;
        let error = failing(&at(&proxy).build()).await;
        let status = StatusCode::from_u16(status).unwrap();
        assert_fault(&error, Fault::Refused { status });
        assert_eq!(
            error.to_string(),
            format!(
                "the proxy http://{} refused a tunnel to service.example.com port 443: {status}",
                proxy.address
            )
        );
        // It was asked once: nothing was tried again or followed.
        assert_eq!(proxy.counts.accepted(), 1);
        until(|| proxy.counts.open() == 0).await;
    }
}

#[tokio::test]
async fn asking_for_credentials_says_how_to_give_them() {
    let basic = "HTTP/1.1 407 Proxy Authentication Required\r\n\
                 proxy-authenticate: Negotiate, Basic realm=\"canary-in-a-bird-cage\"\r\n\r\n";
    let silent = "HTTP/1.1 407 \r\n\r\n";
    let tinyproxy = "HTTP/1.0 401 Unauthorized\r\n\r\n";
    let other =
        "HTTP/1.1 407 \r\nproxy-authenticate: Negotiate\r\nproxy-authenticate: NTLM\r\n\r\n";
    let give = "asks for credentials: put user:password@ in front of the host in its URL";
    let refused = "refused the user name and password of its URL";
    let kind = "asks for credentials of another kind than Basic, which is not supported";
    for (answer, with_none, with_some) in [
        (basic, give, refused),
        (silent, give, refused),
        (tinyproxy, give, refused),
        (other, kind, kind),
    ] {
        let proxy = Server::once(answer).await;
        let name = format!("the proxy http://{}", proxy.address);

        let url = format!("http://{}", proxy.address);
        let proxies = Proxies::new().all(Proxy::new(&url).unwrap());
        let without = HyperTransport::builder().proxies(proxies);
        let error = failing(&without.clone().build()).await;
        assert_fault(&error, Fault::CredentialsRequired);
        assert_eq!(error.to_string(), format!("{name} {with_none}"));

        let error = failing(&at(&proxy).build()).await;
        assert_fault(&error, Fault::CredentialsRefused);
        assert_eq!(error.to_string(), format!("{name} {with_some}"));

        if answer == tinyproxy {
            continue;
        }
        // In clear text it is the request itself that is refused, and a 401 may be the service's.
        let http = "http://service.example.com";
        let error = failing_at(&without.allow_clear_text(true).build(), http).await;
        assert_fault(&error, Fault::CredentialsRequired);
        let error = failing_at(&at(&proxy).allow_clear_text(true).build(), http).await;
        assert_fault(&error, Fault::CredentialsRefused);
        assert_eq!(error.to_string(), format!("{name} {with_some}"));
    }
}

#[tokio::test]
async fn hanging_is_a_timeout_that_names_the_proxy() {
    let expected = Kind::Timeout {
        phase: TimeoutPhase::Proxy,
        sent_whole: false,
    };
    let brief = Duration::from_millis(50);
    // It says nothing, or half of what it should.
    let silent = Server::silent().await;
    let half = Server::start(|_, mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nx-").await?;
        until_closed(&mut stream).await;
        Ok(())
    })
    .await;
    // A handshake that it never answers.
    let scheme_and_server = [("http", &silent), ("http", &half), ("https", &silent)];
    for (scheme, proxy) in scheme_and_server {
        let proxies = proxies(scheme, &proxy.address.to_string());
        let name = format!("through the proxy {scheme}://{}", proxy.address);
        let connecting = HyperTransport::builder()
            .proxies(proxies.clone())
            .connect_timeout(brief);
        let attempting = HyperTransport::builder()
            .proxies(proxies)
            .attempt_timeout(brief);
        for transport in [connecting, attempting] {
            let error = failing(&transport.build()).await;
            assert_kind(&error, expected);
            assert_eq!(
                error.to_string(),
                format!("no way to service.example.com {name} within 50ms")
            );
        }
        until(|| proxy.counts.open() == 0).await;
    }
}

#[tokio::test]
async fn a_host_that_hangs_behind_the_tunnel_is_a_timeout_of_the_connection() {
    let service = Server::start(|_, mut stream| async move {
        until_closed(&mut stream).await;
        Ok(())
    })
    .await;
    let proxy = ProxyServer::to(&service).await;
    let transport = HyperTransport::builder().proxies(proxy.for_all("")).build();
    let mut request = Request::get("https://service.example.com/")
        .body(Bytes::new())
        .unwrap();
    let brief = AttemptTimeout(Duration::from_secs(1));
    request.extensions_mut().insert(brief);
    let error = transport.send(request).await.unwrap_err();
    let expected = Kind::Timeout {
        phase: TimeoutPhase::Connect,
        sent_whole: false,
    };
    assert_kind(&error, expected);
    until(|| service.counts.open() == 0 && proxy.server.counts.open() == 0).await;
}

#[tokio::test]
async fn answering_something_else_than_http_is_protocol() {
    let long = [b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'x'; 17 * 1024]].concat();
    let many = [
        b"HTTP/1.1 200 OK\r\n".to_vec(),
        b"a: b\r\n".repeat(101),
        b"\r\n".to_vec(),
    ]
    .concat();
    for answer in [
        &b"<!DOCTYPE html><html>canary-in-a-bird-cage</html>"[..],
        b"SSH-2.0-canary-in-a-bird-cage\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"HTTP/1.1 abc canary-in-a-bird-cage\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"\x05\x00",
        &long,
        &many,
        // A page where the tunnel should begin.
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>canary-in-a-bird-cage</html>",
    ] {
        let proxy = Server::start({
            let answer = answer.to_vec();
            move |_, mut stream| {
                let answer = answer.clone();
                async move {
                    read_request(&mut stream).await;
                    stream.write_all(&answer).await?;
                    until_closed(&mut stream).await;
                    Ok(())
                }
            }
        })
        .await;
        let error = failing(&at(&proxy).build()).await;
        assert_fault(&error, Fault::Protocol);
        let name = format!("the proxy http://{} ", proxy.address);
        assert!(error.to_string().starts_with(&name), "{error}");
    }
}

#[tokio::test]
async fn a_page_in_place_of_tls_is_protocol_whenever_it_comes() {
    let proxy = Server::start(|_, mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        // The first byte of the handshake.
        stream.read_u8().await?;
        stream
            .write_all(b"<html>canary-in-a-bird-cage</html>")
            .await?;
        until_closed(&mut stream).await;
        Ok(())
    })
    .await;
    let error = failing(&at(&proxy).build()).await;
    assert_fault(&error, Fault::Protocol);
    assert_eq!(
        error.to_string(),
        format!(
            "the proxy http://{} sent something else than TLS through its tunnel to service.example.com",
            proxy.address
        )
    );
}

#[tokio::test]
async fn an_answer_without_end_is_given_up() {
    let proxy = Server::start(|_, mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
        loop {
            stream.write_all(b"x-more: and more\r\n").await?;
        }
    })
    .await;
    assert_fault(&failing(&at(&proxy).build()).await, Fault::Protocol);
    until(|| proxy.counts.open() == 0).await;
}

#[tokio::test]
async fn an_end_at_any_byte_of_the_answer_is_interrupted() {
    let whole = b"HTTP/1.1 200 Connection established\r\nvia: proxy\r\n\r\n";
    for length in 0..=whole.len() {
        let closing = Server::once(&whole[..length]).await;
        let resetting = Server::reset_after(&whole[..length]).await;
        for proxy in [closing, resetting] {
            let error = failing(&at(&proxy).build()).await;
            assert_fault(&error, Fault::Interrupted);
        }
    }
}

#[tokio::test]
async fn an_end_within_the_handshake_behind_the_tunnel_is_interrupted() {
    for reset in [true, false] {
        let service = Server::start(move |_, mut stream| async move {
            stream.read_u8().await?;
            if reset {
                stream.set_zero_linger()?;
            }
            Ok(())
        })
        .await;
        let proxy = ProxyServer::to(&service).await;
        let proxies = proxy.for_all(&format!("{CANARY}:{CANARY}@"));
        let transport = HyperTransport::builder().proxies(proxies).build();
        let error = failing(&transport).await;
        assert_fault(&error, Fault::Interrupted);
    }
}

#[tokio::test]
async fn no_tls_with_the_proxy_has_its_own_fault() {
    let known = Authority::new();
    let unknown = tls_server(Authority::new().serving("localhost", |_| ())).await;
    let misnamed = tls_server(known.serving("proxy.example.com", |_| ())).await;
    let no_tls = Server::start(|_, mut stream| async move {
        stream.read_u8().await?;
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await?;
        until_closed(&mut stream).await;
        Ok(())
    })
    .await;
    let closing = Server::start(|_, mut stream| async move {
        stream.read_u8().await?;
        stream.set_zero_linger()
    })
    .await;
    for (proxy, fault) in [
        (unknown, Fault::Tls),
        (misnamed, Fault::Tls),
        (no_tls, Fault::Tls),
        (closing, Fault::Interrupted),
    ] {
        let address = format!("localhost:{}", proxy.address.port());
        let transport = HyperTransport::builder()
            .extra_roots(known.roots())
            .proxies(proxies("https", &address))
            .build();
        let error = failing(&transport).await;
        assert_fault(&error, fault);
        assert_eq!(
            error.to_string(),
            format!("the proxy https://{address} came to no agreement on TLS")
        );
        assert!(error.source().is_some());
    }
}

#[tokio::test]
async fn a_host_that_is_not_trusted_behind_the_tunnel_is_tls() {
    let (known, unknown) = (Authority::new(), Authority::new());
    for (authority, name) in [
        (&known, "other.example.com"),
        (&unknown, "service.example.com"),
    ] {
        let acceptor = TlsAcceptor::from(Arc::new(authority.serving(name, |_| ())));
        let service = Server::start(move |_, stream| {
            let acceptor = acceptor.clone();
            async move {
                let mut stream = acceptor.accept(stream).await?;
                assert!(read_request(&mut stream).await.is_none());
                Ok(())
            }
        })
        .await;
        let proxy = ProxyServer::to(&service).await;
        let transport = HyperTransport::builder()
            .extra_roots(known.roots())
            .proxies(proxy.for_all(&format!("{CANARY}@")))
            .build();
        let error = failing(&transport).await;
        assert_kind(&error, Kind::Tls);
        let expected = format!(
            "no agreement with service.example.com on TLS, through the proxy {}",
            proxy.url("")
        );
        assert_eq!(error.to_string(), expected);
        until(|| proxy.server.counts.open() == 0).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_it_answers_is_a_fault_without_secrets(
        start in select(&["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 407 \r\n", "HTTP/1.1 200 OK\r\n\r\n"][..]),
        rest: Vec<u8>,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let error = runtime.block_on(async {
            let proxy = Server::once([start.as_bytes(), CANARY.as_bytes(), &rest].concat()).await;
            failing(&at(&proxy).build()).await
        });
        prop_assert!(matches!(error.kind(), Kind::Proxy(_)), "{error:?}");
    }
}

#[test]
fn settings_print_no_credentials() {
    let builder = HyperTransport::builder().proxies(proxies("http", "proxy.example.com"));
    let shown = format!("{builder:?} {:?}", builder.clone().build());
    assert!(
        shown.contains("Proxy(http://..@proxy.example.com:80)"),
        "{shown}"
    );
    assert!(!shown.contains(CANARY), "{shown}");
}
