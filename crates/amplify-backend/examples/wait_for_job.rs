//! Creates a storage resource and waits for the job that does it.
//!
//! ```text
//! cargo run -p amplify-backend --example wait_for_job -- APP ENVIRONMENT RESOURCE
//! ```

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::env;

use amplify_backend::models::{
    AuthenticatedElement, BackendStoragePermissions, CreateBackendStorageResourceConfig,
    ServiceName,
};
use amplify_backend::{Client, ErrorKind};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(app), Some(environment), Some(resource)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: wait_for_job APP ENVIRONMENT RESOURCE".into());
    };
    let permissions = BackendStoragePermissions::builder()
        .authenticated([
            AuthenticatedElement::Read,
            AuthenticatedElement::CreateAndUpdate,
        ])
        .build();
    let config = CreateBackendStorageResourceConfig::builder()
        .permissions(permissions)
        .service_name(ServiceName::S3)
        .build();

    let client = Client::from_env()?;
    let started = client
        .create_backend_storage()
        .app_id(&app)
        .backend_environment_name(&environment)
        .resource_config(config)
        .resource_name(resource)
        .send()
        .await?;
    let ended = client
        .wait_for_job()
        .app_id(app)
        .backend_environment_name(environment)
        .job_id(started.job_id.ok_or("the service named no job")?)
        .on_status(|job| println!("{}", job.status.as_deref().unwrap_or("no status")))
        .wait()
        .await;
    match ended {
        Ok(job) => println!("done at {:?}", job.updated_at()),
        Err(error) if error.kind() == ErrorKind::JobFailed => println!("{error}"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
