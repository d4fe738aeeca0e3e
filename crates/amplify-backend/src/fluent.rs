//! A method for each operation, with a setter for each member: for [`Client`], whose calls are
//! awaited, and from the same text for the blocking one, whose calls are not.

#![expect(
    missing_debug_implementations,
    reason = "the builders are bon's, and hold what the caller gave"
)]

use std::time::Duration;

use models::*;
use transport::Transport;

use crate::jobs::OnStatus;
use crate::{Client, Error};

/// The methods of the client `$client`, `async` and with `.await` or without. `$waiting` is an
/// example of waiting for a job.
macro_rules! fluent {
    ($client:ident, [$($async:tt)?], [$($await:tt)*], $waiting:literal) => {
        #[bon::bon]
        impl<T: Transport> $client<T> {
            /// Creates a storage resource in a backend environment. What is answered is a job that does
            /// it; [`wait_for_job`](Self::wait_for_job) waits for its end.
            ///
            /// # Errors
            ///
            /// See [`Error`].
            #[builder(finish_fn = send, on(String, into))]
            pub $($async)? fn create_backend_storage(
                &self,
                /// The id of the Amplify app.
                app_id: String,
                /// The name of the backend environment.
                backend_environment_name: String,
                /// What to create.
                resource_config: CreateBackendStorageResourceConfig,
                /// The name of the storage resource.
                resource_name: String,
            ) -> Result<CreateBackendStorageOutput, Error> {
                let input = CreateBackendStorageInput::builder()
                    .app_id(app_id)
                    .backend_environment_name(backend_environment_name)
                    .resource_config(resource_config)
                    .resource_name(resource_name)
                    .build();
                self.send(&input)$($await)*
            }

            /// Makes an S3 bucket that exists the storage of a backend environment. What is answered is a
            /// job that does it.
            ///
            /// # Errors
            ///
            /// See [`Error`].
            #[builder(finish_fn = send, on(String, into))]
            pub $($async)? fn import_backend_storage(
                &self,
                /// The id of the Amplify app.
                app_id: String,
                /// The name of the backend environment.
                backend_environment_name: String,
                /// The name of the bucket.
                bucket_name: Option<String>,
                /// The service that holds the objects.
                service_name: ServiceName,
            ) -> Result<ImportBackendStorageOutput, Error> {
                let input = ImportBackendStorageInput::builder()
                    .app_id(app_id)
                    .backend_environment_name(backend_environment_name)
                    .maybe_bucket_name(bucket_name)
                    .service_name(service_name)
                    .build();
                self.send(&input)$($await)*
            }

            /// Changes the permissions of a storage resource. What is answered is a job that does it.
            ///
            /// # Errors
            ///
            /// See [`Error`].
            #[builder(finish_fn = send, on(String, into))]
            pub $($async)? fn update_backend_storage(
                &self,
                /// The id of the Amplify app.
                app_id: String,
                /// The name of the backend environment.
                backend_environment_name: String,
                /// What the resource is to become.
                resource_config: UpdateBackendStorageResourceConfig,
                /// The name of the storage resource.
                resource_name: String,
            ) -> Result<UpdateBackendStorageOutput, Error> {
                let input = UpdateBackendStorageInput::builder()
                    .app_id(app_id)
                    .backend_environment_name(backend_environment_name)
                    .resource_config(resource_config)
                    .resource_name(resource_name)
                    .build();
                self.send(&input)$($await)*
            }

            /// Reads how a storage resource is configured.
            ///
            /// # Errors
            ///
            /// See [`Error`].
            #[builder(finish_fn = send, on(String, into))]
            pub $($async)? fn get_backend_storage(
                &self,
                /// The id of the Amplify app.
                app_id: String,
                /// The name of the backend environment.
                backend_environment_name: String,
                /// The name of the storage resource.
                resource_name: String,
            ) -> Result<GetBackendStorageOutput, Error> {
                let input = GetBackendStorageInput::builder()
                    .app_id(app_id)
                    .backend_environment_name(backend_environment_name)
                    .resource_name(resource_name)
                    .build();
                self.send(&input)$($await)*
            }

            /// Removes a storage resource. What is answered is a job that does it.
            ///
            /// # Errors
            ///
            /// See [`Error`].
            #[builder(finish_fn = send, on(String, into))]
            pub $($async)? fn delete_backend_storage(
                &self,
                /// The id of the Amplify app.
                app_id: String,
                /// The name of the backend environment.
                backend_environment_name: String,
                /// The name of the storage resource.
                resource_name: String,
                /// The service that holds the objects.
                service_name: ServiceName,
            ) -> Result<DeleteBackendStorageOutput, Error> {
                let input = DeleteBackendStorageInput::builder()
                    .app_id(app_id)
                    .backend_environment_name(backend_environment_name)
                    .resource_name(resource_name)
                    .service_name(service_name)
                    .build();
                self.send(&input)$($await)*
            }

            /// Lists one page of the account's S3 buckets. [`pages`](Self::pages) goes through all.
            ///
            /// # Errors
            ///
            /// See [`Error`].
            #[builder(finish_fn = send, on(String, into))]
            pub $($async)? fn list_s3_buckets(
                &self,
                /// Where the page starts. Default: at the first.
                next_token: Option<String>,
            ) -> Result<ListS3BucketsOutput, Error> {
                self.send(
                    &ListS3BucketsInput::builder()
                        .maybe_next_token(next_token)
                        .build(),
                )$($await)*
            }

            /// Reads how far a job is.
            ///
            /// # Errors
            ///
            /// See [`Error`].
            #[builder(finish_fn = send, on(String, into))]
            pub $($async)? fn get_backend_job(
                &self,
                /// The id of the Amplify app.
                app_id: String,
                /// The name of the backend environment.
                backend_environment_name: String,
                /// The id of the job.
                job_id: String,
            ) -> Result<GetBackendJobOutput, Error> {
                let input = GetBackendJobInput::builder()
                    .app_id(app_id)
                    .backend_environment_name(backend_environment_name)
                    .job_id(job_id)
                    .build();
                self.send(&input)$($await)*
            }

            /// Lists one page of a backend environment's jobs. [`pages`](Self::pages) goes through all.
            ///
            /// # Errors
            ///
            /// See [`Error`].
            #[builder(finish_fn = send, on(String, into))]
            pub $($async)? fn list_backend_jobs(
                &self,
                /// The id of the Amplify app.
                app_id: String,
                /// The name of the backend environment.
                backend_environment_name: String,
                /// Only the job with this id.
                job_id: Option<String>,
                /// How many jobs a page may hold, 1 to 25.
                max_results: Option<i32>,
                /// Where the page starts. Default: at the first.
                next_token: Option<String>,
                /// Only jobs of this operation.
                operation: Option<String>,
                /// Only jobs with this status.
                status: Option<String>,
            ) -> Result<ListBackendJobsOutput, Error> {
                let input = ListBackendJobsInput::builder()
                    .app_id(app_id)
                    .backend_environment_name(backend_environment_name)
                    .maybe_job_id(job_id)
                    .maybe_max_results(max_results)
                    .maybe_next_token(next_token)
                    .maybe_operation(operation)
                    .maybe_status(status)
                    .build();
                self.send(&input)$($await)*
            }

            /// Changes what a job says of itself.
            ///
            /// # Errors
            ///
            /// See [`Error`].
            #[builder(finish_fn = send, on(String, into))]
            pub $($async)? fn update_backend_job(
                &self,
                /// The id of the Amplify app.
                app_id: String,
                /// The name of the backend environment.
                backend_environment_name: String,
                /// The id of the job.
                job_id: String,
                /// The name of the operation that the job carries out.
                operation: Option<String>,
                /// The status to set.
                status: Option<String>,
            ) -> Result<UpdateBackendJobOutput, Error> {
                let input = UpdateBackendJobInput::builder()
                    .app_id(app_id)
                    .backend_environment_name(backend_environment_name)
                    .job_id(job_id)
                    .maybe_operation(operation)
                    .maybe_status(status)
                    .build();
                self.send(&input)$($await)*
            }

            /// Looks at a job again and again until it has ended, and gives it back.
            ///
            /// `COMPLETED` and `FAILED` end a job; any other status is waited through. Giving up ends the
            /// waiting and leaves the job alone.
            ///
            #[doc = $waiting]
            ///
            /// # Errors
            ///
            /// [`ErrorKind::JobFailed`](crate::ErrorKind::JobFailed) with the job's own error text,
            /// [`ErrorKind::WaitTimeout`](crate::ErrorKind::WaitTimeout) when `limit` is over, or whatever
            /// a look at the job failed with.
            #[builder(finish_fn = wait, on(String, into))]
            pub $($async)? fn wait_for_job<'f>(
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
                #[builder(with = |tell: impl FnMut(&GetBackendJobOutput) + Send + 'f| {
                    Box::new(tell) as OnStatus<'f>
                })]
                on_status: Option<OnStatus<'f>>,
            ) -> Result<GetBackendJobOutput, Error> {
                let input = GetBackendJobInput::builder()
                    .app_id(app_id)
                    .backend_environment_name(backend_environment_name)
                    .job_id(job_id)
                    .build();
                self.wait(&input, interval, limit, on_status)$($await)*
            }
        }
    };
}

fluent!(
    Client,
    [async],
    [.await],
    "```no_run
# async fn run(client: amplify_backend::Client) -> Result<(), amplify_backend::Error> {
let job = client
    .wait_for_job()
    .app_id(\"d1a2b3c4d5e6f7\")
    .backend_environment_name(\"staging\")
    .job_id(\"4e8f6b0a\")
    .on_status(|job| println!(\"{:?}\", job.status))
    .wait()
    .await?;
# Ok(())
# }
```"
);

#[cfg(feature = "blocking")]
mod blocking {
    use super::*;
    use crate::blocking::Client;

    fluent!(
        Client,
        [],
        [],
        "```no_run
# fn run(client: amplify_backend::blocking::Client) -> Result<(), amplify_backend::Error> {
let job = client
    .wait_for_job()
    .app_id(\"d1a2b3c4d5e6f7\")
    .backend_environment_name(\"staging\")
    .job_id(\"4e8f6b0a\")
    .on_status(|job| println!(\"{:?}\", job.status))
    .wait()?;
# Ok(())
# }
```"
    );
}
