//! Roles: of profiles, of profiles that start from others, of web identities.

use amplify_backend::{Canned, ProvideCredentials as _, TransportError, TransportErrorKind};

use crate::world::{
    CONFIG, answer, body, chain, found, machine_keys, role_keys, signer, why_not, with_config,
};

#[tokio::test]
async fn roles_are_assumed_one_with_the_keys_of_the_other() {
    let environment = with_config(
        "[default]\nregion = eu-west-1\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = b\n\
         role_session_name = me\nexternal_id = x/y z\nduration_seconds = 900\n\
         [profile b]\nrole_arn = arn:aws:iam::1:role/b\nsource_profile = c\n\
         [profile c]\naws_access_key_id = BASE\naws_secret_access_key = s",
    );
    let script = Canned::new()
        .respond(role_keys("AssumeRole", "OF_B"))
        .respond(role_keys("AssumeRole", "OF_A"));
    let (chain, script) = chain(environment, script);
    let found = chain.provide().await.unwrap();
    assert_eq!(found.access_key_id(), "OF_A");
    assert_eq!(found.session_token(), Some("token & OF_A"));
    let requests = script.requests();
    let [of_b, of_a] = &*requests else {
        panic!("two roles, {} requests", requests.len())
    };
    assert_eq!(of_b.uri(), "https://sts.eu-west-1.amazonaws.com/");
    assert_eq!(signer(of_b), "BASE/eu-west-1/sts");
    assert_eq!(
        body(of_b),
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fb\
         &RoleSessionName=amplify-backend-1767323045000"
    );
    assert_eq!(signer(of_a), "OF_B/eu-west-1/sts");
    assert_eq!(
        body(of_a),
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fa\
         &RoleSessionName=me&DurationSeconds=900&ExternalId=x%2Fy%20z"
    );
}

#[tokio::test]
async fn without_a_region_the_global_endpoint_is_asked() {
    let environment = with_config(
        "[default]\nrole_arn = arn\nsource_profile = default\naws_access_key_id = BASE\n\
         aws_secret_access_key = s",
    );
    let script = Canned::new().respond(role_keys("AssumeRole", "ROLE"));
    let (chain, script) = chain(environment, script);
    // A profile may start from its own keys.
    assert_eq!(chain.provide().await.unwrap().access_key_id(), "ROLE");
    let requests = script.requests();
    let request = requests.first().unwrap();
    assert_eq!(request.uri(), "https://sts.amazonaws.com/");
    assert_eq!(signer(request), "BASE/us-east-1/sts");
}

#[tokio::test]
async fn a_custom_endpoint_is_asked_for_roles_too() {
    let profile = "[default]\nregion = us-east-1\nrole_arn = arn\nsource_profile = default\n\
                   aws_access_key_id = BASE\naws_secret_access_key = s\n";
    let asked = async |environment| {
        let script = Canned::new().respond(role_keys("AssumeRole", "ROLE"));
        let (chain, script) = chain(environment, script);
        chain.provide().await.unwrap();
        script.requests().first().unwrap().uri().to_string()
    };
    let services = format!(
        "{profile}services = local\n[services local]\nsts =\n  endpoint_url = http://localhost:1"
    );
    let environment = with_config(&services);
    assert_eq!(asked(environment.clone()).await, "http://localhost:1/");
    let environment = environment.with_variable("AWS_ENDPOINT_URL", "http://localhost:2/x/");
    assert_eq!(asked(environment.clone()).await, "http://localhost:2/x/");
    let environment = environment.with_variable("AWS_ENDPOINT_URL_STS", "http://localhost:3");
    assert_eq!(asked(environment.clone()).await, "http://localhost:3/");
    let environment = environment.with_variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert_eq!(
        asked(environment).await,
        "https://sts.us-east-1.amazonaws.com/"
    );
}

#[tokio::test]
async fn a_role_starts_from_what_credential_source_says() {
    let with_source = |source: &str| {
        with_config(&format!(
            "[profile dev]\nregion = us-east-1\nrole_arn = arn\ncredential_source = {source}"
        ))
        .with_variable("AWS_ACCESS_KEY_ID", "VARIABLE")
        .with_variable("AWS_SECRET_ACCESS_KEY", "s")
        .with_variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/keys")
        .with_variable("AWS_EC2_METADATA_DISABLED", "false")
    };
    let of_container = || Canned::new().respond(machine_keys("CONTAINER"));
    let of_instance = || {
        Canned::new()
            .respond(answer(200, "token"))
            .respond(answer(200, "role"))
            .respond(machine_keys("INSTANCE"))
    };
    for (source, script, key) in [
        ("Environment", Canned::new(), "VARIABLE"),
        ("EcsContainer", of_container(), "CONTAINER"),
        ("Ec2InstanceMetadata", of_instance(), "INSTANCE"),
    ] {
        let script = script.respond(role_keys("AssumeRole", "ROLE"));
        let (chain, script) = chain(with_source(source), script);
        let found = chain.with_profile("dev").provide().await.unwrap();
        assert_eq!(found.access_key_id(), "ROLE");
        assert_eq!(
            signer(script.requests().last().unwrap()),
            format!("{key}/us-east-1/sts")
        );
    }
    let (chain, _) = chain(with_source("Ec2"), Canned::new());
    assert_eq!(
        chain
            .with_profile("dev")
            .provide()
            .await
            .unwrap_err()
            .to_string(),
        format!(
            "{CONFIG}:4 [profile dev]: credential_source is Environment, EcsContainer or \
             Ec2InstanceMetadata"
        )
    );
}

