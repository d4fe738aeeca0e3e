//! Settings are found where they stand, once, and say where they came from; files that cannot be
//! used say what is wrong with them.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

mod errors;
mod keys;
mod network;
mod precedence;
mod reading;

use std::fmt::Write as _;

use amplify_backend::config::{Config, ConfigError, Environment, ProfileCredentials};
use amplify_backend::{Canned, CredentialsError, Error, ProvideCredentials as _};
use http::header::AUTHORIZATION;

const CONFIG: &str = "/home/u/.aws/config";
const CREDENTIALS: &str = "/home/u/.aws/credentials";

fn home() -> Environment {
    Environment::empty()
        .with_windows(false)
        .with_variable("HOME", "/home/u")
}

/// The home folder of somebody with this shared config file.
fn with_config(text: &str) -> Environment {
    home().with_file(CONFIG, text)
}

fn load(environment: &Environment) -> Result<Config, ConfigError> {
    Config::builder().environment(environment.clone()).load()
}

/// The error and its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        write!(text, ": {cause}").unwrap();
        source = cause.source();
    }
    text
}

/// Name, value and origin of one setting.
fn listed(config: &Config, name: &str) -> (Option<String>, String) {
    let setting = config.settings().find(|setting| setting.name == name);
    let setting = setting.unwrap();
    (setting.value, setting.origin.to_string())
}

/// What a client with this configuration signs with: key id, day and region are in the header.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
}

/// Why the profile has no keys, whatever other sources there are.
fn why_no_keys(config: &Config) -> Option<CredentialsError> {
    let keys = ProfileCredentials::of(config);
    runtime().block_on(keys.provide()).err()
}

fn authorization(config: &Config) -> Result<String, Error> {
    let client = config.client_builder(Canned::new().respond(http::Response::new("{}".into())))?;
    let client = client.build();
    runtime().block_on(async { client.list_s3_buckets().send().await })?;
    let sent = client.transport().requests();
    let header = sent.first().unwrap().headers().get(AUTHORIZATION);
    Ok(header.unwrap().to_str().unwrap().to_owned())
}
