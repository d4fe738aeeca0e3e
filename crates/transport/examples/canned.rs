//! Tests a function against a script instead of a server.

use std::error::Error;

use amplify_backend_transport::{Canned, Transport, TransportError};
use bytes::Bytes;
use http::{Request, Response, StatusCode};

/// The function under test.
async fn is_up(transport: &impl Transport) -> Result<bool, TransportError> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = http::Uri::from_static("https://example.com/health");
    let response = transport.send(request).await?;
    Ok(response.status().is_success())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut unavailable = Response::new(Bytes::new());
    *unavailable.status_mut() = StatusCode::SERVICE_UNAVAILABLE;

    let transport = Canned::new()
        .expect(
            |request| request.uri().path() == "/health",
            Response::new(Bytes::new()),
        )
        .respond(unavailable);
    assert!(is_up(&transport).await?);
    assert!(!is_up(&transport).await?);
    assert!(
        is_up(&transport).await.is_err(),
        "nobody expected a third call"
    );
    assert_eq!(transport.requests().len(), 3);
    Ok(())
}
