//! Many callers over real sockets: one refresh for all, and one failure.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use amplify_backend::config::{Config, Environment};
use amplify_backend::{Client, ErrorKind};

/// A machine that is the container's, STS and the service at once, and how often it was asked for
/// keys.
fn machine(has_keys: bool) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let counter = counter.clone();
            thread::spawn(move || while serve(&stream, has_keys, &counter).is_some() {});
        }
    });
    (url, asked)
}

/// Answers one request. `None` when there is none.
fn serve(mut stream: &TcpStream, has_keys: bool, asked: &AtomicUsize) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut line = first.clone();
    while line != "\r\n" {
        line.clear();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
    }
    let keys = r#"{"AccessKeyId":"SHARED","SecretAccessKey":"s","Token":"t","Expiration":"2080-01-01T00:00:00Z"}"#;
    let (status, body) = match (first.starts_with("GET /keys "), has_keys) {
        (true, has_keys) => {
            asked.fetch_add(1, Ordering::SeqCst);
            if has_keys { (200, keys) } else { (403, "") }
        }
        (false, _) => (200, "{}"),
    };
    let length = body.len();
    let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n{body}");
    stream.write_all(answer.as_bytes()).ok()
}

fn client(url: &str) -> Client {
    let environment = Environment::empty()
        .with_variable("AWS_REGION", "us-east-1")
        .with_variable("AWS_EC2_METADATA_DISABLED", "true")
        .with_variable("AWS_ENDPOINT_URL", url)
        .with_variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{url}/keys"));
    let config = Config::builder().environment(environment).load().unwrap();
    config.client().unwrap()
}

async fn two_hundred_calls(client: &Client) -> Vec<Option<ErrorKind>> {
    let calls: Vec<_> = (0..200)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.list_s3_buckets().send().await.err() })
        })
        .collect();
    let mut kinds = Vec::new();
    for call in calls {
        kinds.push(call.await.unwrap().map(|error| error.kind()));
    }
    kinds
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_calls_cause_one_refresh() {
    let (url, asked) = machine(true);
    let client = client(&url);
    assert_eq!(two_hundred_calls(&client).await, vec![None; 200]);
    assert_eq!(two_hundred_calls(&client).await, vec![None; 200]);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn two_hundred_calls_share_one_failure() {
    let (url, asked) = machine(false);
    let client = client(&url);
    let failed = vec![Some(ErrorKind::Credentials); 200];
    assert_eq!(two_hundred_calls(&client).await, failed);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    // Those who come later are not told an old story.
    assert_eq!(two_hundred_calls(&client).await, failed);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}
