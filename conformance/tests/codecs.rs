//! The cases of this repository hold for our codecs, and would not for others.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use amplify_backend_conformance::case::{Case, ErrorKind, Exchange, Outcome, Suite};
use amplify_backend_conformance::codecs;
use amplify_backend_conformance::report::{Filter, Report, Verdict};
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

fn judge(cases: Vec<Case>) -> Report {
    let mut suite = Suite::default();
    suite.cases = cases;
    codecs::judge(&suite, &Filter::default())
}

#[test]
fn our_codecs_hold_in_every_case() {
    let suite = Suite::built_in();
    assert!(suite.malformed.is_empty(), "{:?}", suite.malformed);
    let report = codecs::judge(&suite, &Filter::default());
    assert!(report.all_hold(), "{report}");
    assert!(report.held().count() >= 590, "{report}");
}

/// Everything in a case that a codec has a part in, each changed in a copy of the case.
fn with_one_thing_changed(case: &Case) -> Vec<(String, Case)> {
    let mut changed = Vec::new();
    let mut change = |what: String, change: &dyn Fn(&mut Exchange)| {
        let mut case = case.clone();
        change(&mut case.exchange);
        changed.push((what, case));
    };
    let Exchange::Whole {
        input,
        request,
        outcome,
        ..
    } = &case.exchange
    else {
        return changed;
    };
    for pointer in leaves(input) {
        change(format!("input {pointer}"), &|exchange| {
            if let Exchange::Whole { input, .. } = exchange {
                spoil(input, &pointer);
            }
        });
    }
    change("method".to_owned(), &|exchange| {
        if let Exchange::Whole { request, .. } = exchange {
            *request.method_mut() = Method::PUT;
        }
    });
    change("target".to_owned(), &|exchange| {
        if let Exchange::Whole { request, .. } = exchange {
            let target = format!("{}x", request.uri());
            *request.uri_mut() = target.parse().unwrap();
        }
    });
    for name in request.headers().keys().filter(|name| *name != "host") {
        if case.signed_as.is_none() && name != "content-type" {
            continue;
        }
        change(format!("header {name}"), &|exchange| {
            if let Exchange::Whole { request, .. } = exchange {
                let value = HeaderValue::from_static("text/plain");
                request.headers_mut().insert(name, value);
            }
        });
    }
    if let Ok(body) = serde_json::from_slice::<Value>(request.body()) {
        for pointer in leaves(&body) {
            let mut body = body.clone();
            spoil(&mut body, &pointer);
            change(format!("request body {pointer}"), &|exchange| {
                if let Exchange::Whole { request, .. } = exchange {
                    *request.body_mut() = body.to_string().into();
                }
            });
        }
    }
    match outcome {
        Outcome::Output(output) => {
            for pointer in leaves(output) {
                change(format!("output {pointer}"), &|exchange| {
                    if let Exchange::Whole {
                        outcome: Outcome::Output(output),
                        ..
                    } = exchange
                    {
                        spoil(output, &pointer);
                    }
                });
            }
            change("status".to_owned(), &|exchange| {
                if let Exchange::Whole { response, .. } = exchange {
                    *response.status_mut() = StatusCode::BAD_REQUEST;
                }
            });
            change("a member more".to_owned(), &|exchange| {
                if let Exchange::Whole {
                    outcome: Outcome::Output(Value::Object(output)),
                    ..
                } = exchange
                {
                    output.insert("more".to_owned(), json!(1));
                }
            });
        }
        // What is cut off never comes as far as a codec.
        Outcome::Error(error) if error.kind() == Some(ErrorKind::Transport) => {}
        _ => {
            change("an output".to_owned(), &|exchange| {
                if let Exchange::Whole { outcome, .. } = exchange {
                    *outcome = Outcome::Output(json!({}));
                }
            });
            change("the response".to_owned(), &|exchange| {
                if let Exchange::Whole { response, .. } = exchange {
                    // A response to none of our errors: whole, and a success.
                    *response.status_mut() = StatusCode::OK;
                    *response.body_mut() = "{}".into();
                    response.headers_mut().remove("content-length");
                }
            });
        }
    }
    changed
}

/// Where the values are that are neither lists nor objects.
fn leaves(value: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    walk(value, &format!("{at}/{name}"), found);
                }
            }
            Value::Array(elements) => {
                for (number, value) in elements.iter().enumerate() {
                    walk(value, &format!("{at}/{number}"), found);
                }
            }
            Value::Null => {}
            _ => found.push(at.to_owned()),
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found
}

/// Another value of the same type.
fn spoil(value: &mut Value, pointer: &str) {
    let leaf = value.pointer_mut(pointer).unwrap();
    *leaf = match &*leaf {
        Value::String(text) => json!(format!("{text}x")),
        Value::Number(number) => json!(number.as_i64().unwrap() + 1),
        other => json!(!other.as_bool().unwrap()),
    };
}

#[test]
fn whatever_is_changed_in_a_case_is_seen() {
    let suite = Suite::built_in();
    let changed: Vec<_> = suite
        .cases
        .iter()
        .flat_map(with_one_thing_changed)
        .collect();
    assert!(changed.len() > 3000, "{}", changed.len());
    let (what, cases): (Vec<_>, Vec<_>) = changed.into_iter().unzip();
    let report = judge(cases);
    let held = report.results.iter().zip(what);
    let unseen: Vec<_> = held
        .filter(|(result, _)| !matches!(result.verdict, Verdict::Failed { .. }))
        .map(|(result, what)| format!("{}: {what}", result.name))
        .collect();
    assert!(unseen.is_empty(), "{unseen:#?}");
}
