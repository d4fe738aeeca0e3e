//! Jobs.

use clap::{Args, Subcommand};
use operations::server::Route;
use serde_json::json;

use super::{Pace, Place, with};
use crate::call::{Call, Job, Task};

/// Jobs of a backend environment
#[derive(Subcommand)]
pub(crate) enum Jobs {
    /// Read a job (GetBackendJob)
    Get {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        job: JobId,
    },
    /// List jobs, the newest first (ListBackendJobs)
    ///
    /// All pages, unless --max-results, --next-token or --no-paginate ask for one.
    List {
        #[command(flatten)]
        place: Place,
        /// Only the job with this id
        #[arg(long, value_name = "ID")]
        job_id: Option<String>,
        /// Only jobs of this operation, as in CreateBackendStorage
        #[arg(long, value_name = "NAME")]
        operation: Option<String>,
        /// Only jobs with this status: RUNNING, COMPLETED, FAILED
        #[arg(long, value_name = "STATUS")]
        status: Option<String>,
        /// How many jobs a page may hold, 1 to 25
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i32).range(1..=25))]
        max_results: Option<i32>,
        /// Where the page starts: the NextToken of the one before
        #[arg(long, value_name = "TOKEN")]
        next_token: Option<String>,
        /// Of all pages: how many jobs to ask for at once, 1 to 25
        #[arg(
            long,
            value_name = "NUMBER",
            conflicts_with_all = ["max_results", "next_token", "no_paginate"],
            value_parser = clap::value_parser!(i32).range(1..=25)
        )]
        page_size: Option<i32>,
        /// Only the first page
        #[arg(long)]
        no_paginate: bool,
    },
    /// Wait until a job has ended
    Wait {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        job: JobId,
        #[command(flatten)]
        pace: Pace,
    },
    /// Change a job (UpdateBackendJob)
    Update {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        job: JobId,
        /// The operation to say it carries out
        #[arg(long, value_name = "NAME")]
        operation: Option<String>,
        /// The status to give it
        #[arg(long, value_name = "STATUS")]
        status: Option<String>,
    },
}

#[derive(Args)]
pub(crate) struct JobId {
    /// The job
    #[arg(long, value_name = "ID")]
    job_id: String,
}

impl Jobs {
    pub(crate) fn task(self, dry_run: bool) -> Task {
        let call = match self {
            Self::Get { place, job } => job.get(&place),
            Self::List {
                place,
                job_id,
                operation,
                status,
                max_results,
                next_token,
                page_size,
                no_paginate,
            } => {
                let all_pages = !no_paginate && max_results.is_none() && next_token.is_none();
                let more = json!({
                    "jobId": job_id, "operation": operation, "status": status,
                    "maxResults": max_results.or(page_size), "nextToken": next_token,
                });
                Call {
                    all_pages,
                    ..Call::new(Route::ListBackendJobs, with(place.input(), more))
                }
            }
            Self::Update {
                place,
                job,
                operation,
                status,
            } => {
                let more = json!({ "jobId": job.job_id, "operation": operation, "status": status });
                Call::new(Route::UpdateBackendJob, with(place.input(), more))
            }
            // A dry run prints the first look.
            Self::Wait { place, job, .. } if dry_run => job.get(&place),
            Self::Wait { place, job, pace } => {
                let job = Job {
                    app_id: place.app_id,
                    environment: place.env,
                    id: job.job_id,
                };
                return Task::Wait(job, pace.wait());
            }
        };
        Task::Call(call)
    }
}

impl JobId {
    fn get(self, place: &Place) -> Call {
        let more = json!({ "jobId": self.job_id });
        Call::new(Route::GetBackendJob, with(place.input(), more))
    }
}
