//! `POST /backend/{appId}/storage/{backendEnvironmentName}/remove`
//!
//! Removes a storage resource from a backend environment.

use crate::ServiceName;
use crate::wire::members;

/// What DeleteBackendStorage takes.
///
/// ```
/// use amplify_backend_models::{DeleteBackendStorageInput, ServiceName};
///
/// let input = DeleteBackendStorageInput::builder()
///     .app_id("d1a2b3c4d5e6f7")
///     .backend_environment_name("staging")
///     .resource_name("photos")
///     .service_name(ServiceName::S3)
///     .build();
/// ```
///
/// Every member that is not an `Option` is required. Without `service_name` this does not compile:
///
/// ```compile_fail
/// use amplify_backend_models::{DeleteBackendStorageInput, ServiceName};
///
/// let input = DeleteBackendStorageInput::builder()
///     .app_id("d1a2b3c4d5e6f7")
///     .backend_environment_name("staging")
///     .resource_name("photos")
///     .build();
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "builder", derive(bon::Builder), builder(on(String, into)))]
#[non_exhaustive]
pub struct DeleteBackendStorageInput {
    /// The id of the Amplify app. Documented pattern: `^d[a-z0-9]{11,13}$`, not checked here.
    pub app_id: String,
    /// The name of the backend environment, such as `staging`.
    pub backend_environment_name: String,
    /// The name of the storage resource.
    pub resource_name: String,
    /// The service that holds the objects.
    pub service_name: ServiceName,
}

members!(DeleteBackendStorageInput {
    app_id: required "appId",
    backend_environment_name: required "backendEnvironmentName",
    resource_name: required "resourceName",
    service_name: required "serviceName",
});

/// The job that removes the resource. The service may leave out any member.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "builder", derive(bon::Builder), builder(on(String, into)))]
#[non_exhaustive]
pub struct DeleteBackendStorageOutput {
    /// The id of the Amplify app.
    pub app_id: Option<String>,
    /// The name of the backend environment.
    pub backend_environment_name: Option<String>,
    /// The id of the job. Its format is not public.
    pub job_id: Option<String>,
    /// The status of the job, `RUNNING` when it has just started.
    pub status: Option<String>,
}

members!(DeleteBackendStorageOutput {
    app_id: optional "appId",
    backend_environment_name: optional "backendEnvironmentName",
    job_id: optional "jobId",
    status: optional "status",
});
