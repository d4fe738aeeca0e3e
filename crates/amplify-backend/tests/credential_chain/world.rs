//! What the tests share: an environment, answers from a script, and errors with their causes.

use std::error::Error;
use std::time::{Duration, SystemTime};

use amplify_backend::config::Environment;
use amplify_backend::{
    Canned, CredentialChain, Credentials, CredentialsError, ProvideCredentials as _,
};
use bytes::Bytes;
use http::{Request, Response};
use std::sync::Arc;

pub(crate) const CONFIG: &str = "/home/u/.aws/config";

pub(crate) fn with_config(config: &str) -> Environment {
    Environment::empty()
        .with_variable("HOME", "/home/u")
        .with_variable("AWS_EC2_METADATA_DISABLED", "true")
        .with_file(CONFIG, config)
}

/// 2026-01-02T03:04:05Z
pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045)
}

pub(crate) fn chain(environment: Environment, script: Canned) -> (CredentialChain, Arc<Canned>) {
    let script = Arc::new(script);
    let chain = CredentialChain::new()
        .with_environment(environment)
        .with_transport(script.clone())
        .with_metadata_transport(script.clone())
        .with_clock(now);
    (chain, script)
}

pub(crate) async fn found(environment: Environment, script: Canned) -> Credentials {
    let (chain, script) = chain(environment, script);
    let found = chain.provide().await.unwrap();
    script.verify().unwrap();
    found
}

/// The error with its causes.
pub(crate) async fn why_not(environment: Environment, script: Canned) -> String {
    let (chain, script) = chain(environment, script);
    let error = chain.provide().await.unwrap_err();
    script.verify().unwrap();
    with_causes(&error)
}

pub(crate) fn with_causes(error: &CredentialsError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

pub(crate) fn answer(status: u16, body: impl Into<String>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.into()));
    *response.status_mut() = status.try_into().unwrap();
    response
}

/// What STS answers to `action`.
pub(crate) fn role_keys(action: &str, id: &str) -> Response<Bytes> {
    answer(
        200,
        format!(
            "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <{action}Result><Credentials><AccessKeyId>{id}</AccessKeyId>\
             <SecretAccessKey>secret</SecretAccessKey><SessionToken>token &amp; {id}</SessionToken>\
             <Expiration>2026-01-02T04:04:05Z</Expiration></Credentials></{action}Result>\
             </{action}Response>"
        ),
    )
}

/// What a container and the metadata service answer.
pub(crate) fn machine_keys(id: &str) -> Response<Bytes> {
    answer(
        200,
        format!(
            r#"{{"Code":"Success","AccessKeyId":"{id}","SecretAccessKey":"secret","Token":"token","Expiration":"2026-01-02T09:04:05Z"}}"#
        ),
    )
}

/// What SSO answers.
pub(crate) fn sso_keys(id: &str) -> Response<Bytes> {
    answer(
        200,
        format!(
            r#"{{"roleCredentials":{{"accessKeyId":"{id}","secretAccessKey":"secret","sessionToken":"token","expiration":1767330245000}}}}"#
        ),
    )
}

/// A header of a request; empty when there is none.
pub(crate) fn header<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    let value = request.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

/// The id of the key that signed a request, with the rest of the scope.
pub(crate) fn signer(request: &Request<Bytes>) -> String {
    let (_, rest) = header(request, "authorization")
        .split_once("Credential=")
        .unwrap();
    let credential = rest.split(',').next().unwrap();
    credential
        .replace("/20260102", "")
        .replace("/aws4_request", "")
}

pub(crate) fn body(request: &Request<Bytes>) -> &str {
    std::str::from_utf8(request.body()).unwrap()
}
