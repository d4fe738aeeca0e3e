//! Two spellings of the same members: the wire's (`appId`) and the AWS CLI's (`AppId`).

use operations::server::{Kind, Route, RouteVisitor, ServerOperation};
use serde_json::{Map, Value};

use crate::failure::Failure;

/// A member of an operation's input.
pub(crate) struct Member {
    /// From the root, in the wire's spelling: `resourceConfig.serviceName`.
    pub(crate) path: String,
    kind: Kind,
    required: bool,
}

/// The members of an operation's input: those of the path, then those of the body.
pub(crate) fn members(route: Route) -> Vec<Member> {
    struct Body;

    impl RouteVisitor for Body {
        type Output = &'static [operations::server::Member];

        fn visit<O: ServerOperation + 'static>(self) -> Self::Output {
            O::BODY.unwrap_or_default()
        }
    }

    let labels = route.path().split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        Some(Member {
            path: name.to_owned(),
            kind: Kind::Text,
            required: true,
        })
    });
    let body = route.visit(Body).iter().map(|member| Member {
        path: member.path().to_owned(),
        kind: member.kind(),
        required: member.is_required(),
    });
    labels.chain(body).collect()
}

/// The operation of that name, in the service's spelling or the AWS CLI's.
pub(crate) fn route(name: &str) -> Result<Route, Failure> {
    let same = |route: &&Route| {
        let plain = name.replace(['-', '_'], "");
        route.name().eq_ignore_ascii_case(&plain)
    };
    Route::ALL.iter().find(same).copied().ok_or_else(|| {
        let names: Vec<_> = Route::ALL.iter().map(|route| route.name()).collect();
        let failure = Failure::usage(format!("there is no operation {name:?}"));
        match nearest(name, names.iter().copied()) {
            Some(near) => failure.hint(format!("did you mean {near}?")),
            None => failure.hint(format!("there are {}", names.join(", "))),
        }
    })
}

/// `value` with the names of its members as they are on the wire.
pub(crate) fn to_wire(value: Value) -> Result<Value, Failure> {
    Ok(match value {
        Value::Object(members) => {
            let mut renamed = Map::new();
            for (name, value) in members {
                let name = with_first(&name, char::to_ascii_lowercase);
                if renamed.insert(name.clone(), to_wire(value)?).is_some() {
                    return Err(Failure::usage(format!(
                        "the input has {name} in two spellings"
                    )));
                }
            }
            Value::Object(renamed)
        }
        other => other,
    })
}

/// `value` with the names of its members as the AWS CLI prints them.
pub(crate) fn to_aws_cli(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let renamed = members.into_iter().map(|(name, value)| {
                let name = with_first(&name, char::to_ascii_uppercase);
                (name, to_aws_cli(value))
            });
            Value::Object(renamed.collect())
        }
        Value::Array(list) => list.into_iter().map(to_aws_cli).collect(),
        other => other,
    }
}

fn with_first(name: &str, change: impl Fn(&char) -> char) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| change(&first));
    first.into_iter().chain(letters).collect()
}

/// Checks `input` against what the operation has: every member is known, none that is required is
/// missing, and each has its type.
pub(crate) fn check(route: Route, input: &Value) -> Result<(), Failure> {
    let members = members(route);
    let Some(object) = input.as_object() else {
        return Err(Failure::usage("the input is not a JSON object"));
    };
    unknown(object, "", &members)?;
    for member in &members {
        let (parent, name) = member.path.rsplit_once('.').unwrap_or(("", &member.path));
        let place = match parent {
            "" => Some(object),
            parent => {
                let found = parent
                    .split('.')
                    .try_fold(input, |value, name| value.get(name));
                found.and_then(Value::as_object)
            }
        };
        // Where the structure around it is missing, that is what is wrong.
        let Some(place) = place else { continue };
        let right = match (place.get(name), member.kind) {
            (None | Some(Value::Null), _) if member.required => {
                return Err(Failure::usage(format!(
                    "{} needs {}",
                    route.name(),
                    member.path
                )));
            }
            (None | Some(Value::Null), _) => true,
            (Some(value), Kind::Text) => value.is_string(),
            (Some(value), Kind::Texts) => value
                .as_array()
                .is_some_and(|list| list.iter().all(Value::is_string)),
            (Some(value), Kind::Integer) => value.is_i64(),
            (Some(value), Kind::Object) => value.is_object(),
            _ => true,
        };
        if !right {
            let kind = match member.kind {
                Kind::Texts => "a list of texts",
                Kind::Integer => "a whole number",
                Kind::Object => "an object",
                _ => "a text",
            };
            return Err(Failure::usage(format!("{} is not {kind}", member.path)));
        }
    }
    Ok(())
}

