//! Signs a call of another service: who am I? Prints the `curl` command that asks STS.
//!
//! ```text
//! AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… cargo run -p amplify-backend-signing --example sts_get_caller_identity | sh
//! ```
#![allow(clippy::print_stdout, reason = "it is what the example is for")]

use std::env;
use std::error::Error;
use std::time::SystemTime;

use amplify_backend_signing::{Credentials, Signer};
use http::Request;

fn main() -> Result<(), Box<dyn Error>> {
    let or_example = |name, example: &str| env::var(name).unwrap_or(example.to_owned());
    let id = or_example("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    let secret = or_example(
        "AWS_SECRET_ACCESS_KEY",
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    );
    let token = or_example("AWS_SESSION_TOKEN", "");
    let credentials = Credentials::new(id, secret).with_session_token(token);

    let mut request = Request::post("https://sts.us-east-1.amazonaws.com/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("Action=GetCallerIdentity&Version=2011-06-15")?;
    Signer::new("us-east-1", "sts").sign(&mut request, &credentials, SystemTime::now())?;

    println!("curl '{}' -d '{}' \\", request.uri(), request.body());
    for (name, value) in request.headers() {
        println!("  -H '{name}: {}' \\", value.to_str()?);
    }
    println!("  --silent --show-error");
    Ok(())
}
