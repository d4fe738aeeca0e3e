//! The blocking client over real sockets: on plain threads, and on those of async runtimes.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use amplify_backend::blocking::Client;
use amplify_backend::models::{ListBackendJobsInput, ListS3BucketsInput};
use amplify_backend::{
    Canned, Credentials, Endpoint, Error, ErrorKind, HyperTransport, Region, RetryPolicy, Transport,
};
use bytes::Bytes;

fn client<T: Transport>(transport: T, url: &str) -> Client<T> {
    let client = amplify_backend::Client::over(transport)
        .region(Region::new("us-east-1").unwrap())
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .endpoint(Endpoint::new(url).unwrap())
        .build();
    Client::new(client).unwrap()
}

fn canned<const N: usize>(bodies: [&str; N]) -> Client<Canned> {
    let transport = bodies.into_iter().fold(Canned::new(), |canned, body| {
        canned.respond(http::Response::new(Bytes::from(body.to_owned())))
    });
    client(transport, "http://127.0.0.1:1")
}

/// A server that answers every request with no buckets, after `before_answer`. It counts
/// connections.
fn server(before_answer: impl Fn() + Send + Sync + 'static) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = connections.clone();
    let before_answer = Arc::new(before_answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counter.fetch_add(1, Ordering::SeqCst);
            let before_answer = before_answer.clone();
            thread::spawn(move || while answer(&stream, &*before_answer).is_some() {});
        }
    });
    (url, connections)
}

/// Reads one request and answers it. `None` when there is none.
fn answer(mut stream: &TcpStream, before_answer: impl Fn()) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    before_answer();
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{\"buckets\":[]}";
    stream.write_all(answer).ok()
}

#[test]
fn calls_one_after_the_other_share_a_connection() {
    let (url, connections) = server(|| {});
    let client = client(HyperTransport::new(), &url);
    for _ in 0..5 {
        let page = client.list_s3_buckets().send().unwrap();
        assert_eq!(page.buckets, Some(Vec::new()));
    }
    client.send(&ListS3BucketsInput::default()).unwrap();
    assert_eq!(
        client.call(&ListS3BucketsInput::default()).unwrap().status,
        200
    );
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[test]
fn threads_that_share_a_client_do_not_wait_for_each_other() {
    const THREADS: usize = 8;
    // No request is answered before all have arrived.
    let all = Arc::new(Barrier::new(THREADS));
    let (url, connections) = server(move || {
        all.wait();
    });
    let client = client(HyperTransport::new(), &url);
    for _ in 0..2 {
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| client.list_s3_buckets().send().unwrap());
            }
        });
    }
    // And what one thread opened, another uses.
    assert_eq!(connections.load(Ordering::SeqCst), THREADS);
}

#[test]
fn timers_run_although_nobody_polls_them() {
    let (url, _) = server(|| {
        loop {
            thread::park();
        }
    });
    let client = client(HyperTransport::new(), &url)
        .with_retry(RetryPolicy::new().with_max_attempts(1))
        .with_attempt_timeout(Duration::from_millis(20));
    let error = client.list_s3_buckets().send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}

#[test]
fn a_thread_that_runs_tasks_is_told_so_and_nothing_is_sent() {
    let client = canned([]);
    let refused = || {
        let error = client.list_s3_buckets().send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Blocking);
        assert_eq!(
            error.to_string(),
            "a blocking call on a thread that runs an async runtime would stop its tasks; await \
             the async client here, or call from tokio::task::spawn_blocking"
        );
        let pages = client.pages(ListS3BucketsInput::default());
        let kinds: Vec<_> = pages.map(|page| page.unwrap_err().kind()).collect();
        assert_eq!(kinds, [ErrorKind::Blocking]);
    };
    let current = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    current.block_on(async { refused() });
    tokio::task::LocalSet::new().block_on(&current, async { refused() });
    let workers = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let elsewhere = client.clone();
    let kind = workers.block_on(
        workers.spawn(async move { elsewhere.list_s3_buckets().send().unwrap_err().kind() }),
    );
    assert_eq!(kind.unwrap(), ErrorKind::Blocking);
    assert_eq!(client.transport().requests().len(), 0);
}

