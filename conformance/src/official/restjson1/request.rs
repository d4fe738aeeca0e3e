//! The requests that a client sends.

use operations::Endpoint;
use serde_json::{Value, json};

use super::{NO_ROWS, Row, set};
use crate::codec::Codec;
use crate::official::{same, text};

pub(super) fn judge(id: &str, case: &Value) -> Result<(), String> {
    let jobs = json!({"appId": "a", "backendEnvironmentName": "e"});
    let job = json!({"appId": "a", "backendEnvironmentName": "e", "jobId": "j"});
    let update = json!({
        "appId": "a", "backendEnvironmentName": "e", "resourceName": "r",
        "resourceConfig": {"permissions": {"authenticated": []}, "serviceName": "S3"},
    });
    let mut create = update.clone();
    set(&mut create, "/resourceConfig/bucketName", json!("b"));

    let (operation, input, rows): (_, _, &[Row]) = match id {
        "RestJsonHttpRequestLabelEscaping" | "RestJsonInputWithHeadersAndAllParams" => {
            return label(case, text(case, "/params/string")?);
        }
        "RestJsonToleratesRegexCharsInSegments" => return label(case, text(case, "/params/str")?),
        "RestJsonHostWithPath" => return host_with_path(case),
        "RestJsonTestBodyStructure" => {
            // No structure of ours holds a number: here it is a text.
            let rows = &[(
                "/testConfig/timeout",
                "/testConfig/timeout",
                "/resourceConfig/bucketName",
            )];
            let mut case = case.clone();
            set(&mut case, "/params/testConfig/timeout", json!("10"));
            set(
                &mut case,
                "/body",
                json!(r#"{"testConfig": {"timeout": "10"}}"#),
            );
            return sends("CreateBackendStorage", create, rows, &case);
        }
        "RestJsonHttpWithEmptyBody" => ("ListS3Buckets", json!({}), NO_ROWS),
        "RestJsonSimpleScalarProperties" => (
            "ListBackendJobs",
            jobs,
            &[
                ("/stringValue", "/stringValue", "/nextToken"),
                ("/integerValue", "/integerValue", "/maxResults"),
            ],
        ),
        "RestJsonDoesntSerializeNullStructureValues" => (
            "ListS3Buckets",
            json!({}),
            &[("/stringValue", "/stringValue", "/nextToken")],
        ),
        "RestJsonLists" => (
            "UpdateBackendStorage",
            update,
            &[
                (
                    "/stringList",
                    "/stringList",
                    "/resourceConfig/permissions/authenticated",
                ),
                (
                    "/enumList",
                    "/enumList",
                    "/resourceConfig/permissions/unAuthenticated",
                ),
            ],
        ),
        "RestJsonListsEmpty" => (
            "UpdateBackendStorage",
            update,
            &[(
                "/stringList",
                "/stringList",
                "/resourceConfig/permissions/authenticated",
            )],
        ),
        "RestJsonJsonEnums" => (
            "UpdateBackendStorage",
            update,
            &[
                ("/fooEnum1", "/fooEnum1", "/resourceConfig/serviceName"),
                (
                    "/fooEnumList",
                    "/fooEnumList",
                    "/resourceConfig/permissions/authenticated",
                ),
            ],
        ),
        "RestJsonRecursiveShapes" => (
            "CreateBackendStorage",
            create,
            &[
                ("/nested/foo", "/nested/foo", "/resourceConfig/bucketName"),
                (
                    "/nested/nested/bar",
                    "/nested/nested/bar",
                    "/resourceConfig/serviceName",
                ),
            ],
        ),
        "RestJsonEmptyInputAndEmptyOutput"
        | "RestJsonNoInputAndOutput"
        | "RestJsonHttpPostWithNoInput"
        | "RestJsonHttpPostWithNoModeledBody"
        | "RestJsonHttpWithPostHeaderMemberNoModeledBody" => ("GetBackendJob", job, NO_ROWS),
        _ => return Err("it is mapped onto nothing".into()),
    };
    sends(operation, input, rows, case)
}

/// `operation` sends the case's parameters as the case's body, and has its content type.
fn sends(operation: &str, input: Value, rows: &[Row], case: &Value) -> Result<(), String> {
    let body = text(case, "/body")?;
    let theirs: Value = match body {
        "" => Value::Null,
        body => serde_json::from_str(body).map_err(|error| error.to_string())?,
    };
    let no_params = Value::Null;
    let params = case.pointer("/params").unwrap_or(&no_params);
    let mut ours = input.clone();
    let mut expected = input;
    for (param, member, pointer) in rows {
        if let Some(value) = params.pointer(param) {
            set(&mut ours, pointer, value.clone());
        }
        if let Some(value) = theirs.pointer(member) {
            set(&mut expected, pointer, value.clone());
        }
    }
    let request = (Codec::named(operation)?.to_request)(ours, &endpoint())?;
    let content_type = request
        .headers()
        .get("content-type")
        .map(|value| value.as_bytes());
    let forbidden = case.pointer("/forbidHeaders").is_some() || body.is_empty();
    same(
        "content type",
        content_type,
        (!forbidden).then_some(b"application/json"),
    )?;
    if body.is_empty() {
        return same("body", request.body().as_ref(), b"");
    }
    let sent: Value = serde_json::from_slice(request.body()).map_err(|error| error.to_string())?;
    // What travels in the path is no part of the body.
    if let Some(members) = expected.as_object_mut() {
        members.remove("appId");
        if operation != "CreateBackendStorage" {
            members.remove("backendEnvironmentName");
        }
    }
    same("body", sent, expected)
}

/// A label of ours is encoded as the case's string label, the second segment of its path.
fn label(case: &Value, value: &str) -> Result<(), String> {
    let input = json!({"appId": value, "backendEnvironmentName": "e", "resourceName": "r"});
    let request = (Codec::named("GetBackendStorage")?.to_request)(input, &endpoint())?;
    let segment = |path: &str| path.split('/').nth(2).map(str::to_owned);
    same(
        "label",
        segment(request.uri().path()),
        segment(text(case, "/uri")?),
    )
}

/// The path of a custom endpoint stands before the operation's.
fn host_with_path(case: &Value) -> Result<(), String> {
    let endpoint = Endpoint::new(&format!("https://{}", text(case, "/host")?))
        .map_err(|error| error.to_string())?;
    let request = (Codec::named("ListS3Buckets")?.to_request)(json!({}), &endpoint)?;
    let theirs = text(case, "/uri")?.replace("HostWithPathOperation", "s3Buckets");
    same("path", request.uri().path(), &theirs)?;
    same("host", request.uri().host(), Some("example.com"))
}

fn endpoint() -> Endpoint {
    Endpoint::new("https://example.com").expect("a host and nothing else")
}
