//! Waiting for a job.

use std::time::Duration;

use models::{GetBackendJobInput, GetBackendJobOutput};
use tokio::time::{Instant, sleep};
use transport::Transport;

use crate::error::Cause;
use crate::{Client, Error};

/// What is told of a job each time it was looked at.
pub(crate) type OnStatus<'a> = Box<dyn FnMut(&GetBackendJobOutput) + Send + 'a>;

impl<T: Transport> Client<T> {
    /// What [`wait_for_job`](Self::wait_for_job) does.
    pub(crate) async fn wait(
        &self,
        input: &GetBackendJobInput,
        interval: Duration,
        limit: Duration,
        mut on_status: Option<OnStatus<'_>>,
    ) -> Result<GetBackendJobOutput, Error> {
        let started = Instant::now();
        loop {
            let job = self.send(input).await?;
            if let Some(on_status) = &mut on_status {
                on_status(&job);
            }
            match job.status.as_deref() {
                Some("COMPLETED") => return Ok(job),
                Some("FAILED") => {
                    return Err(Error::new(
                        "GetBackendJob",
                        1,
                        Cause::JobFailed(Box::new(job)),
                    ));
                }
                _ => {}
            }
            let left = limit.saturating_sub(started.elapsed());
            if left.is_zero() {
                let cause = Cause::WaitedTooLong {
                    limit,
                    last_status: job.status,
                };
                return Err(Error::new("GetBackendJob", 1, cause));
            }
            // A last look when the time is up, rather than none.
            sleep(interval.min(left)).await;
        }
    }
}
