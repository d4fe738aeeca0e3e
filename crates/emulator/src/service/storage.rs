//! Storage resources and buckets: the operations that start a job for them, and those that read them.

use models::{
    CreateBackendStorageInput, CreateBackendStorageOutput, DeleteBackendStorageInput,
    DeleteBackendStorageOutput, GetBackendStorageInput, GetBackendStorageOutput,
    GetBackendStorageResourceConfig, ImportBackendStorageInput, ImportBackendStorageOutput,
    ListS3BucketsInput, ListS3BucketsOutput, S3BucketInfo, ServiceName, UpdateBackendStorageInput,
    UpdateBackendStorageOutput,
};
use operations::server::ErrorReply;

use super::{Perform, Place, Service, bad_request, bad_token, not_found, rfc_3339};
use crate::job::Work;
use crate::snapshot::{Permissions, Storage};
use crate::world::Environment;

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

/// What a token of ListS3Buckets begins with; behind it is the name that came last.
const AFTER: &str = "after:";

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

impl Service<'_> {
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
