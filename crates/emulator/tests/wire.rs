//! The server byte by byte: what it answers, what it refuses, and when it lets go.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails the short way"
)]

use std::io::ErrorKind;
use std::time::Duration;

use amplify_backend_emulator::{
    BodyKind, Effect, Emulator, FaultRule, Reset, Server, ServerOptions, SignatureMode,
};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const LIST: &str = "POST /s3Buckets HTTP/1.1\r\nhost: localhost\r\n\
                    content-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

fn emulator() -> Emulator {
    let open = Emulator::builder().signatures(SignatureMode::Off);
    open.build().unwrap()
}

fn server(emulator: &Emulator) -> Server {
    emulator.serve("127.0.0.1:0").unwrap()
}

fn server_with(change: impl FnOnce(&mut ServerOptions)) -> Server {
    let mut options = ServerOptions::default();
    change(&mut options);
    emulator().serve_with("127.0.0.1:0", options).unwrap()
}

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.local_addr()).await.unwrap()
}

/// Sends `bytes`, and gives all that comes until the server ends the connection.
async fn exchange(server: &Server, bytes: &[u8]) -> String {
    let mut stream = connect(server).await;
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// One answer, of which the head is whole and the body as long as it says.
async fn answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(answer).unwrap();
    let length = head.split("content-length: ").nth(1).unwrap();
    let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    head + str::from_utf8(&body).unwrap()
}

fn status(answer: &str) -> &str {
    answer
        .strip_prefix("HTTP/1.1 ")
        .unwrap_or_default()
        .get(..3)
        .unwrap_or_default()
}

#[tokio::test]
async fn an_answer_looks_like_the_services() {
    let server = server(&emulator());
    let mut stream = connect(&server).await;
    stream.write_all(LIST.as_bytes()).await.unwrap();
    let text = answer(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    assert!(text.ends_with("\r\n\r\n{\"buckets\":[]}"), "{text}");
    for header in [
        "content-type: application/json",
        "date: ",
        "x-amzn-requestid: ",
    ] {
        assert!(text.contains(&format!("\r\n{header}")), "{text}");
    }
    stream
        .write_all(&LIST.replace("s3Buckets", "nothing").into_bytes())
        .await
        .unwrap();
    let text = answer(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 404 Not Found\r\n"), "{text}");
    assert!(
        text.contains("\r\nx-amzn-errortype: UnknownOperationException\r\n"),
        "{text}"
    );
}

#[tokio::test]
async fn requests_that_two_parsers_could_read_differently_are_refused_and_the_connection_closed() {
    let server = server(&emulator());
    for (request, status_expected) in [
        (
            LIST.replace(
                "content-length: 2",
                "content-length: 2\r\ntransfer-encoding: chunked",
            ),
            "400",
        ),
        (
            LIST.replace(
                "content-length: 2",
                "content-length: 2\r\ncontent-length: 2",
            ),
            "400",
        ),
        (
            LIST.replace(
                "content-length: 2",
                "content-length: 2\r\ncontent-length: 3",
            ),
            "400",
        ),
        (
            LIST.replace("content-length: 2", "content-length: 0x2"),
            "400",
        ),
        (
            LIST.replace("content-length: 2", "content-length : 2"),
            "400",
        ),
        (LIST.replace("localhost\r\n", "localhost\n"), "400"),
        (LIST.replace("\r\n\r\n", "\n\n"), "400"),
        (
            LIST.replace("localhost\r\n", "localhost\r\n folded\r\n"),
            "400",
        ),
        (
            LIST.replace("localhost\r\n", "localhost\r\nhost: other\r\n"),
            "400",
        ),
        (LIST.replace("host: localhost\r\n", ""), "400"),
        (LIST.replace("HTTP/1.1", "HTTP/3.0"), "400"),
        (
            LIST.replace("content-length: 2", "content-length: 1048577"),
            "413",
        ),
        (LIST.replace("localhost", &"h".repeat(65_537)), "431"),
        (
            LIST.replace(
                "localhost\r\n",
                &format!("localhost\r\n{}", "a: b\r\n".repeat(200)),
            ),
            "431",
        ),
        (
            LIST.replace("content-length: 2", "transfer-encoding: chunked")
                .replace("{}", "2\n{}\r\n0\r\n\r\n"),
            "400",
        ),
        (
            LIST.replace("content-length: 2", "transfer-encoding: chunked")
                .replace("{}", "2\r\n{}0\r\n\r\n"),
            "400",
        ),
        (
            LIST.replace("content-length: 2", "transfer-encoding: chunked")
                .replace("{}", "100001\r\n"),
            "413",
        ),
        (
            "\x16\x03\x01\x02\x00\x01\x00\x01\x7c\x03\x03".to_owned(),
            "400",
        ),
    ] {
        // What comes behind must not be taken for a request.
        let text = exchange(&server, format!("{request}{LIST}").as_bytes()).await;
        assert_eq!(status(&text), status_expected, "{request}\n{text}");
        assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "{request}\n{text}");
        assert!(text.contains("\r\nconnection: close\r\n"), "{text}");
    }
}

#[tokio::test]
async fn a_body_in_chunks_is_read() {
    let server = server(&emulator());
    let mut stream = connect(&server).await;
    let request = LIST.replace("content-length: 2", "Transfer-Encoding: Chunked");
    let request = request.replace("{}", "1;a=b\r\n{\r\n1\r\n}\r\n0\r\ntrailer: t\r\n\r\n");
    for _ in 0..2 {
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(status(&answer(&mut stream).await), "200");
    }
}

#[tokio::test]
async fn requests_in_a_row_are_answered_in_their_order() {
    let server = server(&emulator());
    let mut stream = connect(&server).await;
    let other = LIST.replace("s3Buckets", "nothing");
    let row = [LIST, &other, LIST].concat();
    stream.write_all(row.as_bytes()).await.unwrap();
    for expected in ["200", "404", "200"] {
        assert_eq!(status(&answer(&mut stream).await), expected);
    }
}

#[tokio::test]
async fn a_client_that_waits_for_100_continue_is_told_to_go_on() {
    let server = server(&emulator());
    let mut stream = connect(&server).await;
    let head = LIST
        .replace("host:", "expect: 100-continue\r\nhost:")
        .replace("{}", "");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut told = [0; 25];
    stream.read_exact(&mut told).await.unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"{}").await.unwrap();
    assert_eq!(status(&answer(&mut stream).await), "200");
}

