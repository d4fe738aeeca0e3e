//! A job, from its start to its end. Pure: a job and an event in, the job after it and what is to be
//! done out. Which jobs there are, and what time it is, is somebody else's business.

use serde::{Deserialize, Serialize};

use crate::snapshot::Storage;

/// A job that Create, Import, Update or Delete started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Job {
    /// The id, as the operation answered it.
    pub job_id: String,
    /// What the job carries out: the operation's name, until UpdateBackendJob says otherwise.
    pub operation: String,
    /// When it was started, in milliseconds since the epoch.
    pub create_time: u64,
    /// When it last changed, in milliseconds since the epoch.
    pub update_time: u64,
    /// How far it is.
    pub status: JobStatus,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    rename_all = "SCREAMING_SNAKE_CASE",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
#[non_exhaustive]
pub enum JobStatus {
    /// It has not ended.
    #[non_exhaustive]
    Running {
        /// When it ends by itself, in milliseconds since the epoch.
        ends_at: u64,
        /// What it changes when it completes. Of the many jobs that are kept few still have it.
        work: Box<Work>,
        /// The text with which it fails when its time has come. `None`: it completes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<String>,
    },
    /// It has ended, and what it was for is done.
    Completed,
    /// It has ended, and nothing was changed.
    #[non_exhaustive]
    Failed {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
}

/// What a job changes when it completes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
#[non_exhaustive]
pub enum Work {
    /// The resource is there as it is here, and its bucket too.
    Put(Storage),
    /// The resource is gone.
    #[non_exhaustive]
    Remove {
        /// Its name.
        resource_name: String,
        /// The bucket to remove with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bucket_name: Option<String>,
    },
}

/// What can happen to a job.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// It is this late, in milliseconds since the epoch.
    Clock(u64),
    /// UpdateBackendJob, at this time.
    Update {
        at: u64,
        operation: Option<String>,
        status: Option<SetStatus>,
    },
}

/// What UpdateBackendJob may set the status to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetStatus {
    Running,
    Completed,
    Failed,
}

/// A job that has ended does not change any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AlreadyEnded;

impl Job {
    /// Becomes what the job is after `event`, and gives the work that is to be done now.
    pub(crate) fn take_in(&mut self, event: Event) -> Result<Option<Box<Work>>, AlreadyEnded> {
        let JobStatus::Running { ends_at, .. } = self.status else {
            return match event {
                Event::Clock(_) => Ok(None),
                Event::Update { .. } => Err(AlreadyEnded),
            };
        };
        // `None`: it ends as it was going to.
        let end = match event {
            Event::Clock(now) if now < ends_at => return Ok(None),
            Event::Clock(_) => {
                self.update_time = ends_at;
                None
            }
            Event::Update {
                at,
                operation,
                status,
            } => {
                self.update_time = at;
                if let Some(operation) = operation {
                    self.operation = operation;
                }
                match status {
                    None | Some(SetStatus::Running) => return Ok(None),
                    ended => ended,
                }
            }
        };
        let before = std::mem::replace(&mut self.status, JobStatus::Completed);
        let JobStatus::Running { work, failure, .. } = before else {
            return Ok(None);
        };
        let error = match end {
            Some(SetStatus::Failed) => None,
            None if failure.is_some() => failure,
            _ => return Ok(Some(work)),
        };
        self.status = JobStatus::Failed { error };
        Ok(None)
    }
}

impl JobStatus {
    /// The status as it stands on the wire.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Running { .. } => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Failed { .. } => "FAILED",
        }
    }

    /// When the job ends by itself, if it has not ended.
    pub(crate) fn ends_at(&self) -> Option<u64> {
        match self {
            Self::Running { ends_at, .. } => Some(*ends_at),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(failure: Option<&str>) -> Job {
        Job {
            job_id: "j".into(),
            operation: "DeleteBackendStorage".into(),
            create_time: 100,
            update_time: 100,
            status: JobStatus::Running {
                ends_at: 200,
                work: work().into(),
                failure: failure.map(str::to_owned),
            },
        }
    }

    fn work() -> Work {
        Work::Remove {
            resource_name: "photos".into(),
            bucket_name: None,
        }
    }

    /// The job after `event`, and the work.
    fn after(mut job: Job, event: Event) -> Result<(Job, Option<Work>), AlreadyEnded> {
        let work = job.take_in(event)?;
        Ok((job, work.map(|work| *work)))
    }

    fn set(status: SetStatus) -> Event {
        Event::Update {
            at: 150,
            operation: None,
            status: Some(status),
        }
    }

    #[test]
    fn a_job_ends_when_its_time_has_come_and_not_before() {
        let (job, done) = after(running(None), Event::Clock(199)).unwrap();
        assert_eq!((job, done), (running(None), None));
        let (job, done) = after(running(None), Event::Clock(900)).unwrap();
        assert_eq!((job.status, done), (JobStatus::Completed, Some(work())));
        assert_eq!(job.update_time, 200);
    }

    #[test]
    fn a_job_that_fails_changes_nothing() {
        let (job, done) = after(running(Some("no")), Event::Clock(200)).unwrap();
        let error = Some("no".to_owned());
        assert_eq!((job.status, done), (JobStatus::Failed { error }, None));
    }

    #[test]
    fn an_update_ends_a_job_early_whatever_was_to_become_of_it() {
        let (job, done) = after(running(Some("no")), set(SetStatus::Completed)).unwrap();
        assert_eq!((job.status, done), (JobStatus::Completed, Some(work())));
        let (job, done) = after(running(None), set(SetStatus::Failed)).unwrap();
        assert_eq!(
            (job.status, done, job.update_time),
            (JobStatus::Failed { error: None }, None, 150)
        );
        let (job, done) = after(running(None), set(SetStatus::Running)).unwrap();
        assert_eq!((job.status.ends_at(), done), (Some(200), None));
    }

    #[test]
    fn a_job_that_has_ended_stays_as_it_is() {
        let (ended, _) = after(running(None), Event::Clock(200)).unwrap();
        let later = after(ended.clone(), Event::Clock(900)).unwrap();
        assert_eq!(later, (ended.clone(), None));
        assert_eq!(after(ended, set(SetStatus::Running)), Err(AlreadyEnded));
    }
}
