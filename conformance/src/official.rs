//! The official suites, each in its own format, each ending in a [`Report`].

pub mod credential_chain;
pub mod endpoint_urls;
pub mod endpoints;
pub mod file_locations;
pub mod profiles;
pub mod requests;
pub mod requests_signed;
pub mod responses;
pub mod restjson1;
pub mod retry;
pub mod sigv4;

use std::env;
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;

use crate::report::Report;

/// The folders of the suites.
const FOLDERS: [&str; 7] = [
    "sigv4",
    "restjson1",
    "requests",
    "responses",
    "endpoints",
    "retry",
    "config",
];

/// Every suite in the folder `vectors`.
///
/// # Errors
///
/// When it is not a folder, or none of the suites is in it.
pub fn run_all(vectors: &Path) -> Result<Vec<Report>, String> {
    if !vectors.is_dir() {
        return Err(format!("{} is not a folder", vectors.display()));
    }
    if !FOLDERS.iter().any(|folder| vectors.join(folder).is_dir()) {
        let folders = FOLDERS.join(", ");
        return Err(format!(
            "{}: no suite is in it; there could be {folders}",
            vectors.display()
        ));
    }
    Ok(vec![
        sigv4::run(vectors),
        restjson1::run(vectors),
        requests::run(vectors),
        requests_signed::run(vectors),
        responses::run(vectors),
        endpoints::run(vectors),
        endpoints::run_partitions(vectors),
        retry::run(vectors),
        profiles::run(vectors),
        file_locations::run(vectors),
        endpoint_urls::run(vectors),
        credential_chain::run(vectors),
    ])
}

/// `Ok` when `ours` equals `theirs`, and otherwise both, named after `what` was compared.
pub fn same<T: PartialEq + fmt::Debug>(what: &str, ours: T, theirs: T) -> Result<(), String> {
    if ours == theirs {
        return Ok(());
    }
    Err(format!(
        "{what} differs\n  ours:   {ours:?}\n  theirs: {theirs:?}"
    ))
}

/// The folder with the official cases, or `None` after saying `skipped: no vectors`.
///
/// It is the one that `AMPLIFY_BACKEND_VECTORS` names, or else `../shared/vectors` as seen from
/// the root of the repository.
///
/// # Errors
///
/// When `AMPLIFY_BACKEND_VECTORS` is set and is not a folder: somebody wanted the cases run.
pub fn vectors() -> io::Result<Option<PathBuf>> {
    if let Some(named) = env::var_os("AMPLIFY_BACKEND_VECTORS") {
        let folder = PathBuf::from(named);
        if !folder.is_dir() {
            let message = format!(
                "AMPLIFY_BACKEND_VECTORS: {} is not a folder",
                folder.display()
            );
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        return Ok(Some(folder));
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors");
    if folder.is_dir() {
        return Ok(Some(folder));
    }
    // Not by `println!`: a test runner swallows that of a test that passes.
    writeln!(io::stderr(), "skipped: no vectors")?;
    Ok(None)
}

/// Reads a file of the suite; the error names the path.
pub(crate) fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Reads a file of the suite that is JSON.
pub(crate) fn read_json(path: &Path) -> Result<Value, String> {
    let text = read(path)?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Checks every case in the list at `list` in a file, each named by what is at `name` in it.
pub(crate) fn run_cases(
    suite: &str,
    path: &Path,
    list: &str,
    name: &str,
    check: impl Fn(&Value) -> Result<(), String>,
) -> Report {
    let mut report = Report::new(suite);
    let file = read_json(path);
    match file
        .as_ref()
        .map(|file| file.pointer(list).and_then(Value::as_array))
    {
        Ok(Some(cases)) => {
            for case in cases {
                report.record(text(case, name).unwrap_or("without a name"), check(case));
            }
        }
        Ok(None) => report.record(
            path.display().to_string(),
            Err(format!("no list at {list}")),
        ),
        Err(error) => report.record(path.display().to_string(), Err(error.clone())),
    }
    report
}

/// The string at `pointer` in a case.
pub(crate) fn text<'a>(case: &'a Value, pointer: &str) -> Result<&'a str, String> {
    let text = case.pointer(pointer).and_then(Value::as_str);
    text.ok_or_else(|| format!("the case has no text at {pointer}"))
}

/// The bytes at `pointer` in a case, which are base64 there.
pub(crate) fn bytes(case: &Value, pointer: &str) -> Result<Vec<u8>, String> {
    BASE64_STANDARD
        .decode(text(case, pointer)?)
        .map_err(|error| format!("{pointer}: {error}"))
}
