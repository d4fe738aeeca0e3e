//! Many callers at a time, each of which waits for its answer before it calls again: our client,
//! and hyper alone with a connection for each, which sends a prebuilt and unsigned request, or one
//! that is as our client's and is signed for each call.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use amplify_backend::{Client, Endpoint, Operation};
use http::Request;
use http::header::{HOST, HeaderValue};
use hyper::client::conn::http1::SendRequest;
use operations::models::CreateBackendStorageInput;
use transport::Canned;

use crate::raw::{self, Text};
use crate::{shapes, signers, stages};

const LOOPBACK: HeaderValue = HeaderValue::from_static("127.0.0.1");

/// How long each call of our client takes: `calls` of each of `callers`.
pub async fn ours(client: &Client, callers: usize, calls: usize) -> Vec<Duration> {
    let input: Arc<CreateBackendStorageInput> = Arc::new(shapes::create_backend_storage());
    let caller = |_| {
        let (client, input) = (client.clone(), Arc::clone(&input));
        async move {
            let mut took = Vec::with_capacity(calls);
            for _ in 0..calls {
                let start = Instant::now();
                client.send(&*input).await.expect("the server answers");
                took.push(start.elapsed());
            }
            took
        }
    };
    all((0..callers).map(caller))
        .await
        .into_iter()
        .flatten()
        .collect()
}

/// What hyper alone sends: the path and the body of a call, unsigned.
pub fn unsigned(endpoint: &Endpoint) -> impl Fn() -> Request<Text> + Clone + Send + 'static {
    let prebuilt = shapes::create_backend_storage().to_request(endpoint);
    let prebuilt = Arc::new(prebuilt.expect("it can be sent"));
    move || raw::unsigned(&prebuilt)
}

/// What hyper alone sends where it signs: the headers and the body of our client's call, each time
/// signed anew.
pub async fn signing(
    endpoint: &Endpoint,
) -> impl Fn() -> Request<Text> + Clone + Send + 'static + use<> {
    let client = stages::client_over(Canned::new(), endpoint);
    let input = shapes::create_backend_storage();
    client.send(&input).await.expect_err("no one answers");
    let sent = client.transport().requests();
    let sent = sent.into_iter().next().expect("it was sent");
    let shared = Arc::new((sent, signers::ours(), signers::credentials(None)));
    move || {
        let (sent, signer, credentials) = &*shared;
        let mut request = sent.clone();
        let signed = signer.sign(&mut request, credentials, SystemTime::now());
        signed.expect("it can be signed");
        let (mut head, body) = request.into_parts();
        head.headers.insert(HOST, LOOPBACK);
        let path = head.uri.into_parts().path_and_query;
        head.uri = path.expect("operations have a path").into();
        Request::from_parts(head, body.into())
    }
}

/// How long each call takes that sends what `make` makes, a caller for each connection.
pub async fn bare(
    connections: &mut Vec<SendRequest<Text>>,
    make: impl Fn() -> Request<Text> + Clone + Send + 'static,
    calls: usize,
) -> Vec<Duration> {
    let caller = |mut connection: SendRequest<Text>| {
        let make = make.clone();
        async move {
            let mut took = Vec::with_capacity(calls);
            for _ in 0..calls {
                let start = Instant::now();
                raw::exchange(&mut connection, make()).await;
                took.push(start.elapsed());
            }
            (connection, took)
        }
    };
    let mut times = Vec::new();
    for (connection, took) in all(connections.drain(..).map(caller).collect::<Vec<_>>()).await {
        connections.push(connection);
        times.extend(took);
    }
    times
}

/// Does all at a time.
async fn all<T: Send + 'static>(
    callers: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let running: Vec<_> = callers.into_iter().map(tokio::spawn).collect();
    let mut done = Vec::with_capacity(running.len());
    for caller in running {
        done.push(caller.await.expect("no caller panics"));
    }
    done
}
