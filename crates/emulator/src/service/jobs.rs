//! Jobs, once they are started: one of them, all of them, and how one is made to end.

use models::{
    BackendJobRespObj, GetBackendJobInput, GetBackendJobOutput, ListBackendJobsInput,
    ListBackendJobsOutput, UpdateBackendJobInput, UpdateBackendJobOutput,
};
use operations::server::ErrorReply;

use super::{Perform, Service, bad_request, bad_token, not_found};
use crate::job::{Event, Job, JobStatus, SetStatus};

/// The most jobs that ListBackendJobs answers at once.
const MAX_RESULTS: i32 = 25;

/// What a token of ListBackendJobs begins with; behind it is the number that came last.
const BEFORE: &str = "before:";

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

fn error_of(job: &Job) -> Option<&str> {
    match &job.status {
        JobStatus::Failed { error } => error.as_deref(),
        _ => None,
    }
}
