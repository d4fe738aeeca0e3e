//! case.toml: what a case shows, and where it is from.

use std::fmt;
use std::time::SystemTime;

use serde::Deserialize;
use serde_json::Value;
use signing::Credentials;
use toml::Spanned;

use super::Flaw;

/// How the author of a case knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Origin {
    /// A real program sent or answered it.
    Recorded,
    /// It is written down publicly.
    Documented,
    /// It follows from what is written down.
    Derived,
}

/// Who signed a request, when, for which region.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SignedAs {
    /// The region in the scope.
    pub region: String,
    /// The time in the scope.
    pub at: SystemTime,
    /// The key.
    pub credentials: Credentials,
}

/// What a server is held to.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ServerPart {
    /// The cases whose requests are sent before, and the line that names each.
    pub after: Vec<(String, usize)>,
    /// JSON pointers to what the server chooses.
    pub varies: Vec<String>,
    /// How the request is signed.
    pub signature: Signature,
}

/// How a request to a server is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Signature {
    /// As it should be.
    #[default]
    Valid,
    /// Not at all.
    None,
    /// With another secret.
    WrongSecret,
    /// With a key that the server does not know.
    UnknownKey,
    /// An hour ago.
    Old,
    /// For another body.
    ChangedBody,
}

pub(super) struct Manifest {
    pub(super) title: String,
    pub(super) origin: Origin,
    pub(super) source: String,
    pub(super) signed_as: Option<SignedAs>,
    pub(super) server: Option<ServerPart>,
}

/// The form of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    title: Spanned<String>,
    origin: Origin,
    source: Spanned<String>,
    region: Option<Spanned<String>>,
    time: Option<Spanned<String>>,
    credentials: Option<Spanned<KeyForm>>,
    server: Option<ServerForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyForm {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServerForm {
    #[serde(default)]
    after: Vec<Spanned<String>>,
    #[serde(default)]
    varies: Vec<Spanned<String>>,
    #[serde(default)]
    signature: Signature,
}

pub(super) fn read(bytes: &[u8]) -> Result<Manifest, Flaw> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        (line(valid), "the file is not UTF-8".to_owned())
    })?;
    let at = |start: usize| line(bytes.get(..start).unwrap_or_default());
    let form: Form = toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        (at(start), error.message().to_owned())
    })?;
    for (key, value) in [("title", &form.title), ("source", &form.source)] {
        if value.get_ref().trim().is_empty() {
            return Err((at(value.span().start), format!("{key} is empty")));
        }
    }
    let signed_as = match (form.time, form.credentials) {
        (Some(time), Some(key)) => {
            let time_line = at(time.span().start);
            let time = humantime::parse_rfc3339(time.get_ref())
                .map_err(|error| (time_line, format!("time: {error}")))?;
            let KeyForm {
                access_key_id,
                secret_access_key,
                session_token,
            } = key.into_inner();
            let credentials = Credentials::new(access_key_id, secret_access_key);
            Some(SignedAs {
                region: form.region.map_or_else(usual_region, Spanned::into_inner),
                at: time,
                credentials: match session_token {
                    Some(token) => credentials.with_session_token(token),
                    None => credentials,
                },
            })
        }
        (None, None) => match form.region {
            Some(region) => {
                let message = "region is that of a signature: give time and credentials, too";
                return Err((at(region.span().start), message.to_owned()));
            }
            None => None,
        },
        (Some(time), None) => {
            let message = "a signed request has credentials, too".to_owned();
            return Err((at(time.span().start), message));
        }
        (None, Some(key)) => {
            let message = "a signed request has a time, too".to_owned();
            return Err((at(key.span().start), message));
        }
    };
    let server = match form.server {
        None => None,
        Some(server) => {
            for pointer in &server.varies {
                if !pointer.get_ref().starts_with('/') {
                    let message = format!("{} is no JSON pointer: /jobId", pointer.get_ref());
                    return Err((at(pointer.span().start), message));
                }
            }
            let after = server.after.into_iter().map(|case| {
                let line = at(case.span().start);
                (case.into_inner(), line)
            });
            Some(ServerPart {
                after: after.collect(),
                varies: server.varies.into_iter().map(Spanned::into_inner).collect(),
                signature: server.signature,
            })
        }
    };
    Ok(Manifest {
        title: form.title.into_inner(),
        origin: form.origin,
        source: form.source.into_inner(),
        signed_as,
        server,
    })
}

fn usual_region() -> String {
    "us-east-1".to_owned()
}

fn line(before: &[u8]) -> usize {
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

impl ServerPart {
    /// Whether the server chooses what is at `pointer`.
    pub fn varies(&self, pointer: &str) -> bool {
        self.varies.iter().any(|varies| varies == pointer)
    }

    /// What the server chose, in `actual`, for each value that it may choose in `expected`.
    pub(crate) fn choices<'a>(
        &'a self,
        expected: &'a Value,
        actual: &'a Value,
    ) -> impl Iterator<Item = (&'a Value, &'a Value)> {
        let pointers = self.varies.iter();
        pointers.filter_map(|it| Some((expected.pointer(it)?, actual.pointer(it)?)))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Recorded => "recorded",
            Self::Documented => "documented",
            Self::Derived => "derived",
        })
    }
}
