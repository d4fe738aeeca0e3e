//! Where the shared files are, `config/file-location-tests`.

use std::path::Path;

use amplify_backend::config::{Environment, ProfileFiles};
use serde_json::Value;

use super::{Report, run_cases, same, text};

/// Runs the suite in the folder `vectors`.
pub fn run(vectors: &Path) -> Report {
    let path = vectors.join("config/file-location-tests.json");
    run_cases(&path, "/tests", "/name", check)
}

fn check(case: &Value) -> Result<(), String> {
    let mut environment = Environment::empty().with_windows(text(case, "/platform")? == "windows");
    let variables = case.pointer("/environment").and_then(Value::as_object);
    for (name, value) in variables.ok_or("no environment")? {
        let value = value.as_str().ok_or("a variable is no text")?;
        environment = environment.with_variable(name, value);
    }
    let files = ProfileFiles::new(environment);
    let path = |path: Option<&Path>| path.map(|path| path.display().to_string());
    for (what, ours) in [
        ("configLocation", files.config()),
        ("credentialsLocation", files.credentials()),
    ] {
        let theirs = text(case, &format!("/{what}"))?;
        same(what, path(ours), Some(theirs.to_owned()))?;
    }
    Ok(())
}
