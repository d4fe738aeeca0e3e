//! What each operation does, and when it refuses. Where nothing public says how the service
//! behaves, this is assumed; the README has the list.

use std::time::{Duration, SystemTime};

use models::{
    BackendJobRespObj, CreateBackendStorageInput, CreateBackendStorageOutput,
    DeleteBackendStorageInput, DeleteBackendStorageOutput, GetBackendJobInput, GetBackendJobOutput,
    GetBackendStorageInput, GetBackendStorageOutput, GetBackendStorageResourceConfig,
    ImportBackendStorageInput, ImportBackendStorageOutput, ListBackendJobsInput,
    ListBackendJobsOutput, ListS3BucketsInput, ListS3BucketsOutput, S3BucketInfo, ServiceName,
    UpdateBackendJobInput, UpdateBackendJobOutput, UpdateBackendStorageInput,
    UpdateBackendStorageOutput,
};
use operations::server::{ErrorReply, ServerOperation};
use operations::{ErrorCode, Operation};

use crate::job::{Event, Job, JobStatus, SetStatus, Work};
use crate::snapshot::{Permissions, Storage};
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

/// What an operation answers that started a job.
macro_rules! started {
    ($output:ident, $input:ident, $job_id:expr) => {
        $output::builder()
            .job_id($job_id)
            .status("RUNNING")
            .app_id($input.app_id)
            .backend_environment_name($input.backend_environment_name)
            .build()
    };
}

/// The most jobs that ListBackendJobs answers at once.
const MAX_RESULTS: i32 = 25;

impl Perform for CreateBackendStorageInput {
    fn perform(self, service: &mut Service<'_>) -> Result<Self::Output, ErrorReply> {
        let config = self.resource_config;
        let permissions = permissions(config.permissions)?;
        known_service("resourceConfig.serviceName", &config.service_name)?;
        not_empty("backendEnvironmentName", &self.backend_environment_name)?;
        not_empty("resourceName", &self.resource_name)?;
        if let Some(bucket) = &config.bucket_name {
            not_empty("resourceConfig.bucketName", bucket)?;
        }
        let place = (&*self.app_id, &*self.backend_environment_name);
        let environment = service.free_environment(place)?;
        if environment.is_some_and(|it| it.storage(&self.resource_name).is_some()) {
            return Err(name_taken(&self.resource_name));
        }
        let bucket_name = config
            .bucket_name
            .unwrap_or_else(|| service.new_bucket_name(&self.resource_name, place));
        let work = Work::Put(Storage {
            resource_name: self.resource_name,
            bucket_name,
            imported: false,
            permissions: Some(permissions),
            service_name: config.service_name,
        });
        let job_id = service.start::<Self>(place, work);
        Ok(started!(CreateBackendStorageOutput, self, job_id))
    }
}

impl Perform for ImportBackendStorageInput {
    fn perform(self, service: &mut Service<'_>) -> Result<Self::Output, ErrorReply> {
        known_service("serviceName", &self.service_name)?;
        let bucket_name = self.bucket_name.unwrap_or_default();
        not_empty("bucketName", &bucket_name)?;
        let place = (&*self.app_id, &*self.backend_environment_name);
        let environment = service.free_environment(place)?;
        if environment.is_some_and(|it| it.storage(&bucket_name).is_some()) {
            return Err(name_taken(&bucket_name));
        }
        if !service.world.has_bucket(&bucket_name) {
            return Err(not_found("S3Bucket", &bucket_name));
        }
        let work = Work::Put(Storage {
            resource_name: bucket_name.clone(),
            bucket_name,
            imported: true,
            permissions: None,
            service_name: self.service_name,
        });
        let job_id = service.start::<Self>(place, work);
        Ok(started!(ImportBackendStorageOutput, self, job_id))
    }
}

impl Perform for UpdateBackendStorageInput {
    fn perform(self, service: &mut Service<'_>) -> Result<Self::Output, ErrorReply> {
        let permissions = permissions(self.resource_config.permissions)?;
        let service_name = self.resource_config.service_name;
        known_service("resourceConfig.serviceName", &service_name)?;
        let place = (&*self.app_id, &*self.backend_environment_name);
        let environment = service.free_environment(place)?;
        let storage = found_storage(environment, &self.resource_name)?;
        if storage.imported {
            return Err(bad_request(format!(
                "the storage resource {} is imported and cannot be updated",
                self.resource_name
            )));
        }
        let work = Work::Put(Storage {
            permissions: Some(permissions),
            service_name,
            ..storage.clone()
        });
        let job_id = service.start::<Self>(place, work);
        Ok(started!(UpdateBackendStorageOutput, self, job_id))
    }
}

