//! `POST /backend/{appId}/job/{backendEnvironmentName}`
//!
//! Lists the jobs of a backend environment, one page at a time.

use crate::job_times::job_times;
use crate::wire::{Dense, members};

/// What ListBackendJobs takes.
///
/// ```
/// use amplify_backend_models::ListBackendJobsInput;
///
/// let input = ListBackendJobsInput::builder()
///     .app_id("d1a2b3c4d5e6f7")
///     .backend_environment_name("staging")
///     .build();
/// ```
///
/// Every member that is not an `Option` is required. Without `backend_environment_name` this does not compile:
///
/// ```compile_fail
/// use amplify_backend_models::ListBackendJobsInput;
///
/// let input = ListBackendJobsInput::builder()
///     .app_id("d1a2b3c4d5e6f7")
///     .build();
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "builder", derive(bon::Builder), builder(on(String, into)))]
#[non_exhaustive]
pub struct ListBackendJobsInput {
    /// The id of the Amplify app. Documented pattern: `^d[a-z0-9]{11,13}$`, not checked here.
    pub app_id: String,
    /// The name of the backend environment, such as `staging`.
    pub backend_environment_name: String,
    /// Only the job with this id.
    pub job_id: Option<String>,
    /// How many jobs a page may hold, 1 to 25. Not checked here.
    pub max_results: Option<i32>,
    /// Where the next page starts; `None` asks for the first page.
    pub next_token: Option<String>,
    /// Only jobs of this operation.
    pub operation: Option<String>,
    /// Only jobs with this status.
    pub status: Option<String>,
}

members!(ListBackendJobsInput {
    app_id: required "appId",
    backend_environment_name: required "backendEnvironmentName",
    job_id: optional "jobId",
    max_results: optional "maxResults",
    next_token: optional "nextToken",
    operation: optional "operation",
    status: optional "status",
});

/// One page of jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "builder", derive(bon::Builder), builder(on(String, into)))]
#[non_exhaustive]
pub struct ListBackendJobsOutput {
    /// The jobs of this page.
    pub jobs: Option<Vec<BackendJobRespObj>>,
    /// Where the next page starts. `None`, and an empty text, mean that this is the last one.
    pub next_token: Option<String>,
}

members!(ListBackendJobsOutput {
    jobs: optional "jobs" via Dense<BackendJobRespObj>,
    next_token: optional "nextToken",
});

/// A job in a list. Texts that the service must send are empty where it did not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "builder", derive(bon::Builder), builder(on(String, into)))]
#[non_exhaustive]
pub struct BackendJobRespObj {
    /// The id of the Amplify app.
    pub app_id: String,
    /// The name of the backend environment.
    pub backend_environment_name: String,
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

members!(BackendJobRespObj {
    app_id: filled "appId" = String::new(),
    backend_environment_name: filled "backendEnvironmentName" = String::new(),
    create_time: optional "createTime",
    error: optional "error",
    job_id: optional "jobId",
    operation: optional "operation",
    status: optional "status",
    update_time: optional "updateTime",
});

job_times!(BackendJobRespObj);
