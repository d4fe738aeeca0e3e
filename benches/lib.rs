//! What the request path costs. Each bench names what it measures and against what.
//!
//! ```text
//! cargo bench -p amplify-backend-benches --bench serialization
//! ```

pub mod raw;
pub mod signers;

use bytes::Bytes;
use operations::models::*;

/// An input of each operation with every member set.
#[derive(Debug)]
#[allow(
    missing_docs,
    clippy::exhaustive_structs,
    reason = "one member an operation, for benches"
)]
pub struct Inputs {
    pub create_backend_storage: CreateBackendStorageInput,
    pub delete_backend_storage: DeleteBackendStorageInput,
    pub get_backend_job: GetBackendJobInput,
    pub get_backend_storage: GetBackendStorageInput,
    pub import_backend_storage: ImportBackendStorageInput,
    pub list_backend_jobs: ListBackendJobsInput,
    pub list_s3_buckets: ListS3BucketsInput,
    pub update_backend_job: UpdateBackendJobInput,
    pub update_backend_storage: UpdateBackendStorageInput,
}

/// Outputs of different sizes with every member set.
#[derive(Debug)]
#[allow(
    missing_docs,
    clippy::exhaustive_structs,
    reason = "one member an operation, for benches"
)]
pub struct Outputs {
    pub create_backend_storage: CreateBackendStorageOutput,
    pub get_backend_job: GetBackendJobOutput,
    pub get_backend_storage: GetBackendStorageOutput,
}

const APP: &str = "d1a2b3c4d5e6f7";
const ENVIRONMENT: &str = "staging";
const JOB: &str = "4e8f6b0a-6f0e-4c0d-9a3b-1f2e3d4c5b6a";

/// An input of each operation.
pub fn inputs() -> Inputs {
    let create = CreateBackendStorageResourceConfig::builder()
        .bucket_name("photos-staging")
        .permissions(permissions())
        .service_name(ServiceName::S3)
        .build();
    let update = UpdateBackendStorageResourceConfig::builder()
        .permissions(permissions())
        .service_name(ServiceName::S3)
        .build();
    Inputs {
        create_backend_storage: CreateBackendStorageInput::builder()
            .app_id(APP)
            .backend_environment_name(ENVIRONMENT)
            .resource_config(create)
            .resource_name("photos")
            .build(),
        delete_backend_storage: DeleteBackendStorageInput::builder()
            .app_id(APP)
            .backend_environment_name(ENVIRONMENT)
            .resource_name("photos")
            .service_name(ServiceName::S3)
            .build(),
        get_backend_job: GetBackendJobInput::builder()
            .app_id(APP)
            .backend_environment_name(ENVIRONMENT)
            .job_id(JOB)
            .build(),
        get_backend_storage: GetBackendStorageInput::builder()
            .app_id(APP)
            .backend_environment_name(ENVIRONMENT)
            .resource_name("photos")
            .build(),
        import_backend_storage: ImportBackendStorageInput::builder()
            .app_id(APP)
            .backend_environment_name(ENVIRONMENT)
            .bucket_name("photos-staging")
            .service_name(ServiceName::S3)
            .build(),
        list_backend_jobs: ListBackendJobsInput::builder()
            .app_id(APP)
            .backend_environment_name(ENVIRONMENT)
            .job_id(JOB)
            .max_results(25)
            .next_token("AAAA/+==")
            .operation("CreateBackendStorage")
            .status("COMPLETED")
            .build(),
        list_s3_buckets: ListS3BucketsInput::builder().next_token("AAAA/+==").build(),
        update_backend_job: UpdateBackendJobInput::builder()
            .app_id(APP)
            .backend_environment_name(ENVIRONMENT)
            .job_id(JOB)
            .operation("CreateBackendStorage")
            .status("FAILED")
            .build(),
        update_backend_storage: UpdateBackendStorageInput::builder()
            .app_id(APP)
            .backend_environment_name(ENVIRONMENT)
            .resource_config(update)
            .resource_name("photos")
            .build(),
    }
}

/// Outputs of different sizes.
pub fn outputs() -> Outputs {
    Outputs {
        create_backend_storage: CreateBackendStorageOutput::builder()
            .app_id(APP)
            .backend_environment_name(ENVIRONMENT)
            .job_id(JOB)
            .status("RUNNING")
            .build(),
        get_backend_job: GetBackendJobOutput::builder()
            .app_id(APP)
            .backend_environment_name(ENVIRONMENT)
            .create_time("1617375907613")
            .error("the bucket exists")
            .job_id(JOB)
            .operation("CreateBackendStorage")
            .status("FAILED")
            .update_time("1617375909613")
            .build(),
        get_backend_storage: GetBackendStorageOutput::builder()
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
            .build(),
    }
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

fn permissions() -> BackendStoragePermissions {
    BackendStoragePermissions::builder()
        .authenticated(AuthenticatedElement::KNOWN)
        .un_authenticated([UnAuthenticatedElement::Read])
        .build()
}
