//! `POST /backend/{appId}/storage/{backendEnvironmentName}`
//!
//! Changes the permissions of a storage resource.

use bytes::Bytes;
use http::{Method, Request, Response};
use models::{UpdateBackendStorageInput, UpdateBackendStorageOutput};

use crate::codec::{Body, decode, encode};
#[cfg(feature = "server")]
use crate::server::{Kind, Member, ServerOperation};
use crate::{EncodeError, Endpoint, Operation, ResponseError};

impl Operation for UpdateBackendStorageInput {
    type Output = UpdateBackendStorageOutput;

    const NAME: &'static str = "UpdateBackendStorage";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/backend/{appId}/storage/{backendEnvironmentName}";
    const READ_ONLY: bool = false;

    fn to_request(&self, endpoint: &Endpoint) -> Result<Request<Bytes>, EncodeError> {
        encode::<Self>(
            endpoint,
            &[
                ("appId", &self.app_id),
                ("backendEnvironmentName", &self.backend_environment_name),
            ],
            Body::object()
                .member("resourceConfig", &self.resource_config)
                .member("resourceName", &self.resource_name),
        )
    }

    fn parse_response(response: Response<Bytes>) -> Result<Self::Output, ResponseError> {
        decode(response)
    }
}

#[cfg(feature = "server")]
impl ServerOperation for UpdateBackendStorageInput {
    const BODY: Option<&'static [Member]> = Some(&[
        Member::required("resourceConfig", Kind::Object),
        Member::required("resourceConfig.permissions", Kind::Object),
        Member::required("resourceConfig.permissions.authenticated", Kind::Texts),
        Member::optional("resourceConfig.permissions.unAuthenticated", Kind::Texts),
        Member::required("resourceConfig.serviceName", Kind::Text),
        Member::required("resourceName", Kind::Text),
    ]);
    const STRICT_SHAPE: bool = true;
}
