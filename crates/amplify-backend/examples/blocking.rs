//! Lists the account's buckets and the jobs of a backend environment, without async.
//!
//! ```text
//! cargo run -p amplify-backend --features blocking --example blocking -- APP ENVIRONMENT
//! ```

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::env;

use amplify_backend::blocking::Client;
use amplify_backend::models::{ListBackendJobsInput, ListS3BucketsInput};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(app), Some(environment)) = (arguments.next(), arguments.next()) else {
        return Err("usage: blocking APP ENVIRONMENT".into());
    };
    let client = Client::from_env()?;
    for bucket in client.pages(ListS3BucketsInput::default()).items() {
        println!("{}", bucket?.name.unwrap_or_default());
    }
    let jobs = ListBackendJobsInput::builder()
        .app_id(app)
        .backend_environment_name(environment)
        .build();
    for job in client.pages(jobs).items() {
        println!("{job:#?}", job = job?);
    }
    Ok(())
}
