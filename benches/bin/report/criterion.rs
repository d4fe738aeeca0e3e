//! The medians that criterion left in the target folder.

use std::fs;
use std::path::{Path, PathBuf};

use amplify_backend_benches::load::Outcome;
use amplify_backend_benches::results::{Results, folder};
use serde_json::Value;

/// Keeps them as results; those of benches that were not run again stay.
pub(crate) fn collect() -> Outcome<()> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| folder().join("../target"));
    let mut results = Results::here();
    walk(&target.join("criterion"), &mut results)?;
    if !results.figures.is_empty() {
        results.keep("criterion")?;
    }
    Ok(())
}

fn walk(folder: &Path, results: &mut Results) -> Outcome<()> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let path = entry?.path();
        if path.join("benchmark.json").is_file() && path.ends_with("new") {
            let id = json(&path.join("benchmark.json"))?;
            let estimates = json(&path.join("estimates.json"))?;
            let nanoseconds = estimates.pointer("/median/point_estimate");
            if let (Some(id), Some(nanoseconds)) = (
                id.pointer("/full_id").and_then(Value::as_str),
                nanoseconds.and_then(Value::as_f64),
            ) {
                results.add(id, nanoseconds * 1e-9);
            }
        } else if path.is_dir() {
            walk(&path, results)?;
        }
    }
    Ok(())
}

fn json(path: &Path) -> Outcome<Value> {
    let text = fs::read_to_string(path)?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
}
