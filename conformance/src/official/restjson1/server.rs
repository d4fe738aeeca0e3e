//! What a server takes and refuses, and what it answers.

use bytes::Bytes;
use http::Request;
use operations::DecodeErrorKind;
use serde_json::{Value, json};

use crate::codec::Codec;
use crate::official::{same, text};

pub(super) fn judge(id: &str, case: &Value) -> Result<(), String> {
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
