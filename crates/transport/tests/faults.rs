//! What a server or the network can do wrong, and the error that each gives.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod support;

use std::{error::Error as _, time::Duration};

use amplify_backend_transport::{
    AttemptTimeout, HyperTransport, TimeoutPhase, Transport, TransportError,
    TransportErrorKind as Kind,
};
use bytes::Bytes;
use support::{Server, assert_kind, printed, read_request, until_closed};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpSocket},
};

const CANARY: &str = "canary-in-a-bird-cage";

/// Sends a changing request with secrets in it, and checks that the error prints none of them.
async fn failing(transport: &HyperTransport, server: &Server) -> TransportError {
    let mut request = server.post(format!("{{\"secret\":\"{CANARY}\"}}"));
    *request.uri_mut() = server
        .url(&format!("/{CANARY}?token={CANARY}"))
        .parse()
        .unwrap();
    request
        .headers_mut()
        .insert("authorization", CANARY.parse().unwrap());
    let error = transport.send(request).await.unwrap_err();
    assert!(!printed(&error).contains(CANARY), "{error:?}");
    error
}

fn short_lived() -> HyperTransport {
    HyperTransport::builder()
        .attempt_timeout(Duration::from_millis(100))
        .build()
}

#[tokio::test]
async fn refused_is_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let request = http::Request::get(format!("http://{address}/"))
        .body(Bytes::new())
        .unwrap();
    let error = HyperTransport::new().send(request).await.unwrap_err();
    assert_kind(&error, Kind::Connect);
    assert!(!error.may_have_been_processed());
    assert!(error.source().is_some());
}

#[tokio::test]
async fn an_unknown_name_is_connect() {
    let request = http::Request::get("https://host.invalid/")
        .body(Bytes::new())
        .unwrap();
    let error = HyperTransport::new().send(request).await.unwrap_err();
    // A resolver that hangs ends as a timeout of the same phase.
    assert!(
        matches!(
            error.kind(),
            Kind::Connect
                | Kind::Timeout {
                    phase: TimeoutPhase::Connect,
                    ..
                }
        ),
        "{error:?}"
    );
    assert!(!error.may_have_been_processed());
}

#[tokio::test]
async fn a_reset_before_the_head_is_interrupted_after_sending() {
    let server = Server::reset_after(b"").await;
    let error = failing(&HyperTransport::new(), &server).await;
    assert_kind(&error, Kind::Interrupted { sent_whole: true });
    assert!(error.may_have_been_processed());
    assert_eq!(
        error.to_string(),
        "the connection ended before the response"
    );
}

#[tokio::test]
async fn a_close_before_the_head_is_interrupted_after_sending() {
    let server = Server::once(b"").await;
    let error = failing(&HyperTransport::new(), &server).await;
    assert_kind(&error, Kind::Interrupted { sent_whole: true });
}

#[tokio::test]
async fn an_end_at_any_byte_of_the_response_is_interrupted() {
    let whole = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 21\r\n\r\ncanary-in-a-bird-cage";
    for length in 0..whole.len() {
        let (server, transport) = (Server::once(&whole[..length]).await, HyperTransport::new());
        assert_kind(
            &failing(&transport, &server).await,
            Kind::Interrupted { sent_whole: true },
        );
        let (server, transport) = (
            Server::reset_after(&whole[..length]).await,
            HyperTransport::new(),
        );
        assert_kind(
            &failing(&transport, &server).await,
            Kind::Interrupted { sent_whole: true },
        );
    }
    let server = Server::once(&whole[..]).await;
    let response = HyperTransport::new().send(server.get()).await.unwrap();
    assert_eq!(response.body(), CANARY);
}

#[tokio::test]
async fn an_end_at_any_byte_of_a_chunked_response_is_interrupted() {
    let whole =
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n";
    for length in 0..whole.len() {
        let (server, transport) = (Server::once(&whole[..length]).await, HyperTransport::new());
        assert_kind(
            &failing(&transport, &server).await,
            Kind::Interrupted { sent_whole: true },
        );
    }
    let server = Server::once(&whole[..]).await;
    assert_eq!(
        HyperTransport::new()
            .send(server.get())
            .await
            .unwrap()
            .body(),
        "abcdefg"
    );
}

#[tokio::test]
async fn two_content_lengths_are_a_protocol_error() {
    let server =
        Server::once("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc").await;
    let error = failing(&HyperTransport::new(), &server).await;
    assert_kind(&error, Kind::Protocol);
    assert!(error.may_have_been_processed());
}

