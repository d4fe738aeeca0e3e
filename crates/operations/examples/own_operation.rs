//! Adds an operation that this crate does not have: GetBackend of the same service, in 40 lines.

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;

use amplify_backend_operations::codec::{Body, decode, encode};
use amplify_backend_operations::{EncodeError, Endpoint, Operation, Region, ResponseError};
use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Map, Value};

/// `POST /backend/{appId}/details`
struct GetBackend {
    app_id: String,
    backend_environment_name: Option<String>,
}

impl Operation for GetBackend {
    // Any type that serde reads, such as a struct with serde's derive. Here, whatever is answered.
    type Output = Map<String, Value>;

    const NAME: &'static str = "GetBackend";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/backend/{appId}/details";
    const READ_ONLY: bool = true;

    fn to_request(&self, endpoint: &Endpoint) -> Result<Request<Bytes>, EncodeError> {
        encode::<Self>(
            endpoint,
            &[("appId", &self.app_id)],
            Body::object().optional("backendEnvironmentName", &self.backend_environment_name),
        )
    }

    fn parse_response(response: Response<Bytes>) -> Result<Self::Output, ResponseError> {
        decode(response)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = Endpoint::for_region(&Region::new("us-east-1")?);
    let operation = GetBackend {
        app_id: "d1a2b3c4d5e6f7".into(),
        backend_environment_name: None,
    };
    let request = operation.to_request(&endpoint)?;
    println!("{} {}", request.method(), request.uri());

    let answered = Response::new(Bytes::from_static(b"{\"appName\": \"gallery\"}"));
    println!("{:?}", GetBackend::parse_response(answered)?.get("appName"));
    Ok(())
}
