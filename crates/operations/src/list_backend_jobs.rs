//! `POST /backend/{appId}/job/{backendEnvironmentName}`
//!
//! Lists the jobs of a backend environment, one page at a time.

use bytes::Bytes;
use http::{Method, Request, Response};
use models::{ListBackendJobsInput, ListBackendJobsOutput};

use crate::codec::{Body, decode, encode};
#[cfg(feature = "server")]
use crate::server::{Kind, Member, ServerOperation};
use crate::{EncodeError, Endpoint, Operation, ResponseError};

impl Operation for ListBackendJobsInput {
    type Output = ListBackendJobsOutput;

    const NAME: &'static str = "ListBackendJobs";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/backend/{appId}/job/{backendEnvironmentName}";
    const READ_ONLY: bool = true;

    fn to_request(&self, endpoint: &Endpoint) -> Result<Request<Bytes>, EncodeError> {
        encode::<Self>(
            endpoint,
            &[
                ("appId", &self.app_id),
                ("backendEnvironmentName", &self.backend_environment_name),
            ],
            Body::object()
                .optional("jobId", &self.job_id)
                .optional("maxResults", &self.max_results)
                .optional("nextToken", &self.next_token)
                .optional("operation", &self.operation)
                .optional("status", &self.status),
        )
    }

    fn parse_response(response: Response<Bytes>) -> Result<Self::Output, ResponseError> {
        decode(response)
    }
}

#[cfg(feature = "server")]
impl ServerOperation for ListBackendJobsInput {
    const BODY: Option<&'static [Member]> = Some(&[
        Member::optional("jobId", Kind::Text),
        Member::optional("maxResults", Kind::Integer),
        Member::optional("nextToken", Kind::Text),
        Member::optional("operation", Kind::Text),
        Member::optional("status", Kind::Text),
    ]);
    const STRICT_SHAPE: bool = true;
}
