//! The client over real sockets: a server that answers as told, and one that breaks off.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails the short way"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use amplify_backend::models::ServiceName;
use amplify_backend::{
    Client, Credentials, Endpoint, Error, ErrorKind, HyperTransport, Region, TransportErrorKind,
};
use httpmock::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

fn client(url: &str) -> Client {
    over(HyperTransport::new(), url)
}

fn over(transport: HyperTransport, url: &str) -> Client {
    Client::over(transport)
        .region(Region::new("us-east-1").unwrap())
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .endpoint(Endpoint::new(url).unwrap())
        .build()
}

async fn reads(client: &Client) -> Result<(), Error> {
    client.list_s3_buckets().send().await.map(drop)
}

async fn changes(client: &Client) -> Result<(), Error> {
    client
        .import_backend_storage()
        .app_id("d1a2b3c4d5e6f7")
        .backend_environment_name("staging")
        .bucket_name("photos")
        .service_name(ServiceName::S3)
        .send()
        .await
        .map(drop)
}

#[tokio::test]
async fn a_call_arrives_signed_and_whole() {
    let server = MockServer::start_async().await;
    let mock = server
        .mock_async(|when, then| {
            when.method(POST)
                .path("/base/backend/d1a2b3c4d5e6f7/storage/staging/import")
                .header("content-type", "application/json")
                .header_exists("x-amz-date")
                .header_exists("amz-sdk-invocation-id")
                .header("amz-sdk-request", "attempt=1; max=3")
                .header_prefix("authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
                .header_prefix("user-agent", "amplify-backend/")
                .body(r#"{"bucketName":"photos","serviceName":"S3"}"#);
            then.status(200)
                .body(r#"{"jobId":"j-1","status":"RUNNING"}"#);
        })
        .await;
    changes(&client(&server.url("/base/"))).await.unwrap();
    mock.assert_async().await;
}

#[tokio::test]
async fn answers_that_are_no_output_are_errors_that_say_what_they_are() {
    let server = MockServer::start_async().await;
    for (path, status, header, body, kind, attempts, text) in [
        (
            "/moved",
            301,
            ("location", "https://example.com/"),
            "",
            ErrorKind::Redirect,
            1,
            "(status 301)",
        ),
        (
            "/html",
            502,
            ("x", "y"),
            "<html>Bad Gateway</html>",
            ErrorKind::Service,
            2,
            "(502)",
        ),
        (
            "/slow",
            429,
            ("x", "y"),
            "",
            ErrorKind::Service,
            2,
            "TooManyRequestsException (429)",
        ),
        (
            "/page",
            200,
            ("x", "y"),
            "<html>",
            ErrorKind::Decode,
            1,
            "a page came back",
        ),
    ] {
        let mock = server
            .mock_async(|when, then| {
                when.path(format!("{path}/s3Buckets"));
                then.status(status).header(header.0, header.1).body(body);
            })
            .await;
        let retry = amplify_backend::RetryPolicy::new()
            .with_max_attempts(2)
            .with_max_backoff(Duration::ZERO);
        let client = client(&server.url(path)).with_retry(retry);
        let error = reads(&client).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (kind, attempts),
            "{error}"
        );
        assert!(error.to_string().contains(text), "{error}");
        assert_eq!(mock.calls_async().await, usize::try_from(attempts).unwrap());
    }
}

/// A server that does `each` with every connection, and counts them.
async fn server<F>(each: fn(TcpStream) -> F) -> (String, Arc<AtomicUsize>)
where
    F: Future<Output = Option<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let count = connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(each(stream));
        }
    });
    (url(address), connections)
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// Reads one request, head and body. `None` when the other side closes.
async fn request(stream: &mut TcpStream) -> Option<()> {
    let mut seen = Vec::new();
    loop {
        let mut piece = [0; 4_096];
        match stream.read(&mut piece).await.ok()? {
            0 => return None,
            read => seen.extend_from_slice(piece.get(..read)?),
        }
        let text = String::from_utf8_lossy(&seen);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_ascii_lowercase();
        let length = head
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.lines().next());
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return Some(());
        }
    }
}

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

#[tokio::test]
async fn without_a_server_a_change_is_tried_again_and_certainly_did_not_happen() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = url(listener.local_addr().unwrap());
    drop(listener);
    let error = changes(&client(&url)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 3));
    assert!(!error.may_have_happened());
    assert_eq!(
        error.to_string(),
        "no answer to ImportBackendStorage (3 attempts); check the endpoint and the network"
    );
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_leaves_a_change_in_doubt() {
    let (url, connections) = server(|mut stream| async move { request(&mut stream).await }).await;
    let client = client(&url);
    let error = changes(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 1));
    assert!(error.may_have_happened());
    assert!(
        error
            .to_string()
            .ends_with("look with ListBackendJobs before trying again")
    );
    assert_eq!(connections.load(Ordering::SeqCst), 1);

    let error = reads(&client).await.unwrap_err();
    assert_eq!((error.attempts(), error.may_have_happened()), (3, false));
    assert_eq!(connections.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_is_replaced_before_a_change_goes_out() {
    let (url, connections) = server(|mut stream| async move {
        request(&mut stream).await?;
        stream.write_all(ANSWER).await.ok()
    })
    .await;
    let client = client(&url);
    for number in 1..=5 {
        changes(&client).await.unwrap();
        assert_eq!(connections.load(Ordering::SeqCst), number);
    }
}

#[tokio::test]
async fn what_is_not_http_is_named_and_a_change_stays_in_doubt() {
    type Fault = (&'static [u8], fn(TransportErrorKind) -> bool);
    let faults: [Fault; 4] = [
        (b"SSH-2.0-OpenSSH\r\n", |kind| {
            kind == TransportErrorKind::Protocol
        }),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
            |kind| kind == TransportErrorKind::Protocol,
        ),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}", |kind| {
            matches!(kind, TransportErrorKind::Interrupted { .. })
        }),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n",
            |kind| kind == TransportErrorKind::ResponseTooLarge,
        ),
    ];
    for (answer, is_expected) in faults {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url(listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            request(&mut stream).await;
            stream.write_all(answer).await
        });
        let error = changes(&client(&url)).await.unwrap_err();
        let cause = error.transport().unwrap();
        assert!(is_expected(cause.kind()), "{cause:?}");
        assert!(error.may_have_happened(), "{error}");
    }
}

#[tokio::test]
async fn an_answer_that_trickles_ends_with_the_attempts_time() {
    let (url, _) = server(|mut stream| async move {
        request(&mut stream).await?;
        let mut every = tokio::time::interval(Duration::from_millis(20));
        for byte in ANSWER.iter().cycle() {
            every.tick().await;
            stream.write_all(&[*byte]).await.ok()?;
        }
        Some(())
    })
    .await;
    let error = changes(&client(&url).with_attempt_timeout(Duration::from_millis(100)))
        .await
        .unwrap_err();
    assert!(error.is_timeout() && error.may_have_happened(), "{error}");
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn a_thousand_calls_at_once_all_come_back_over_few_connections() {
    let (url, connections) = server(|mut stream| async move {
        loop {
            request(&mut stream).await?;
            stream.write_all(ANSWER).await.ok()?;
        }
    })
    .await;
    let client = over(HyperTransport::builder().max_connections(8).build(), &url);
    let calls: Vec<_> = (0..1_000)
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move {
                match number % 2 {
                    0 => reads(&client).await,
                    _ => changes(&client).await,
                }
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert!(connections.load(Ordering::SeqCst) <= 8);
}