#[tokio::test]
async fn head_gets_a_head_and_http_1_0_gets_one_answer() {
    let server = server(&emulator());
    let head = LIST
        .replace("POST", "HEAD")
        .replace("host:", "connection: close\r\nhost:");
    let text = exchange(&server, head.as_bytes()).await;
    assert!(
        status(&text) == "404" && text.ends_with("\r\n\r\n"),
        "{text}"
    );
    let old = LIST.replace("HTTP/1.1", "HTTP/1.0");
    let text = exchange(&server, old.as_bytes()).await;
    assert!(
        status(&text) == "200" && text.contains("connection: close"),
        "{text}"
    );
}

#[tokio::test]
async fn a_request_that_trickles_in_is_given_up() {
    let server = server_with(|options| options.read_timeout = Duration::from_millis(50));
    for end in [10, LIST.len() - 3, LIST.len() - 1] {
        let text = exchange(&server, &LIST.as_bytes()[..end]).await;
        assert_eq!(status(&text), "408", "{text}");
    }
}

#[tokio::test]
async fn a_connection_on_which_nothing_comes_is_closed() {
    let server = server_with(|options| options.idle_timeout = Duration::from_millis(20));
    assert_eq!(exchange(&server, b"").await, "");
}

#[tokio::test]
async fn a_client_that_takes_no_answers_does_not_stay() {
    let server = server_with(|options| options.read_timeout = Duration::from_millis(50));
    let mut stream = connect(&server).await;
    let row = LIST.repeat(64);
    // The server stops to read when nobody takes what it writes, and then gives up.
    let error = loop {
        if let Err(error) = stream.write_all(row.as_bytes()).await {
            break error;
        }
    };
    assert!(
        matches!(
            error.kind(),
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
        ),
        "{error}"
    );
}

#[tokio::test]
async fn no_more_connections_are_served_than_allowed() {
    let server = server_with(|options| options.max_connections = 1);
    let mut first = connect(&server).await;
    first.write_all(LIST.as_bytes()).await.unwrap();
    assert_eq!(status(&answer(&mut first).await), "200");
    let mut second = connect(&server).await;
    second.write_all(LIST.as_bytes()).await.unwrap();
    let mut byte = [0];
    let early = tokio::time::timeout(Duration::from_millis(50), second.read(&mut byte)).await;
    assert!(early.is_err(), "the second was served beside the first");
    drop(first);
    assert_eq!(status(&answer(&mut second).await), "200");
}

