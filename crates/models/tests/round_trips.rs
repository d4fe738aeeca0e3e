//! Every shape to JSON and back, and the rules by which JSON is read.

#![allow(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "a test fails the short way"
)]

use std::fmt::Debug;

use amplify_backend_models::*;
use proptest::prelude::*;
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use serde_json::{Value, json};

/// `shape` comes back the same from text and from a tree, and its JSON holds no null.
fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(shape: &T) {
    let text = serde_json::to_string(shape).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), shape, "{text}");

    let tree = serde_json::to_value(shape).unwrap();
    assert!(!has_null(&tree), "an unset member is left out: {text}");
    assert_eq!(&serde_json::from_value::<T>(tree).unwrap(), shape, "{text}");
}

fn has_null(tree: &Value) -> bool {
    match tree {
        Value::Null => true,
        Value::Array(elements) => elements.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
        _ => false,
    }
}

/// What odd JSON does to `shape`: junk between members, and each member twice, the first time with
/// a value of its own type that must not survive.
fn survives_junk<T: Serialize + DeserializeOwned + PartialEq + Debug>(shape: &T, other: &T) {
    let mut first = serde_json::to_value(other).unwrap();
    let last = serde_json::to_value(shape).unwrap();
    let members = first.as_object_mut().unwrap();
    members.retain(|name, _| last.get(name).is_some());

    let doubled = format!(
        r#"{{"__type":"x#y","zzz":[1e400,{{"appId":null}}],{}{}{}}}"#,
        inside(&first),
        if members_of(&first) > 0 { "," } else { "" },
        if members_of(&last) > 0 {
            inside(&last)
        } else {
            r#""z":null"#.to_owned()
        },
    );
    assert_eq!(
        &serde_json::from_str::<T>(&doubled).unwrap(),
        shape,
        "{doubled}"
    );
}

fn members_of(object: &Value) -> usize {
    object.as_object().unwrap().len()
}

/// The members of `object` as text, without its braces.
fn inside(object: &Value) -> String {
    let text = object.to_string();
    text[1..text.len() - 1].to_owned()
}

macro_rules! every_shape_survives_a_round_trip {
    ($($test:ident: $shape:ty,)*) => { proptest! { $(
        #[test]
        fn $test(shape: $shape, other: $shape) {
            comes_back(&shape);
            survives_junk(&shape, &other);
        }
    )* } };
}

every_shape_survives_a_round_trip! {
    backend_job_resp_obj: BackendJobRespObj,
    backend_storage_permissions: BackendStoragePermissions,
    create_backend_storage_input: CreateBackendStorageInput,
    create_backend_storage_output: CreateBackendStorageOutput,
    create_backend_storage_resource_config: CreateBackendStorageResourceConfig,
    delete_backend_storage_input: DeleteBackendStorageInput,
    delete_backend_storage_output: DeleteBackendStorageOutput,
    get_backend_job_input: GetBackendJobInput,
    get_backend_job_output: GetBackendJobOutput,
    get_backend_storage_input: GetBackendStorageInput,
    get_backend_storage_output: GetBackendStorageOutput,
    get_backend_storage_resource_config: GetBackendStorageResourceConfig,
    import_backend_storage_input: ImportBackendStorageInput,
    import_backend_storage_output: ImportBackendStorageOutput,
    list_backend_jobs_input: ListBackendJobsInput,
    list_backend_jobs_output: ListBackendJobsOutput,
    list_s3_buckets_input: ListS3BucketsInput,
    list_s3_buckets_output: ListS3BucketsOutput,
    s3_bucket_info: S3BucketInfo,
    update_backend_job_input: UpdateBackendJobInput,
    update_backend_job_output: UpdateBackendJobOutput,
    update_backend_storage_input: UpdateBackendStorageInput,
    update_backend_storage_output: UpdateBackendStorageOutput,
    update_backend_storage_resource_config: UpdateBackendStorageResourceConfig,
}

proptest! {
    #[test]
    fn every_text_is_a_value_of_an_open_enum(text: String) {
        let value = ServiceName::from(text.as_str());
        prop_assert_eq!(value.as_str(), &text);
        prop_assert_eq!(text.parse(), Ok(value.clone()));
        prop_assert_eq!(value, ServiceName::from(text));
    }
}

