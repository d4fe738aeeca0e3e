//! `POST /backend/{appId}/storage/{backendEnvironmentName}/remove`
//!
//! Removes a storage resource from a backend environment.

use bytes::Bytes;
use http::{Method, Request, Response};
use models::{DeleteBackendStorageInput, DeleteBackendStorageOutput};

use crate::codec::{Body, decode, encode};
#[cfg(feature = "server")]
use crate::server::{Kind, Member, ServerOperation};
use crate::{EncodeError, Endpoint, Operation, ResponseError};

impl Operation for DeleteBackendStorageInput {
    type Output = DeleteBackendStorageOutput;

    const NAME: &'static str = "DeleteBackendStorage";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/backend/{appId}/storage/{backendEnvironmentName}/remove";
    const READ_ONLY: bool = false;

    fn to_request(&self, endpoint: &Endpoint) -> Result<Request<Bytes>, EncodeError> {
        encode::<Self>(
            endpoint,
            &[
                ("appId", &self.app_id),
                ("backendEnvironmentName", &self.backend_environment_name),
            ],
            Body::object()
                .member("resourceName", &self.resource_name)
                .member("serviceName", &self.service_name),
        )
    }

    fn parse_response(response: Response<Bytes>) -> Result<Self::Output, ResponseError> {
        decode(response)
    }
}

#[cfg(feature = "server")]
impl ServerOperation for DeleteBackendStorageInput {
    const BODY: Option<&'static [Member]> = Some(&[
        Member::required("resourceName", Kind::Text),
        Member::required("serviceName", Kind::Text),
    ]);
    const STRICT_SHAPE: bool = true;
}
