//! What the operations answer where the random steps do not go: wrong input, strict mode, names,
//! limits. Much of it is assumed; the README says what.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails the short way"
)]

use std::time::{Duration, SystemTime};

use amplify_backend::{Client, Credentials, Region, ServiceError, Transport as _};
use amplify_backend_emulator::{Emulator, InProcess, SignatureMode, Snapshot};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

const SEED: &str = r#"
    [[apps]]
    appId = "d1"

    [[apps.environments]]
    backendEnvironmentName = "staging"

    [[apps.environments.storage]]
    resourceName = "photos"
    bucketName = "photos-bucket"
    permissions = { authenticated = ["READ"], unAuthenticated = [] }

    [[apps.environments.storage]]
    resourceName = "old-bucket"
    bucketName = "old-bucket"
    imported = true

    [[buckets]]
    name = "old-bucket"
    creationDate = 1617375907613
"#;

/// 2015-08-30T12:36:00Z
fn at() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160)
}

/// An emulator with the seed, and what changes about it.
macro_rules! emulator {
    ($($setting:ident($value:expr)),*) => {
        Emulator::builder()
            .seed(Snapshot::from_toml(SEED).unwrap())
            .signatures(SignatureMode::Off)
            .clock(at)
            $(.$setting($value))*
            .build()
            .unwrap()
    };
}

/// Sends `body` to `path`, whatever it is, and gives status, code and body of the answer.
async fn post(emulator: &Emulator, path: &str, body: impl Into<Bytes>) -> (u16, String, Value) {
    let request = Request::post(format!("http://localhost{path}"))
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap();
    send(emulator, request).await
}

async fn send(emulator: &Emulator, request: Request<Bytes>) -> (u16, String, Value) {
    let response = emulator.transport().send(request).await.unwrap();
    let status = response.status().as_u16();
    let body = serde_json::from_slice(response.body()).unwrap();
    let code = match status {
        200 => String::new(),
        _ => ServiceError::from_response(response)
            .sent_code()
            .unwrap()
            .to_owned(),
    };
    (status, code, body)
}

fn create(name: &str, bucket: Option<&str>) -> String {
    let mut config = json!({"permissions": {"authenticated": []}, "serviceName": "S3"});
    if let Some(bucket) = bucket {
        config["bucketName"] = bucket.into();
    }
    let body = json!({
        "backendEnvironmentName": "staging", "resourceName": name, "resourceConfig": config,
    });
    body.to_string()
}

