//! The order of the sources, for every set of them that can be there.

use amplify_backend::config::Environment;
use amplify_backend::{
    Canned, CredentialChain, ProvideCredentials as _, Transport, TransportError,
};
use bytes::Bytes;
use http::{Request, Response};
use proptest::prelude::*;

use crate::world::{
    CONFIG, answer, body, chain, found, machine_keys, role_keys, sso_keys, why_not, with_causes,
    with_config,
};

/// Each with the id of its key, in the order in which they are asked.
const SOURCES: [&str; 9] = [
    "ENVIRONMENT",
    "ROLE",
    "WEBIDENTITY",
    "SSO",
    "CREDENTIALSFILE",
    "PROCESS",
    "CONFIGFILE",
    "CONTAINER",
    "INSTANCE",
];

/// Everybody who can be asked over a network.
struct World {
    has_instance_role: bool,
}

impl Transport for World {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let host = request.uri().host().unwrap_or_default();
        Ok(match host {
            "sts.us-east-1.amazonaws.com" if body(&request).contains("WebIdentity") => {
                role_keys("AssumeRoleWithWebIdentity", "WEBIDENTITY")
            }
            "sts.us-east-1.amazonaws.com" => role_keys("AssumeRole", "ROLE"),
            "portal.sso.us-east-1.amazonaws.com" => sso_keys("SSO"),
            "169.254.170.2" => machine_keys("CONTAINER"),
            "169.254.169.254" => match request.uri().path() {
                "/latest/api/token" => answer(200, "token"),
                _ if !self.has_instance_role => answer(404, ""),
                path if path.ends_with("/role") => machine_keys("INSTANCE"),
                _ => answer(200, "role"),
            },
            host => panic!("nobody is at {host}"),
        })
    }
}

fn world(there: [bool; 9]) -> CredentialChain {
    let [
        variables,
        role,
        web,
        sso,
        credentials,
        process,
        config,
        container,
        instance,
    ] = there;
    let mut environment = Environment::empty().with_variable("HOME", "/home/u");
    let mut profile = "[default]\nregion = us-east-1\n".to_owned();
    if variables {
        environment = environment
            .with_variable("AWS_ACCESS_KEY_ID", "ENVIRONMENT")
            .with_variable("AWS_SECRET_ACCESS_KEY", "s");
    }
    if role {
        profile.push_str("role_arn = arn:of-the-profile\nsource_profile = base\n");
    }
    if web {
        environment = environment
            .with_variable("AWS_WEB_IDENTITY_TOKEN_FILE", "/token")
            .with_variable("AWS_ROLE_ARN", "arn:of-the-web-identity")
            .with_file("/token", "token");
    }
    if sso {
        profile.push_str(
            "sso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\n\
             sso_account_id = 1\nsso_role_name = r\n",
        );
        environment = environment.with_file(
            "/home/u/.aws/sso/cache/e8be5486177c5b5392bd9aa76563515b29358e6e.json",
            r#"{"accessToken":"token","expiresAt":"2080-01-01T00:00:00Z"}"#,
        );
    }
    if credentials {
        let keys = "[default]\naws_access_key_id = CREDENTIALSFILE\naws_secret_access_key = s";
        environment = environment.with_file("/home/u/.aws/credentials", keys);
    }
    if process {
        profile.push_str(
            "credential_process = echo \
             '{\"Version\":1,\"AccessKeyId\":\"PROCESS\",\"SecretAccessKey\":\"s\"}'\n",
        );
    }
    if config {
        profile.push_str("aws_access_key_id = CONFIGFILE\naws_secret_access_key = s\n");
    }
    if container {
        environment = environment.with_variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/keys");
    }
    profile.push_str("[profile base]\naws_access_key_id = BASE\naws_secret_access_key = s\n");
    let world = || World {
        has_instance_role: instance,
    };
    CredentialChain::new()
        .with_environment(environment.with_file(CONFIG, profile))
        .with_transport(world())
        .with_metadata_transport(world())
}

fn first(there: [bool; 9]) -> Option<&'static str> {
    let found = SOURCES.into_iter().zip(there).find(|(_, there)| *there);
    found.map(|(source, _)| source)
}

proptest! {
    #[test]
    fn the_first_that_is_set_up_is_asked(there: [bool; 9]) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        match (runtime.block_on(world(there).provide()), first(there)) {
            (Ok(found), Some(expected)) => prop_assert_eq!(found.access_key_id(), expected),
            (Err(_), None) => {}
            (outcome, expected) => prop_assert!(false, "{:?} for {:?}", outcome, expected),
        }
    }
}

