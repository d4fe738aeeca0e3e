//! Puts tower's layers around `HyperTransport`: at most 8 calls at once, each within 5 s.

#![expect(clippy::print_stdout, reason = "a program prints")]

use std::{error::Error, time::Duration};

use amplify_backend_transport::{
    HyperTransport, TimeoutPhase, TowerTransport, Transport, TransportError, TransportErrorKind,
};
use bytes::Bytes;
use tower::{BoxError, ServiceBuilder, service_fn, timeout::error::Elapsed};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let hyper = HyperTransport::new();
    let service = ServiceBuilder::new()
        .map_err(explain)
        .concurrency_limit(8)
        .timeout(Duration::from_secs(5))
        .service(service_fn(move |request| {
            let hyper = hyper.clone();
            async move { hyper.send(request).await }
        }));
    let transport = TowerTransport::new(service);
    let request = http::Request::get("https://example.com/").body(Bytes::new())?;
    println!("{}", transport.send(request).await?.status());
    Ok(())
}

/// Tells callers what a layer's error means. What is a `TransportError` already stays one.
fn explain(error: BoxError) -> BoxError {
    if !error.is::<Elapsed>() {
        return error;
    }
    // The layer cannot tell how far the request had got.
    let kind = TransportErrorKind::Timeout {
        phase: TimeoutPhase::Attempt,
        sent_whole: true,
    };
    TransportError::new(kind, "no response within 5s")
        .with_source(error)
        .into()
}
