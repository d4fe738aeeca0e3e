//! No secret in anything that prints.

use std::fmt::Write as _;

use amplify_backend::{Canned, ProvideCredentials as _, TransportError, TransportErrorKind};

use crate::world::{answer, chain, with_causes, with_config};

#[tokio::test]
async fn no_canary_is_printed_whatever_happens() {
    let file = |content: &str| format!("[default]\nregion = us-east-1\n{content}");
    let profiles = [
        "aws_access_key_id = CANARY",
        "aws_access_key_id = a\naws_secret_access_key = CANARY\nrole_arn = r\nsource_profile = default",
        "web_identity_token_file = /canary\nrole_arn = r",
        "sso_start_url = u\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = r",
        "credential_process = echo CANARY",
        "credential_process = CANARY CANARY",
    ];
    let wrong = [
        (200, "CANARY"),
        (200, "<a>CANARY</a>"),
        (
            200,
            r#"{"AccessKeyId":"CANARY","SecretAccessKey":["CANARY"]}"#,
        ),
        (400, "CANARY"),
        (401, r#"{"error":"CANARY"}"#),
        (403, "<CANARY>"),
        (500, "CANARY"),
    ];
    let mut printed = String::new();
    for profile in profiles {
        let environment = with_config(&file(profile))
            .with_file("/canary", "CANARY")
            .with_file(
                "/home/u/.aws/sso/cache/51e69892ab49df85c6230ccc57f8e1d1606caccc.json",
                r#"{"accessToken":"CANARY","expiresAt":"2080-01-01T00:00:00Z"}"#,
            )
            .with_variable(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                "https://example.com/CANARY",
            )
            .with_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN", "CANARY");
        for (status, body) in wrong {
            let script = (0..3).fold(Canned::new(), |script, _| {
                script.respond(answer(status, body))
            });
            let (chain, _) = chain(environment.clone(), script);
            let error = chain.provide().await.unwrap_err();
            write!(
                printed,
                "{chain:?} {error:?} {error:#?} {} ",
                with_causes(&error)
            )
            .unwrap();
        }
        let script = Canned::new().fail(TransportError::new(TransportErrorKind::Tls, "no trust"));
        let (chain, _) = chain(environment, script);
        let error = chain.provide().await.unwrap_err();
        write!(printed, "{error:?} {} ", with_causes(&error)).unwrap();
    }
    assert!(printed.contains("SSO refuses the token"), "{printed}");
    assert!(printed.contains("AssumeRole failed"), "{printed}");
    assert!(
        printed.contains("AssumeRoleWithWebIdentity failed"),
        "{printed}"
    );
    assert!(
        printed.contains("the credential_process printed"),
        "{printed}"
    );
    assert!(!printed.contains("CANARY"), "{printed}");
}
