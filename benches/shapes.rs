//! An input of each operation and what the service answers to it, with every member set.

use bytes::Bytes;
use operations::models::*;
use operations::server::ServerOperation;
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

/// The id of an app.
pub const APP: &str = "d1a2b3c4d5e6f7";
const ENVIRONMENT: &str = "staging";
const JOB: &str = "4e8f6b0a-6f0e-4c0d-9a3b-1f2e3d4c5b6a";

/// Something that is done with each operation.
pub trait Visit {
    /// Is given how the input and the output of an operation are built.
    fn operation<O>(&mut self, input: fn() -> O, output: fn() -> O::Output)
    where
        O: ServerOperation<Output: DeserializeOwned + 'static> + Serialize + Clone + 'static;
}

/// Visits all nine.
pub fn every_operation(visit: &mut impl Visit) {
    visit.operation(create_backend_storage, || {
        CreateBackendStorageOutput::builder()
            .app_id(APP)
            .backend_environment_name(ENVIRONMENT)
            .job_id(JOB)
            .status("RUNNING")
            .build()
    });
    visit.operation(delete_backend_storage, || {
        DeleteBackendStorageOutput::builder()
            .app_id(APP)
            .backend_environment_name(ENVIRONMENT)
            .job_id(JOB)
            .status("RUNNING")
            .build()
    });
    visit.operation(get_backend_job, || {
        GetBackendJobOutput::builder()
            .app_id(APP)
            .backend_environment_name(ENVIRONMENT)
            .create_time("1617375907613")
            .error("the bucket exists")
            .job_id(JOB)
            .operation("CreateBackendStorage")
            .status("FAILED")
            .update_time("1617375909613")
            .build()
    });
    visit.operation(get_backend_storage, || {
        GetBackendStorageOutput::builder()
            .app_id(APP)
            .backend_environment_name(ENVIRONMENT)
            .resource_config(
                GetBackendStorageResourceConfig::builder()
                    .bucket_name("photos-staging")
                    .imported(false)
                    .permissions(permissions())
                    .service_name(ServiceName::S3)
                    .build(),
            )
            .resource_name("photos")
            .build()
    });
    visit.operation(
        || {
            ImportBackendStorageInput::builder()
                .app_id(APP)
                .backend_environment_name(ENVIRONMENT)
                .bucket_name("photos-staging")
                .service_name(ServiceName::S3)
                .build()
        },
        || {
            ImportBackendStorageOutput::builder()
                .app_id(APP)
                .backend_environment_name(ENVIRONMENT)
                .job_id(JOB)
                .status("RUNNING")
                .build()
        },
    );
    visit.operation(
        || {
            ListBackendJobsInput::builder()
                .app_id(APP)
                .backend_environment_name(ENVIRONMENT)
                .job_id(JOB)
                .max_results(25)
                .next_token("AAAA/+==")
                .operation("CreateBackendStorage")
                .status("COMPLETED")
                .build()
        },
        || {
            ListBackendJobsOutput::builder()
                .jobs((0..25).map(|_| job()).collect())
                .next_token("AAAA/+==")
                .build()
        },
    );
    visit.operation(list_s3_buckets, || {
        ListS3BucketsOutput::builder()
            .buckets((0..10).map(bucket).collect())
            .next_token("AAAA/+==")
            .build()
    });
    visit.operation(
        || {
            UpdateBackendJobInput::builder()
                .app_id(APP)
                .backend_environment_name(ENVIRONMENT)
                .job_id(JOB)
                .operation("CreateBackendStorage")
                .status("FAILED")
                .build()
        },
        || {
            UpdateBackendJobOutput::builder()
                .app_id(APP)
                .backend_environment_name(ENVIRONMENT)
                .create_time("1617375907613")
                .job_id(JOB)
                .operation("CreateBackendStorage")
                .status("FAILED")
                .update_time("1617375909613")
                .build()
        },
    );
    visit.operation(update_backend_storage, || {
        UpdateBackendStorageOutput::builder()
            .app_id(APP)
            .backend_environment_name(ENVIRONMENT)
            .job_id(JOB)
            .status("RUNNING")
            .build()
    });
}

/// The call that most figures are about.
pub fn create_backend_storage() -> CreateBackendStorageInput {
    let config = CreateBackendStorageResourceConfig::builder()
        .bucket_name("photos-staging")
        .permissions(permissions())
        .service_name(ServiceName::S3)
        .build();
    CreateBackendStorageInput::builder()
        .app_id(APP)
        .backend_environment_name(ENVIRONMENT)
        .resource_config(config)
        .resource_name("photos")
        .build()
}

/// Takes back what [`create_backend_storage`] made.
pub fn delete_backend_storage() -> DeleteBackendStorageInput {
    DeleteBackendStorageInput::builder()
        .app_id(APP)
        .backend_environment_name(ENVIRONMENT)
        .resource_name("photos")
        .service_name(ServiceName::S3)
        .build()
}

/// Reads a job.
pub fn get_backend_job() -> GetBackendJobInput {
    GetBackendJobInput::builder()
        .app_id(APP)
        .backend_environment_name(ENVIRONMENT)
        .job_id(JOB)
        .build()
}

/// Reads what [`create_backend_storage`] made.
pub fn get_backend_storage() -> GetBackendStorageInput {
    GetBackendStorageInput::builder()
        .app_id(APP)
        .backend_environment_name(ENVIRONMENT)
        .resource_name("photos")
        .build()
}

/// A page of buckets.
pub fn list_s3_buckets() -> ListS3BucketsInput {
    ListS3BucketsInput::builder().next_token("AAAA/+==").build()
}

/// Changes what [`create_backend_storage`] made.
pub fn update_backend_storage() -> UpdateBackendStorageInput {
    let config = UpdateBackendStorageResourceConfig::builder()
        .permissions(permissions())
        .service_name(ServiceName::S3)
        .build();
    UpdateBackendStorageInput::builder()
        .app_id(APP)
        .backend_environment_name(ENVIRONMENT)
        .resource_config(config)
        .resource_name("photos")
        .build()
}

/// The body of a ListS3Buckets response with this many buckets.
pub fn bucket_page(buckets: usize) -> Bytes {
    let buckets = (0..buckets).map(|number| {
        format!(
            r#"{{"creationDate":"2021-08-10T21:14:12.000Z","name":"amplify-photos-{number:07}"}}"#
        )
    });
    let joined = buckets.collect::<Vec<_>>().join(",");
    format!(r#"{{"buckets":[{joined}],"nextToken":"AAAA/+=="}}"#).into()
}

fn bucket(number: usize) -> S3BucketInfo {
    S3BucketInfo::builder()
        .creation_date("2021-08-10T21:14:12.000Z")
        .name(format!("amplify-photos-{number:07}"))
        .build()
}

fn job() -> BackendJobRespObj {
    BackendJobRespObj::builder()
        .app_id(APP)
        .backend_environment_name(ENVIRONMENT)
        .create_time("1617375907613")
        .job_id(JOB)
        .operation("CreateBackendStorage")
        .status("COMPLETED")
        .update_time("1617375909613")
        .build()
}

/// All that an input can allow.
pub(crate) fn permissions() -> BackendStoragePermissions {
    BackendStoragePermissions::builder()
        .authenticated(AuthenticatedElement::KNOWN)
        .un_authenticated([UnAuthenticatedElement::Read])
        .build()
}
