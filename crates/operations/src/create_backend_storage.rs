//! `POST /backend/{appId}/storage`
//!
//! Creates a storage resource in a backend environment. The environment's name travels in the body,
//! unlike in every other operation.

use bytes::Bytes;
use http::{Method, Request, Response};
use models::{CreateBackendStorageInput, CreateBackendStorageOutput};

use crate::codec::{Body, decode, encode};
#[cfg(feature = "server")]
use crate::server::{Kind, Member, ServerOperation};
use crate::{EncodeError, Endpoint, Operation, ResponseError};

impl Operation for CreateBackendStorageInput {
    type Output = CreateBackendStorageOutput;

    const NAME: &'static str = "CreateBackendStorage";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/backend/{appId}/storage";
    const READ_ONLY: bool = false;

    fn to_request(&self, endpoint: &Endpoint) -> Result<Request<Bytes>, EncodeError> {
        encode::<Self>(
            endpoint,
            &[("appId", &self.app_id)],
            Body::object()
                .member("backendEnvironmentName", &self.backend_environment_name)
                .member("resourceConfig", &self.resource_config)
                .member("resourceName", &self.resource_name),
        )
    }

    fn parse_response(response: Response<Bytes>) -> Result<Self::Output, ResponseError> {
        decode(response)
    }
}

#[cfg(feature = "server")]
impl ServerOperation for CreateBackendStorageInput {
    const BODY: Option<&'static [Member]> = Some(&[
        Member::required("backendEnvironmentName", Kind::Text),
        Member::required("resourceConfig", Kind::Object),
        Member::optional("resourceConfig.bucketName", Kind::Text),
        Member::required("resourceConfig.permissions", Kind::Object),
        Member::required("resourceConfig.permissions.authenticated", Kind::Texts),
        Member::optional("resourceConfig.permissions.unAuthenticated", Kind::Texts),
        Member::required("resourceConfig.serviceName", Kind::Text),
        Member::required("resourceName", Kind::Text),
    ]);
    const STRICT_SHAPE: bool = true;
}