#[test]
fn threads_of_a_runtime_that_may_block_may_call() {
    let (url, _) = server(|| {});
    let client = client(HyperTransport::new(), &url);
    let call = move || client.list_s3_buckets().send().map(drop);

    let current = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let blocking = current.block_on(current.spawn_blocking(call.clone()));
    blocking.unwrap().unwrap();

    let workers = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let blocking = workers.block_on(workers.spawn_blocking(call.clone()));
    blocking.unwrap().unwrap();
    let in_place = call.clone();
    let in_place = workers.spawn(async move { tokio::task::block_in_place(in_place) });
    workers.block_on(in_place).unwrap().unwrap();
    // This thread waits for the runtime and runs none of its tasks.
    workers.block_on(async { call() }).unwrap();
}

#[test]
fn a_task_that_used_up_its_budget_does_not_hold_a_call_up() {
    let (url, _) = server(|| {});
    let client = client(HyperTransport::new(), &url);
    let workers = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    workers.block_on(async {
        let ready = Arc::new(tokio::sync::Semaphore::new(1));
        while tokio::task::coop::has_budget_remaining() {
            drop(ready.acquire().await.unwrap());
        }
        client.list_s3_buckets().send().unwrap();
    });
}

#[tokio::test]
async fn it_is_set_up_and_dropped_inside_a_runtime() {
    let client = canned([]);
    let pages = client.clone().pages(ListS3BucketsInput::default());
    drop(client);
    drop(pages);
}

#[test]
fn pages_and_items_are_iterators_that_end_after_the_last_and_after_an_error() {
    let first = r#"{"buckets":[{"name":"a"},{"name":"b"}],"nextToken":"2"}"#;
    let last = r#"{"buckets":[{"name":"c"}]}"#;
    let client = canned([
        first, last, first, last, first, "nonsense", first, "nonsense",
    ]);
    let input = ListS3BucketsInput::default;

    let pages: Result<Vec<_>, _> = client.pages(input()).collect();
    assert_eq!(pages.unwrap().len(), 2);
    let names: Result<Vec<_>, _> = client
        .pages(input())
        .items()
        .map(|b| b.map(|b| b.name))
        .collect();
    assert_eq!(
        names.unwrap(),
        [Some("a"), Some("b"), Some("c")].map(|name| name.map(str::to_owned))
    );

    let kind = |error: Error| error.kind();
    let pages = client.pages(input()).map(|page| page.err().map(kind));
    let kinds: Vec<_> = pages.collect();
    assert_eq!(kinds, [None, Some(ErrorKind::Decode)]);
    let items = client.pages(input()).items();
    let kinds: Vec<_> = items.map(|item| item.err().map(kind)).collect();
    assert_eq!(kinds, [None, None, Some(ErrorKind::Decode)]);
    client.transport().verify().unwrap();

    let jobs = ListBackendJobsInput::builder()
        .app_id("")
        .backend_environment_name("e")
        .build();
    let kind = client.pages(jobs).next().unwrap().unwrap_err().kind();
    assert_eq!(kind, ErrorKind::Encode);
}

#[test]
fn a_job_is_waited_for() {
    let client = canned([r#"{"status":"RUNNING"}"#, r#"{"status":"COMPLETED"}"#]);
    let mut seen = Vec::new();
    let job = client
        .wait_for_job()
        .app_id("d1a2b3c4d5e6f7")
        .backend_environment_name("staging")
        .job_id("j-1")
        .interval(Duration::from_millis(1))
        .on_status(|job| seen.push(job.status.clone()))
        .wait()
        .unwrap();
    assert_eq!(job.status.as_deref(), Some("COMPLETED"));
    assert_eq!(seen, [Some("RUNNING".into()), Some("COMPLETED".into())]);
    client.transport().verify().unwrap();
}
