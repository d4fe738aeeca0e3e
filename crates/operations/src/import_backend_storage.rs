//! `POST /backend/{appId}/storage/{backendEnvironmentName}/import`
//!
//! Makes an S3 bucket that exists the storage of a backend environment.

use bytes::Bytes;
use http::{Method, Request, Response};
use models::{ImportBackendStorageInput, ImportBackendStorageOutput};

use crate::codec::{Body, decode, encode};
#[cfg(feature = "server")]
use crate::server::{Kind, Member, ServerOperation};
use crate::{EncodeError, Endpoint, Operation, ResponseError};

impl Operation for ImportBackendStorageInput {
    type Output = ImportBackendStorageOutput;

    const NAME: &'static str = "ImportBackendStorage";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/backend/{appId}/storage/{backendEnvironmentName}/import";
    const READ_ONLY: bool = false;

    fn to_request(&self, endpoint: &Endpoint) -> Result<Request<Bytes>, EncodeError> {
        encode::<Self>(
            endpoint,
            &[
                ("appId", &self.app_id),
                ("backendEnvironmentName", &self.backend_environment_name),
            ],
            Body::object()
                .optional("bucketName", &self.bucket_name)
                .member("serviceName", &self.service_name),
        )
    }

    fn parse_response(response: Response<Bytes>) -> Result<Self::Output, ResponseError> {
        decode(response)
    }
}

#[cfg(feature = "server")]
impl ServerOperation for ImportBackendStorageInput {
    const BODY: Option<&'static [Member]> = Some(&[
        Member::optional("bucketName", Kind::Text),
        Member::required("serviceName", Kind::Text),
    ]);
    const STRICT_SHAPE: bool = true;
}
