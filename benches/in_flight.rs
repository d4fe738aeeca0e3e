//! Many callers at a time, each of which waits for its answer before it calls again: our client,
//! and hyper alone with a connection for each.

use std::sync::Arc;
use std::time::{Duration, Instant};

use amplify_backend::Client;
use bytes::Bytes;
use http::Request;
use hyper::client::conn::http1::SendRequest;
use operations::models::CreateBackendStorageInput;

use crate::raw::{self, Text};
use crate::shapes;

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

/// The same over hyper alone, a caller for each connection.
pub async fn bare(
    connections: &mut Vec<SendRequest<Text>>,
    prebuilt: &Request<Bytes>,
    calls: usize,
) -> Vec<Duration> {
    let prebuilt = Arc::new(prebuilt.clone());
    let caller = |mut connection: SendRequest<Text>| {
        let prebuilt = Arc::clone(&prebuilt);
        async move {
            let mut took = Vec::with_capacity(calls);
            for _ in 0..calls {
                let start = Instant::now();
                raw::exchange(&mut connection, &prebuilt).await;
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
