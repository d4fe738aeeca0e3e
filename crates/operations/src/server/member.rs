use serde_json::{Map, Value};

use crate::DecodeErrorKind;

/// A member of a request's body, and what a server insists on.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    path: &'static str,
    kind: Kind,
    required: bool,
}

/// The type of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A string.
    Text,
    /// A list of strings, without null.
    Texts,
    /// A 32-bit integer.
    Integer,
    /// A structure.
    Object,
}

impl Member {
    /// A member that must be there and not be null. `path` names it from the body's root:
    /// `resourceConfig.serviceName`. It is looked at only where the structure around it is there.
    pub const fn required(path: &'static str, kind: Kind) -> Self {
        Self {
            path,
            kind,
            required: true,
        }
    }

    /// A member that may be left out or null.
    pub const fn optional(path: &'static str, kind: Kind) -> Self {
        Self {
            path,
            kind,
            required: false,
        }
    }

    /// Where the member is, from the body's root: `resourceConfig.serviceName`.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// Its type.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether it must be there, where the structure around it is.
    pub const fn is_required(&self) -> bool {
        self.required
    }

    /// What is wrong with the member in `body`, if anything.
    pub(super) fn check(&self, body: &Map<String, Value>) -> Result<(), DecodeErrorKind> {
        let (parents, name) = self.path.rsplit_once('.').unwrap_or(("", self.path));
        let mut object = body;
        for parent in parents.split('.').filter(|parent| !parent.is_empty()) {
            match object.get(parent).and_then(Value::as_object) {
                Some(inner) => object = inner,
                None => return Ok(()),
            }
        }
        let right = match (object.get(name), self.kind) {
            (None | Some(Value::Null), _) if self.required => {
                return Err(DecodeErrorKind::MissingMember);
            }
            (None | Some(Value::Null), _) => true,
            (Some(value), Kind::Text) => value.is_string(),
            (Some(value), Kind::Integer) => value
                .as_i64()
                .is_some_and(|number| i32::try_from(number).is_ok()),
            (Some(value), Kind::Object) => value.is_object(),
            (Some(value), Kind::Texts) => value
                .as_array()
                .is_some_and(|list| list.iter().all(Value::is_string)),
        };
        if right {
            Ok(())
        } else {
            Err(DecodeErrorKind::Shape)
        }
    }
}
