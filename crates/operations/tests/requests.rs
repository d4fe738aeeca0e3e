//! What the server's half says of a request that it cannot take.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use amplify_backend_operations::server::{Kind, Route, ServerOperation};
use amplify_backend_operations::{DecodeError, DecodeErrorKind};
use bytes::Bytes;
use http::{Method, Request};
use models::{
    CreateBackendStorageInput, GetBackendJobInput, GetBackendStorageInput,
    ImportBackendStorageInput, ListBackendJobsInput, ListS3BucketsInput,
};

fn create(body: &'static str) -> Result<CreateBackendStorageInput, DecodeError> {
    let request = Request::post("/backend/d1/storage")
        .header("content-type", "application/json")
        .body(Bytes::from_static(body.as_bytes()))
        .unwrap();
    CreateBackendStorageInput::from_request(&request)
}

#[test]
fn the_member_at_fault_is_named() {
    use DecodeErrorKind::{MissingMember, Shape};
    for (body, kind, member) in [
        ("{}", MissingMember, "backendEnvironmentName"),
        (
            r#"{"backendEnvironmentName":null}"#,
            MissingMember,
            "backendEnvironmentName",
        ),
        (
            r#"{"backendEnvironmentName":1}"#,
            Shape,
            "backendEnvironmentName",
        ),
        (
            r#"{"backendEnvironmentName":"e"}"#,
            MissingMember,
            "resourceConfig",
        ),
        (
            r#"{"backendEnvironmentName":"e","resourceConfig":"x"}"#,
            Shape,
            "resourceConfig",
        ),
        (
            r#"{"backendEnvironmentName":"e","resourceConfig":{"bucketName":[]}}"#,
            Shape,
            "resourceConfig.bucketName",
        ),
        (
            r#"{"backendEnvironmentName":"e","resourceConfig":{}}"#,
            MissingMember,
            "resourceConfig.permissions",
        ),
        (
            r#"{"backendEnvironmentName":"e","resourceConfig":{"permissions":{}}}"#,
            MissingMember,
            "resourceConfig.permissions.authenticated",
        ),
        (
            r#"{"backendEnvironmentName":"e","resourceConfig":{"permissions":{"authenticated":["READ",null]}}}"#,
            Shape,
            "resourceConfig.permissions.authenticated",
        ),
        (
            r#"{"backendEnvironmentName":"e","resourceConfig":{"permissions":{"authenticated":[],"unAuthenticated":{}}}}"#,
            Shape,
            "resourceConfig.permissions.unAuthenticated",
        ),
        (
            r#"{"backendEnvironmentName":"e","resourceConfig":{"permissions":{"authenticated":[]}}}"#,
            MissingMember,
            "resourceConfig.serviceName",
        ),
        (
            r#"{"backendEnvironmentName":"e","resourceConfig":{"permissions":{"authenticated":[]},"serviceName":"S3"}}"#,
            MissingMember,
            "resourceName",
        ),
    ] {
        let error = create(body).unwrap_err();
        assert_eq!(
            (error.kind(), error.member()),
            (kind, Some(member)),
            "{body}"
        );
    }
}

#[test]
fn the_members_of_a_body_can_be_read_from_their_operation() {
    let members: Vec<_> = ImportBackendStorageInput::BODY
        .unwrap()
        .iter()
        .map(|member| (member.path(), member.kind(), member.is_required()))
        .collect();
    assert_eq!(
        members,
        [
            ("bucketName", Kind::Text, false),
            ("serviceName", Kind::Text, true),
        ]
    );
    assert!(GetBackendJobInput::BODY.is_none());
}

#[test]
fn labels_come_from_the_path_and_nowhere_else() {
    let input = create(
        r#"{"appId":"other","zzz":[null],"backendEnvironmentName":"","resourceName":"r",
            "resourceConfig":{"permissions":{"authenticated":["LIST"]},"serviceName":"EFS"}}"#,
    )
    .unwrap();
    assert_eq!(input.app_id, "d1");
    assert_eq!(input.backend_environment_name, "");
    assert_eq!(input.resource_config.service_name.as_str(), "EFS");
}

