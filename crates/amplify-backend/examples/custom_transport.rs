//! A transport of one's own, and a canned one: how code that calls the service is tested without it.

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::time::Instant;

use amplify_backend::{
    Canned, Client, Credentials, HyperTransport, Region, Transport, TransportError,
};
use bytes::Bytes;
use http::{Request, Response};

/// Prints the target and the time of every attempt.
struct Timed(HyperTransport);

impl Transport for Timed {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let target = request.uri().path().to_owned();
        let start = Instant::now();
        let response = self.0.send(request).await;
        println!("{target}: {:?}", start.elapsed());
        response
    }
}

/// The code under test: generic over the transport, as the client is.
async fn count_buckets<T: Transport>(client: &Client<T>) -> Result<usize, amplify_backend::Error> {
    Ok(client
        .list_s3_buckets()
        .send()
        .await?
        .buckets
        .map_or(0, |buckets| buckets.len()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let region = Region::new("us-east-1")?;
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");

    let answer = Response::new(Bytes::from(r#"{"buckets":[{"name":"photos"}]}"#));
    let client = Client::over(Canned::new().respond(answer))
        .region(region.clone())
        .credentials(credentials.clone())
        .build();
    assert_eq!(count_buckets(&client).await?, 1);
    client.transport().verify()?;

    let client = Client::over(Timed(HyperTransport::new()))
        .region(region)
        .credentials(credentials)
        .build();
    match count_buckets(&client).await {
        Ok(count) => println!("{count} buckets"),
        Err(error) => println!("{error}"),
    }
    Ok(())
}
