//! Requests through a proxy: what it is told, what the service sees, and which connections are used
//! again.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests too"
)]

mod support;

use std::sync::{Arc, Mutex};

use amplify_backend_transport::{
    HyperTransport, Proxies, Proxy, Transport, TransportError, TransportErrorKind as Kind,
};
use bytes::Bytes;
use http::Request;
use support::{
    OK, Server, assert_kind,
    authority::{Authority, tls_server},
    proxy::ProxyServer,
    read_request, until,
};
use tokio::{io::AsyncWriteExt, sync::mpsc};
use tokio_rustls::TlsAcceptor;

const SERVICE: &str = "service.example.com";

/// A server by TLS that keeps the heads of the requests it got.
async fn remembering(authority: &Authority, name: &str) -> (Server, Arc<Mutex<Vec<String>>>) {
    let acceptor = TlsAcceptor::from(Arc::new(authority.serving(name, |_| ())));
    let heads = Arc::<Mutex<Vec<String>>>::default();
    let seen = heads.clone();
    let server = Server::start(move |_, stream| {
        let (acceptor, seen) = (acceptor.clone(), seen.clone());
        async move { answer(acceptor.accept(stream).await?, seen).await }
    })
    .await;
    (server, heads)
}

/// A server in clear text that keeps the heads of the requests it got.
async fn remembering_in_clear_text() -> (Server, Arc<Mutex<Vec<String>>>) {
    let heads = Arc::<Mutex<Vec<String>>>::default();
    let seen = heads.clone();
    let server = Server::start(move |_, stream| answer(stream, seen.clone())).await;
    (server, heads)
}

async fn answer(
    mut stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    seen: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    while let Some((head, _)) = read_request(&mut stream).await {
        seen.lock().unwrap().push(head);
        stream.write_all(OK).await?;
        stream.flush().await?;
    }
    Ok(())
}

fn through(authority: &Authority, proxies: Proxies) -> HyperTransport {
    HyperTransport::builder()
        .extra_roots(authority.roots())
        .proxies(proxies)
        .build()
}

async fn post(
    transport: &HyperTransport,
    uri: &str,
) -> Result<http::Response<Bytes>, TransportError> {
    let request = Request::post(uri).body(Bytes::from_static(b"{}")).unwrap();
    transport.send(request).await
}

#[tokio::test]
async fn https_goes_through_a_tunnel() {
    let authority = Authority::new();
    let (server, heads) = remembering(&authority, SERVICE).await;
    let proxy = ProxyServer::to(&server).await;
    let transport = through(&authority, proxy.for_all(""));
    let uri = "https://user:secret@service.example.com/path?query=1";
    assert_eq!(post(&transport, uri).await.unwrap().body(), "ok");
    assert_eq!(
        proxy.heads(),
        ["CONNECT service.example.com:443 HTTP/1.1\r\nhost: service.example.com:443\r\n\r\n"]
    );
    assert_eq!(
        *heads.lock().unwrap(),
        ["POST /path?query=1 HTTP/1.1\r\nhost: service.example.com\r\ncontent-length: 2\r\n\r\n"]
    );
}

#[tokio::test]
async fn an_ipv6_address_stands_in_brackets_for_the_proxy() {
    let authority = Authority::new();
    let (server, _) = remembering(&authority, "2001:db8::1").await;
    let proxy = ProxyServer::to(&server).await;
    let transport = through(&authority, proxy.for_all(""));
    let uri = "https://[2001:db8::1]:8443/";
    assert_eq!(post(&transport, uri).await.unwrap().body(), "ok");
    assert!(proxy.heads()[0].starts_with("CONNECT [2001:db8::1]:8443 HTTP/1.1\r\n"));
}