#[tokio::test]
async fn a_profile_that_cannot_be_followed_says_where_and_why() {
    for (config, why) in [
        (
            "[default]\nrole_arn = a\nsource_profile = b\n[profile b]\nrole_arn = b\n\
             source_profile = c\n[profile c]\nrole_arn = c\nsource_profile = b",
            ":9 [profile c]: source_profile goes round in a circle: default -> b -> c -> b",
        ),
        (
            "[default]\nrole_arn = a\nsource_profile = default",
            ":3 [default]: source_profile goes round in a circle: default -> default",
        ),
        (
            "[default]\nrole_arn = a\nsource_profile = b\ncredential_source = Environment",
            ":2 [default]: a profile with role_arn has both source_profile and credential_source",
        ),
        (
            "[default]\nrole_arn = a",
            ":2 [default]: a profile with role_arn has neither source_profile nor credential_source",
        ),
        (
            "[default]\nrole_arn = a\nsource_profile = b\nmfa_serial = m\n[profile b]\nregion = r",
            ":4 [default]: a role with mfa_serial needs a code that nobody can be asked for here; \
             get a session with `aws sts get-session-token` or let a credential_process ask",
        ),
        (
            "[default]\nrole_arn = a\nsource_profile = b\nduration_seconds = 1h",
            ":4 [default]: duration_seconds is not a number of seconds",
        ),
    ] {
        assert_eq!(
            why_not(with_config(config), Canned::new()).await,
            format!("{CONFIG}{why}")
        );
    }
    let unknown = "[default]\nrole_arn = a\nsource_profile = stagign\n[profile staging]\n";
    let error = why_not(with_config(unknown), Canned::new()).await;
    let end = format!("which {CONFIG}:3 [default] names; did you mean staging?");
    assert!(error.ends_with(&end), "{error}");
    let empty = "[default]\nrole_arn = a\nsource_profile = b\n[profile b]\nregion = us-east-1";
    let error = why_not(with_config(empty), Canned::new()).await;
    assert!(
        error.starts_with("profile b, which is a source_profile, has no credentials:\n  web"),
        "{error}"
    );
}

#[tokio::test]
async fn what_sts_refuses_is_said_and_what_it_garbles_is_an_error() {
    let environment = with_config(
        "[default]\nregion = us-east-1\nrole_arn = arn\nsource_profile = default\n\
         aws_access_key_id = BASE\naws_secret_access_key = s",
    );
    let error = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
                 <Message>BASE may\nnot</Message></Error></ErrorResponse>";
    let entities = "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>";
    let no_keys = "what STS answered are no credentials";
    for (status, body, why) in [
        (403, error, "STS answered 403, AccessDenied: BASE may\\nnot"),
        (403, "<html>", "STS answered 403, without a code"),
        (200, "<html>", no_keys),
        (200, "", no_keys),
        (200, entities, no_keys),
        (200, "<a><AccessKeyId>CANARY</AccessKeyId></a>", no_keys),
    ] {
        let script = Canned::new().respond(answer(status, body));
        assert_eq!(
            why_not(environment.clone(), script).await,
            format!("{CONFIG}:3 [default]: AssumeRole failed: {why}")
        );
    }
    let refused = || TransportError::new(TransportErrorKind::Connect, "refused").nothing_sent();
    let script = Canned::new()
        .fail(refused())
        .fail(refused())
        .fail(refused());
    assert_eq!(
        why_not(environment.clone(), script).await,
        format!("{CONFIG}:3 [default]: AssumeRole failed: no answer: refused")
    );
    // What passes by itself is tried again.
    let script = Canned::new()
        .respond(answer(503, ""))
        .fail(refused())
        .respond(role_keys("AssumeRole", "ROLE"));
    assert_eq!(found(environment, script).await.access_key_id(), "ROLE");
}

#[tokio::test]
async fn a_web_identity_is_one_of_the_variables_or_of_the_profile() {
    let profile = "[default]\nregion = us-east-1\nrole_arn = arn:profile\n\
                   web_identity_token_file = ~/token\nrole_session_name = pod";
    let environment = with_config(profile)
        .with_file("/home/u/token", "token+of/the profile\n")
        .with_file("/token", "other");
    let asked = async |environment| {
        let script = Canned::new().respond(role_keys("AssumeRoleWithWebIdentity", "WEB"));
        let (chain, script) = chain(environment, script);
        assert_eq!(chain.provide().await.unwrap().access_key_id(), "WEB");
        let requests = script.requests();
        let request = requests.first().unwrap();
        assert!(
            !request.headers().contains_key("authorization"),
            "nobody signs it"
        );
        body(request).to_owned()
    };
    let start = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3A";
    assert_eq!(
        asked(environment.clone()).await,
        format!("{start}profile&RoleSessionName=pod&WebIdentityToken=token%2Bof%2Fthe%20profile")
    );
    let environment = environment
        .with_variable("AWS_WEB_IDENTITY_TOKEN_FILE", "/token")
        .with_variable("AWS_ROLE_ARN", "arn:variable");
    assert_eq!(
        asked(environment).await,
        format!("{start}variable&RoleSessionName=pod&WebIdentityToken=other")
    );
}

#[tokio::test]
async fn half_a_web_identity_says_what_is_missing() {
    let environment = with_config("").with_variable("AWS_WEB_IDENTITY_TOKEN_FILE", "/no/token");
    assert_eq!(
        why_not(environment.clone(), Canned::new()).await,
        "there is a web identity token, and AWS_ROLE_ARN or role_arn says no role for it"
    );
    let environment = environment.with_variable("AWS_ROLE_ARN", "arn");
    assert_eq!(
        why_not(environment.clone(), Canned::new()).await,
        "the web identity token /no/token cannot be read: entity not found"
    );
    let environment = environment.with_file("/no/token", [0xff]);
    assert_eq!(
        why_not(environment, Canned::new()).await,
        "the web identity token /no/token cannot be read: it is not UTF-8"
    );
}
