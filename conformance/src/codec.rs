//! The codec of any operation, by name, with JSON on the one side and HTTP on the other.

use bytes::Bytes;
use http::{Request, Response};
use operations::models;
use operations::server::{Route, ServerOperation};
use operations::{DecodeError, Endpoint, ResponseError};
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use serde_json::Value;

/// An operation's codec. Inputs and outputs are JSON with the names of the wire.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Codec {
    /// The input to the request that is sent. The error says what is wrong with the input.
    pub to_request: fn(Value, &Endpoint) -> Result<Request<Bytes>, String>,
    /// The response to the output, or to the error.
    pub parse_response: fn(Response<Bytes>) -> Result<Value, ResponseError>,
    /// The request that arrived to the input.
    pub from_request: fn(&Request<Bytes>) -> Result<Value, DecodeError>,
    /// The output to the response that is answered. The error says what is wrong with the output.
    pub to_response: fn(Value) -> Result<Response<Bytes>, String>,
}

impl Codec {
    /// The codec of the operation with this name, such as `CreateBackendStorage`.
    ///
    /// # Errors
    ///
    /// When there is no such operation.
    pub fn named(name: &str) -> Result<Self, String> {
        let route = Route::named(name);
        Ok(
            match route.ok_or_else(|| format!("there is no operation {name}"))? {
                Route::CreateBackendStorage => Self::of::<models::CreateBackendStorageInput>(),
                Route::DeleteBackendStorage => Self::of::<models::DeleteBackendStorageInput>(),
                Route::GetBackendJob => Self::of::<models::GetBackendJobInput>(),
                Route::GetBackendStorage => Self::of::<models::GetBackendStorageInput>(),
                Route::ImportBackendStorage => Self::of::<models::ImportBackendStorageInput>(),
                Route::ListBackendJobs => Self::of::<models::ListBackendJobsInput>(),
                Route::ListS3Buckets => Self::of::<models::ListS3BucketsInput>(),
                Route::UpdateBackendJob => Self::of::<models::UpdateBackendJobInput>(),
                Route::UpdateBackendStorage => Self::of::<models::UpdateBackendStorageInput>(),
                route => return Err(format!("{} is not known here", route.name())),
            },
        )
    }

    fn of<O>() -> Self
    where
        O: ServerOperation<Output: DeserializeOwned> + Serialize,
    {
        Self {
            to_request: |input, endpoint| {
                let input: O = serde_json::from_value(input).map_err(|error| error.to_string())?;
                input
                    .to_request(endpoint)
                    .map_err(|error| error.to_string())
            },
            parse_response: |response| O::parse_response(response).map(json),
            from_request: |request| O::from_request(request).map(json),
            to_response: |output| {
                let output = serde_json::from_value(output).map_err(|error| error.to_string())?;
                Ok(O::to_response(&output))
            },
        }
    }
}

fn json(shape: impl Serialize) -> Value {
    serde_json::to_value(shape).expect("a shape is a tree of JSON")
}
