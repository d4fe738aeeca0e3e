//! The AWS SDKs' credential chain scenarios, `config/credential-chain`: variables, files and HTTP
//! traffic go in, credentials or an error come out of the real chain.
//!
//! Each request is held against the recorded one: method, URI, headers, and of a form the names of
//! its fields with action and version. Left out are what tells who asked and when (user agents,
//! dates, signatures but for their region and service), and what the recordings do not have in
//! common with their own files: role names, tokens, the keys that sign. An error is one; its words
//! are the SDK's own, apart from a path.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use amplify_backend::config::Environment;
use amplify_backend::{
    CredentialChain, Credentials, ProvideCredentials as _, Transport, TransportError,
    TransportErrorKind,
};
use bytes::Bytes;
use http::{Request, Response, Uri};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{read_json, same, text};
use crate::report::Report;

/// Runs the suite in the folder `vectors`.
pub fn run(vectors: &Path) -> Report {
    let mut report = Report::new("credential-chain");
    let folder = vectors.join("config/credential-chain");
    match folders(&folder) {
        Ok(scenarios) => {
            for name in scenarios {
                let outcome = play(&folder.join(&name));
                report.record(name, outcome);
            }
        }
        Err(error) => report.record(folder.display().to_string(), Err(error)),
    }
    report
}

fn folders(folder: &Path) -> Result<BTreeSet<String>, String> {
    let wrong = |error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(wrong)?;
    let name = |entry: Result<fs::DirEntry, _>| {
        entry.map(|entry| entry.file_name().to_string_lossy().into_owned())
    };
    entries.map(name).collect::<Result<_, _>>().map_err(wrong)
}

fn play(folder: &Path) -> Result<(), String> {
    let case = read_json(&folder.join("test-case.json"))?;
    let replay = Replay::new(&read_json(&folder.join("http-traffic.json"))?)?;
    let chain = CredentialChain::new()
        .with_environment(environment(folder)?)
        .with_transport(replay.clone())
        .with_metadata_transport(replay.clone())
        // 2021-09-21T17:41:25Z, at which some of them were recorded.
        .with_clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(1_632_246_085));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|error| error.to_string())?;
    let found = runtime.block_on(chain.provide());
    replay.verify()?;
    let expected = case.pointer("/result").ok_or("no result")?;
    match (expected.get("Ok"), found) {
        (Some(expected), Ok(found)) => compare(&found, expected),
        (Some(_), Err(error)) => Err(format!("no credentials: {error}")),
        (None, Ok(found)) => Err(format!("credentials {found:?} where there are none")),
        (None, Err(error)) => {
            let words = text(expected, "/ErrorContains")?;
            match words.split('`').nth(1) {
                Some(path) => names_the_path(&error, path),
                None => Ok(()),
            }
        }
    }
}

fn compare(found: &Credentials, expected: &Value) -> Result<(), String> {
    let member = |name: &str| expected.get(name).and_then(Value::as_str);
    let id = member("access_key_id").unwrap_or_default();
    same("access key id", found.access_key_id(), id)?;
    let secret = member("secret_access_key").unwrap_or_default();
    same("secret access key", found.secret_access_key(), secret)?;
    let token = member("session_token");
    same("session token", found.session_token(), token)?;
    let seconds = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).ok();
    let expiry = found.expires_at().and_then(seconds).map(|at| at.as_secs());
    let expected = expected.get("expiry").and_then(Value::as_u64);
    same("expiry", expiry, expected)
}

fn names_the_path(error: &dyn std::error::Error, path: &str) -> Result<(), String> {
    let mut level = Some(error);
    while let Some(error) = level {
        if error.to_string().contains(path) {
            return Ok(());
        }
        level = error.source();
    }
    Err(format!("the error does not name {path}: {error}"))
}

/// The variables of the scenario, and the files below its `fs`.
fn environment(folder: &Path) -> Result<Environment, String> {
    let variables = read_json(&folder.join("env.json"))?;
    let mut environment = Environment::empty();
    for (name, value) in variables.as_object().into_iter().flatten() {
        environment = environment.with_variable(name, value.as_str().unwrap_or_default());
    }
    let root = folder.join("fs");
    let mut waiting = vec![root.clone()];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            for name in folders(&path)? {
                waiting.push(path.join(name));
            }
        } else if let Ok(inside) = path.strip_prefix(&root) {
            let Ok(content) = fs::read(&path) else {
                continue; // There is no such folder.
            };
            environment = environment.with_file(Path::new("/").join(inside), content);
        }
    }
    Ok(environment)
}