#[tokio::test]
async fn garbage_is_a_protocol_error() {
    for garbage in [
        &b"\x16\x03\x01canary-in-a-bird-cage\r\n\r\n"[..],
        b"SSH-2.0-canary-in-a-bird-cage\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: canary-in-a-bird-cage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncanary-in-a-bird-cage\r\n\r\n",
    ] {
        let server = Server::once(garbage).await;
        assert_kind(
            &failing(&HyperTransport::new(), &server).await,
            Kind::Protocol,
        );
    }
}

#[tokio::test]
async fn a_chunk_size_that_is_no_number_is_a_protocol_error() {
    let server = Server::once(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\ncanary-in-a-bird-cage\r\n",
    )
    .await;
    assert_kind(
        &failing(&HyperTransport::new(), &server).await,
        Kind::Protocol,
    );
}

/// Reads one request on each connection, says `beginning`, and then a byte now and then.
async fn trickling(beginning: &'static [u8]) -> Server {
    Server::start(move |_, mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(beginning).await?;
        let mut every = tokio::time::interval(Duration::from_millis(10));
        loop {
            every.tick().await;
            stream.write_all(b"z").await?;
        }
    })
    .await
}

#[tokio::test]
async fn a_head_or_a_body_that_trickles_is_a_timeout_after_sending() {
    for beginning in [
        &b"HTTP/1.1 200 OK\r\nx-slow: "[..],
        b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n",
    ] {
        let error = failing(&short_lived(), &trickling(beginning).await).await;
        assert_kind(
            &error,
            Kind::Timeout {
                phase: TimeoutPhase::Attempt,
                sent_whole: true,
            },
        );
        assert!(error.is_timeout());
        assert!(error.may_have_been_processed());
        assert_eq!(error.to_string(), "no complete response within 100ms");
    }
}

#[tokio::test]
async fn a_request_can_bring_its_own_deadline() {
    let server = Server::silent().await;
    let mut request = server.get();
    request
        .extensions_mut()
        .insert(AttemptTimeout(Duration::from_millis(20)));
    let error = HyperTransport::new().send(request).await.unwrap_err();
    assert_kind(
        &error,
        Kind::Timeout {
            phase: TimeoutPhase::Attempt,
            sent_whole: true,
        },
    );

    let mut request = server.get();
    request
        .extensions_mut()
        .insert(AttemptTimeout(Duration::MAX));
    let server = Server::always(support::OK).await;
    *request.uri_mut() = server.url("/").parse().unwrap();
    short_lived().send(request).await.unwrap();
}

/// More than the socket buffers between client and server hold.
fn large_body() -> Bytes {
    Bytes::from(vec![b'x'; 32 * 1024 * 1024])
}

#[tokio::test]
async fn a_timeout_while_sending_says_that_not_all_was_sent() {
    let server = Server::start(|_, stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
        Ok(())
    })
    .await;
    let error = short_lived()
        .send(server.post(large_body()))
        .await
        .unwrap_err();
    assert_kind(
        &error,
        Kind::Timeout {
            phase: TimeoutPhase::Attempt,
            sent_whole: false,
        },
    );
    assert!(!error.may_have_been_processed());
}

