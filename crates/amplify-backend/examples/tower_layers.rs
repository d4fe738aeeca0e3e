//! A client over a stack of tower's layers: at most four requests at once, whoever makes them.

#![expect(clippy::print_stdout, reason = "an example prints")]

use amplify_backend::{
    Client, EnvironmentCredentials, HyperTransport, Region, TowerTransport, Transport,
};
use bytes::Bytes;
use http::Request;
use tower::ServiceBuilder;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let hyper = HyperTransport::new();
    let stack =
        ServiceBuilder::new()
            .concurrency_limit(4)
            .service_fn(move |request: Request<Bytes>| {
                let hyper = hyper.clone();
                async move { hyper.send(request).await }
            });
    let client = Client::over(TowerTransport::new(stack))
        .region(Region::new("us-east-1")?)
        .credentials(EnvironmentCredentials::new())
        .build();
    println!("{:?}", client.list_s3_buckets().send().await?);
    Ok(())
}