impl Perform for DeleteBackendStorageInput {
    fn perform(self, service: &mut Service<'_>) -> Result<Self::Output, ErrorReply> {
        known_service("serviceName", &self.service_name)?;
        let place = (&*self.app_id, &*self.backend_environment_name);
        let delete_buckets = service.policy.delete_buckets;
        let environment = service.free_environment(place)?;
        let storage = found_storage(environment, &self.resource_name)?;
        let bucket_goes_too = delete_buckets && !storage.imported;
        let work = Work::Remove {
            bucket_name: bucket_goes_too.then(|| storage.bucket_name.clone()),
            resource_name: self.resource_name,
        };
        let job_id = service.start::<Self>(place, work);
        Ok(started!(DeleteBackendStorageOutput, self, job_id))
    }
}

impl Perform for GetBackendStorageInput {
    fn perform(self, service: &mut Service<'_>) -> Result<Self::Output, ErrorReply> {
        let environment = service.environment((&self.app_id, &self.backend_environment_name))?;
        let storage = found_storage(environment, &self.resource_name)?;
        let permissions = storage.permissions.clone().map(Into::into);
        let config = GetBackendStorageResourceConfig::builder()
            .bucket_name(&storage.bucket_name)
            .imported(storage.imported)
            .maybe_permissions(permissions)
            .service_name(storage.service_name.clone())
            .build();
        Ok(GetBackendStorageOutput::builder()
            .resource_config(config)
            .app_id(self.app_id)
            .backend_environment_name(self.backend_environment_name)
            .resource_name(self.resource_name)
            .build())
    }
}

impl Perform for ListS3BucketsInput {
    fn perform(self, service: &mut Service<'_>) -> Result<Self::Output, ErrorReply> {
        let token = self.next_token.unwrap_or_default();
        let after = match token.strip_prefix(AFTER) {
            Some(name) => name,
            None if token.is_empty() => "",
            None => return Err(bad_token()),
        };
        let mut behind = service.world.buckets_after(after).peekable();
        let page = behind.by_ref().take(service.policy.page_size);
        // The buckets that a seed names are all of one time, which is written once.
        let mut written = (0, rfc_3339(0));
        let page: Vec<_> = page
            .map(|(name, creation_date)| {
                if written.0 != creation_date {
                    written = (creation_date, rfc_3339(creation_date));
                }
                S3BucketInfo::builder()
                    .name(name)
                    .creation_date(&written.1)
                    .build()
            })
            .collect();
        let last = page.last().and_then(|bucket| bucket.name.as_deref());
        let next_token = behind.peek().and(last).map(|last| format!("{AFTER}{last}"));
        Ok(ListS3BucketsOutput::builder()
            .buckets(page)
            .maybe_next_token(next_token)
            .build())
    }
}

impl Perform for GetBackendJobInput {
    fn perform(self, service: &mut Service<'_>) -> Result<Self::Output, ErrorReply> {
        let environment = service.environment((&self.app_id, &self.backend_environment_name))?;
        let job = environment.and_then(|environment| environment.job(&self.job_id));
        let job = job.ok_or_else(|| not_found("Job", &self.job_id))?;
        Ok(GetBackendJobOutput::builder()
            .create_time(job.create_time.to_string())
            .maybe_error(error_of(job))
            .operation(&job.operation)
            .status(job.status.as_str())
            .update_time(job.update_time.to_string())
            .app_id(self.app_id)
            .backend_environment_name(self.backend_environment_name)
            .job_id(self.job_id)
            .build())
    }
}

impl Perform for ListBackendJobsInput {
    fn perform(self, service: &mut Service<'_>) -> Result<Self::Output, ErrorReply> {
        let most = match self.max_results.unwrap_or(MAX_RESULTS) {
            number @ 1..=MAX_RESULTS => usize::try_from(number).unwrap_or_default(),
            _ => {
                return Err(bad_request(format!(
                    "maxResults is not within 1 and {MAX_RESULTS}"
                )));
            }
        };
        let before = match self.next_token.as_deref() {
            None | Some("") => u64::MAX,
            Some(token) => token
                .strip_prefix(BEFORE)
                .and_then(|number| number.parse().ok())
                .ok_or_else(bad_token)?,
        };
        let environment = service.environment((&self.app_id, &self.backend_environment_name))?;
        let is = |wanted: &Option<String>, text: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == text)
        };
        let jobs = environment
            .into_iter()
            .flat_map(|it| it.jobs_before(before));
        let mut matching = jobs
            .filter(|(_, job)| {
                is(&self.job_id, &job.job_id)
                    && is(&self.operation, &job.operation)
                    && is(&self.status, job.status.as_str())
            })
            .peekable();
        let page: Vec<_> = matching.by_ref().take(most).collect();
        let last = page.last().map(|(number, _)| number);
        let next_token = matching
            .peek()
            .and(last)
            .map(|last| format!("{BEFORE}{last}"));
        let page = page.into_iter().map(|(_, job)| {
            BackendJobRespObj::builder()
                .app_id(&self.app_id)
                .backend_environment_name(&self.backend_environment_name)
                .create_time(job.create_time.to_string())
                .maybe_error(error_of(job))
                .job_id(&job.job_id)
                .operation(&job.operation)
                .status(job.status.as_str())
                .update_time(job.update_time.to_string())
                .build()
        });
        Ok(ListBackendJobsOutput::builder()
            .jobs(page.collect())
            .maybe_next_token(next_token)
            .build())
    }
}

