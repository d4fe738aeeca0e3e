//! `POST /backend/{appId}/storage`
//!
//! Creates a storage resource in a backend environment.

use crate::wire::members;
use crate::{BackendStoragePermissions, ServiceName};

/// What CreateBackendStorage takes.
///
/// ```
/// use amplify_backend_models::{
///     CreateBackendStorageInput, CreateBackendStorageResourceConfig, ServiceName,
/// };
/// # use amplify_backend_models::{AuthenticatedElement, BackendStoragePermissions};
/// # let permissions = BackendStoragePermissions::builder()
/// #     .authenticated([AuthenticatedElement::Read])
/// #     .build();
/// # let config = CreateBackendStorageResourceConfig::builder()
/// #     .permissions(permissions)
/// #     .service_name(ServiceName::S3)
/// #     .build();
/// let input = CreateBackendStorageInput::builder()
///     .app_id("d1a2b3c4d5e6f7")
///     .backend_environment_name("staging")
///     .resource_config(config)
///     .resource_name("photos")
///     .build();
/// ```
///
/// Every member that is not an `Option` is required. Without `resource_name` this does not compile:
///
/// ```compile_fail
/// use amplify_backend_models::{
///     CreateBackendStorageInput, CreateBackendStorageResourceConfig, ServiceName,
/// };
/// # use amplify_backend_models::{AuthenticatedElement, BackendStoragePermissions};
/// # let permissions = BackendStoragePermissions::builder()
/// #     .authenticated([AuthenticatedElement::Read])
/// #     .build();
/// # let config = CreateBackendStorageResourceConfig::builder()
/// #     .permissions(permissions)
/// #     .service_name(ServiceName::S3)
/// #     .build();
/// let input = CreateBackendStorageInput::builder()
///     .app_id("d1a2b3c4d5e6f7")
///     .backend_environment_name("staging")
///     .resource_config(config)
///     .build();
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "builder", derive(bon::Builder), builder(on(String, into)))]
#[non_exhaustive]
pub struct CreateBackendStorageInput {
    /// The id of the Amplify app. Documented pattern: `^d[a-z0-9]{11,13}$`, not checked here.
    pub app_id: String,
    /// The name of the backend environment, such as `staging`. In the body, unlike in every other
    /// operation.
    pub backend_environment_name: String,
    /// What to create.
    pub resource_config: CreateBackendStorageResourceConfig,
    /// The name of the storage resource.
    pub resource_name: String,
}

members!(CreateBackendStorageInput {
    app_id: required "appId",
    backend_environment_name: required "backendEnvironmentName",
    resource_config: required "resourceConfig",
    resource_name: required "resourceName",
});

/// The storage resource to create.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "builder", derive(bon::Builder), builder(on(String, into)))]
#[non_exhaustive]
pub struct CreateBackendStorageResourceConfig {
    /// The name of the S3 bucket. The service makes one up when it is `None`.
    pub bucket_name: Option<String>,
    /// Who may do what with the objects.
    pub permissions: BackendStoragePermissions,
    /// The service that holds the objects.
    pub service_name: ServiceName,
}

members!(CreateBackendStorageResourceConfig {
    bucket_name: optional "bucketName",
    permissions: required "permissions",
    service_name: required "serviceName",
});

/// The job that creates the resource. The service may leave out any member.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "builder", derive(bon::Builder), builder(on(String, into)))]
#[non_exhaustive]
pub struct CreateBackendStorageOutput {
    /// The id of the Amplify app.
    pub app_id: Option<String>,
    /// The name of the backend environment.
    pub backend_environment_name: Option<String>,
    /// The id of the job. Its format is not public.
    pub job_id: Option<String>,
    /// The status of the job, `RUNNING` when it has just started.
    pub status: Option<String>,
}

members!(CreateBackendStorageOutput {
    app_id: optional "appId",
    backend_environment_name: optional "backendEnvironmentName",
    job_id: optional "jobId",
    status: optional "status",
});
