//! Connections between calls: reused, replaced, bounded, and gone when nobody needs them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests too"
)]

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use amplify_backend_transport::{
    HyperTransport, Replay, Transport, TransportError, TransportErrorKind as Kind,
};
use bytes::Bytes;
use support::{OK, Server, assert_kind, read_request, until, until_closed};
use tokio::{
    io::AsyncWriteExt,
    net::TcpListener,
    runtime::Handle,
    sync::{Semaphore, mpsc},
    task::JoinSet,
};

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

#[tokio::test]
async fn calls_in_a_row_share_a_connection() {
    let server = Server::always(OK).await;
    let transport = HyperTransport::new();
    for _ in 0..100 {
        assert_eq!(
            transport.send(server.post("{}")).await.unwrap().body(),
            "ok"
        );
    }
    assert_eq!(server.counts.accepted(), 1);
}

#[tokio::test]
async fn clones_share_connections_and_hosts_do_not() {
    let server = Server::always(OK).await;
    let other = Server::always(OK).await;
    let transport = HyperTransport::new();
    transport.send(server.get()).await.unwrap();
    transport.clone().send(server.get()).await.unwrap();
    transport.send(other.get()).await.unwrap();
    transport.send(server.get()).await.unwrap();
    assert_eq!((server.counts.accepted(), other.counts.accepted()), (1, 1));
}

#[tokio::test]
async fn a_response_that_closes_ends_its_connection() {
    let closing = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok";
    let server = Server::always(closing).await;
    let transport = HyperTransport::new();
    for _ in 0..3 {
        assert_eq!(transport.send(server.get()).await.unwrap().body(), "ok");
        until(|| server.counts.open() == 0).await;
    }
    assert_eq!(server.counts.accepted(), 3);
}

/// A server that answers one request per connection, closes, and says when it has closed.
async fn closing_while_idle() -> (Server, mpsc::UnboundedReceiver<()>) {
    let (closed, was_closed) = mpsc::unbounded_channel();
    let server = Server::start(move |_, mut stream| {
        let closed = closed.clone();
        async move {
            read_request(&mut stream).await;
            stream.write_all(OK).await?;
            drop(stream);
            closed.send(()).unwrap();
            Ok(())
        }
    })
    .await;
    (server, was_closed)
}

#[tokio::test]
async fn a_connection_closed_while_idle_is_replaced_before_sending() {
    let (server, mut was_closed) = closing_while_idle().await;
    let transport = HyperTransport::new();
    for _ in 0..20 {
        // A changing request: nothing of it may go to the closed connection.
        transport.send(server.post("{}")).await.unwrap();
        was_closed.recv().await.unwrap();
    }
    assert_eq!(server.counts.accepted(), 20);
}

