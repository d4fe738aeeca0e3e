//! Where the shared files are, and which profile counts, `config/file-location-tests`.

use std::path::{Path, PathBuf};

use amplify_backend::config::{Config, Environment};
use serde_json::Value;

use super::{run_cases, same, text};
use crate::report::Report;

/// Runs the suite in the folder `vectors`.
pub fn run(vectors: &Path) -> Report {
    let path = vectors.join("config/file-location-tests.json");
    run_cases("file-locations", &path, "/tests", "/name", check)
}

fn check(case: &Value) -> Result<(), String> {
    let places = [
        text(case, "/configLocation")?,
        text(case, "/credentialsLocation")?,
    ];
    // One case leaves it out.
    let profile = text(case, "/profile").unwrap_or("default");
    let mut environment = Environment::empty()
        .with_windows(text(case, "/platform")? == "windows")
        .with_file(places[0], format!("[profile {profile}]"));
    let variables = case.pointer("/environment").and_then(Value::as_object);
    for (name, value) in variables.ok_or("no environment")? {
        let value = value.as_str().ok_or("a variable is no text")?;
        environment = environment.with_variable(name, value);
    }
    let config = Config::builder().environment(environment.clone()).load();
    let config = config.map_err(|error| format!("{error}: {error:?}"))?;
    same("profile", config.profile.value.as_str(), profile)?;
    let theirs = places.map(PathBuf::from).to_vec();
    same("files that are read", environment.files_read(), theirs)
}
