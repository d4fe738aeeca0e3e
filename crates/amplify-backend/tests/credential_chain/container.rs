//! What a container is given.

use amplify_backend::config::Environment;
use amplify_backend::{Canned, ProvideCredentials as _};

use crate::world::{answer, chain, header, machine_keys, why_not, with_config};

fn with_url(url: &str) -> Environment {
    with_config("").with_variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
}

#[tokio::test]
async fn the_token_is_sent_and_its_file_read_each_time() {
    let with_token = with_url("http://127.0.0.1:1/keys?a=b")
        .with_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN", "of the variable");
    let token = async |environment: Environment| {
        let (chain, script) = chain(environment, Canned::new().respond(machine_keys("KEY")));
        assert_eq!(chain.provide().await.unwrap().access_key_id(), "KEY");
        let requests = script.requests();
        let request = requests.first().unwrap();
        assert_eq!(request.uri(), "http://127.0.0.1:1/keys?a=b");
        assert_eq!(header(request, "accept"), "application/json");
        header(request, "authorization").to_owned()
    };
    assert_eq!(token(with_token.clone()).await, "of the variable");
    let with_file = with_token
        .with_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/token")
        .with_file("/token", "of the file\n");
    assert_eq!(token(with_file.clone()).await, "of the file");

    let script = Canned::new()
        .respond(machine_keys("A"))
        .respond(machine_keys("B"));
    let (chain, _) = chain(with_file.clone(), script);
    chain.provide().await.unwrap();
    chain.provide().await.unwrap();
    let read = with_file.files_read();
    assert_eq!(
        read.iter().filter(|path| path.ends_with("token")).count(),
        3
    );
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let uri = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    for (url, why) in [
        (
            "http://example.com/",
            "names a host that may not be asked: it is https://, or http:// to this machine, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]",
        ),
        ("not a URL", "is not a URL: invalid uri character"),
    ] {
        assert_eq!(
            why_not(with_url(url), Canned::new()).await,
            format!("{uri} {why}")
        );
    }
    // A path that makes another host of the address.
    let relative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
    let disguised = with_config("").with_variable(relative, "@example.com/");
    let error = why_not(disguised, Canned::new()).await;
    assert!(error.contains("a host that may not be asked"), "{error}");
    let environment = with_url("https://example.com/");
    for (status, body, why) in [
        (403, "CANARY", "it answered 403"),
        (
            200,
            "CANARY",
            "what it answered is no key: it is not JSON (line 1, column 1)",
        ),
        (
            200,
            "{\"AccessKeyId\":\"CANARY\"}",
            "what it answered is no key: it has no SecretAccessKey",
        ),
    ] {
        let script = Canned::new().respond(answer(status, body));
        assert_eq!(
            why_not(environment.clone(), script).await,
            format!("the container's {uri}: {why}")
        );
    }
    let environment = environment.with_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\nCANARY");
    assert_eq!(
        why_not(environment, Canned::new()).await,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN cannot be the value of a header"
    );
}
