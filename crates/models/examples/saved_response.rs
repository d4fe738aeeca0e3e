//! Reads a response that was saved on disk: models alone, no HTTP, no runtime.
//!
//! ```text
//! cargo run -p amplify-backend-models --example saved_response -- [FILE]
//! ```

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::{env, error::Error, fs};

use amplify_backend_models::GetBackendStorageOutput;

const SAVED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/examples/get_backend_storage.json"
);

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).unwrap_or_else(|| SAVED.to_owned());
    let storage: GetBackendStorageOutput = serde_json::from_slice(&fs::read(path)?)?;

    let Some(config) = &storage.resource_config else {
        println!("no storage is configured");
        return Ok(());
    };
    println!(
        "{} keeps its objects in {}",
        storage
            .resource_name
            .as_deref()
            .unwrap_or("an unnamed resource"),
        config.bucket_name.as_deref().unwrap_or("an unnamed bucket"),
    );
    for permission in config
        .permissions
        .iter()
        .flat_map(|given| &given.authenticated)
    {
        let note = if permission.is_known() {
            ""
        } else {
            " (newer than this program)"
        };
        println!("signed-in users: {permission}{note}");
    }
    Ok(())
}