#[tokio::test]
async fn a_server_that_is_shut_down_answers_what_is_on_its_way() {
    let emulator = emulator();
    let rule = FaultRule::delay(Duration::from_millis(100));
    emulator.add_fault(rule).unwrap();
    let server = server(&emulator);
    let address = server.local_addr();
    let mut idle = connect(&server).await;
    let mut busy = connect(&server).await;
    busy.write_all(LIST.as_bytes()).await.unwrap();
    // Once it is in the log, the answer is being held back.
    while emulator.requests(1).is_empty() {
        tokio::task::yield_now().await;
    }
    let answered = async {
        let text = answer(&mut busy).await;
        assert!(
            status(&text) == "200" && text.contains("connection: close"),
            "{text}"
        );
    };
    tokio::join!(server.shutdown(), answered);
    assert_eq!(idle.read(&mut [0]).await.unwrap(), 0);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_server_that_is_dropped_lets_go_of_its_port() {
    let emulator = emulator();
    let server = server(&emulator);
    let address = server.local_addr();
    let mut open = connect(&server).await;
    drop(server);
    assert!(matches!(open.read(&mut [0]).await, Ok(0) | Err(_)));
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    emulator.serve(address).unwrap();
}

#[tokio::test]
async fn a_fault_breaks_the_answer_where_it_says() {
    let emulator = emulator();
    let server = server(&emulator);
    let mut broken = Vec::new();
    for effect in [
        Effect::Reset(Reset::Before),
        Effect::Reset(Reset::In),
        Effect::Reset(Reset::After),
        Effect::body(BodyKind::Truncated),
        Effect::body(BodyKind::Malformed),
        Effect::body(BodyKind::Html),
    ] {
        emulator.clear_faults();
        emulator.add_fault(FaultRule::new(effect)).unwrap();
        let mut stream = connect(&server).await;
        stream.write_all(LIST.as_bytes()).await.unwrap();
        // So that an answer which arrives whole ends too.
        stream.shutdown().await.unwrap();
        let mut text = Vec::new();
        let end = stream
            .read_to_end(&mut text)
            .await
            .map_err(|error| error.kind());
        broken.push((String::from_utf8(text).unwrap(), end.is_ok()));
    }
    let [before, inside, after, truncated, malformed, html] = broken.try_into().unwrap();
    assert_eq!(before, (String::new(), false));
    assert!(!inside.0.contains("\r\n\r\n") && !inside.1, "{inside:?}");
    assert!(
        after.0.ends_with("{\"buckets\":[]}") && after.1,
        "{after:?}"
    );
    assert!(truncated.0.contains("length: 14\r\n") && truncated.0.ends_with("\r\n\r\n{\"bucke"));
    assert!(
        malformed.0.ends_with("\r\n\r\n{\"buckets\":[]"),
        "{malformed:?}"
    );
    assert!(
        html.0.starts_with("HTTP/1.1 502 ") && html.0.contains("text/html"),
        "{html:?}"
    );
}

#[test]
fn without_a_runtime_there_is_an_error_and_no_server() {
    let error = emulator().serve("127.0.0.1:0").unwrap_err();
    assert!(error.to_string().contains("runtime"), "{error}");
}

#[test]
fn two_emulators_in_one_process_do_not_touch_each_other() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (one, other) = (emulator(), emulator());
        let (first, _second) = (server(&one), server(&other));
        let mut stream = connect(&first).await;
        stream.write_all(LIST.as_bytes()).await.unwrap();
        assert_eq!(status(&answer(&mut stream).await), "200");
        assert_eq!((one.requests(9).len(), other.requests(9).len()), (1, 0));
    });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes, the server answers or closes, and goes on for others.
    #[test]
    fn no_bytes_hang_or_break_the_server(
        parts in prop::collection::vec(
            prop_oneof![
                Just(LIST.as_bytes().to_vec()),
                prop::collection::vec(any::<u8>(), 0..40),
                prop::sample::select(vec![
                    "POST / HTTP/1.1\r\n", "host: a\r\n", "\r\n", "\r\n\r\n", "content-length: 3\r\n",
                    "transfer-encoding: chunked\r\n", "5\r\n", "0\r\n\r\n", "{}", "\n", "\r", " ",
                ]).prop_map(|text| text.as_bytes().to_vec()),
            ],
            0..12,
        ),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = server(&emulator());
            let mut stream = connect(&server).await;
            // The server may have closed already.
            let _ = stream.write_all(&parts.concat()).await;
            let _ = stream.shutdown().await;
            let _ = stream.read_to_end(&mut Vec::new()).await;
            let mut other = connect(&server).await;
            other.write_all(LIST.as_bytes()).await.unwrap();
            assert_eq!(status(&answer(&mut other).await), "200");
        });
    }
}
