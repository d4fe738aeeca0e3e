//! Fetches one URL: `cargo run --example get -- https://example.com/`

#![expect(clippy::print_stdout, reason = "a program prints")]

use std::{env, error::Error};

use amplify_backend_transport::{HyperTransport, Transport};
use bytes::Bytes;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::args()
        .nth(1)
        .unwrap_or_else(|| "https://example.com/".to_owned());
    let transport = HyperTransport::new();
    let response = transport
        .send(http::Request::get(url).body(Bytes::new())?)
        .await?;
    println!("{}, {} bytes", response.status(), response.body().len());
    Ok(())
}
