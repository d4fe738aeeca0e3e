//! Which of the configured endpoints counts, `config/endpoint-url-tests`.
//!
//! The cases are about S3 and DynamoDB. The one that a case asks for plays the part of our service,
//! whose names in variables, files and hosts take the place of its names.

use std::path::Path;

use amplify_backend::Endpoint;
use amplify_backend::config::{Config, Environment};
use serde_json::Value;

use super::{read_json, same, text};
use crate::report::Report;

/// Runs the suite in the folder `vectors`.
pub fn run(vectors: &Path) -> Report {
    let mut report = Report::new("endpoint-urls");
    let path = vectors.join("config/endpoint-url-tests.json");
    let file = match read_json(&path) {
        Ok(file) => file,
        Err(error) => {
            report.record(path.display().to_string(), Err(error));
            return report;
        }
    };
    for suite in list(&file, "/testSuites") {
        for case in list(suite, "/endpointUrlTests") {
            let name = text(case, "/name").unwrap_or("without a name");
            report.record(name, check(suite, case));
        }
    }
    report
}

fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    let list = value.pointer(pointer).and_then(Value::as_array);
    list.into_iter().flatten()
}

fn check(suite: &Value, case: &Value) -> Result<(), String> {
    let service = text(case, "/service")?;
    let ours = |name: &str| {
        name.replace(&service.to_uppercase(), "AMPLIFYBACKEND")
            .replace(
                &format!("https://{service}.fake"),
                "https://amplifybackend.fake",
            )
    };
    let mut environment = Environment::empty()
        .with_variable("AWS_CONFIG_FILE", "config")
        .with_variable("AWS_PROFILE", text(case, "/profile")?)
        .with_file("config", shared_config(suite, service)?);
    let variables = suite
        .pointer("/environments")
        .and_then(|all| all.get(text(case, "/environment").ok()?)?.as_object());
    for (name, value) in variables.ok_or("no such environment")? {
        environment = environment.with_variable(ours(name), scalar(value)?);
    }
    let code = suite
        .pointer("/client_configs")
        .and_then(|all| all.get(text(case, "/client_config").ok()?));
    let code = code.ok_or("no such client configuration")?;
    let endpoint = match text(code, "/endpoint_url") {
        Ok(url) => Some(Endpoint::new(url).map_err(|error| error.to_string())?),
        Err(_) => None,
    };
    let ignore = code.pointer("/ignore_configured_endpoint_urls");
    let config = Config::builder()
        .environment(environment)
        .maybe_endpoint(endpoint)
        .maybe_ignore_configured_endpoint_urls(ignore.and_then(Value::as_bool))
        .load()
        .map_err(|error| format!("{error}: {error:?}"))?;
    let endpoint = config.endpoint.map(|endpoint| endpoint.value.to_string());
    let theirs = ours(text(case, "/output/endpointUrl")?);
    same("endpoint", endpoint, Some(theirs))
}

/// The shared config file of a suite.
fn shared_config(suite: &Value, service: &str) -> Result<String, String> {
    let object = |pointer: &str| {
        let object = suite.pointer(pointer).and_then(Value::as_object);
        object.ok_or_else(|| format!("no object at {pointer}"))
    };
    let mut text = String::new();
    for (name, properties) in object("/profiles")? {
        text += &format!("[profile {name}]\n");
        for (name, value) in properties.as_object().ok_or("a profile is no object")? {
            text += &format!("{name} = {}\n", scalar(value)?);
        }
    }
    for (name, services) in object("/services")? {
        text += &format!("[services {name}]\n");
        for (name, properties) in services.as_object().ok_or("services are no object")? {
            let name = if name == service {
                "amplifybackend"
            } else {
                name
            };
            text += &format!("{name} =\n");
            for (name, value) in properties.as_object().ok_or("a service is no object")? {
                text += &format!("  {name} = {}\n", scalar(value)?);
            }
        }
    }
    Ok(text)
}

fn scalar(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(flag) => Ok(flag.to_string()),
        other => Err(format!("{other} is no value of a property")),
    }
}
