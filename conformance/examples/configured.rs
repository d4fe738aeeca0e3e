//! What a client does in a given environment: `config_matrix.py` and `credential_matrix.py` ask, and
//! compare the answers with botocore's.
//!
//! Reads cases from standard input, one JSON object a line: `files`, their texts by path;
//! `environment`, the variables; `profile`, that of code or null. With the argument `process`, files
//! and variables are those of the process, and only `profile` counts.
//! Answers each with a line: region, URL and key id of a signed request, attempts and application;
//! or `error`.

#![allow(clippy::print_stdout, reason = "a program that answers there")]

use std::env;
use std::error::Error;
use std::io::{self, BufRead as _};

use amplify_backend::config::{Config, Environment};
use amplify_backend::{Canned, Client};
use bytes::Bytes;
use http::Response;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let of_process = env::args().nth(1).as_deref() == Some("process");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    for line in io::stdin().lock().lines() {
        let case: Value = serde_json::from_str(&line?)?;
        let environment = match of_process {
            true => Environment::process(),
            false => given(&case),
        };
        let profile = case.get("profile").and_then(Value::as_str);
        let answer = runtime.block_on(ask(environment, profile));
        println!(
            "{}",
            answer.unwrap_or_else(|error| json!({ "error": chain(&*error) }))
        );
    }
    Ok(())
}

fn given(case: &Value) -> Environment {
    let pairs = |name| {
        let object = case.get(name).and_then(Value::as_object);
        let pairs = object.into_iter().flatten();
        pairs.map(|(name, value)| (name, value.as_str().unwrap_or_default()))
    };
    let mut environment = Environment::empty();
    for (path, text) in pairs("files") {
        environment = environment.with_file(path, text);
    }
    for (name, value) in pairs("environment") {
        environment = environment.with_variable(name, value);
    }
    environment
}

async fn ask(environment: Environment, profile: Option<&str>) -> Result<Value, Box<dyn Error>> {
    let config = Config::builder()
        .environment(environment)
        .maybe_profile(profile)
        .load()?;
    let answer = Response::new(Bytes::from_static(b"{}"));
    let client: Client<Canned> = config
        .client_builder(Canned::new().respond(answer))?
        .build();
    client.list_s3_buckets().send().await?;
    let sent = client.transport().requests();
    let request = sent.first().ok_or("nothing was sent")?;
    let authorization = request.headers().get(AUTHORIZATION).ok_or("not signed")?;
    // `AWS4-HMAC-SHA256 Credential=ID/DAY/REGION/SERVICE/aws4_request, …`
    let (_, scope) = authorization
        .to_str()?
        .split_once("Credential=")
        .ok_or("no credential")?;
    let mut scope = scope.split('/');
    let key_id = scope.next();
    let region = scope.nth(1);
    Ok(json!({
        "region": region,
        "url": request.uri().to_string(),
        "key_id": key_id,
        "max_attempts": config.max_attempts.value,
        "app": config.user_agent_app.map(|app| app.value),
    }))
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    text
}
