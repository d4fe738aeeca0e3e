//! `GET /backend/{appId}/job/{backendEnvironmentName}/{jobId}`
//!
//! Reads how far a job is. There is no body.

use bytes::Bytes;
use http::{Method, Request, Response};
use models::{GetBackendJobInput, GetBackendJobOutput};

use crate::codec::{Body, decode, encode};
#[cfg(feature = "server")]
use crate::server::{Member, ServerOperation};
use crate::{EncodeError, Endpoint, Operation, ResponseError};

impl Operation for GetBackendJobInput {
    type Output = GetBackendJobOutput;

    const NAME: &'static str = "GetBackendJob";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/backend/{appId}/job/{backendEnvironmentName}/{jobId}";
    const READ_ONLY: bool = true;

    fn to_request(&self, endpoint: &Endpoint) -> Result<Request<Bytes>, EncodeError> {
        encode::<Self>(
            endpoint,
            &[
                ("appId", &self.app_id),
                ("backendEnvironmentName", &self.backend_environment_name),
                ("jobId", &self.job_id),
            ],
            Body::none(),
        )
    }

    fn parse_response(response: Response<Bytes>) -> Result<Self::Output, ResponseError> {
        decode(response)
    }
}

#[cfg(feature = "server")]
impl ServerOperation for GetBackendJobInput {
    const BODY: Option<&'static [Member]> = None;
    const STRICT_SHAPE: bool = true;
}
