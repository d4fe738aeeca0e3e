//! Inputs that are not kept in `corpus/`, since they are elsewhere already: the cases of the
//! conformance suite, and, where they are there, the official cases.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;

/// A target and an input for it.
pub type Input = (&'static str, Vec<u8>);

/// All there are.
///
/// # Errors
///
/// A file that is there cannot be read, or is not what it should be.
pub fn all() -> io::Result<Vec<Input>> {
    let mut inputs = Vec::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/fixtures");
    for operation in folders(&fixtures)? {
        for case in folders(&operation)? {
            inputs.push(("fixtures", fixture(&fixtures, &case)?));
        }
    }
    if let Some(vectors) = conformance::official::vectors()? {
        for case in cases(&vectors.join("responses/responses.json"), "")? {
            inputs.push(("responses", response(&case)));
        }
        for case in cases(&vectors.join("restjson1/cases.json"), "/cases")? {
            inputs.push(("responses", protocol(&case, "code")));
            inputs.push(("requests", protocol(&case, "method")));
        }
        for case in cases(&vectors.join("requests/requests.json"), "")? {
            inputs.push(("requests", request(&case)));
        }
        for case in cases(
            &vectors.join("endpoints/endpoint-tests-1.json"),
            "/testCases",
        )? {
            for value in ["/params/Region", "/params/Endpoint", "/expect/endpoint/url"] {
                inputs.push(("endpoints", text(&case, value).into_bytes()));
            }
        }
        for case in cases(&vectors.join("config/profile-parser-tests.json"), "/tests")? {
            let file = |name| text(&case, name);
            let (config, credentials) = (file("/input/configFile"), file("/input/credentialsFile"));
            inputs.push((
                "profiles",
                format!("{config}\n%%\n{credentials}").into_bytes(),
            ));
        }
        for case in folders(&vectors.join("sigv4/v4"))? {
            let unsigned = fs::read_to_string(case.join("request.txt"))?;
            let unsigned = unsigned.replacen(" HTTP/1.1", "", 1);
            inputs.push(("canonical", format!("token\n{unsigned}").into_bytes()));
            for form in ["header", "query"] {
                let signed = fs::read_to_string(case.join(format!("{form}-signed-request.txt")))?;
                let signed = signed.replacen(" HTTP/1.1", "", 1);
                inputs.push(("verify", format!("raw\n{signed}").into_bytes()));
            }
        }
    }
    Ok(inputs)
}

/// The folders in a folder, by name.
fn folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<_> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    paths.retain(|path| path.is_dir());
    paths.sort();
    Ok(paths)
}

fn fixture(root: &Path, folder: &Path) -> io::Result<Vec<u8>> {
    let name = folder.strip_prefix(root).unwrap_or(folder);
    let mut input = format!("{}\n", name.display()).into_bytes();
    let mut paths: Vec<_> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default();
        input.extend_from_slice(format!("%% {}\n", name.display()).as_bytes());
        input.extend_from_slice(&fs::read(&path)?);
    }
    Ok(input)
}

/// The list at `list` in a file.
fn cases(path: &Path, list: &str) -> io::Result<Vec<Value>> {
    let file: Value = serde_json::from_slice(&fs::read(path)?)?;
    let cases = file.pointer(list).and_then(Value::as_array);
    let message = || io::Error::new(io::ErrorKind::InvalidData, path.display().to_string());
    cases.cloned().ok_or_else(message)
}

/// The text at a place in a case; empty where there is none.
fn text(case: &Value, pointer: &str) -> String {
    let text = case.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn response(case: &Value) -> Vec<u8> {
    let mut input = format!("{}\n", case["status"]).into_bytes();
    for header in case["headers"].as_array().into_iter().flatten() {
        let line = format!("{}: {}\n", text(header, "/0"), text(header, "/1"));
        input.extend_from_slice(line.as_bytes());
    }
    input.push(b'\n');
    let body = BASE64_STANDARD.decode(text(case, "/body_base64"));
    input.extend_from_slice(&body.unwrap_or_default());
    input
}

fn request(case: &Value) -> Vec<u8> {
    let [method, target] = ["/method", "/target"].map(|it| text(case, it));
    let content_type = text(case, "/content_type");
    let head = format!("{method} {target}\ncontent-type: {content_type}\n\n");
    let body = BASE64_STANDARD.decode(text(case, "/body_bytes_base64"));
    [head.into_bytes(), body.unwrap_or_default()].concat()
}

/// A case of the protocol's own suite, which begins with its status or with its method.
fn protocol(case: &Value, begins: &str) -> Vec<u8> {
    let first = match begins {
        "code" => case["code"].to_string(),
        _ => format!("{} {}", text(case, "/method"), text(case, "/uri")),
    };
    let mut input = format!("{first}\n");
    for (name, value) in case["headers"].as_object().into_iter().flatten() {
        input += &format!("{name}: {}\n", value.as_str().unwrap_or_default());
    }
    input += &format!("\n{}", text(case, "/body"));
    input.into_bytes()
}