#[test]
fn known_texts_become_known_values() {
    for value in AuthenticatedElement::KNOWN {
        assert!(value.is_known());
        assert_eq!(&AuthenticatedElement::from(value.as_str()), value);
        assert_eq!(&AuthenticatedElement::from(value.to_string()), value);
    }
    assert!(
        !AuthenticatedElement::from("read").is_known(),
        "case counts"
    );
    assert_eq!(
        format!("{:?}", ["S3", "EFS\n"].map(ServiceName::from)),
        r#"[S3, Unknown("EFS\n")]"#
    );
}

#[test]
fn names_on_the_wire_are_the_service_models() {
    let read: CreateBackendStorageInput = serde_json::from_value(json!({
        "appId": "d1a2b3c4d5e6f7",
        "backendEnvironmentName": "staging",
        "resourceConfig": {
            "bucketName": "b",
            "permissions": {"authenticated": ["READ", "LIST"], "unAuthenticated": ["DELETE"]},
            "serviceName": "S3",
        },
        "resourceName": "photos",
    }))
    .unwrap();
    assert_eq!(read.backend_environment_name, "staging");
    assert_eq!(read.resource_config.bucket_name.as_deref(), Some("b"));
    assert_eq!(read.resource_config.service_name, ServiceName::S3);
    let permissions = &read.resource_config.permissions;
    assert_eq!(
        permissions.authenticated,
        ["READ", "LIST"].map(AuthenticatedElement::from)
    );
    assert_eq!(
        permissions.un_authenticated,
        Some(vec![UnAuthenticatedElement::Delete])
    );
}

#[test]
fn null_is_absent_and_null_elements_are_dropped() {
    let read: ListS3BucketsOutput = serde_json::from_value(json!({
        "buckets": [null, {"name": "a", "creationDate": null}, null], "nextToken": null,
    }))
    .unwrap();
    let mut expected = ListS3BucketsOutput::default();
    let mut bucket = S3BucketInfo::default();
    bucket.name = Some("a".to_owned());
    expected.buckets = Some(vec![bucket]);
    assert_eq!(read, expected);
}

#[test]
fn a_null_that_stands_last_counts() {
    let read: S3BucketInfo = serde_json::from_str(r#"{"name":"a","name":null}"#).unwrap();
    assert_eq!(read.name, None);
}

#[test]
fn what_an_output_lacks_is_filled() {
    let config: GetBackendStorageResourceConfig =
        serde_json::from_value(json!({"permissions": {}})).unwrap();
    assert!(!config.imported);
    assert_eq!(config.service_name.as_str(), "");
    assert_eq!(config.permissions.unwrap().authenticated, []);

    let job: BackendJobRespObj = serde_json::from_str("{}").unwrap();
    assert_eq!(
        (job.app_id.as_str(), job.backend_environment_name.as_str()),
        ("", "")
    );
}

#[test]
fn what_an_input_lacks_is_named() {
    let error = serde_json::from_value::<CreateBackendStorageResourceConfig>(json!({
        "permissions": {}, "serviceName": "S3",
    }))
    .unwrap_err();
    assert_eq!(error.to_string(), "missing field `authenticated`");

    let error =
        serde_json::from_str::<GetBackendJobInput>(r#"{"appId":"d1","jobId":null}"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "missing field `backendEnvironmentName` at line 1 column 27"
    );
}

#[test]
fn a_value_of_another_type_is_told_what_was_expected() {
    for (wrong, expected) in [
        (r#"{"serviceName":1}"#, "a string"),
        (r#"{"permissions":[]}"#, "a JSON object"),
        (r#"{"permissions":{"authenticated":{}}}"#, "a list"),
    ] {
        let error = serde_json::from_str::<GetBackendStorageResourceConfig>(wrong).unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains(&format!(", expected {expected} at line 1")),
            "{error}"
        );
    }
}

#[test]
fn an_array_is_not_a_shape_and_a_number_not_a_text() {
    for wrong in [
        "[]",
        r#"["a","b"]"#,
        r#""a""#,
        "1",
        "true",
        r#"{"name":1}"#,
        r#"{"name":{}}"#,
    ] {
        assert!(
            serde_json::from_str::<S3BucketInfo>(wrong).is_err(),
            "{wrong}"
        );
    }
    for wrong in [
        r#"{"imported":"true"}"#,
        r#"{"imported":1}"#,
        r#"{"permissions":[]}"#,
    ] {
        assert!(
            serde_json::from_str::<GetBackendStorageResourceConfig>(wrong).is_err(),
            "{wrong}"
        );
    }
}
