//! What is recorded are cases that hold, without the secrets that passed through.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use std::fs;
use std::path::Path;

use amplify_backend::config::{Config, Environment};
use amplify_backend::models::ServiceName;
use amplify_backend::{Client, Credentials, Endpoint, Region, RetryPolicy};
use amplify_backend_conformance::case::{Exchange, Origin, Suite};
use amplify_backend_conformance::codecs;
use amplify_backend_conformance::record::{Recorded, Recorder};
use amplify_backend_conformance::report::Filter;
use emulator::Emulator;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::task::JoinHandle;

const SECRETS: [&str; 4] = [
    "upstream-secret",
    "upstream-token",
    "AKIDOFTHECLIENT",
    "token-of-the-client",
];

/// Records into `folder`: where, what is told, and the task.
async fn record(
    upstream: Endpoint,
    config: &Config,
    folder: &Path,
) -> (String, UnboundedReceiver<Recorded>, JoinHandle<()>) {
    let recorder = Recorder::new(upstream, config.credentials(), folder);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = mpsc::unbounded_channel();
    let recording = tokio::spawn(recorder.serve(listener, move |recorded| {
        tell.send(recorded).unwrap();
    }));
    (here, told, recording)
}

#[tokio::test]
async fn what_passes_through_is_written_as_cases_that_hold() {
    let upstream_key =
        Credentials::new("AKIDUPSTREAM", "upstream-secret").with_session_token("upstream-token");
    let emulator = Emulator::builder()
        .credentials([upstream_key])
        .build()
        .unwrap();
    let server = emulator.serve("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = Config::builder()
        .environment(
            Environment::empty()
                .with_variable("AWS_ACCESS_KEY_ID", "AKIDUPSTREAM")
                .with_variable("AWS_SECRET_ACCESS_KEY", "upstream-secret")
                .with_variable("AWS_SESSION_TOKEN", "upstream-token"),
        )
        .load()
        .unwrap();
    let upstream = Endpoint::new(&server.endpoint()).unwrap();
    let (here, mut told, recording) = record(upstream, &config, folder.path()).await;

    // The proxy does not know this key, and need not: it signs anew.
    let client_key = Credentials::new("AKIDOFTHECLIENT", "secret-of-the-client")
        .with_session_token("token-of-the-client");
    let client = Client::builder()
        .region(Region::new("eu-central-1").unwrap())
        .credentials(client_key)
        .endpoint(Endpoint::new(&here).unwrap())
        .retry(RetryPolicy::never())
        .build();
    let app = "d1a2b3c4d5e6f7";
    client
        .import_backend_storage()
        .app_id(app)
        .backend_environment_name("staging")
        .service_name(ServiceName::S3)
        .bucket_name("no-such-bucket")
        .send()
        .await
        .unwrap_err();
    client.list_s3_buckets().send().await.unwrap();
    client.list_s3_buckets().send().await.unwrap();
    client
        .delete_backend_storage()
        .app_id("a/b ü")
        .backend_environment_name("staging")
        .resource_name("photos")
        .service_name(ServiceName::S3)
        .send()
        .await
        .unwrap_err();
    drop(client);
    let mut names = Vec::new();
    for _ in 0..4 {
        match told.recv().await.unwrap() {
            Recorded::Case(name) => names.push(name),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(
        names,
        [
            "ImportBackendStorage/recorded-1",
            "ListS3Buckets/recorded-1",
            "ListS3Buckets/recorded-2",
            "DeleteBackendStorage/recorded-1",
        ]
    );
    recording.abort();
    server.shutdown().await;

    let suite = Suite::read(folder.path()).unwrap();
    assert!(suite.malformed.is_empty(), "{:?}", suite.malformed);
    let report = codecs::judge(&suite, &Filter::default());
    assert!(report.all_hold(), "{report}");
    assert_eq!(report.held().count(), 4, "{report}");
    let case = suite.case("DeleteBackendStorage/recorded-1").unwrap();
    assert_eq!(case.origin, Origin::Recorded);
    assert!(
        case.source.starts_with("sent by amplify-backend/"),
        "{}",
        case.source
    );
    let Exchange::Whole {
        request, response, ..
    } = &case.exchange
    else {
        panic!("{:?}", case.exchange);
    };
    assert_eq!(
        request.uri(),
        "/backend/a%2Fb%20%C3%BC/storage/staging/remove"
    );
    assert_eq!(response.status(), 404);
    let authorization = request
        .headers()
        .get("authorization")
        .unwrap()
        .to_str()
        .unwrap();
    assert!(
        authorization.contains("Credential=AKIDEXAMPLE/"),
        "{authorization}"
    );
    assert!(authorization.contains("/eu-central-1/amplifybackend/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=replaced"), "{authorization}");
    for_each_file(folder.path(), &|path, text| {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{}: {secret}", path.display());
        }
    });
}

fn for_each_file(folder: &Path, look: &dyn Fn(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            for_each_file(&path, look);
        } else {
            look(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_to_the_client_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    // A port that nobody listens on any more.
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = Endpoint::new(&format!("http://{}", nobody.local_addr().unwrap())).unwrap();
    drop(nobody);
    let config = Config::builder()
        .environment(Environment::empty())
        .load()
        .unwrap();
    let (here, mut told, recording) = record(upstream, &config, folder.path()).await;
    let unsigned = http::Request::post(format!("{here}/s3Buckets"))
        .header("content-type", "application/json")
        .body(bytes::Bytes::from_static(b"{}"))
        .unwrap();
    let transport = transport::HyperTransport::new();
    let response = transport::Transport::send(&transport, unsigned)
        .await
        .unwrap();
    assert_eq!(response.status(), 502);
    let Recorded::NotWritten(why) = told.recv().await.unwrap() else {
        panic!("a case was written");
    };
    assert!(why.starts_with("http://127.0.0.1:"), "{why}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    recording.abort();
}