#[tokio::test]
async fn credentials_go_to_the_proxy_alone() {
    let authority = Authority::new();
    let (server, heads) = remembering(&authority, SERVICE).await;
    for (credentials, encoded) in [
        ("Aladdin:open%20sesame@", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ("us%65r:p@ss:%C3%BC@", "dXNlcjpwQHNzOsO8"),
        ("user@", "dXNlcjo="),
        (":password@", "OnBhc3N3b3Jk"),
        ("100%:%zz@", "MTAwJToleno="),
    ] {
        let proxy = ProxyServer::to(&server).await;
        let transport = through(&authority, proxy.for_all(credentials));
        post(&transport, "https://service.example.com/")
            .await
            .unwrap();
        let expected = format!("proxy-authorization: Basic {encoded}\r\n");
        assert!(proxy.heads()[0].contains(&expected), "{:?}", proxy.heads());
    }
    let heads = heads.lock().unwrap();
    assert_eq!(heads.len(), 5);
    assert!(heads.iter().all(|head| !head.contains("authorization")));
}

#[tokio::test]
async fn a_proxy_can_be_spoken_to_by_tls() {
    let authority = Authority::new();
    let (server, heads) = remembering(&authority, SERVICE).await;
    let proxy = ProxyServer::over_tls(authority.serving("localhost", |_| ()), &server).await;
    let transport = through(&authority, proxy.for_all("user:password@"));
    for _ in 0..3 {
        let response = post(&transport, "https://service.example.com/").await;
        assert_eq!(response.unwrap().body(), "ok");
    }
    assert!(proxy.heads()[0].starts_with("CONNECT service.example.com:443 HTTP/1.1\r\n"));
    assert_eq!(proxy.server.counts.accepted(), 1);
    assert_eq!(heads.lock().unwrap().len(), 3);
    drop(transport);
    until(|| proxy.server.counts.open() == 0 && server.counts.open() == 0).await;
}

#[tokio::test]
async fn large_bodies_pass_through_tls_within_tls() {
    let authority = Authority::new();
    let acceptor = TlsAcceptor::from(Arc::new(authority.serving(SERVICE, |_| ())));
    let server = Server::start(move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await?;
            while let Some((_, body)) = read_request(&mut stream).await {
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                stream.write_all(head.as_bytes()).await?;
                stream.write_all(&body).await?;
                stream.flush().await?;
            }
            Ok(())
        }
    })
    .await;
    let over_tls = ProxyServer::over_tls(authority.serving("localhost", |_| ()), &server).await;
    let plain = ProxyServer::to(&server).await;
    let body: Vec<u8> = (0..3_000_000_u32)
        .flat_map(u32::to_le_bytes)
        .take(3_000_000)
        .collect();
    for proxy in [plain, over_tls] {
        let transport = through(&authority, proxy.for_all(""));
        let request = Request::post("https://service.example.com/")
            .body(Bytes::from(body.clone()))
            .unwrap();
        assert_eq!(transport.send(request).await.unwrap().body(), &body);
    }
}

#[tokio::test]
async fn clear_text_goes_to_the_proxy_as_a_whole_uri() {
    let authority = Authority::new();
    let (server, heads) = remembering_in_clear_text().await;
    let plain = ProxyServer::to(&server).await;
    let over_tls = ProxyServer::over_tls(authority.serving("localhost", |_| ()), &server).await;
    for proxy in [plain, over_tls] {
        let transport = HyperTransport::builder()
            .extra_roots(authority.roots())
            .allow_clear_text(true)
            .proxies(proxy.for_all("Aladdin:open%20sesame@"))
            .build();
        for _ in 0..2 {
            let uri = "http://user:secret@service.example.com:8080/path?query=1";
            assert_eq!(post(&transport, uri).await.unwrap().body(), "ok");
            assert_eq!(
                heads.lock().unwrap().pop().unwrap(),
                "POST http://service.example.com:8080/path?query=1 HTTP/1.1\r\n\
                 host: service.example.com:8080\r\n\
                 proxy-authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\
                 content-length: 2\r\n\r\n"
            );
        }
        assert_eq!(proxy.server.counts.accepted(), 1);
    }
}

#[tokio::test]
async fn a_proxy_is_no_reason_to_send_clear_text() {
    let (server, _) = remembering_in_clear_text().await;
    let proxy = ProxyServer::to(&server).await;
    let transport = through(&Authority::new(), proxy.for_all(""));
    let error = post(&transport, "http://service.example.com/")
        .await
        .unwrap_err();
    assert_kind(&error, Kind::Other);
    assert_eq!(proxy.server.counts.accepted(), 0);
}