impl Perform for UpdateBackendJobInput {
    fn perform(self, service: &mut Service<'_>) -> Result<Self::Output, ErrorReply> {
        let status = match self.status.as_deref() {
            None => None,
            Some("RUNNING") => Some(SetStatus::Running),
            Some("COMPLETED") => Some(SetStatus::Completed),
            Some("FAILED") => Some(SetStatus::Failed),
            Some(_) => {
                return Err(bad_request(
                    "status is none of RUNNING, COMPLETED, FAILED".to_owned(),
                ));
            }
        };
        let (app, name) = (&*self.app_id, &*self.backend_environment_name);
        service.environment((app, name))?;
        let event = Event::Update {
            at: service.now,
            operation: self.operation,
            status,
        };
        let job = service.world.on_job(app, name, &self.job_id, event);
        let job = job
            .ok_or_else(|| not_found("Job", &self.job_id))?
            .map_err(|_| bad_request(format!("the job {} has ended", self.job_id)))?;
        Ok(UpdateBackendJobOutput::builder()
            .create_time(job.create_time.to_string())
            .maybe_error(error_of(job))
            .status(job.status.as_str())
            .operation(&job.operation)
            .update_time(job.update_time.to_string())
            .app_id(self.app_id)
            .backend_environment_name(self.backend_environment_name)
            .job_id(self.job_id)
            .build())
    }
}

/// What a token of ListS3Buckets begins with; behind it is the name that came last.
const AFTER: &str = "after:";

/// What a token of ListBackendJobs begins with; behind it is the number that came last.
const BEFORE: &str = "before:";

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
                work,
                failure: self.job_failure.take(),
            },
        };
        self.world.add_job(app, environment, job);
        job_id
    }

    /// A name that S3 takes, that says what the bucket is for, and that no other bucket has.
    fn new_bucket_name(&self, resource: &str, (app, environment): Place<'_>) -> String {
        // S3 takes 63; the rest is for a number.
        const LONGEST: usize = 55;
        let wanted = format!("{resource}-{app}-{environment}").to_lowercase();
        let mut name: String = wanted
            .chars()
            .map(|letter| {
                if letter.is_ascii_alphanumeric() {
                    letter
                } else {
                    '-'
                }
            })
            .take(LONGEST)
            .collect();
        name = name.trim_matches('-').to_owned();
        if name.len() < 3 {
            name.push_str("storage");
        }
        if !self.world.bucket_is_taken(&name) {
            return name;
        }
        let numbered = (2_u64..).map(|number| format!("{name}-{number}"));
        let mut free = numbered.filter(|name| !self.world.bucket_is_taken(name));
        free.next().unwrap_or(name)
    }
}

fn permissions(sent: models::BackendStoragePermissions) -> Result<Permissions, ErrorReply> {
    let permissions = Permissions::from(sent);
    if let Some((member, _)) = permissions.unknown().next() {
        return Err(bad_request(format!(
            "resourceConfig.permissions.{member} has a value that is none of READ, \
             CREATE_AND_UPDATE, DELETE"
        )));
    }
    Ok(permissions)
}

fn known_service(member: &str, name: &ServiceName) -> Result<(), ErrorReply> {
    if name.is_known() {
        Ok(())
    } else {
        Err(bad_request(format!("{member} is not S3")))
    }
}

fn not_empty(member: &str, text: &str) -> Result<(), ErrorReply> {
    if text.is_empty() {
        Err(bad_request(format!("{member} is missing or empty")))
    } else {
        Ok(())
    }
}

fn found_storage<'a>(
    environment: Option<&'a Environment>,
    name: &str,
) -> Result<&'a Storage, ErrorReply> {
    environment
        .and_then(|environment| environment.storage(name))
        .ok_or_else(|| not_found("Storage", name))
}

fn name_taken(name: &str) -> ErrorReply {
    bad_request(format!(
        "there is already a storage resource with the name {name}"
    ))
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

fn error_of(job: &Job) -> Option<&str> {
    match &job.status {
        JobStatus::Failed { error } => error.as_deref(),
        _ => None,
    }
}

/// A time in milliseconds since the epoch as S3 writes it: `2021-04-02T15:05:07.613Z`.
pub(crate) fn rfc_3339(millis: u64) -> String {
    // The last second that has a spelling with four digits for the year.
    const LAST: u64 = 253_402_300_799_999;
    let time = SystemTime::UNIX_EPOCH + Duration::from_millis(millis.min(LAST));
    humantime::format_rfc3339_millis(time).to_string()
}
