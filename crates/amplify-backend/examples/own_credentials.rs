//! Credentials from a source of one's own: here a file that something else writes anew every hour.

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use std::{env, fs};

use amplify_backend::{Client, Credentials, CredentialsError, ProvideCredentials, Region};

/// Two lines: key id and secret.
struct KeyFile(PathBuf);

impl ProvideCredentials for KeyFile {
    async fn provide(&self) -> Result<Credentials, CredentialsError> {
        let asked = format!("key file {}", self.0.display());
        let text = fs::read_to_string(&self.0)
            .map_err(|error| CredentialsError::new(asked.as_str()).with_source(error))?;
        let mut lines = text.lines();
        let (Some(id), Some(secret)) = (lines.next(), lines.next()) else {
            return Err(CredentialsError::new(format!("{asked} has not two lines")));
        };
        // With an expiry the client asks again five minutes before it.
        let expiry = SystemTime::now() + Duration::from_secs(60 * 60);
        Ok(Credentials::new(id, secret).with_expiry(expiry))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = env::args_os().nth(1).ok_or("usage: own_credentials FILE")?;
    let client = Client::builder()
        .region(Region::new("us-east-1")?)
        .credentials(KeyFile(path.into()))
        .build();
    println!("{:?}", client.list_s3_buckets().send().await?);
    Ok(())
}
