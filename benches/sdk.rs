//! The official SDK, on the same call.

#![allow(clippy::missing_panics_doc, reason = "a bench fails the short way")]

use amplify_backend::Endpoint;
use aws_sdk_amplifybackend::Client;
use aws_sdk_amplifybackend::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_amplifybackend::types::{
    AuthenticatedElement, BackendStoragePermissions, CreateBackendStorageResourceConfig,
    ServiceName, UnAuthenticatedElement,
};
use operations::models;

use crate::shapes;
use crate::signers::{ID, SECRET};

/// A client with the defaults of the SDK, for a server at `endpoint`.
pub fn client(endpoint: &Endpoint) -> Client {
    let config = aws_sdk_amplifybackend::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(ID, SECRET, None, None, "bench"))
        .endpoint_url(endpoint.to_string())
        .build();
    Client::from_conf(config)
}

/// The call of [`shapes::create_backend_storage`].
pub async fn call(client: &Client) {
    let models::CreateBackendStorageInput {
        app_id,
        backend_environment_name,
        resource_name,
        resource_config,
        ..
    } = shapes::create_backend_storage();
    let permissions = BackendStoragePermissions::builder()
        .set_authenticated(Some(
            [
                AuthenticatedElement::CreateAndUpdate,
                AuthenticatedElement::Delete,
                AuthenticatedElement::Read,
            ]
            .into(),
        ))
        .un_authenticated(UnAuthenticatedElement::Read)
        .build();
    let config = CreateBackendStorageResourceConfig::builder()
        .set_bucket_name(resource_config.bucket_name)
        .permissions(permissions)
        .service_name(ServiceName::S3)
        .build();
    let answer = client
        .create_backend_storage()
        .app_id(app_id)
        .backend_environment_name(backend_environment_name)
        .resource_name(resource_name)
        .resource_config(config)
        .send()
        .await;
    answer.expect("the server answers");
}