fn unknown(object: &Map<String, Value>, parent: &str, members: &[Member]) -> Result<(), Failure> {
    for (name, value) in object {
        let path = if parent.is_empty() {
            name.clone()
        } else {
            format!("{parent}.{name}")
        };
        if !members.iter().any(|member| member.path == path) {
            // Only what can stand in its place.
            let beside = members.iter().filter_map(|member| {
                let (found, name) = member.path.rsplit_once('.').unwrap_or(("", &member.path));
                (found == parent).then_some(name)
            });
            let failure = Failure::usage(format!("the operation has no member {path}"));
            return Err(match nearest(name, beside.clone()) {
                Some(near) => failure.hint(format!("did you mean {near}?")),
                None => {
                    let names = beside.collect::<Vec<_>>().join(", ");
                    failure.hint(format!("there it has {names}"))
                }
            });
        }
        if let Some(inner) = value.as_object() {
            unknown(inner, &path, members)?;
        }
    }
    Ok(())
}

/// The name that was probably meant.
pub(crate) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let distances = names.map(|known| (strsim::osa_distance(&lower, &known.to_lowercase()), known));
    let (distance, known) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + name.chars().count() / 4).then_some(known)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_spellings_are_the_same_members() {
        let wire = json!({"appId": "d1", "resourceConfig": {"serviceName": "S3"}, "list": ["A"]});
        let cli = json!({"AppId": "d1", "ResourceConfig": {"ServiceName": "S3"}, "List": ["A"]});
        assert_eq!(to_wire(cli.clone()).unwrap(), wire);
        assert_eq!(to_wire(wire.clone()).unwrap(), wire);
        assert_eq!(to_aws_cli(wire), cli);
        assert!(to_wire(json!({"appId": "a", "AppId": "b"})).is_err());
    }

    #[test]
    fn an_operation_has_the_name_of_the_service_or_of_the_aws_cli() {
        for name in [
            "GetBackendStorage",
            "get-backend-storage",
            "getBackendStorage",
        ] {
            assert_eq!(route(name).unwrap(), Route::GetBackendStorage);
        }
        let failure = route("get-backend-storag").unwrap_err();
        assert_eq!(
            failure.hint.as_deref(),
            Some("did you mean GetBackendStorage?")
        );
    }

    #[test]
    fn what_is_wrong_with_an_input_is_named() {
        let create = |input| {
            check(Route::CreateBackendStorage, &input)
                .unwrap_err()
                .paragraph()
        };
        assert_eq!(create(json!([])), "the input is not a JSON object");
        assert_eq!(
            create(json!({"appID": "d1"})),
            "the operation has no member appID; did you mean appId?"
        );
        assert_eq!(create(json!({"appId": 1})), "appId is not a text");
        assert_eq!(
            create(json!({
                "appId": "d1", "backendEnvironmentName": "e", "resourceName": "r",
                "resourceConfig": {"permissions": {"authenticated": ["READ", 1]}},
            })),
            "resourceConfig.permissions.authenticated is not a list of texts"
        );
        assert_eq!(
            create(json!({"appId": "d1", "backendEnvironmentName": "e", "resourceConfig": {}})),
            "CreateBackendStorage needs resourceConfig.permissions"
        );
        let config = json!({"permissions": {"authenticated": []}, "serviceName": "S3", "x": 1});
        let input = json!({
            "appId": "d1", "backendEnvironmentName": "e", "resourceName": "r",
            "resourceConfig": config,
        });
        assert!(
            create(input).starts_with("the operation has no member resourceConfig.x; there it has")
        );
    }
}
