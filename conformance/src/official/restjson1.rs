//! Smithy's restJson1 cases that touch what this service uses, `restjson1`.
//!
//! The cases are about shapes of Smithy's own, so that each is mapped onto shapes of ours: a row
//! says which member of theirs stands for which of ours, in the parameters and in the body, as JSON
//! pointers. What a row does not map has no counterpart here (floats, maps, timestamps, unions …).
//!
//! | theirs | ours |
//! | --- | --- |
//! | a string label | `appId` of GetBackendStorage |
//! | an operation without body members | GetBackendJob |
//! | a body whose members are all optional | ListS3Buckets, ListBackendJobs |
//! | a string, an integer | `nextToken`, `maxResults` of ListBackendJobs |
//! | a boolean in a response | `resourceConfig.imported` of GetBackendStorage |
//! | a structure in the body | `resourceConfig` |
//! | a list of strings or enums | `permissions.authenticated` |
//! | a list of structures | `buckets` of ListS3Buckets |
//! | an enum | `serviceName` |
//! | `FooError` | `NotFoundException` |
//! | `InvalidGreeting` | `BadRequestException` |
//! | `ComplexError` | an unmodelled error |

use std::path::Path;

use bytes::Bytes;
use http::{Request, Response};
use operations::{DecodeErrorKind, Endpoint, ErrorCode, ResponseError};
use serde_json::{Map, Value, json};

use super::{read_json, same, text};
use crate::codec::Codec;
use crate::report::Report;

/// Runs the suite in the folder `vectors`: every case that applicable.json names.
pub fn run(vectors: &Path) -> Report {
    let mut report = Report::new("restjson1");
    let folder = vectors.join("restjson1");
    match (
        read_json(&folder.join("cases.json")),
        read_json(&folder.join("applicable.json")),
    ) {
        (Ok(cases), Ok(applicable)) => {
            let cases = cases.pointer("/cases").and_then(Value::as_array);
            for group in applicable
                .pointer("/groups")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                run_group(group, cases.map_or(&[][..], Vec::as_slice), &mut report);
            }
        }
        (Err(error), _) | (_, Err(error)) => report.record("restjson1", Err(error)),
    }
    report
}

fn run_group((name, group): (&String, &Value), cases: &[Value], report: &mut Report) {
    let side = text(group, "/side").unwrap_or_default();
    let kinds: &[&str] = match side {
        "client request" => &["httpRequestTests"],
        "client response" => &["httpResponseTests"],
        _ if name.ends_with("responses") => &["httpResponseTests"],
        _ => &["httpRequestTests", "httpMalformedRequestTests"],
    };
    let ids = group
        .pointer("/ids")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    for id in ids.filter_map(Value::as_str) {
        let mut found = cases.iter().filter(|case| {
            text(case, "/id") == Ok(id)
                && text(case, "/kind").is_ok_and(|kind| kinds.contains(&kind))
        });
        let case_name = format!("{side}: {id}");
        match (found.next(), side) {
            (None, _) => report.record(case_name, Err(format!("{name}: there is no such case"))),
            (Some(case), "client request") => report.record(case_name, request(id, case)),
            (Some(case), "client response") => report.record(case_name, response(id, case)),
            (Some(_), _) if id.starts_with("RestJsonMalformedEnum") => {
                report.skip(
                    case_name,
                    "enums are open here; a server that closes them says so itself",
                );
            }
            (Some(_), _) if id.contains("Accept") => {
                report.skip(case_name, "Accept is a server's to look at, not a codec's");
            }
            (Some(case), _) => report.record(case_name, server(id, case)),
        }
    }
}