#[test]
fn a_close_the_runtime_has_not_heard_of_is_noticed_too() {
    let (server, client) = (runtime(), runtime());
    let (server_runtime, transport) = (server, HyperTransport::new());
    let (server, mut was_closed) = server_runtime.block_on(closing_while_idle());
    for _ in 0..20 {
        client.block_on(transport.send(server.post("{}"))).unwrap();
        // The client's runtime does not run meanwhile, so its reactor is behind.
        server_runtime.block_on(was_closed.recv()).unwrap();
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

#[tokio::test]
async fn words_nobody_asked_for_end_an_idle_connection() {
    let (said, was_said) = mpsc::unbounded_channel();
    let mut was_said = was_said;
    let server = Server::start(move |number, mut stream| {
        let said = said.clone();
        async move {
            read_request(&mut stream).await;
            stream.write_all(OK).await?;
            if number == 0 {
                let timeout = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n";
                stream.write_all(timeout).await?;
                said.send(()).unwrap();
            }
            until_closed(&mut stream).await;
            Ok(())
        }
    })
    .await;
    let transport = HyperTransport::new();
    transport.send(server.post("{}")).await.unwrap();
    was_said.recv().await.unwrap();
    assert_eq!(
        transport.send(server.post("{}")).await.unwrap().status(),
        200
    );
    assert_eq!(server.counts.accepted(), 2);
}

/// A server that answers the first request of its first connection, and ends that connection at the
/// second without a byte. Counts the requests it has read.
async fn forgetful(reset: bool) -> (Server, Arc<AtomicUsize>) {
    let requests = Arc::<AtomicUsize>::default();
    let counted = requests.clone();
    let server = Server::start(move |number, mut stream| {
        let counted = counted.clone();
        async move {
            let mut answers = if number == 0 { 1 } else { usize::MAX };
            while read_request(&mut stream).await.is_some() {
                counted.fetch_add(1, SeqCst);
                if answers == 0 {
                    return if reset {
                        stream.set_zero_linger()
                    } else {
                        Ok(())
                    };
                }
                answers -= 1;
                stream.write_all(OK).await?;
            }
            Ok(())
        }
    })
    .await;
    (server, requests)
}

#[tokio::test]
async fn a_reading_request_is_sent_again_when_its_reused_connection_ended_without_an_answer() {
    for reset in [false, true] {
        let (server, requests) = forgetful(reset).await;
        let transport = HyperTransport::new();
        transport.send(server.post("{}")).await.unwrap();
        let mut reading = server.post("{}");
        reading.extensions_mut().insert(Replay::Safe);
        assert_eq!(transport.send(reading).await.unwrap().body(), "ok");
        assert_eq!((requests.load(SeqCst), server.counts.accepted()), (3, 2));
    }
}

#[tokio::test]
async fn a_changing_request_is_not_sent_again_once_it_went_out() {
    for reset in [false, true] {
        let (server, requests) = forgetful(reset).await;
        let transport = HyperTransport::new();
        transport.send(server.post("{}")).await.unwrap();
        let error = transport.send(server.post("{}")).await.unwrap_err();
        assert_kind(&error, Kind::Interrupted { sent_whole: true });
        assert!(error.may_have_been_processed());
        assert_eq!(requests.load(SeqCst), 2);
        // The connection is gone with it.
        transport.send(server.post("{}")).await.unwrap();
        assert_eq!(server.counts.accepted(), 2);
    }
}

#[tokio::test]
async fn a_fresh_connection_that_ends_is_not_replaced() {
    let server = Server::once(b"").await;
    let mut reading = server.get();
    reading.extensions_mut().insert(Replay::Safe);
    let error = HyperTransport::new().send(reading).await.unwrap_err();
    assert_kind(&error, Kind::Interrupted { sent_whole: true });
    assert_eq!(server.counts.accepted(), 1);
}

#[tokio::test]
async fn a_reading_request_is_sent_again_once_only() {
    // Every connection but the first ends without an answer, and the first does at its second
    // request.
    let server = Server::start(|number, mut stream| async move {
        read_request(&mut stream).await;
        if number == 0 {
            stream.write_all(OK).await?;
            read_request(&mut stream).await;
        }
        Ok(())
    })
    .await;
    let transport = HyperTransport::new();
    transport.send(server.get()).await.unwrap();
    let mut reading = server.get();
    reading.extensions_mut().insert(Replay::Safe);
    let error = transport.send(reading).await.unwrap_err();
    assert_kind(&error, Kind::Interrupted { sent_whole: true });
    assert_eq!(server.counts.accepted(), 2);
}

#[tokio::test]
async fn a_reused_connection_that_ends_within_the_answer_is_not_replaced() {
    let server = Server::start(|_, mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(OK).await?;
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200").await
    })
    .await;
    let transport = HyperTransport::new();
    transport.send(server.get()).await.unwrap();
    let mut reading = server.get();
    reading.extensions_mut().insert(Replay::Safe);
    let error = transport.send(reading).await.unwrap_err();
    assert_kind(&error, Kind::Interrupted { sent_whole: true });
    assert_eq!(server.counts.accepted(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_at_once_share_a_few_connections() {
    let server = Server::start(|_, mut stream| async move {
        while let Some((_, body)) = read_request(&mut stream).await {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&body).await?;
        }
        Ok(())
    })
    .await;
    let transport = HyperTransport::builder().max_connections(8).build();
    let mut calls = JoinSet::new();
    for number in 0..1000 {
        let (transport, request) = (transport.clone(), server.post(format!("call {number}")));
        calls.spawn(async move {
            let response = transport.send(request).await.unwrap();
            assert_eq!(response.body(), &format!("call {number}"));
        });
    }
    let mut finished = 0;
    while let Some(call) = calls.join_next().await {
        call.unwrap();
        finished += 1;
    }
    assert_eq!(finished, 1000);
    assert!(
        server.counts.most_at_once() <= 8,
        "{}",
        server.counts.most_at_once()
    );
    assert!(
        server.counts.accepted() <= 8,
        "{}",
        server.counts.accepted()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bound_on_connections_holds_over_all_hosts() {
    // Counted as requests in work at all servers together: a call holds its connection that long.
    let gate = Arc::new(Semaphore::new(4));
    let start = || async {
        let gate = gate.clone();
        Server::start(move |_, mut stream| {
            let gate = gate.clone();
            async move {
                while read_request(&mut stream).await.is_some() {
                    let working = gate.try_acquire().expect("no more calls than connections");
                    tokio::task::yield_now().await;
                    drop(working);
                    stream.write_all(OK).await?;
                }
                Ok(())
            }
        })
        .await
    };
    let servers = [
        start().await,
        start().await,
        start().await,
        start().await,
        start().await,
    ];
    let transport = HyperTransport::builder().max_connections(4).build();
    let mut calls = JoinSet::new();
    for number in 0..500 {
        let (transport, request) = (transport.clone(), servers[number % 5].get());
        calls.spawn(async move { transport.send(request).await.unwrap() });
    }
    assert_eq!(calls.join_all().await.len(), 500);
    // Once all is quiet, what is left is idle, and no more than allowed.
    until(|| {
        servers
            .iter()
            .map(|server| server.counts.open())
            .sum::<usize>()
            <= 4
    })
    .await;
}

#[tokio::test]
async fn an_idle_connection_makes_room_for_another_host() {
    let server = Server::always(OK).await;
    let other = Server::always(OK).await;
    let transport = HyperTransport::builder().max_connections(1).build();
    transport.send(server.get()).await.unwrap();
    transport.send(other.get()).await.unwrap();
    until(|| server.counts.open() == 0).await;
    assert_eq!(other.counts.open(), 1);
}

#[tokio::test]
async fn dropping_a_call_closes_its_connection_and_frees_its_slot() {
    let server = Server::start(|number, mut stream| async move {
        while read_request(&mut stream).await.is_some() {
            if number == 0 {
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
                    .await?;
            } else {
                stream.write_all(OK).await?;
            }
        }
        Ok(())
    })
    .await;
    let transport = HyperTransport::builder().max_connections(1).build();
    let call = tokio::spawn({
        let (transport, request) = (transport.clone(), server.get());
        async move { transport.send(request).await }
    });
    until(|| server.counts.open() == 1).await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    until(|| server.counts.open() == 0).await;
    assert_eq!(transport.send(server.get()).await.unwrap().body(), "ok");
    assert_eq!(server.counts.accepted(), 2);
}

#[tokio::test]
async fn a_call_that_fails_frees_its_slot() {
    let server = Server::once(b"nonsense\r\n\r\n").await;
    let transport = HyperTransport::builder().max_connections(1).build();
    for _ in 0..10 {
        assert_kind(
            &transport.send(server.get()).await.unwrap_err(),
            Kind::Protocol,
        );
    }
    until(|| server.counts.open() == 0).await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_when_its_time_is_over() {
    let server = Server::always(OK).await;
    let brief = Duration::from_millis(20);
    let transport = HyperTransport::builder().idle_timeout(brief).build();
    let before = tasks();
    transport.send(server.get()).await.unwrap();
    assert_eq!(
        tasks(),
        before + 2,
        "the server's connection, and the sweeper"
    );
    until(|| server.counts.open() == 0 && tasks() == before).await;
    // And all over again.
    transport.send(server.get()).await.unwrap();
    until(|| server.counts.open() == 0 && tasks() == before).await;
    assert_eq!(server.counts.accepted(), 2);
}

#[tokio::test]
async fn an_idle_time_of_zero_keeps_no_connection() {
    let server = Server::always(OK).await;
    let transport = HyperTransport::builder()
        .idle_timeout(Duration::ZERO)
        .build();
    transport.send(server.get()).await.unwrap();
    until(|| server.counts.open() == 0).await;
}

#[tokio::test]
async fn a_connection_the_server_closes_is_let_go_without_another_call() {
    let before = tasks();
    let (server, mut was_closed) = closing_while_idle().await;
    let transport = HyperTransport::new();
    transport.send(server.get()).await.unwrap();
    was_closed.recv().await.unwrap();
    // Only the server's listening task is left: the sweeper had nothing more to look after.
    until(|| tasks() == before + 1).await;
    drop(transport);
}

#[tokio::test]
async fn a_dropped_transport_leaves_no_task_and_no_socket() {
    let before = tasks();
    let server = Server::always(OK).await;
    let transport = HyperTransport::new();
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let (transport, request) = (transport.clone(), server.get());
            tokio::spawn(async move { transport.send(request).await.unwrap() })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    assert!(server.counts.open() > 0);
    drop(transport);
    until(|| server.counts.open() == 0 && tasks() == before + 1).await;
}

#[test]
fn a_transport_outlives_the_runtime_it_was_used_in() {
    let server_runtime = runtime();
    let server = server_runtime.block_on(Server::always(OK));
    let transport = HyperTransport::new();
    for _ in 0..3 {
        let client = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        client.block_on(transport.send(server.post("{}"))).unwrap();
        client.block_on(transport.send(server.post("{}"))).unwrap();
    }
    assert_eq!(server.counts.accepted(), 3);
    drop(transport);
    until_blocking(|| server.counts.open() == 0);
}

fn until_blocking(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn a_server_on_ipv6_is_reached_by_its_literal() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else {
        return; // This machine has no IPv6.
    };
    let server = Server::listen(listener, |_, mut stream| async move {
        let (head, _) = read_request(&mut stream).await.unwrap();
        assert!(head.contains("host: [::1]:"), "{head}");
        stream.write_all(OK).await
    });
    let response = HyperTransport::new().send(server.get()).await.unwrap();
    assert_eq!(response.body(), "ok");
}

#[tokio::test]
async fn a_request_goes_out_as_it_is() {
    let (seen, mut was_seen) = mpsc::unbounded_channel();
    let server = Server::start(move |_, mut stream| {
        let seen = seen.clone();
        async move {
            while let Some(request) = read_request(&mut stream).await {
                seen.send(request).unwrap();
                stream.write_all(OK).await?;
            }
            Ok(())
        }
    })
    .await;
    let transport = HyperTransport::new();
    let host = server.address;
    let mut sent = async |request| {
        transport.send(request).await.unwrap();
        was_seen.recv().await.unwrap()
    };
    let request = http::Request::post(server.url("/a%2Fb/./c?d=e%20f"))
        .header("x-one", "1")
        .body(Bytes::from("{}"))
        .unwrap();
    let expected = format!(
        "POST /a%2Fb/./c?d=e%20f HTTP/1.1\r\nx-one: 1\r\nhost: {host}\r\ncontent-length: 2\r\n\r\n"
    );
    assert_eq!(sent(request).await, (expected, b"{}".to_vec()));

    let request = http::Request::get(server.url(""))
        .header("host", "elsewhere")
        .version(http::Version::HTTP_2)
        .body(Bytes::new())
        .unwrap();
    let expected = "GET / HTTP/1.1\r\nhost: elsewhere\r\n\r\n".to_owned();
    assert_eq!(sent(request).await, (expected, Vec::new()));

    let request = http::Request::post(format!("http://user:secret@{host}/"))
        .body(Bytes::new())
        .unwrap();
    let (head, _) = sent(request).await;
    assert!(!head.contains("secret"), "{head}");
    assert!(head.contains(&format!("host: {host}\r\n")), "{head}");
}

#[tokio::test]
async fn a_response_comes_back_as_it_is() {
    for (response, status, body) in [
        (
            "HTTP/1.1 301 Moved\r\nlocation: https://example.com/\r\ncontent-length: 4\r\n\r\nover",
            301,
            "over",
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html></html>",
            502,
            "<html></html>",
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
            200,
            "ok",
        ),
        ("HTTP/1.0 200 OK\r\n\r\nold", 200, "old"),
        (
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nzip",
            200,
            "zip",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x\r\n\r\n2\r\nok\r\n0\r\nx: y\r\n\r\n",
            200,
            "ok",
        ),
    ] {
        let server = Server::once(response).await;
        let response = HyperTransport::new().send(server.get()).await.unwrap();
        assert_eq!(
            (response.status().as_u16(), response.body().as_ref()),
            (status, body.as_bytes())
        );
        if status == 301 {
            assert_eq!(response.headers()["location"], "https://example.com/");
        }
    }
}

#[tokio::test]
async fn a_large_body_of_many_pieces_arrives_whole() {
    let body: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect();
    let expected = body.clone();
    let server = Server::start(move |_, mut stream| {
        let body = body.clone();
        async move {
            while read_request(&mut stream).await.is_some() {
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                stream.write_all(head.as_bytes()).await?;
                stream.write_all(&body).await?;
            }
            Ok(())
        }
    })
    .await;
    let transport = HyperTransport::new();
    for _ in 0..2 {
        let response = transport.send(server.post(expected.clone())).await.unwrap();
        assert!(response.body() == &expected);
    }
    assert_eq!(server.counts.accepted(), 1);
}

#[tokio::test]
async fn a_reference_and_an_arc_of_a_transport_are_transports() {
    async fn through(transport: impl Transport, server: &Server) -> Result<(), TransportError> {
        transport.send(server.get()).await.map(|_| ())
    }
    let server = Server::always(OK).await;
    let transport = HyperTransport::new();
    through(&transport, &server).await.unwrap();
    through(Arc::new(transport), &server).await.unwrap();
}

#[test]
fn the_future_of_a_call_is_small() {
    let transport = HyperTransport::new();
    let future = transport.send(http::Request::new(Bytes::new()));
    let size = size_of_val(&future);
    assert!(size <= 2048, "{size} bytes");
}
