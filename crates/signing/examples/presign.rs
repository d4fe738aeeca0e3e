//! Makes a URI with which anyone can download an S3 object, for 15 minutes.
//!
//! ```text
//! cargo run -p amplify-backend-signing --example presign
//! ```
#![allow(clippy::print_stdout, reason = "it is what the example is for")]

use std::error::Error;
use std::time::{Duration, SystemTime};

use amplify_backend_signing::{Credentials, Payload, Signer};
use http::Request;

fn main() -> Result<(), Box<dyn Error>> {
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    // S3 expects presigned requests to leave the body unsigned.
    let signer = Signer::s3("eu-central-1").payload(Payload::Unsigned);

    let uri = "https://my-bucket.s3.eu-central-1.amazonaws.com/photos/cat.jpg";
    let mut request = Request::get(uri).body("")?;
    let quarter = Duration::from_secs(15 * 60);
    signer.presign(&mut request, &credentials, SystemTime::now(), quarter)?;
    println!("{}", request.uri());
    Ok(())
}
