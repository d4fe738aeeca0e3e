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

mod request;
mod response;
mod server;

use std::path::Path;

use serde_json::{Map, Value};

use super::{read_json, text};
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
            (Some(case), "client request") => report.record(case_name, request::judge(id, case)),
            (Some(case), "client response") => report.record(case_name, response::judge(id, case)),
            (Some(_), _) if id.starts_with("RestJsonMalformedEnum") => {
                report.skip(
                    case_name,
                    "enums are open here; a server that closes them says so itself",
                );
            }
            (Some(_), _) if id.contains("Accept") => {
                report.skip(case_name, "Accept is a server's to look at, not a codec's");
            }
            (Some(case), _) => report.record(case_name, server::judge(id, case)),
        }
    }
}

/// One member of theirs that stands for one of ours: where it is in the parameters, in the body,
/// and in our shape.
type Row = (&'static str, &'static str, &'static str);

const NO_ROWS: &[Row] = &[];

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
