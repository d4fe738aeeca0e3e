//! `POST /backend/{appId}/storage/{backendEnvironmentName}/details`
//!
//! Reads how a storage resource of one backend environment is configured.

use crate::permissions::ReceivedPermissions;
use crate::wire::members;
use crate::{BackendStoragePermissions, ServiceName};

/// What GetBackendStorage takes.
///
/// ```
/// use amplify_backend_models::GetBackendStorageInput;
///
/// let input = GetBackendStorageInput::builder()
///     .app_id("d1a2b3c4d5e6f7")
///     .backend_environment_name("staging")
///     .resource_name("photos")
///     .build();
/// ```
///
/// Every member that is not an `Option` is required. Without `resource_name` this does not compile:
///
/// ```compile_fail
/// use amplify_backend_models::GetBackendStorageInput;
///
/// let input = GetBackendStorageInput::builder()
///     .app_id("d1a2b3c4d5e6f7")
///     .backend_environment_name("staging")
///     .build();
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "builder", derive(bon::Builder), builder(on(String, into)))]
#[non_exhaustive]
pub struct GetBackendStorageInput {
    /// The id of the Amplify app. Documented pattern: `^d[a-z0-9]{11,13}$`, not checked here.
    pub app_id: String,
    /// The name of the backend environment, such as `staging`.
    pub backend_environment_name: String,
    /// The name of the storage resource.
    pub resource_name: String,
}

members!(GetBackendStorageInput {
    app_id: required "appId",
    backend_environment_name: required "backendEnvironmentName",
    resource_name: required "resourceName",
});

/// A storage resource. The service may leave out any member.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "builder", derive(bon::Builder), builder(on(String, into)))]
#[non_exhaustive]
pub struct GetBackendStorageOutput {
    /// The id of the Amplify app.
    pub app_id: Option<String>,
    /// The name of the backend environment.
    pub backend_environment_name: Option<String>,
    /// How the resource is configured.
    pub resource_config: Option<GetBackendStorageResourceConfig>,
    /// The name of the storage resource.
    pub resource_name: Option<String>,
}

members!(GetBackendStorageOutput {
    app_id: optional "appId",
    backend_environment_name: optional "backendEnvironmentName",
    resource_config: optional "resourceConfig",
    resource_name: optional "resourceName",
});

/// How a storage resource is configured.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "builder", derive(bon::Builder), builder(on(String, into)))]
#[non_exhaustive]
pub struct GetBackendStorageResourceConfig {
    /// The name of the S3 bucket.
    pub bucket_name: Option<String>,
    /// Whether the bucket existed before and was imported. `false` when the service does not say.
    pub imported: bool,
    /// Who may do what with the objects.
    pub permissions: Option<BackendStoragePermissions>,
    /// The service that holds the objects. Its text is empty when the service does not say.
    pub service_name: ServiceName,
}

members!(GetBackendStorageResourceConfig {
    bucket_name: optional "bucketName",
    imported: filled "imported" = false,
    permissions: optional "permissions" via ReceivedPermissions,
    service_name: filled "serviceName" = ServiceName::from(""),
});