#[test]
fn a_whole_number_of_32_bits_is_one() {
    let list = |body: &'static str| {
        let request = Request::post("/backend/d1/job/e")
            .header("content-type", "application/json; charset=utf-8")
            .body(Bytes::from_static(body.as_bytes()))
            .unwrap();
        ListBackendJobsInput::from_request(&request)
    };
    assert_eq!(list(r#"{"maxResults":25}"#).unwrap().max_results, Some(25));
    assert_eq!(list(r#"{"maxResults":null}"#).unwrap().max_results, None);
    for wrong in [
        r#"{"maxResults":"25"}"#,
        r#"{"maxResults":1.5}"#,
        r#"{"maxResults":2147483648}"#,
        r#"{"maxResults":true}"#,
    ] {
        let error = list(wrong).unwrap_err();
        assert_eq!(
            (error.kind(), error.member()),
            (DecodeErrorKind::Shape, Some("maxResults"))
        );
    }
}

#[test]
fn a_body_needs_its_content_type_once() {
    let with = |types: &[&str], body: &'static str| {
        let mut request = Request::post("/s3Buckets");
        for content_type in types {
            request = request.header("content-type", *content_type);
        }
        ListS3BucketsInput::from_request(
            &request.body(Bytes::from_static(body.as_bytes())).unwrap(),
        )
        .map_err(|error| error.kind())
    };
    for types in [
        &["application/json"][..],
        &["Application/JSON"],
        &["application/json;charset=utf-8"],
        &[" application/json ; a=b"],
    ] {
        assert!(with(types, "{}").is_ok(), "{types:?}");
    }
    for types in [
        &[][..],
        &["text/plain"],
        &["application/hal+json"],
        &["application/jsonx"],
        &["application/json", "application/json"],
        &[""],
    ] {
        assert_eq!(
            with(types, "{}"),
            Err(DecodeErrorKind::ContentType),
            "{types:?}"
        );
    }
    assert!(
        with(&[], "").is_ok(),
        "where there is no body, no type is needed"
    );
}

#[test]
fn a_request_is_for_one_operation_or_for_none() {
    for (method, path, route) in [
        (Method::POST, "/s3Buckets", Some(Route::ListS3Buckets)),
        (Method::GET, "/s3Buckets", None),
        (Method::POST, "/s3Buckets/", None),
        (Method::POST, "/s3buckets", None),
        (
            Method::POST,
            "/backend/a/storage",
            Some(Route::CreateBackendStorage),
        ),
        (Method::POST, "/backend//storage", None),
        (
            Method::POST,
            "/backend/a/storage/e",
            Some(Route::UpdateBackendStorage),
        ),
        (
            Method::POST,
            "/backend/a/storage/e/import",
            Some(Route::ImportBackendStorage),
        ),
        (
            Method::POST,
            "/backend/a/storage/e/remove",
            Some(Route::DeleteBackendStorage),
        ),
        (
            Method::POST,
            "/backend/a/storage/e/details",
            Some(Route::GetBackendStorage),
        ),
        (Method::POST, "/backend/a/storage/e/other", None),
        (Method::POST, "/backend/a/storage//details", None),
        (
            Method::GET,
            "/backend/a/job/e/j",
            Some(Route::GetBackendJob),
        ),
        (
            Method::POST,
            "/backend/a/job/e/j",
            Some(Route::UpdateBackendJob),
        ),
        (Method::PUT, "/backend/a/job/e/j", None),
        (
            Method::POST,
            "/backend/a/job/e",
            Some(Route::ListBackendJobs),
        ),
        (Method::POST, "backend/a/job/e", None),
        (Method::POST, "", None),
        (Method::POST, "/", None),
    ] {
        assert_eq!(Route::of(&method, path), route, "{method} {path}");
    }
    assert_eq!(Route::named("createBackendStorage"), None, "case counts");
}

#[test]
fn a_request_of_another_operation_is_not_read() {
    let request = Request::post("/backend/a/storage")
        .body(Bytes::new())
        .unwrap();
    let error = GetBackendStorageInput::from_request(&request).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::Target);
    let request = Request::post("/backend/a/job/e/j")
        .body(Bytes::new())
        .unwrap();
    assert_eq!(
        GetBackendJobInput::from_request(&request)
            .unwrap_err()
            .kind(),
        DecodeErrorKind::Target
    );
}

#[test]
fn a_label_that_is_not_utf_8_is_refused_and_a_stray_percent_sign_kept() {
    let get = |path: &str| {
        GetBackendJobInput::from_request(&Request::get(path).body(Bytes::new()).unwrap())
    };
    let error = get("/backend/%ff/job/e/j").unwrap_err();
    assert_eq!(
        (error.kind(), error.member()),
        (DecodeErrorKind::Label, Some("appId"))
    );
    let input = get("/backend/%zz/job/a+b%2Fc/%E6%97%A5").unwrap();
    assert_eq!(
        (
            input.app_id.as_str(),
            input.backend_environment_name.as_str(),
            input.job_id.as_str()
        ),
        ("%zz", "a+b/c", "日")
    );
}
