//! `POST /backend/{appId}/job/{backendEnvironmentName}/{jobId}`
//!
//! Changes what a job says of itself.

use bytes::Bytes;
use http::{Method, Request, Response};
use models::{UpdateBackendJobInput, UpdateBackendJobOutput};

use crate::codec::{Body, decode, encode};
#[cfg(feature = "server")]
use crate::server::{Kind, Member, ServerOperation};
use crate::{EncodeError, Endpoint, Operation, ResponseError};

impl Operation for UpdateBackendJobInput {
    type Output = UpdateBackendJobOutput;

    const NAME: &'static str = "UpdateBackendJob";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/backend/{appId}/job/{backendEnvironmentName}/{jobId}";
    const READ_ONLY: bool = false;

    fn to_request(&self, endpoint: &Endpoint) -> Result<Request<Bytes>, EncodeError> {
        encode::<Self>(
            endpoint,
            &[
                ("appId", &self.app_id),
                ("backendEnvironmentName", &self.backend_environment_name),
                ("jobId", &self.job_id),
            ],
            Body::object()
                .optional("operation", &self.operation)
                .optional("status", &self.status),
        )
    }

    fn parse_response(response: Response<Bytes>) -> Result<Self::Output, ResponseError> {
        decode(response)
    }
}

#[cfg(feature = "server")]
impl ServerOperation for UpdateBackendJobInput {
    const BODY: Option<&'static [Member]> = Some(&[
        Member::optional("operation", Kind::Text),
        Member::optional("status", Kind::Text),
    ]);
    const STRICT_SHAPE: bool = true;
}