#[tokio::test]
async fn calls_in_a_row_share_a_tunnel_and_hosts_do_not() {
    let authority = Authority::new();
    let (server, heads) = remembering(&authority, "*.example.com").await;
    let proxy = ProxyServer::to(&server).await;
    let transport = through(&authority, proxy.for_all(""));
    for _ in 0..10 {
        post(&transport, "https://a.example.com/").await.unwrap();
        post(&transport, "https://b.example.com/").await.unwrap();
        post(&transport, "https://b.example.com:8443/")
            .await
            .unwrap();
    }
    let mut tunnels: Vec<_> = proxy
        .heads()
        .iter()
        .map(|head| head.split(' ').nth(1).unwrap().to_owned())
        .collect();
    tunnels.sort();
    assert_eq!(
        tunnels,
        [
            "a.example.com:443",
            "b.example.com:443",
            "b.example.com:8443"
        ]
    );
    assert_eq!(heads.lock().unwrap().len(), 30);
}

#[tokio::test]
async fn clear_text_to_one_host_never_travels_on_a_connection_for_another() {
    let (server, heads) = remembering_in_clear_text().await;
    let proxy = ProxyServer::to(&server).await;
    let transport = HyperTransport::builder()
        .allow_clear_text(true)
        .proxies(proxy.for_all(""))
        .build();
    for host in ["a", "b", "a", "b"] {
        post(&transport, &format!("http://{host}.example.com/"))
            .await
            .unwrap();
    }
    assert_eq!(proxy.server.counts.accepted(), 2);
    assert_eq!(heads.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn this_machine_is_never_reached_through_a_proxy() {
    let authority = Authority::new();
    let by_tls = tls_server(authority.serving("localhost", |_| ())).await;
    let (clear, heads) = remembering_in_clear_text().await;
    let proxy = ProxyServer::to(&clear).await;
    let transport = through(&authority, proxy.for_all(""));
    post(&transport, &clear.url("/path")).await.unwrap();
    assert!(heads.lock().unwrap()[0].starts_with("POST /path HTTP/1.1\r\n"));
    let uri = format!("https://LOCALHOST:{}/", by_tls.address.port());
    post(&transport, &uri).await.unwrap();
    assert_eq!(proxy.server.counts.accepted(), 0);
}

#[tokio::test]
async fn https_and_http_can_have_a_proxy_each() {
    let authority = Authority::new();
    let (secure, _) = remembering(&authority, SERVICE).await;
    let (clear, _) = remembering_in_clear_text().await;
    let (one, two) = (
        ProxyServer::to(&secure).await,
        ProxyServer::to(&clear).await,
    );
    let unused = Proxy::new("http://192.0.2.1:1").unwrap();
    let proxies = Proxies::new()
        .all(unused)
        .https(Proxy::new(&one.url("")).unwrap())
        .http(Proxy::new(&two.url("")).unwrap());
    let transport = HyperTransport::builder()
        .extra_roots(authority.roots())
        .allow_clear_text(true)
        .proxies(proxies)
        .build();
    post(&transport, "https://service.example.com/")
        .await
        .unwrap();
    post(&transport, "http://service.example.com/")
        .await
        .unwrap();
    assert!(one.heads()[0].starts_with("CONNECT "));
    assert!(two.heads()[0].starts_with("POST http://service.example.com/ "));
}

#[tokio::test]
async fn a_tunnel_closed_while_idle_is_replaced_before_sending() {
    let authority = Authority::new();
    let acceptor = TlsAcceptor::from(Arc::new(authority.serving(SERVICE, |_| ())));
    let (closed, mut was_closed) = mpsc::unbounded_channel();
    let server = Server::start(move |_, stream| {
        let (acceptor, closed) = (acceptor.clone(), closed.clone());
        async move {
            let mut stream = acceptor.accept(stream).await?;
            read_request(&mut stream).await;
            stream.write_all(OK).await?;
            stream.shutdown().await?;
            drop(stream);
            closed.send(()).unwrap();
            Ok(())
        }
    })
    .await;
    let proxy = ProxyServer::to(&server).await;
    let transport = through(&authority, proxy.for_all(""));
    for _ in 0..10 {
        // A changing request: nothing of it may go into the closed tunnel.
        post(&transport, "https://service.example.com/")
            .await
            .unwrap();
        was_closed.recv().await.unwrap();
        // The proxy passes the close on, and the client lets go of its end.
        until(|| proxy.server.counts.open() == 0).await;
    }
    assert_eq!(proxy.server.counts.accepted(), 10);
}
