//! Keys of the environment and of the profile.

use amplify_backend::Credentials;
use amplify_backend::config::{Config, ConfigError};

use crate::{CONFIG, CREDENTIALS, authorization, load, why_no_keys, with_config};

#[test]
fn keys_come_from_the_environment_and_then_from_the_profile() {
    let files = with_config(
        "[default]\nregion = us-east-1\naws_access_key_id = AKIDCONFIG\n\
         aws_secret_access_key = s\n[profile dev]\nregion = us-east-1",
    )
    .with_file(
        CREDENTIALS,
        "[dev]\naws_access_key_id = AKIDDEV\naws_secret_access_key = s",
    );
    let id = |config: Result<Config, ConfigError>| {
        let header = authorization(&config.unwrap()).unwrap();
        let (_, rest) = header.split_once("Credential=").unwrap();
        rest.split_once('/').unwrap().0.to_owned()
    };
    let in_variables = files
        .clone()
        .with_variable("AWS_ACCESS_KEY_ID", "AKIDENV")
        .with_variable("AWS_SECRET_ACCESS_KEY", "s")
        .with_variable("AWS_PROFILE", "dev");
    assert_eq!(id(load(&files)), "AKIDCONFIG");
    assert_eq!(
        id(load(&files.clone().with_variable("AWS_PROFILE", "dev"))),
        "AKIDDEV"
    );
    assert_eq!(id(load(&in_variables)), "AKIDENV");
    // Code that names a profile wants its keys.
    let of_code = Config::builder().environment(in_variables.clone());
    assert_eq!(id(of_code.profile("dev").load()), "AKIDDEV");
    let of_code = Config::builder().environment(in_variables);
    let keys = Credentials::new("AKIDCODE", "s");
    assert_eq!(id(of_code.credentials(keys).load()), "AKIDCODE");
}

#[test]
fn an_error_asks_for_keys_only_where_none_are_set_up() {
    let error = |profile: &str| {
        let text = format!("[default]\nregion = us-east-1\n{profile}");
        let environment = with_config(&text).with_variable("AWS_EC2_METADATA_DISABLED", "true");
        authorization(&load(&environment).unwrap())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        error(""),
        "no credentials for ListS3Buckets; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or \
         give the client credentials"
    );
    for elsewhere in [
        "aws_access_key_id = a",
        "credential_process = '",
        "role_arn = r",
    ] {
        assert_eq!(error(elsewhere), "no credentials for ListS3Buckets");
    }
}

#[test]
fn a_profile_without_keys_says_what_it_lacks() {
    let chain_is_needed = "for which amplify-backend must be built with its feature \
                           credential-chain";
    let rows = [
        (
            "",
            format!(
                "AWS_ACCESS_KEY_ID is not set, and there is no profile default in {CONFIG} or {CREDENTIALS}"
            ),
        ),
        (
            "[default]",
            format!(
                "AWS_ACCESS_KEY_ID is not set, and profile default has no aws_access_key_id in {CONFIG} or {CREDENTIALS}"
            ),
        ),
        (
            "[default]\naws_access_key_id = a",
            format!(
                "aws_access_key_id is set in {CONFIG}:2 [default] and aws_secret_access_key is not"
            ),
        ),
        (
            "[default]\nrole_arn = a\naws_access_key_id = a\naws_secret_access_key = s",
            format!("{CONFIG}:2 [default] gets its credentials with role_arn, {chain_is_needed}"),
        ),
        (
            "[default]\n\nsso_session = a",
            format!(
                "{CONFIG}:3 [default] gets its credentials with sso_session, {chain_is_needed}"
            ),
        ),
        (
            "[default]\ncredential_process = a\naws_access_key_id = a\naws_secret_access_key = s",
            format!(
                "{CONFIG}:2 [default] gets its credentials with credential_process, {chain_is_needed}"
            ),
        ),
    ];
    for (config, expected) in rows {
        let environment = with_config(config).with_variable("AWS_REGION", "us-east-1");
        let error = why_no_keys(&load(&environment).unwrap()).unwrap();
        assert_eq!(error.to_string(), expected);
    }
    // Keys in the credentials file go before a process.
    let environment = with_config("[default]\nregion = us-east-1\ncredential_process = a")
        .with_file(
            CREDENTIALS,
            "[default]\naws_access_key_id = AKID\naws_secret_access_key = s",
        );
    let header = authorization(&load(&environment).unwrap()).unwrap();
    assert!(header.contains("Credential=AKID/"), "{header}");
}
