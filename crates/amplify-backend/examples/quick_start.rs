//! Reads how a storage resource is configured. Region, endpoint and keys come from the environment.
//!
//! ```text
//! cargo run -p amplify-backend --example quick_start -- APP ENVIRONMENT RESOURCE
//! ```

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::env;

use amplify_backend::Client;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(app), Some(environment), Some(resource)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: quick_start APP ENVIRONMENT RESOURCE".into());
    };
    let client = Client::from_env()?;
    let storage = client
        .get_backend_storage()
        .app_id(app)
        .backend_environment_name(environment)
        .resource_name(resource)
        .send()
        .await?;
    println!("{storage:#?}");
    Ok(())
}
