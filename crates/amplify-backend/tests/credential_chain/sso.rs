//! IAM Identity Center: tokens that hold, that can be renewed, and that cannot.

use std::path::Path;

use amplify_backend::config::Environment;
use amplify_backend::{Canned, ProvideCredentials as _};
use serde_json::{Value, json};

use crate::world::{CONFIG, answer, chain, header, sso_keys, why_not, with_config};

const PROFILE: &str = "[default]\nsso_session = my session\n";
const LEGACY: &str = "[default]\nsso_start_url = https://example.awsapps.com/start\n\
                      sso_region = eu-west-1\nsso_account_id = 123\nsso_role_name = Read Only\n";
/// The SHA-1 of the start URL.
const LEGACY_TOKEN: &str = "/home/u/.aws/sso/cache/e8be5486177c5b5392bd9aa76563515b29358e6e.json";
const SESSION: &str = "[default]\nsso_session = corp\nsso_account_id = 123\nsso_role_name = r\n\
                       [sso-session corp]\nsso_region = eu-west-1\n\
                       sso_start_url = https://example.awsapps.com/start\n";
/// The SHA-1 of `corp`.
const SESSION_TOKEN: &str = "/home/u/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

fn token(expires_at: &str) -> Value {
    json!({
        "startUrl": "https://example.awsapps.com/start",
        "region": "eu-west-1",
        "accessToken": "old",
        "expiresAt": expires_at,
        "clientId": "client",
        "clientSecret": "client secret",
        "registrationExpiresAt": "2026-02-01T00:00:00Z",
        "refreshToken": "refresh",
        "kept": "as it is",
    })
}

const LATER: &str = "2026-01-02T08:00:00Z";
const SOON: &str = "2026-01-02T03:10:00Z";
const PAST: &str = "2026-01-02T03:00:00Z";

#[tokio::test]
async fn the_token_of_a_login_gets_the_keys_of_a_role() {
    for (profile, path, role) in [
        (LEGACY, LEGACY_TOKEN, "Read%20Only"),
        (SESSION, SESSION_TOKEN, "r"),
    ] {
        let environment = with_config(profile).with_file(path, token(LATER).to_string());
        let (chain, script) = chain(environment, Canned::new().respond(sso_keys("SSO")));
        let found = chain.provide().await.unwrap();
        assert_eq!(found.access_key_id(), "SSO");
        let requests = script.requests();
        let request = requests.first().unwrap();
        assert_eq!(
            request.uri().to_string(),
            format!(
                "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials\
                 ?account_id=123&role_name={role}"
            )
        );
        assert_eq!(header(request, "x-amz-sso_bearer_token"), "old");
    }
}