#[tokio::test]
async fn a_reset_while_sending_says_that_not_all_was_sent() {
    let server = Server::start(|_, mut stream| async move {
        let mut scratch = [0; 1024];
        tokio::io::AsyncReadExt::read(&mut stream, &mut scratch).await?;
        stream.set_zero_linger()
    })
    .await;
    let error = HyperTransport::new()
        .send(server.post(large_body()))
        .await
        .unwrap_err();
    assert_kind(&error, Kind::Interrupted { sent_whole: false });
    assert!(!error.may_have_been_processed());
    assert_eq!(
        error.to_string(),
        "the connection ended before the request was sent"
    );
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_request_is_an_answer() {
    let server = Server::start(|_, mut stream| async move {
        let mut scratch = [0; 1024];
        tokio::io::AsyncReadExt::read(&mut stream, &mut scratch).await?;
        stream
            .write_all(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")
            .await?;
        until_closed(&mut stream).await;
        Ok(())
    })
    .await;
    let transport = HyperTransport::new();
    let response = transport.send(server.post(large_body())).await.unwrap();
    assert_eq!(response.status(), 413);
    assert_eq!(response.body(), "no");
    // The rest of that request would be read as the start of the next one.
    support::until(|| server.counts.open() == 0).await;
}

#[tokio::test]
async fn a_head_over_the_limit_is_too_large() {
    let head = |padding: usize| {
        let mut head = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-long: ".to_vec();
        head.resize(head.len() + padding, b'z');
        head.extend(b"\r\n\r\n");
        head
    };
    let transport = HyperTransport::builder().max_response_head(20_000).build();
    let fits = 20_000 - head(0).len();
    transport
        .send(Server::once(head(fits)).await.get())
        .await
        .unwrap();
    for padding in [fits + 1, 50_000, 1_000_000] {
        let server = Server::once(head(padding)).await;
        let error = failing(&transport, &server).await;
        assert_kind(&error, Kind::ResponseTooLarge);
        assert_eq!(error.to_string(), "the response head is over 20000 bytes");
        assert!(error.may_have_been_processed());
    }
    // The default.
    HyperTransport::new()
        .send(Server::once(head(60_000)).await.get())
        .await
        .unwrap();
    let server = Server::once(head(70_000)).await;
    assert_kind(
        &failing(&HyperTransport::new(), &server).await,
        Kind::ResponseTooLarge,
    );
}

#[tokio::test]
async fn a_head_without_end_is_too_large() {
    let server = Server::start(|_, mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
        loop {
            stream.write_all(b"x-more: of the same\r\n").await?;
        }
    })
    .await;
    let error = failing(&HyperTransport::new(), &server).await;
    // Too many headers or too many bytes, whichever hyper counts first.
    assert!(
        matches!(error.kind(), Kind::ResponseTooLarge | Kind::Protocol),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_body_that_declares_more_than_the_limit_is_not_read() {
    let server = Server::start(|_, mut stream| async move {
        read_request(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n")
            .await?;
        // Not a byte of it comes, and the client need not wait for one.
        until_closed(&mut stream).await;
        Ok(())
    })
    .await;
    let error = failing(&HyperTransport::new(), &server).await;
    assert_kind(&error, Kind::ResponseTooLarge);
    assert_eq!(error.to_string(), "the response body is over 8388608 bytes");
    support::until(|| server.counts.open() == 0).await;
}

#[tokio::test]
async fn a_body_without_end_is_read_up_to_the_limit() {
    let transport = HyperTransport::builder().max_response_body(100_000).build();
    let chunked = Server::start(|_, mut stream| async move {
        read_request(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            .await?;
        loop {
            stream.write_all(b"10\r\n0123456789abcdef\r\n").await?;
        }
    })
    .await;
    assert_kind(&failing(&transport, &chunked).await, Kind::ResponseTooLarge);
    let until_close = Server::start(|_, mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        loop {
            stream.write_all(&[b'x'; 1000]).await?;
        }
    })
    .await;
    assert_kind(
        &failing(&transport, &until_close).await,
        Kind::ResponseTooLarge,
    );
    support::until(|| chunked.counts.open() + until_close.counts.open() == 0).await;
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_read() {
    let transport = HyperTransport::builder().max_response_body(10).build();
    for response in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\n012345\r\n4\r\n6789\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n0123456789",
    ] {
        let server = Server::once(response).await;
        assert_eq!(
            transport.send(server.get()).await.unwrap().body(),
            "0123456789"
        );
    }
    for response in [
        "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n0123456789a",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\n012345\r\n5\r\n6789a\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n0123456789a",
    ] {
        let server = Server::once(response).await;
        assert_kind(&failing(&transport, &server).await, Kind::ResponseTooLarge);
    }
}

#[tokio::test]
async fn a_handshake_that_hangs_is_a_timeout_of_connecting() {
    let server = Server::silent().await;
    let uri = format!("https://{}/", server.address);
    let request = || http::Request::get(&uri).body(Bytes::new()).unwrap();
    let expected = Kind::Timeout {
        phase: TimeoutPhase::Connect,
        sent_whole: false,
    };

    let brief = Duration::from_millis(50);
    let transport = HyperTransport::builder().connect_timeout(brief).build();
    let error = transport.send(request()).await.unwrap_err();
    assert_kind(&error, expected);
    assert!(!error.may_have_been_processed());
    // The deadline of the attempt holds for connecting too.
    assert_kind(&short_lived().send(request()).await.unwrap_err(), expected);
    support::until(|| server.counts.open() == 0).await;
}

#[tokio::test]
async fn a_full_backlog_is_a_timeout_of_connecting() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Nobody accepts; connections pile up until the operating system answers no more.
    let mut pile = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(
        Duration::from_millis(50),
        tokio::net::TcpStream::connect(address),
    )
    .await
    {
        pile.push(stream);
    }
    let transport = HyperTransport::builder()
        .connect_timeout(Duration::from_millis(50))
        .build();
    let request = http::Request::get(format!("http://{address}/"))
        .body(Bytes::new())
        .unwrap();
    let error = transport.send(request).await.unwrap_err();
    assert_kind(
        &error,
        Kind::Timeout {
            phase: TimeoutPhase::Connect,
            sent_whole: false,
        },
    );
}

#[tokio::test]
async fn no_free_connection_is_a_timeout_before_sending() {
    let server = Server::silent().await;
    let transport = HyperTransport::builder().max_connections(1).build();
    let (first, second) = (transport.clone(), server.get());
    let first = tokio::spawn({
        let request = server.get();
        async move { first.send(request).await }
    });
    support::until(|| server.counts.open() == 1).await;
    let mut second = second;
    second
        .extensions_mut()
        .insert(AttemptTimeout(Duration::from_millis(20)));
    let error = transport.send(second).await.unwrap_err();
    assert_kind(
        &error,
        Kind::Timeout {
            phase: TimeoutPhase::Slot,
            sent_whole: false,
        },
    );
    assert!(!error.may_have_been_processed());
    first.abort();
}

#[tokio::test]
async fn what_is_no_request_is_refused_before_connecting() {
    for (uri, message) in [
        ("/path", "the request's URI has no scheme and host"),
        (
            "example.com:443",
            "the request's URI has no scheme and host",
        ),
        ("ftp://127.0.0.1/", "ftp: is neither https: nor http:"),
        ("https://127.0.0.1:99999/", "99999 is not a port"),
    ] {
        let request = http::Request::get(uri).body(Bytes::new()).unwrap();
        let error = HyperTransport::new().send(request).await.unwrap_err();
        assert_kind(&error, Kind::Other);
        assert_eq!(error.to_string(), message);
        assert!(!error.may_have_been_processed());
    }
}

#[tokio::test]
async fn clear_text_goes_to_this_machine_only() {
    let refused = |uri: &'static str| async move {
        let request = http::Request::get(uri).body(Bytes::new()).unwrap();
        let error = HyperTransport::new().send(request).await.unwrap_err();
        assert!(!error.may_have_been_processed());
        (error.kind(), error.to_string())
    };
    for uri in [
        "http://example.com/",
        "http://192.0.2.1/",
        "http://localhost.example.com/",
        "http://127.0.0.1.example.com/",
        "http://user@example.com/",
        "http://127.0.0.1@example.com/",
        "http://[2001:db8::1]/",
        "http://0.0.0.0/",
    ] {
        let (kind, message) = refused(uri).await;
        assert_eq!(kind, Kind::Other, "{uri}");
        assert!(message.contains("in clear text: use https:"), "{message}");
    }
    let server = Server::always(support::OK).await;
    for host in ["localhost", "LOCALHOST", "127.0.0.1"] {
        let uri = format!("http://{host}:{}/", server.address.port());
        let request = http::Request::get(uri).body(Bytes::new()).unwrap();
        HyperTransport::new().send(request).await.unwrap();
    }
    // Allowed explicitly, the same request gets as far as connecting.
    let transport = HyperTransport::builder().allow_clear_text(true).build();
    let mut request = http::Request::get("http://host.invalid/")
        .body(Bytes::new())
        .unwrap();
    request
        .extensions_mut()
        .insert(AttemptTimeout(Duration::from_millis(500)));
    assert_ne!(
        transport.send(request).await.unwrap_err().kind(),
        Kind::Other
    );
}

#[test]
fn outside_of_a_runtime_is_an_error_not_a_panic() {
    let transport = HyperTransport::new();
    let request = http::Request::get("https://127.0.0.1/")
        .body(Bytes::new())
        .unwrap();
    let mut sending = std::pin::pin!(transport.send(request));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match sending.as_mut().poll(&mut cx) {
        std::task::Poll::Ready(Err(error)) => assert!(!error.may_have_been_processed()),
        other => panic!("{other:?}"),
    }
}
