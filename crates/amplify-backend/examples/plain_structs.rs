//! Operations as plain structs: read an input as JSON, send it, and print the request id.
//!
//! ```text
//! echo '{"appId":"d1a2b3c4d5e6f7","backendEnvironmentName":"staging","resourceName":"photos"}' |
//!     cargo run -p amplify-backend --example plain_structs
//! ```

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::io;

use amplify_backend::Client;
use amplify_backend::models::GetBackendStorageInput;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let input: GetBackendStorageInput = serde_json::from_reader(io::stdin())?;
    let answer = Client::from_env()?.call(&input).await?;
    println!("request id: {}", answer.request_id().unwrap_or("none"));
    println!("{}", serde_json::to_string_pretty(&answer.output)?);
    Ok(())
}