/// Answers with the recorded traffic, and keeps what was asked otherwise.
#[derive(Clone)]
struct Replay(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    expected: VecDeque<(Recorded, Response<Bytes>)>,
    differences: Vec<String>,
}

#[derive(Default)]
struct Recorded {
    method: String,
    uri: Uri,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Replay {
    fn new(traffic: &Value) -> Result<Self, String> {
        let mut expected = VecDeque::new();
        let events = traffic.get("events").and_then(Value::as_array);
        for event in events.ok_or("no events")? {
            let action = event.get("action").ok_or("no action")?;
            if let Some(request) = action.pointer("/Request/request") {
                let recorded = Recorded {
                    method: text(request, "/method")?.to_owned(),
                    uri: text(request, "/uri")?.parse().map_err(|e| format!("{e}"))?,
                    headers: headers(request),
                    body: String::new(),
                };
                expected.push_back((recorded, Response::new(Bytes::new())));
            }
            let Some((request, response)) = expected.back_mut() else {
                continue;
            };
            if let Some(status) = action.pointer("/Response/response/Ok/status") {
                let status = status
                    .as_u64()
                    .and_then(|status| u16::try_from(status).ok());
                let status = status.ok_or("no status")?;
                *response.status_mut() = status.try_into().map_err(|e| format!("{e}"))?;
            }
            if let Some(data) = action.get("Data") {
                let part = text(data, "/data/Utf8")?;
                match text(data, "/direction")? {
                    "Request" => request.body.push_str(part),
                    _ => *response.body_mut() = [response.body(), part.as_bytes()].concat().into(),
                }
            }
        }
        let script = Script {
            expected,
            differences: Vec::new(),
        };
        Ok(Self(Arc::new(Mutex::new(script))))
    }

    fn verify(&self) -> Result<(), String> {
        let script = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        same("requests that did not come", script.expected.len(), 0)?;
        match script.differences.first() {
            Some(difference) => Err(difference.clone()),
            None => Ok(()),
        }
    }
}

impl Transport for Replay {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let mut script = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((expected, response)) = script.expected.pop_front() else {
            let (method, uri) = (request.method(), request.uri());
            script
                .differences
                .push(format!("nobody expected {method} {uri}"));
            let error = TransportError::new(TransportErrorKind::Other, "no traffic is left");
            return Err(error);
        };
        if let Err(difference) = expected.compare(&request) {
            script.differences.push(difference);
        }
        Ok(response)
    }
}

impl Recorded {
    fn compare(&self, request: &Request<Bytes>) -> Result<(), String> {
        same("method", request.method().as_str(), &self.method)?;
        same("host", request.uri().authority(), self.uri.authority())?;
        same("scheme", request.uri().scheme(), self.uri.scheme())?;
        same("path", request.uri().path(), self.uri.path())?;
        let query = |uri: &Uri| fields(uri.query().unwrap_or_default());
        same("query", query(request.uri()), query(&self.uri))?;
        for (name, value) in &self.headers {
            let ours = request.headers().get(name).map(|value| value.to_str());
            let ours = ours.and_then(Result::ok).unwrap_or_default();
            match name.as_str() {
                "user-agent" | "x-amz-user-agent" | "content-length" | "host" => {}
                "x-amz-date" | "x-amz-security-token" => same(name, ours.is_empty(), false)?,
                "authorization" if value.starts_with("AWS4-") => {
                    same("scope", scope(ours), scope(value))?;
                }
                _ => same(name, ours, value)?,
            }
        }
        let body = String::from_utf8_lossy(request.body());
        let (ours, theirs) = (fields(&body), fields(&self.body));
        let names = |fields: &BTreeMap<String, String>| fields.keys().cloned().collect::<Vec<_>>();
        same("fields", names(&ours), names(&theirs))?;
        for name in ["Action", "Version"] {
            same(name, ours.get(name), theirs.get(name))?;
        }
        Ok(())
    }
}

fn headers(request: &Value) -> BTreeMap<String, String> {
    let headers = request.get("headers").and_then(Value::as_object);
    let headers = headers.into_iter().flatten();
    let value = |values: &Value| values.get(0).and_then(Value::as_str).map(str::to_owned);
    headers
        .filter_map(|(name, values)| Some((name.to_ascii_lowercase(), value(values)?)))
        .collect()
}

/// Region and service of a signature.
fn scope(authorization: &str) -> Vec<&str> {
    let credential = authorization.split(',').next().unwrap_or_default();
    credential.split('/').skip(2).collect()
}

/// The fields of a form or a query.
fn fields(text: &str) -> BTreeMap<String, String> {
    text.split('&')
        .filter(|field| !field.is_empty())
        .map(|field| {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
            (name.to_owned(), value)
        })
        .collect()
}