/// One member of theirs that stands for one of ours: where it is in the parameters, in the body,
/// and in our shape.
type Row = (&'static str, &'static str, &'static str);

const NO_ROWS: &[Row] = &[];

fn request(id: &str, case: &Value) -> Result<(), String> {
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

fn response(id: &str, case: &Value) -> Result<(), String> {
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

fn server(id: &str, case: &Value) -> Result<(), String> {
    use DecodeErrorKind::{ContentType, MissingMember, NotAnObject, NotJson, Shape, Truncated};

    // The operation to ask, which member of ours stands for theirs, and how it may be refused.
    let (operation, member, kinds): (_, _, &[DecodeErrorKind]) = match id {
        "RestJsonMustSupportParametersInContentType" => {
            let request = arrived(
                case,
                "ListBackendJobs",
                text(case, "/body")?,
                "value",
                "maxResults",
            )?;
            let input = (Codec::named("ListBackendJobs")?.from_request)(&request);
            let input = input.map_err(|error| error.to_string())?;
            return same(
                "value",
                input.pointer("/maxResults"),
                case.pointer("/params/value"),
            );
        }
        "RestJsonServersDontSerializeNullStructureValues" => {
            let response =
                (Codec::named("ListS3Buckets")?.to_response)(json!({"nextToken": null}))?;
            return same(
                "body",
                response.body().as_ref(),
                text(case, "/body")?.as_bytes(),
            );
        }
        "RestJsonWithBodyExpectsApplicationJsonContentType"
        | "RestJsonWithBodyExpectsApplicationJsonContentTypeNoHeaders" => {
            ("ListS3Buckets", ("", ""), &[ContentType])
        }
        "RestJsonInvalidJsonBody" => (
            "ListBackendJobs",
            ("int", "maxResults"),
            &[NotJson, Truncated],
        ),
        "RestJsonTechnicallyValidJsonBody" => {
            ("ListBackendJobs", ("int", "maxResults"), &[NotAnObject])
        }
        "RestJsonBodyMalformedListNullItem" => (
            "UpdateBackendStorage",
            ("bodyList", "authenticated"),
            &[Shape],
        ),
        "RestJsonBodyMalformedListUnclosed" => (
            "UpdateBackendStorage",
            ("bodyList", "authenticated"),
            &[NotJson, Truncated],
        ),
        // No input of ours has a boolean. A text where a number belongs, and a literal where a
        // text belongs, are refused in the same way.
        "RestJsonBodyBooleanStringCoercion" => {
            ("ListBackendJobs", ("booleanInBody", "maxResults"), &[Shape])
        }
        "RestJsonBodyBooleanBadLiteral" => (
            "ListBackendJobs",
            ("booleanInBody", "nextToken"),
            &[NotJson, Shape],
        ),
        "RestJsonMalformedRequiredBodyUnset" | "RestJsonMalformedRequiredBodyExplicitNull" => (
            "GetBackendStorage",
            ("string", "resourceName"),
            &[MissingMember],
        ),
        _ => return Err("it is mapped onto nothing".into()),
    };
    let codec = Codec::named(operation)?;
    for body in bodies(case)? {
        // The list of ours stands deeper than theirs.
        let body = match operation {
            "UpdateBackendStorage" => format!(
                r#"{{"resourceName":"r","resourceConfig":{{"serviceName":"S3","permissions":{body}}}}}"#
            ),
            _ => body,
        };
        let request = arrived(case, operation, &body, member.0, member.1)?;
        match (codec.from_request)(&request) {
            Ok(_) => return Err(format!("{body} was taken")),
            Err(error) if kinds.contains(&error.kind()) => {}
            Err(error) => return Err(format!("{body}: {:?}, not one of {kinds:?}", error.kind())),
        }
    }
    Ok(())
}

/// The bodies of a malformed request, its parameter filled in.
fn bodies(case: &Value) -> Result<Vec<String>, String> {
    let body = text(case, "/request/body")?;
    let Some(values) = case
        .pointer("/testParameters/value")
        .and_then(Value::as_array)
    else {
        return Ok(vec![body.to_owned()]);
    };
    let values = values
        .iter()
        .map(|value| value.as_str().unwrap_or_default());
    Ok(values
        .map(|value| {
            body.replace("$value:S", &format!("{value:?}"))
                .replace("$value:L", value)
        })
        .collect())
}

/// The case's request as it would arrive for an operation of ours.
fn arrived(
    case: &Value,
    operation: &str,
    body: &str,
    theirs: &str,
    ours: &str,
) -> Result<Request<Bytes>, String> {
    let path = match operation {
        "ListS3Buckets" => "/s3Buckets",
        "ListBackendJobs" => "/backend/a/job/e",
        "GetBackendStorage" => "/backend/a/storage/e/details",
        "UpdateBackendStorage" => "/backend/a/storage/e",
        other => return Err(format!("{other} is not asked here")),
    };
    let mut request = Request::post(path);
    let headers = case
        .pointer("/headers")
        .or_else(|| case.pointer("/request/headers"));
    for (name, value) in headers.and_then(Value::as_object).into_iter().flatten() {
        request = request.header(name, value.as_str().unwrap_or_default());
    }
    let body = if theirs.is_empty() {
        body.to_owned()
    } else {
        body.replace(theirs, ours)
    };
    request
        .body(Bytes::from(body))
        .map_err(|error| error.to_string())
}

fn endpoint() -> Endpoint {
    Endpoint::new("https://example.com").expect("a host and nothing else")
}

/// Puts `value` where `pointer` says, making the objects and lists on the way.
fn set(tree: &mut Value, pointer: &str, value: Value) {
    let mut place = tree;
    for step in pointer.split('/').skip(1) {
        place = match step.parse::<usize>() {
            Ok(index) => {
                if !place.is_array() {
                    *place = Value::Array(Vec::new());
                }
                let list = place.as_array_mut().expect("it was made one");
                while list.len() <= index {
                    list.push(Value::Null);
                }
                list.get_mut(index).expect("it was filled up to here")
            }
            Err(_) => {
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                let members = place.as_object_mut().expect("it was made one");
                members.entry(step).or_insert(Value::Null)
            }
        };
    }
    *place = value;
}
