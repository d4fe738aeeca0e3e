//! `POST /backend/{appId}/job/{backendEnvironmentName}/{jobId}`
//!
//! Changes what a job says of itself.

use crate::job_times::job_times;
use crate::wire::members;

/// What UpdateBackendJob takes.
///
/// ```
/// use amplify_backend_models::UpdateBackendJobInput;
///
/// let input = UpdateBackendJobInput::builder()
///     .app_id("d1a2b3c4d5e6f7")
///     .backend_environment_name("staging")
///     .job_id("j-1")
///     .build();
/// ```
///
/// Every member that is not an `Option` is required. Without `job_id` this does not compile:
///
/// ```compile_fail
/// use amplify_backend_models::UpdateBackendJobInput;
///
/// let input = UpdateBackendJobInput::builder()
///     .app_id("d1a2b3c4d5e6f7")
///     .backend_environment_name("staging")
///     .build();
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "builder", derive(bon::Builder), builder(on(String, into)))]
#[non_exhaustive]
pub struct UpdateBackendJobInput {
    /// The id of the Amplify app. Documented pattern: `^d[a-z0-9]{11,13}$`, not checked here.
    pub app_id: String,
    /// The name of the backend environment, such as `staging`.
    pub backend_environment_name: String,
    /// The id of the job.
    pub job_id: String,
    /// The name of the operation that the job carries out.
    pub operation: Option<String>,
    /// The status to set.
    pub status: Option<String>,
}

members!(UpdateBackendJobInput {
    app_id: required "appId",
    backend_environment_name: required "backendEnvironmentName",
    job_id: required "jobId",
    operation: optional "operation",
    status: optional "status",
});

/// The job as it is now. The service may leave out any member.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "builder", derive(bon::Builder), builder(on(String, into)))]
#[non_exhaustive]
pub struct UpdateBackendJobOutput {
    /// The id of the Amplify app.
    pub app_id: Option<String>,
    /// The name of the backend environment.
    pub backend_environment_name: Option<String>,
    /// When the job was created, as the service sends it: milliseconds since the epoch, in decimal.
    /// [`created_at`](Self::created_at) reads it.
    pub create_time: Option<String>,
    /// Why the job failed.
    pub error: Option<String>,
    /// The id of the job. Its format is not public.
    pub job_id: Option<String>,
    /// The name of the operation that the job carries out, such as `DeleteBackend`.
    pub operation: Option<String>,
    /// `RUNNING`, `COMPLETED` and `FAILED` were seen; only the last two end a job.
    pub status: Option<String>,
    /// When the job last changed, in the form of `create_time`.
    /// [`updated_at`](Self::updated_at) reads it.
    pub update_time: Option<String>,
}

members!(UpdateBackendJobOutput {
    app_id: optional "appId",
    backend_environment_name: optional "backendEnvironmentName",
    create_time: optional "createTime",
    error: optional "error",
    job_id: optional "jobId",
    operation: optional "operation",
    status: optional "status",
    update_time: optional "updateTime",
});

job_times!(UpdateBackendJobOutput);