#[tokio::test]
async fn a_token_that_is_about_to_expire_is_renewed_and_kept() {
    for expires_at in [SOON, PAST] {
        let environment =
            with_config(SESSION).with_file(SESSION_TOKEN, token(expires_at).to_string());
        let renewed = r#"{"accessToken":"new","expiresIn":3600,"refreshToken":"next"}"#;
        let script = Canned::new()
            .respond(answer(200, renewed))
            .respond(sso_keys("SSO"))
            .respond(sso_keys("SSO"));
        let (chain, script) = chain(environment.clone(), script);
        chain.provide().await.unwrap();
        // The second time with what was kept.
        chain.provide().await.unwrap();
        let requests = script.requests();
        let [renewal, first, second] = &*requests else {
            panic!("{} requests", requests.len())
        };
        assert_eq!(renewal.uri(), "https://oidc.eu-west-1.amazonaws.com/token");
        let asked: Value = serde_json::from_slice(renewal.body()).unwrap();
        let expected = json!({
            "grantType": "refresh_token",
            "clientId": "client",
            "clientSecret": "client secret",
            "refreshToken": "refresh",
        });
        assert_eq!(asked, expected);
        for request in [first, second] {
            assert_eq!(header(request, "x-amz-sso_bearer_token"), "new");
        }
        let kept = environment.read(Path::new(SESSION_TOKEN), 10_000).unwrap();
        let mut expected = token("2026-01-02T04:04:05Z");
        expected["accessToken"] = "new".into();
        expected["refreshToken"] = "next".into();
        assert_eq!(serde_json::from_slice::<Value>(&kept).unwrap(), expected);
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_renewed_is_used_while_it_holds() {
    let refused = || Canned::new().respond(answer(400, r#"{"error":"invalid_grant"}"#));
    let soon = with_config(SESSION).with_file(SESSION_TOKEN, token(SOON).to_string());
    let (chain, script) = chain(soon, refused().respond(sso_keys("SSO")));
    chain.provide().await.unwrap();
    assert_eq!(
        header(script.requests().last().unwrap(), "x-amz-sso_bearer_token"),
        "old"
    );

    let past = with_config(SESSION).with_file(SESSION_TOKEN, token(PAST).to_string());
    assert_eq!(
        why_not(past, refused()).await,
        "the SSO token has expired; run: aws sso login --profile default"
    );
}

#[tokio::test]
async fn without_a_good_token_it_says_to_log_in() {
    let legacy = |token: Value| with_config(LEGACY).with_file(LEGACY_TOKEN, token.to_string());
    let log_in = "; run: aws sso login --profile default";
    let broken = |why: &str| format!("the SSO token {LEGACY_TOKEN} is broken: {why}{log_in}");
    let lasting = || legacy(token(LATER));
    let expects_nothing = Canned::new;
    for (environment, script, why) in [
        (
            legacy(token(PAST)),
            expects_nothing(),
            format!("the SSO token has expired{log_in}"),
        ),
        (
            with_config(LEGACY),
            expects_nothing(),
            format!(
                "there is no SSO token{log_in}: the SSO token {LEGACY_TOKEN} cannot be read: \
                 entity not found"
            ),
        ),
        (
            legacy(json!({"accessToken": "CANARY"})),
            expects_nothing(),
            broken("it has no expiresAt"),
        ),
        (
            legacy(json!({"accessToken": "CANARY", "expiresAt": "CANARY"})),
            expects_nothing(),
            broken("its expiresAt is not a time"),
        ),
        (
            lasting(),
            Canned::new().respond(answer(401, "CANARY")),
            format!("SSO refuses the token{log_in}"),
        ),
        (
            lasting(),
            Canned::new().respond(answer(403, "CANARY")),
            "SSO of profile default: the token is good, and not for role Read Only in account 123"
                .to_owned(),
        ),
        (
            lasting(),
            Canned::new().respond(answer(400, "CANARY")),
            "SSO of profile default: it answered 400".to_owned(),
        ),
        (
            lasting(),
            Canned::new().respond(answer(200, r#"{"CANARY":1}"#)),
            "SSO of profile default: what it answered is no key: it has no roleCredentials"
                .to_owned(),
        ),
    ] {
        assert_eq!(why_not(environment, script).await, why);
    }
}

#[tokio::test]
async fn half_a_setting_says_what_is_missing() {
    let with_session = |session: &str| format!("{SESSION}{session}");
    for (config, why) in [
        (
            "[default]\nsso_account_id = 1\nsso_region = us-east-1\nsso_start_url = u".to_owned(),
            "SSO needs sso_role_name, which profile default does not have".to_owned(),
        ),
        (
            "[default]\nsso_account_id = 1\nsso_role_name = r\nsso_session = s\n[sso-session s]\n\
             sso_region = us-east-1"
                .to_owned(),
            "SSO needs sso_start_url, which profile default or its sso-session s does not have"
                .to_owned(),
        ),
        (
            "[default]\nsso_account_id = 1\nsso_role_name = r\nsso_session = s".to_owned(),
            format!("{CONFIG}:4 [default]: there is no [sso-session s]"),
        ),
        (
            with_session("[profile x]\n")
                .replace("[sso-session", "sso_region = us-east-1\n[sso-session"),
            format!("{CONFIG}:5 [default]: sso_region is another in its sso-session"),
        ),
    ] {
        assert_eq!(why_not(with_config(&config), Canned::new()).await, why);
    }
    // A session alone is for tokens, not for keys.
    let error = why_not(with_config(PROFILE), Canned::new()).await;
    assert!(
        error.contains("SSO: profile default has no sso_account_id"),
        "{error}"
    );
    let homeless = Environment::empty()
        .with_variable("AWS_CONFIG_FILE", CONFIG)
        .with_file(CONFIG, LEGACY);
    assert_eq!(
        why_not(homeless, Canned::new()).await,
        "there is no home folder: HOME is not set"
    );
}
