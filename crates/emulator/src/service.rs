//! What each operation does, and when it refuses: what all share here, the operations in `storage`
//! and `jobs`. Where nothing public says how the service behaves, this is assumed; the README has
//! the list.

mod jobs;
mod storage;

use std::time::{Duration, SystemTime};

use models::{
    CreateBackendStorageInput, DeleteBackendStorageInput, GetBackendJobInput,
    GetBackendStorageInput, ImportBackendStorageInput, ListBackendJobsInput, ListS3BucketsInput,
    UpdateBackendJobInput, UpdateBackendStorageInput,
};
use operations::server::{ErrorReply, ServerOperation};
use operations::{ErrorCode, Operation};

use crate::job::{Job, JobStatus, Work};
use crate::world::{Environment, World};

/// How the service behaves, for as long as it runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(crate) strict: bool,
    pub(crate) job_time: Duration,
    pub(crate) page_size: usize,
    pub(crate) delete_buckets: bool,
}

/// An app and an environment of it.
pub(crate) type Place<'a> = (&'a str, &'a str);

/// The service in the course of one request.
pub(crate) struct Service<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) policy: Policy,
    /// Milliseconds since the epoch.
    pub(crate) now: u64,
    pub(crate) new_id: &'a mut dyn FnMut() -> String,
    /// The text with which a job that is started now fails.
    pub(crate) job_failure: Option<String>,
}

/// An operation as the service carries it out.
pub(crate) trait Perform: ServerOperation + Target {
    fn perform(self, service: &mut Service<'_>) -> Result<Self::Output, ErrorReply>;
}

/// The app and the environment that are meant, where the operation names one.
pub(crate) trait Target {
    fn target(&self) -> Option<Place<'_>>;
}

macro_rules! in_environment {
    ($($input:ident)*) => { $(
        impl Target for $input {
            fn target(&self) -> Option<Place<'_>> {
                Some((&self.app_id, &self.backend_environment_name))
            }
        }
    )* };
}

in_environment! {
    CreateBackendStorageInput DeleteBackendStorageInput GetBackendJobInput GetBackendStorageInput
    ImportBackendStorageInput ListBackendJobsInput UpdateBackendJobInput UpdateBackendStorageInput
}

impl Target for ListS3BucketsInput {
    fn target(&self) -> Option<Place<'_>> {
        None
    }
}

impl Service<'_> {
    /// The environment, if anything is in it. In strict mode it must have been seeded.
    fn environment(
        &self,
        (app, environment): Place<'_>,
    ) -> Result<Option<&Environment>, ErrorReply> {
        let found = self.world.environment(app, environment);
        if found.is_none() && self.policy.strict {
            return Err(if self.world.has_app(app) {
                not_found("BackendEnvironment", environment)
            } else {
                not_found("App", app)
            });
        }
        Ok(found)
    }

    /// The environment, for a change: no job is running in it.
    fn free_environment(&self, place: Place<'_>) -> Result<Option<&Environment>, ErrorReply> {
        let environment = self.environment(place)?;
        if environment.and_then(Environment::running).is_some() {
            let (app, name) = place;
            // The text that was observed on the real service.
            return Err(bad_request(format!(
                "There is already a pending job for the requested appId: {app} and \
                 backendEnvironmentName: {name}, wait for it to complete before creating a new job."
            )));
        }
        Ok(environment)
    }

    /// Starts a job of the operation `O` and gives its id.
    fn start<O: Operation>(&mut self, (app, environment): Place<'_>, work: Work) -> String {
        let job_id = (self.new_id)();
        let job_time = u64::try_from(self.policy.job_time.as_millis()).unwrap_or(u64::MAX);
        let job = Job {
            job_id: job_id.clone(),
            operation: O::NAME.to_owned(),
            create_time: self.now,
            update_time: self.now,
            status: JobStatus::Running {
                ends_at: self.now.saturating_add(job_time),
                work: Box::new(work),
                failure: self.job_failure.take(),
            },
        };
        self.world.add_job(app, environment, job);
        job_id
    }
}

fn bad_token() -> ErrorReply {
    bad_request("nextToken is not one that this operation gave".to_owned())
}

fn bad_request(message: String) -> ErrorReply {
    ErrorReply::new(ErrorCode::BadRequest).message(message)
}

fn not_found(resource_type: &str, name: &str) -> ErrorReply {
    ErrorReply::new(ErrorCode::NotFound)
        .message(format!("there is no {resource_type} {name}"))
        .resource_type(resource_type)
}

/// A time in milliseconds since the epoch as S3 writes it: `2021-04-02T15:05:07.613Z`.
pub(crate) fn rfc_3339(millis: u64) -> String {
    // The last second that has a spelling with four digits for the year.
    const LAST: u64 = 253_402_300_799_999;
    let time = SystemTime::UNIX_EPOCH + Duration::from_millis(millis.min(LAST));
    humantime::format_rfc3339_millis(time).to_string()
}
