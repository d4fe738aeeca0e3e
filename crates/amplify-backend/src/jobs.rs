//! Waiting for a job.

use std::time::Duration;

use models::{GetBackendJobInput, GetBackendJobOutput};
use tokio::time::{Instant, sleep};
use transport::Transport;

use crate::error::Cause;
use crate::{Client, Error};

/// What is told of a job each time it was looked at.
type OnStatus<'a> = Box<dyn FnMut(&GetBackendJobOutput) + Send + 'a>;

#[bon::bon]
impl<T: Transport> Client<T> {
    /// Looks at a job again and again until it has ended, and gives it back.
    ///
    /// `COMPLETED` and `FAILED` end a job; any other status is waited through. Dropping the future
    /// ends the waiting and leaves the job alone.
    ///
    /// ```no_run
    /// # async fn run(client: amplify_backend::Client) -> Result<(), amplify_backend::Error> {
    /// let job = client
    ///     .wait_for_job()
    ///     .app_id("d1a2b3c4d5e6f7")
    ///     .backend_environment_name("staging")
    ///     .job_id("4e8f6b0a")
    ///     .on_status(Box::new(|job| println!("{:?}", job.status)))
    ///     .wait()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::JobFailed`](crate::ErrorKind::JobFailed) with the job's own error text,
    /// [`ErrorKind::WaitTimeout`](crate::ErrorKind::WaitTimeout) when `limit` is over, or whatever
    /// a look at the job failed with.
    #[builder(finish_fn = wait, on(String, into))]
    pub async fn wait_for_job(
        &self,
        /// The id of the Amplify app.
        app_id: String,
        /// The name of the backend environment.
        backend_environment_name: String,
        /// The id of the job.
        job_id: String,
        /// How long to wait between two looks. Default: 2 s, as official clients do.
        #[builder(default = Duration::from_secs(2))]
        interval: Duration,
        /// How long to wait in all. Default: 30 min.
        #[builder(default = Duration::from_secs(30 * 60))]
        limit: Duration,
        /// Is told of the job each time it was looked at.
        on_status: Option<OnStatus<'_>>,
    ) -> Result<GetBackendJobOutput, Error> {
        let input = GetBackendJobInput::builder()
            .app_id(app_id)
            .backend_environment_name(backend_environment_name)
            .job_id(job_id)
            .build();
        let mut on_status = on_status;
        let started = Instant::now();
        loop {
            let job = self.send(&input).await?;
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
