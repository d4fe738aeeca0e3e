//! `POST /backend/{appId}/storage/{backendEnvironmentName}/details`
//!
//! Reads how a storage resource of one backend environment is configured.

use bytes::Bytes;
use http::{Method, Request, Response};
use models::{GetBackendStorageInput, GetBackendStorageOutput};

use crate::codec::{Body, decode, encode};
#[cfg(feature = "server")]
use crate::server::{Kind, Member, ServerOperation};
use crate::{EncodeError, Endpoint, Operation, ResponseError};

impl Operation for GetBackendStorageInput {
    type Output = GetBackendStorageOutput;

    const NAME: &'static str = "GetBackendStorage";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/backend/{appId}/storage/{backendEnvironmentName}/details";
    const READ_ONLY: bool = true;

    fn to_request(&self, endpoint: &Endpoint) -> Result<Request<Bytes>, EncodeError> {
        encode::<Self>(
            endpoint,
            &[
                ("appId", &self.app_id),
                ("backendEnvironmentName", &self.backend_environment_name),
            ],
            Body::object().member("resourceName", &self.resource_name),
        )
    }

    fn parse_response(response: Response<Bytes>) -> Result<Self::Output, ResponseError> {
        decode(response)
    }
}

#[cfg(feature = "server")]
impl ServerOperation for GetBackendStorageInput {
    const BODY: Option<&'static [Member]> = Some(&[Member::required("resourceName", Kind::Text)]);
    const STRICT_SHAPE: bool = true;
}
