//! What an EC2 instance is given, and what the absence of it costs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use amplify_backend::config::Environment;
use amplify_backend::{
    Canned, CredentialChain, HyperTransport, ProvideCredentials as _, Transport, TransportError,
    TransportErrorKind,
};
use bytes::Bytes;
use http::{Request, Response};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::world::{answer, chain, header, machine_keys, why_not, with_config};

fn environment() -> Environment {
    with_config("[default]\nregion = us-east-1").with_variable("AWS_EC2_METADATA_DISABLED", "")
}

fn script() -> Canned {
    Canned::new()
        .respond(answer(200, "the-token"))
        .respond(answer(200, "role\nanother"))
        .respond(machine_keys("INSTANCE"))
}

#[tokio::test]
async fn a_token_is_fetched_and_shown_at_the_endpoint_that_is_set() {
    let urls = async |environment: Environment| {
        let (chain, script) = chain(environment, script());
        assert_eq!(chain.provide().await.unwrap().access_key_id(), "INSTANCE");
        let requests = script.requests();
        let methods: Vec<_> = requests
            .iter()
            .map(|request| request.method().as_str())
            .collect();
        assert_eq!(methods, ["PUT", "GET", "GET"]);
        for request in requests.iter().skip(1) {
            assert_eq!(header(request, "x-aws-ec2-metadata-token"), "the-token");
        }
        let last = requests.last().unwrap();
        assert!(
            last.uri()
                .path()
                .ends_with("/iam/security-credentials/role")
        );
        requests.first().unwrap().uri().to_string()
    };
    let token = "/latest/api/token";
    assert_eq!(
        urls(environment()).await,
        format!("http://169.254.169.254{token}")
    );
    let ipv6 = environment().with_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6");
    assert_eq!(
        urls(ipv6.clone()).await,
        format!("http://[fd00:ec2::254]{token}")
    );
    let custom = ipv6.with_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://imds.test/x/");
    assert_eq!(urls(custom).await, format!("http://imds.test/x{token}"));
    let of_profile = "[default]\nec2_metadata_service_endpoint_mode = ipv6";
    let of_profile = with_config(of_profile).with_variable("AWS_EC2_METADATA_DISABLED", "false");
    assert_eq!(
        urls(of_profile).await,
        format!("http://[fd00:ec2::254]{token}")
    );
}

#[tokio::test]
async fn what_it_does_not_have_is_said() {
    let ok = |body: &str| answer(200, body);
    let no_role = || Canned::new().respond(ok("token")).respond(answer(404, ""));
    let code = r#"{"Code":"AssumeRoleUnauthorizedAccess","AccessKeyId":"CANARY"}"#;
    let with_keys = |keys: &str| {
        Canned::new()
            .respond(ok("token"))
            .respond(ok("role"))
            .respond(ok(keys))
    };
    for (script, why) in [
        (Canned::new().respond(answer(403, "CANARY")), "answers 403"),
        (Canned::new().respond(answer(404, "")), "gives no token"),
        (no_role(), "says that the instance has no role"),
        (
            with_keys(code),
            "has no credentials: AssumeRoleUnauthorizedAccess",
        ),
        (
            with_keys("CANARY"),
            "answers with what is no key: it is not JSON (line 1, column 1)",
        ),
    ] {
        let error = why_not(environment(), script).await;
        let line = format!("\n  instance metadata: http://169.254.169.254/ {why}");
        assert!(error.ends_with(&line), "{error}");
    }
    let mode = environment().with_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "both");
    let error = why_not(mode, Canned::new()).await;
    assert!(error.ends_with("\"both\" is not IPv4 or IPv6"), "{error}");
}

/// Counts how often it is asked, and never answers.
#[derive(Clone, Default)]
struct Silence(Arc<AtomicUsize>);

impl Transport for Silence {
    async fn send(&self, _: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn silence_costs_a_second_once() {
    let silence = Silence::default();
    let chain = CredentialChain::new()
        .with_environment(environment())
        .with_metadata_transport(silence.clone());
    let ask = async || chain.provide().await.unwrap_err().to_string();
    let started = Instant::now();
    let error = ask().await;
    assert!(
        error.ends_with("169.254.169.254/ does not answer within 1s"),
        "{error}"
    );
    for _ in 0..5 {
        let error = ask().await;
        assert!(
            error.ends_with("169.254.169.254/ did not answer a while ago"),
            "{error}"
        );
    }
    assert_eq!(started.elapsed(), Duration::from_secs(1));
    assert_eq!(silence.0.load(Ordering::SeqCst), 1);
    // A machine that was slow to start is not lost for good.
    tokio::time::advance(Duration::from_secs(600)).await;
    ask().await;
    assert_eq!(silence.0.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_never_answers_costs_a_second_at_most() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let chain = CredentialChain::new()
        .with_environment(environment().with_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", url))
        .with_metadata_transport(HyperTransport::new());
    let started = Instant::now();
    for _ in 0..2 {
        chain.provide().await.unwrap_err();
    }
    assert!(started.elapsed() <= Duration::from_secs(1));
}

#[tokio::test]
async fn one_that_has_answered_is_asked_again_after_silence() {
    let silent = || {
        let phase = amplify_backend::TimeoutPhase::Attempt;
        let sent_whole = true;
        TransportError::new(TransportErrorKind::Timeout { phase, sent_whole }, "silence")
    };
    let script = script()
        .fail(silent())
        .respond(answer(200, "token"))
        .respond(answer(200, "role"))
        .respond(machine_keys("AGAIN"));
    let (chain, _) = chain(environment(), script);
    chain.provide().await.unwrap();
    chain.provide().await.unwrap_err();
    assert_eq!(chain.provide().await.unwrap().access_key_id(), "AGAIN");
}
