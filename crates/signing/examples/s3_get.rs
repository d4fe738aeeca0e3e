//! Signs the download of an S3 object, whose path is encoded once and not normalized. Prints what
//! is signed, and with which signature.
//!
//! ```text
//! cargo run -p amplify-backend-signing --example s3_get
//! ```
#![allow(clippy::print_stdout, reason = "it is what the example is for")]

use std::error::Error;
use std::time::SystemTime;

use amplify_backend_signing::{Credentials, Signer};
use http::Request;

fn main() -> Result<(), Box<dyn Error>> {
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    let signer = Signer::s3("eu-central-1");

    // The key is `photos/../März.jpg`: dots and slashes are part of it.
    let uri = "https://my-bucket.s3.eu-central-1.amazonaws.com/photos/../M%C3%A4rz.jpg";
    let mut request = Request::get(uri).header("range", "bytes=0-1023").body("")?;

    let now = SystemTime::now();
    let signature = signer.signature(&request, &credentials, now)?;
    println!("{}\n", signature.canonical_request());
    println!("{}\n", signature.string_to_sign());

    signer.sign(&mut request, &credentials, now)?;
    println!(
        "authorization: {}",
        request.headers()["authorization"].to_str()?
    );
    Ok(())
}