#[tokio::test]
async fn wrong_input_is_refused_with_the_member_that_is_wrong() {
    let emulator = emulator!();
    let path = "/backend/d1/storage";
    let details = "/backend/d1/storage/staging/details";
    let config = |text: &str| {
        format!(
            r#"{{"backendEnvironmentName":"staging","resourceName":"r","resourceConfig":{text}}}"#
        )
    };
    let bad = "BadRequestException";
    let serialization = "SerializationException";
    for (path, body, code, part) in [
        (path, "{".to_owned(), serialization, "JSON"),
        (path, "[]".to_owned(), serialization, "object"),
        (path, "\u{fffd}".to_owned(), serialization, "JSON"),
        (
            path,
            format!("{}1", "[".repeat(200)),
            serialization,
            "nested",
        ),
        (path, "{}".to_owned(), bad, "backendEnvironmentName"),
        (
            path,
            r#"{"backendEnvironmentName":null}"#.to_owned(),
            bad,
            "backendEnvironmentName",
        ),
        (
            path,
            r#"{"backendEnvironmentName":1}"#.to_owned(),
            serialization,
            "backendEnvironmentName",
        ),
        (path, config("{}"), bad, "resourceConfig.permissions"),
        (
            path,
            config(r#"{"permissions":{}}"#),
            bad,
            "resourceConfig.permissions.authenticated",
        ),
        (
            path,
            config(r#"{"permissions":{"authenticated":["READ","WRITE"]},"serviceName":"S3"}"#),
            bad,
            "resourceConfig.permissions.authenticated",
        ),
        (
            path,
            config(
                r#"{"permissions":{"authenticated":[],"unAuthenticated":["ALL"]},"serviceName":"S3"}"#,
            ),
            bad,
            "resourceConfig.permissions.unAuthenticated",
        ),
        (
            path,
            config(r#"{"permissions":{"authenticated":[]},"serviceName":"S4"}"#),
            bad,
            "resourceConfig.serviceName",
        ),
        (path, create("", None), bad, "resourceName"),
        (
            path,
            create("r", Some("")),
            bad,
            "resourceConfig.bucketName",
        ),
        (details, "{}".to_owned(), bad, "resourceName"),
        (
            "/backend/d1/storage/staging/import",
            r#"{"serviceName":"S3"}"#.to_owned(),
            bad,
            "bucketName",
        ),
        (
            "/backend/d1/job/staging",
            r#"{"maxResults":26}"#.to_owned(),
            bad,
            "maxResults",
        ),
        (
            "/backend/d1/job/staging",
            r#"{"maxResults":0}"#.to_owned(),
            bad,
            "maxResults",
        ),
        (
            "/backend/d1/job/staging",
            r#"{"nextToken":"x"}"#.to_owned(),
            bad,
            "nextToken",
        ),
        (
            "/s3Buckets",
            r#"{"nextToken":"before:1"}"#.to_owned(),
            bad,
            "nextToken",
        ),
        (
            "/backend/d1/job/staging/j",
            r#"{"status":"DONE"}"#.to_owned(),
            bad,
            "status",
        ),
    ] {
        let (status, found, answer) = post(&emulator, path, body.clone()).await;
        let message = answer["message"].as_str().unwrap();
        assert_eq!((status, found.as_str()), (400, code), "{body}: {message}");
        assert!(message.contains(part), "{body}: {message}");
    }
}

#[tokio::test]
async fn what_is_no_request_of_the_service_is_refused_as_aws_does() {
    let emulator = emulator!();
    let request = |method: &str, path: &str, content_type: &str| {
        Request::builder()
            .method(method)
            .uri(format!("http://localhost{path}"))
            .header("content-type", content_type)
            .body(Bytes::from_static(b"{\"resourceName\":\"photos\"}"))
            .unwrap()
    };
    let details = "/backend/d1/storage/staging/details";
    for (method, path, content_type, status, code) in [
        (
            "POST",
            details,
            "text/plain",
            415,
            "UnsupportedMediaTypeException",
        ),
        (
            "POST",
            "/backend/d1/storages",
            "application/json",
            404,
            "UnknownOperationException",
        ),
        (
            "GET",
            details,
            "application/json",
            404,
            "UnknownOperationException",
        ),
        (
            "POST",
            "/backend//storage/staging/details",
            "application/json",
            404,
            "UnknownOperationException",
        ),
        (
            "POST",
            "/backend/%ff/storage/staging/details",
            "application/json",
            400,
            "BadRequestException",
        ),
        (
            "POST",
            "/_emulator/health",
            "application/json",
            404,
            "UnknownOperationException",
        ),
    ] {
        let answer = send(&emulator, request(method, path, content_type)).await;
        assert_eq!(
            (answer.0, answer.1.as_str()),
            (status, code),
            "{method} {path}"
        );
    }
    let (status, ..) = send(
        &emulator,
        request("POST", details, "Application/JSON; charset=utf-8"),
    )
    .await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn what_does_not_exist_is_named_by_its_type() {
    let emulator = emulator!(strict(true));
    let get = r#"{"resourceName":"nothing"}"#;
    for (path, body, resource_type) in [
        ("/backend/d2/storage/staging/details", get.to_owned(), "App"),
        (
            "/backend/d1/storage/prod/details",
            get.to_owned(),
            "BackendEnvironment",
        ),
        (
            "/backend/d1/storage/staging/details",
            get.to_owned(),
            "Storage",
        ),
        ("/backend/d2/storage", create("r", None), "App"),
        ("/backend/d2/job/staging", "{}".to_owned(), "App"),
        (
            "/backend/d1/storage/staging/import",
            r#"{"bucketName":"none","serviceName":"S3"}"#.to_owned(),
            "S3Bucket",
        ),
        ("/backend/d1/job/staging/none", "{}".to_owned(), "Job"),
    ] {
        let (status, code, answer) = post(&emulator, path, body).await;
        assert_eq!(
            (status, code.as_str()),
            (404, "NotFoundException"),
            "{path}"
        );
        assert_eq!(answer["resourceType"], resource_type, "{path}");
    }
    let open = emulator!();
    let (_, _, answer) = post(&open, "/backend/d2/storage/staging/details", get).await;
    assert_eq!(answer["resourceType"], "Storage");
    let (status, _, answer) = post(&open, "/backend/d2/job/staging", "{}").await;
    assert_eq!((status, answer), (200, json!({"jobs": []})));
    assert_eq!(open.snapshot().apps.len(), 1, "reading makes no app");
}

#[tokio::test]
async fn a_running_job_keeps_others_out_with_the_text_of_the_service() {
    let emulator = emulator!(job_time(Duration::from_secs(60)));
    let (status, _, started) = post(&emulator, "/backend/d1/storage", create("r", None)).await;
    assert_eq!((status, &started["status"]), (200, &json!("RUNNING")));
    let (status, _, answer) = post(&emulator, "/backend/d1/storage", create("s", None)).await;
    assert_eq!(status, 400);
    assert_eq!(
        answer["message"],
        "There is already a pending job for the requested appId: d1 and backendEnvironmentName: \
         staging, wait for it to complete before creating a new job."
    );
    let details = |name: &str| json!({ "resourceName": name }).to_string();
    let path = "/backend/d1/storage/staging/details";
    assert_eq!(post(&emulator, path, details("r")).await.0, 404);
    emulator.advance(Duration::from_secs(60));
    assert_eq!(post(&emulator, path, details("r")).await.0, 200);
    assert_eq!(
        post(&emulator, "/backend/d1/storage", create("s", None))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_bucket_without_a_name_gets_one_that_s3_takes_and_nobody_has() {
    let emulator = emulator!();
    let long = "Ein Name, länger als S3 ihn nimmt: ".repeat(4);
    let mut names = Vec::new();
    for resource in ["Photos", "pHOTOS", "ü", "..", &long] {
        assert_eq!(
            post(&emulator, "/backend/d1/storage", create(resource, None))
                .await
                .0,
            200
        );
        let body = json!({ "resourceName": resource }).to_string();
        let (_, _, storage) = post(&emulator, "/backend/d1/storage/staging/details", body).await;
        let name = storage["resourceConfig"]["bucketName"]
            .as_str()
            .unwrap()
            .to_owned();
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        assert!(name.bytes().all(allowed), "{name}");
        assert!((3..=63).contains(&name.len()), "{name}");
        assert!(!name.starts_with('-') && !name.ends_with('-'), "{name}");
        names.push(name);
    }
    assert_eq!(names[..2], ["photos-d1-staging", "photos-d1-staging-2"]);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 5);
}

#[tokio::test]
async fn an_imported_resource_has_its_buckets_name_and_cannot_be_updated() {
    let emulator = emulator!();
    let path = "/backend/d1/storage/staging";
    let name = r#""resourceName":"old-bucket""#;
    let (_, _, storage) = post(&emulator, &format!("{path}/details"), format!("{{{name}}}")).await;
    let expected = json!({
        "appId": "d1", "backendEnvironmentName": "staging", "resourceName": "old-bucket",
        "resourceConfig": {"bucketName": "old-bucket", "imported": true, "serviceName": "S3"},
    });
    assert_eq!(storage, expected);
    let config = r#""resourceConfig":{"permissions":{"authenticated":[]},"serviceName":"S3"}"#;
    let (status, code, _) = post(&emulator, path, format!("{{{name},{config}}}")).await;
    assert_eq!((status, code.as_str()), (400, "BadRequestException"));
}

#[tokio::test]
async fn deleting_keeps_the_bucket_unless_told_otherwise() {
    for (delete_buckets, left) in [(false, 2), (true, 1)] {
        let emulator = emulator!(delete_buckets(delete_buckets));
        for name in ["photos", "old-bucket"] {
            let body = json!({ "resourceName": name, "serviceName": "S3" }).to_string();
            let path = "/backend/d1/storage/staging/remove";
            assert_eq!(post(&emulator, path, body).await.0, 200);
        }
        // What was imported keeps its bucket in any case.
        let snapshot = emulator.snapshot();
        assert!(snapshot.apps[0].environments[0].storage.is_empty());
        assert_eq!(snapshot.buckets.len(), left);
        assert_eq!(snapshot.buckets[0].name, "old-bucket");
    }
}

#[tokio::test]
async fn buckets_are_listed_by_name_in_pages_with_their_dates() {
    let emulator = emulator!(page_size(1.try_into().unwrap()));
    let (_, _, first) = post(&emulator, "/s3Buckets", "{}").await;
    let old = json!([{"creationDate": "2021-04-02T15:05:07.613Z", "name": "old-bucket"}]);
    assert_eq!(first["buckets"], old);
    let body = json!({ "nextToken": first["nextToken"] }).to_string();
    let (_, _, second) = post(&emulator, "/s3Buckets", body).await;
    let photos = json!([{"creationDate": "2015-08-30T12:36:00.000Z", "name": "photos-bucket"}]);
    assert_eq!(second, json!({ "buckets": photos }));
}

#[tokio::test]
async fn the_oldest_jobs_go_when_there_are_more_than_a_thousand() {
    let emulator = emulator!();
    let client: Client<InProcess> = Client::over(emulator.transport())
        .region(Region::new("us-east-1").unwrap())
        .credentials(Credentials::new("local", "local"))
        .build();
    let mut first = None;
    for number in 0..1_002 {
        let (_, _, started) = post(
            &emulator,
            "/backend/d1/storage",
            create(&format!("r{number}"), None),
        )
        .await;
        first = first.or_else(|| started["jobId"].as_str().map(str::to_owned));
    }
    let job = client
        .get_backend_job()
        .app_id("d1")
        .backend_environment_name("staging");
    let error = job.job_id(first.unwrap()).send().await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    let environment = &emulator.snapshot().apps[0].environments[0];
    assert_eq!(
        (environment.jobs.len(), environment.storage.len()),
        (1_000, 1_004)
    );
}

#[tokio::test]
async fn a_seed_gives_the_same_ids_and_the_same_faults_again() {
    let run = async || {
        let rules =
            r#"[{"probability": 0.5, "effect": {"error": {"code": "ServiceUnavailable"}}}]"#;
        let emulator = emulator!(
            random_seed(7),
            faults(serde_json::from_str::<Vec<_>>(rules).unwrap())
        );
        for number in 0..40 {
            let body = create(&format!("r{number}"), None);
            post(&emulator, "/backend/d1/storage", body).await;
        }
        let requests = emulator.requests(40);
        let ids = requests.into_iter().map(|it| (it.request_id, it.status));
        (ids.collect::<Vec<_>>(), emulator.snapshot())
    };
    let (first, second) = (run().await, run().await);
    assert_eq!(first, second);
    assert!(first.0.iter().any(|(_, status)| *status == 503));
    assert!(first.0.iter().any(|(_, status)| *status == 200));
}

#[tokio::test]
async fn a_rule_says_whether_the_operation_is_carried_out_all_the_same() {
    for (effect, carried_out, is_done) in [
        (r#"{"error": {"code": "InternalFailure"}}"#, None, false),
        (
            r#"{"error": {"code": "InternalFailure"}}"#,
            Some(true),
            true,
        ),
        (r#"{"reset": "before"}"#, None, true),
        (r#"{"reset": "before"}"#, Some(false), false),
        (r#"{"body": {"kind": "html"}}"#, None, true),
        (r#"{"body": {"kind": "malformed"}}"#, Some(false), false),
    ] {
        let rule = json!({
            "effect": serde_json::from_str::<Value>(effect).unwrap(), "carriedOut": carried_out,
        });
        let emulator = emulator!(faults(vec![serde_json::from_value(rule).unwrap()]));
        let request = Request::post("http://localhost/backend/d1/storage")
            .header("content-type", "application/json")
            .body(create("new", None).into())
            .unwrap();
        // What comes back is for others to look at.
        let _ = emulator.transport().send(request).await;
        let storage = &emulator.snapshot().apps[0].environments[0].storage;
        let found = storage.iter().any(|it| it.resource_name == "new");
        assert_eq!(found, is_done, "{effect} {carried_out:?}");
    }
}