#[tokio::test]
async fn each_source_alone_is_found() {
    for (index, source) in SOURCES.into_iter().enumerate() {
        let mut there = [false; 9];
        there[index] = true;
        let found = world(there).provide().await.unwrap();
        assert_eq!(found.access_key_id(), source);
    }
}

#[tokio::test]
async fn when_nobody_has_any_each_says_why_on_a_line() {
    let script = Canned::new;
    assert_eq!(
        why_not(with_config("[default]\nregion = us-east-1"), script()).await,
        "no source has credentials:\n  \
         environment: AWS_ACCESS_KEY_ID is not set\n  \
         role: profile default has no role_arn\n  \
         web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set, nor web_identity_token_file in \
         profile default\n  \
         SSO: profile default has no sso_account_id\n  \
         credentials file: profile default has no aws_access_key_id\n  \
         aws login: profile default has no login_session\n  \
         credential_process: profile default has no credential_process\n  \
         config file: profile default has no aws_access_key_id\n  \
         container: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor \
         AWS_CONTAINER_CREDENTIALS_FULL_URI is set\n  \
         instance metadata: AWS_EC2_METADATA_DISABLED is true"
    );
    let (chain, _) = chain(Environment::empty(), script());
    let error = with_causes(&chain.with_profile("dev").provide().await.unwrap_err());
    assert!(error.contains("there is no profile \"dev\""), "{error}");
}

#[tokio::test]
async fn a_profile_that_code_names_leaves_the_variables_alone() {
    let mut there = [false; 9];
    (there[0], there[2], there[6]) = (true, true, true);
    let found = world(there)
        .with_profile("default")
        .provide()
        .await
        .unwrap();
    assert_eq!(found.access_key_id(), "CONFIGFILE");
}

#[tokio::test]
async fn a_profile_that_a_variable_names_does_not() {
    let environment = || {
        with_config("[profile dev]\naws_access_key_id = FILE\naws_secret_access_key = s")
            .with_variable("AWS_PROFILE", "dev")
    };
    let (of_file, _) = chain(environment(), Canned::new());
    assert_eq!(of_file.provide().await.unwrap().access_key_id(), "FILE");
    let environment = environment()
        .with_variable("AWS_ACCESS_KEY_ID", "VARIABLE")
        .with_variable("AWS_SECRET_ACCESS_KEY", "s")
        .with_variable("AWS_SESSION_TOKEN", "t");
    let (of_variables, _) = chain(environment.clone(), Canned::new());
    let found = of_variables.provide().await.unwrap();
    assert_eq!(
        (found.access_key_id(), found.session_token()),
        ("VARIABLE", Some("t"))
    );
    assert!(environment.files_read().is_empty(), "no file was needed");
}

#[tokio::test]
async fn a_session_token_stands_beside_its_key() {
    let two_files = |config: &str, credentials: &str| {
        with_config(config).with_file("/home/u/.aws/credentials", credentials)
    };
    let left_behind = two_files(
        "[default]\naws_access_key_id = CONFIG\naws_secret_access_key = s\naws_session_token = t",
        "[default]\naws_access_key_id = CREDENTIALS\naws_secret_access_key = s",
    );
    let found = found(left_behind, Canned::new()).await;
    assert_eq!(
        (found.access_key_id(), found.session_token()),
        ("CREDENTIALS", None)
    );
    let half = two_files(
        "[default]",
        "[default]\naws_access_key_id = CREDENTIALS\naws_session_token = t",
    );
    assert_eq!(
        why_not(half, Canned::new()).await,
        "aws_access_key_id is set in /home/u/.aws/credentials:2 [default] and \
         aws_secret_access_key is not"
    );
}

#[tokio::test]
async fn what_aws_login_got_is_named_and_not_passed_over() {
    let error = why_not(with_config("[default]\nlogin_session = a"), Canned::new()).await;
    let start = format!("{CONFIG}:2 [default]: what `aws login` got is not read");
    assert!(error.starts_with(&start), "{error}");
}

#[test]
fn without_a_runtime_it_says_so() {
    let (chain, _) = chain(with_config(""), Canned::new());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(chain.provide()).poll(&mut context) {
        std::task::Poll::Ready(Err(error)) => assert_eq!(
            error.to_string(),
            "CredentialChain works inside a Tokio runtime only"
        ),
        other => panic!("{other:?}"),
    }
}
