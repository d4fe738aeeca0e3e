//! What a client makes of responses.

use bytes::Bytes;
use http::Response;
use operations::{ErrorCode, ResponseError};
use serde_json::{Map, Value, json};

use super::{NO_ROWS, Row, set};
use crate::codec::Codec;
use crate::official::{same, text};

pub(super) fn judge(id: &str, case: &Value) -> Result<(), String> {
    let rows: &[Row] = match id {
        "RestJsonEmptyInputAndEmptyOutput"
        | "RestJsonEmptyInputAndEmptyOutputJsonObjectOutput"
        | "RestJsonNoInputAndOutputNoPayload"
        | "RestJsonNoInputAndOutputWithJson"
        | "RestJsonGreetingWithErrorsNoPayload" => NO_ROWS,
        "RestJsonSimpleScalarProperties" => &[
            ("/stringValue", "/stringValue", "/resourceName"),
            (
                "/trueBooleanValue",
                "/trueBooleanValue",
                "/resourceConfig/imported",
            ),
        ],
        "RestJsonDoesntDeserializeNullStructureValues" => {
            &[("/stringValue", "/stringValue", "/resourceName")]
        }
        "RestJsonLists" => {
            let lists: &[Row] = &[
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
            ];
            answers("GetBackendStorage", lists, case)?;
            &[
                (
                    "/structureList/0/a",
                    "/myStructureList/0/value",
                    "/buckets/0/name",
                ),
                (
                    "/structureList/0/b",
                    "/myStructureList/0/other",
                    "/buckets/0/creationDate",
                ),
                (
                    "/structureList/1/a",
                    "/myStructureList/1/value",
                    "/buckets/1/name",
                ),
                (
                    "/structureList/1/b",
                    "/myStructureList/1/other",
                    "/buckets/1/creationDate",
                ),
            ]
        }
        "RestJsonListsEmpty" => &[("/stringList", "/stringList", "/buckets")],
        "RestJsonJsonEnums" => &[
            ("/fooEnum1", "/fooEnum1", "/resourceConfig/serviceName"),
            (
                "/fooEnumList",
                "/fooEnumList",
                "/resourceConfig/permissions/authenticated",
            ),
        ],
        "RestJsonRecursiveShapes" => &[
            ("/nested/foo", "/nested/foo", "/resourceConfig/bucketName"),
            (
                "/nested/nested/bar",
                "/nested/nested/bar",
                "/resourceConfig/serviceName",
            ),
        ],
        "RestJsonDeserializeIgnoreType" => &[
            ("", "/contents/__type", "/resourceConfig/__type"),
            (
                "/contents/structureValue/hi",
                "/contents/structureValue/hi",
                "/resourceConfig/bucketName",
            ),
        ],
        "RestJsonIgnoreQueryParamsInResponse" => &[("/baz", "/baz", "/resourceName")],
        _ => return error(id, case),
    };
    let lists_buckets = rows.iter().any(|(_, _, ours)| ours.starts_with("/buckets"));
    answers(
        if lists_buckets {
            "ListS3Buckets"
        } else {
            "GetBackendStorage"
        },
        rows,
        case,
    )
}

/// `operation` reads the case's body as the case's parameters.
fn answers(operation: &str, rows: &[Row], case: &Value) -> Result<(), String> {
    let theirs: Value = match text(case, "/body")? {
        "" => Value::Null,
        body => serde_json::from_str(body).map_err(|error| error.to_string())?,
    };
    let mut body = theirs.clone();
    let mut expected = Value::Object(Map::new());
    for (param, member, pointer) in rows {
        if let Some(value) = theirs.pointer(member) {
            set(&mut body, pointer, value.clone());
        }
        if !param.is_empty()
            && let Some(value) = case.pointer(&format!("/params{param}"))
        {
            set(&mut expected, pointer, value.clone());
        }
    }
    let mut response = Response::builder().status(200);
    for (name, value) in case
        .pointer("/headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        response = response.header(name, value.as_str().unwrap_or_default());
    }
    // Theirs stays in the body beside ours: members that nobody knows are passed over.
    let body = if theirs.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let response = response
        .body(Bytes::from(body))
        .map_err(|error| error.to_string())?;
    let codec = Codec::named(operation)?;
    let mut output = (codec.parse_response)(response).map_err(|error| error.to_string())?;
    // Filled in where the case says nothing.
    if let Some(config) = output
        .pointer_mut("/resourceConfig")
        .and_then(Value::as_object_mut)
    {
        for (name, filled) in [("imported", json!(false)), ("serviceName", json!(""))] {
            if expected
                .pointer(&format!("/resourceConfig/{name}"))
                .is_none()
            {
                same(name, config.remove(name), Some(filled))?;
            }
        }
    }
    same("output", output, expected)
}

/// An error of theirs is the error of ours that stands for it.
fn error(id: &str, case: &Value) -> Result<(), String> {
    let ours = |text: &str| {
        text.replace("FooError", "NotFoundException")
            .replace("InvalidGreeting", "BadRequestException")
    };
    let status = case
        .pointer("/code")
        .and_then(Value::as_u64)
        .ok_or("no status")?;
    let status = u16::try_from(status).map_err(|error| error.to_string())?;
    let mut response = Response::builder().status(status);
    for (name, value) in case
        .pointer("/headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        response = response.header(name, ours(value.as_str().unwrap_or_default()));
    }
    let body = ours(text(case, "/body").unwrap_or_default());
    let response = response
        .body(Bytes::from(body))
        .map_err(|error| error.to_string())?;

    let error = match (Codec::named("GetBackendStorage")?.parse_response)(response) {
        Err(ResponseError::Service(error)) => error,
        other => return Err(format!("no error of the service: {other:?}")),
    };
    let (code, message) = match id {
        "RestJsonInvalidGreetingError" => (ErrorCode::BadRequest, Some("Hi")),
        "RestJsonComplexErrorWithNoMessage" | "RestJsonEmptyComplexErrorWithNoMessage" => {
            (ErrorCode::from("ComplexError"), None)
        }
        id if id.starts_with("RestJsonFooError") => (ErrorCode::NotFound, None),
        _ => return Err("it is mapped onto nothing".into()),
    };
    same("code", error.code(), Some(&code))?;
    same("message", error.message(), message)?;
    same("status", error.status().as_u16(), status)
}
