//! `connection`: whatever is sent to the emulator's server, its answers are HTTP or the connection
//! ends.
//!
//! Input: what a client sends before it ends its half of the connection. The server is the real one,
//! on loopback, with limits of 2 KiB for a head and 2 KiB for a body; the control interface is there.
//!
//! - Nothing panics, and the connection is not reset, unless a fault rule that was sent asks for it.
//! - All that comes back are answers of HTTP/1.1, each with one length and a body of that length, in
//!   JSON where it says so; behind one with `connection: close` nothing comes.
//! - The answers are the same when what is sent comes in pieces.
//! - The memory that it takes is in proportion to what is sent, not to what that announces.

use std::cell::OnceCell;
use std::io;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, SystemTime};

use emulator::{Credentials, Emulator, ServerOptions, SignatureMode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

/// The largest head and the largest body.
const LIMIT: usize = 2 * 1024;

thread_local! {
    static RUNTIME: OnceCell<Runtime> = const { OnceCell::new() };
}

/// Checks what one connection is sent.
pub fn check(input: &[u8]) {
    let has = |text: &[u8]| input.windows(text.len()).any(|window| window == text);
    // Nobody waits for an answer that is held back.
    if has(b"elayM") {
        return;
    }
    let may_break = has(b"/_emulator/faults");
    // What the log tells are times, and the times differ.
    let tells_times = has(b"/_emulator/");

    let (whole, used) = measured(input, input.len());
    let pieces =
        (1 + input.iter().map(|byte| usize::from(*byte)).sum::<usize>() % 97).max(input.len() / 16);
    let (cut, _) = measured(input, pieces);
    let (whole, cut) = match (whole, cut) {
        (Ok(whole), Ok(cut)) => (whole, cut),
        (Err(error), _) | (_, Err(error)) => {
            return assert!(may_break, "the connection broke: {error}");
        }
    };
    if !may_break {
        let may_be_head = has(b"HEAD ");
        let whole = answers(&whole, may_be_head);
        let cut = answers(&cut, may_be_head);
        assert_eq!(whole.len(), cut.len(), "{whole:#?}\n{cut:#?}");
        for (whole, cut) in whole.iter().zip(&cut) {
            assert_eq!(whole.status, cut.status);
            assert!(tells_times || whole.is_refusal || whole.body == cut.body);
        }
    }

    static IDLE: OnceLock<u64> = OnceLock::new();
    let idle = *IDLE.get_or_init(|| measured(b"", 1).1);
    let most = idle + 256 * 1024 + 64 * u64::try_from(input.len()).unwrap_or(u64::MAX);
    assert!(used < most, "{used} bytes, {idle} without anything");
}

/// What comes back, and how much memory it took at the most.
fn measured(input: &[u8], piece: usize) -> (io::Result<Vec<u8>>, u64) {
    let mut answer = Ok(Vec::new());
    let used = allocation_counter::measure(|| {
        RUNTIME.with(|runtime| {
            let runtime = runtime.get_or_init(|| {
                let mut builder = Builder::new_current_thread();
                // After each step a look at the sockets: a piece is read before the next is sent.
                let builder = builder.enable_all().event_interval(1);
                builder.build().expect("there is room for a runtime")
            });
            answer = runtime.block_on(exchange(input, piece.max(1)));
        });
    });
    (answer, used.bytes_max)
}

async fn exchange(input: &[u8], piece: usize) -> io::Result<Vec<u8>> {
    let mut jobs = 0_u64;
    let emulator = Emulator::builder()
        .credentials([Credentials::new("local", "local")])
        .signatures(SignatureMode::Off)
        .clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045))
        .random_seed(0)
        .job_ids(move || {
            jobs += 1;
            format!("job-{jobs}")
        })
        .build()
        .expect("an emulator without a state file can be built");
    let mut options = ServerOptions::default();
    options.max_request_head = LIMIT;
    options.max_request_body = LIMIT;
    let server = emulator.serve_with(address(), options);
    let server = server.expect("there is a free port");
    let stream = TcpStream::connect(server.local_addr()).await;
    let stream = stream.expect("the server listens");
    stream.set_nodelay(true)?;
    let (mut from, mut to) = stream.into_split();
    let sending = async {
        for piece in input.chunks(piece) {
            // A server that has refused the connection need not read on.
            if to.write_all(piece).await.is_err() {
                return;
            }
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
        }
        let _ = to.shutdown().await;
    };
    let mut answer = Vec::new();
    let reading = from.read_to_end(&mut answer);
    let both = async { tokio::join!(sending, reading).1 };
    tokio::time::timeout(Duration::from_secs(5), both).await??;
    Ok(answer)
}

/// Any free port. On Linux all of 127.0.0.0/8 is this machine, and takes turns: a port rests for a
/// minute after its connection, and one address would run out of them.
fn address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let [high, low] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let host = match cfg!(target_os = "linux") {
        true => [127, 1 + high % 250, low, 1],
        false => [127, 0, 0, 1],
    };
    (host, 0).into()
}

#[derive(Debug)]
struct Answer<'a> {
    status: u16,
    body: &'a [u8],
    /// Which of several reasons is given depends on what has come so far.
    is_refusal: bool,
}

/// Takes what came apart: only answers, each whole. Interim ones are left out.
fn answers(mut bytes: &[u8], may_be_head: bool) -> Vec<Answer<'_>> {
    let mut answers = Vec::new();
    while !bytes.is_empty() {
        let mut lines = [httparse::EMPTY_HEADER; 32];
        let mut head = httparse::Response::new(&mut lines);
        let parsed = head.parse(bytes).expect("what comes back is HTTP");
        assert!(parsed.is_complete(), "the head of an answer is whole");
        assert_eq!(head.version, Some(1));
        let status = head.code.expect("an answer has a status");
        bytes = &bytes[parsed.unwrap()..];
        if status == 100 {
            assert!(head.headers.is_empty());
            continue;
        }
        assert!((200..600).contains(&status));
        let values = |name: &str| {
            let lines = head.headers.iter();
            let lines = lines.filter(|line| line.name.eq_ignore_ascii_case(name));
            lines.map(|line| line.value).collect::<Vec<_>>()
        };
        assert!(values("transfer-encoding").is_empty());
        let lengths = values("content-length");
        assert_eq!(lengths.len(), 1, "an answer has one length");
        let length = str::from_utf8(lengths[0]).expect("a length is a number");
        let length: usize = length.parse().expect("a length is a number");
        let has_no_body = bytes.is_empty() || bytes.starts_with(b"HTTP/1.1 ");
        let length = if may_be_head && has_no_body {
            0
        } else {
            length
        };
        assert!(bytes.len() >= length, "the body of an answer is whole");
        let (body, rest) = bytes.split_at(length);
        bytes = rest;
        if length > 0 && values("content-type") == [b"application/json"] {
            serde_json::from_slice::<serde_json::Value>(body).expect("the body is JSON");
        }
        if values("connection") == [b"close"] {
            assert!(bytes.is_empty(), "nothing comes behind the last answer");
        }
        answers.push(Answer {
            status,
            body,
            is_refusal: values("x-amzn-errortype") == [b"MalformedHttpRequestException"],
        });
    }
    answers
}
