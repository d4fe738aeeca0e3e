//! Models and operations with another HTTP client: ureq, which is blocking and knows no AWS.
//!
//! Nothing is signed here, so that the endpoint has to be one that does not ask for it.
//!
//! ```text
//! cargo run -p amplify-backend-operations --example another_client -- http://127.0.0.1:8080
//! ```

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::env;
use std::error::Error;

use amplify_backend_operations::models::ListS3BucketsInput;
use amplify_backend_operations::{Endpoint, Operation, ResponseError};
use bytes::Bytes;

fn main() -> Result<(), Box<dyn Error>> {
    let url = env::args().nth(1).ok_or("usage: another_client URL")?;
    let endpoint = Endpoint::new(&url)?;
    // An error status is the operation's to read, not ureq's.
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0);
    let agent = config.build().new_agent();

    let mut input = ListS3BucketsInput::default();
    loop {
        let request = input.to_request(&endpoint)?;
        let (head, mut body) = agent.run(request.map(|body| body.to_vec()))?.into_parts();
        let response = http::Response::from_parts(head, Bytes::from(body.read_to_vec()?));

        let page = match ListS3BucketsInput::parse_response(response) {
            Ok(page) => page,
            Err(ResponseError::Service(error)) if error.is_throttled() => {
                println!("slower, please: {:?}", error.retry_after());
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        for bucket in page.buckets.unwrap_or_default() {
            println!("{}", bucket.name.unwrap_or_default());
        }
        match page.next_token.filter(|token| !token.is_empty()) {
            Some(token) => input.next_token = Some(token),
            None => return Ok(()),
        }
    }
}
