//! A case: what one client asked, how it travelled, what came back and what that means.
//!
//! The form is described in `conformance/fixtures/README.md`.

mod error;
mod http_file;
mod manifest;
mod suite;

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use http::{Request, Response};
use operations::server::Route;
use serde_json::{Map, Value};

pub use self::error::{ErrorKind, ExpectedError};
pub use self::manifest::{Origin, ServerPart, Signature, SignedAs};
pub use self::suite::Suite;

/// A case in form. That it holds is another matter.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Case {
    /// `<operation>/<case>`.
    pub name: String,
    /// The operation that the folder names.
    pub operation: Route,
    /// What the case shows.
    pub title: String,
    /// How its author knows.
    pub origin: Origin,
    /// Where from.
    pub source: String,
    /// Who signed the request, and when, where it is signed.
    pub signed_as: Option<SignedAs>,
    /// What a server is held to, where one is judged by this case.
    pub server: Option<ServerPart>,
    /// What happened.
    pub exchange: Exchange,
}

/// What happened in a case.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Exchange {
    /// A client asked, and something answered.
    #[non_exhaustive]
    Whole {
        /// What the client was asked for.
        input: Value,
        /// The request that it sends. Its URI is the target alone.
        request: Request<Bytes>,
        /// What came back.
        response: Response<Bytes>,
        /// What the client makes of it.
        outcome: Outcome,
    },
    /// A client refuses the input, and sends nothing.
    #[non_exhaustive]
    Unsent {
        /// What the client was asked for.
        input: Value,
        /// The error that it gives.
        error: ExpectedError,
    },
    /// A request that no client makes, and a server refuses.
    #[non_exhaustive]
    Stray {
        /// The request.
        request: Request<Bytes>,
        /// What a server answers.
        response: Response<Bytes>,
        /// What that says.
        error: ExpectedError,
    },
}

/// What a client makes of a response.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The output, with the names of the wire.
    Output(Value),
    /// The error.
    Error(ExpectedError),
}

/// The files of a case as they are, before anybody has looked into them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CaseFiles {
    /// `<operation>/<case>`.
    pub name: String,
    /// The folder, as it is to be shown.
    pub folder: String,
    /// Each file by its name in the folder.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// A case that is wrong in form.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Malformed {
    /// `<operation>/<case>`.
    pub name: String,
    /// The file, or the folder.
    pub path: String,
    /// The line in the file, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", escaped(&self.path), self.line, self.message)
    }
}

impl std::error::Error for Malformed {}

/// The line of a file that is wrong, and how.
type Flaw = (usize, String);

const MANIFEST: &str = "case.toml";
const INPUT: &str = "input.json";
const REQUEST: &str = "request.http";
const RESPONSE: &str = "response.http";
const OUTPUT: &str = "output.json";
const ERROR: &str = "error.json";

impl CaseFiles {
    /// The files of the case `name`, none yet.
    pub fn new(name: impl Into<String>, folder: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            folder: folder.into(),
            files: BTreeMap::new(),
        }
    }

    fn wrong(&self, file: &str, (line, message): Flaw) -> Malformed {
        Malformed {
            name: self.name.clone(),
            path: match file {
                "" => self.folder.clone(),
                file => format!("{}/{file}", self.folder),
            },
            line,
            // It may quote the file, and a terminal may be reading.
            message: escaped(&message),
        }
    }

    /// Reads one file, where it is there.
    fn read<T>(
        &self,
        file: &str,
        read: impl FnOnce(&[u8]) -> Result<T, Flaw>,
    ) -> Result<Option<T>, Malformed> {
        let bytes = self.files.get(file);
        let read = bytes.map(|bytes| read(bytes)).transpose();
        read.map_err(|flaw| self.wrong(file, flaw))
    }
}

impl Case {
    /// Whether a client can be judged by it.
    pub fn judges_clients(&self) -> bool {
        !matches!(self.exchange, Exchange::Stray { .. })
    }

    /// Reads the files of a case.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong in form, with its file and line.
    pub fn read(files: &CaseFiles) -> Result<Self, Malformed> {
        let known = [MANIFEST, INPUT, REQUEST, RESPONSE, OUTPUT, ERROR];
        let stranger = files.files.keys().find(|file| !known.contains(&&***file));
        if let Some(file) = stranger {
            let message = format!("a case has no such file; it has {}", known.join(", "));
            return Err(files.wrong(file, (1, message)));
        }
        let operation = operation(&files.name).map_err(|flaw| files.wrong("", flaw))?;
        let Some(manifest) = files.read(MANIFEST, manifest::read)? else {
            return Err(files.wrong(MANIFEST, (1, "the file is missing".to_owned())));
        };
        let input = files.read(INPUT, object)?;
        let request = files.read(REQUEST, http_file::request)?;
        let response = files.read(RESPONSE, http_file::response)?;
        let output = files.read(OUTPUT, object)?;
        let error = files.read(ERROR, error::read)?;

        let missing =
            |file: &str, why: &str| files.wrong(file, (1, format!("the file is missing: {why}")));
        let exchange = match (input, request, response, output, error) {
            (_, _, _, Some(_), Some(_)) => {
                let message = format!("{OUTPUT} and {ERROR} exclude each other");
                return Err(files.wrong(ERROR, (1, message)));
            }
            (_, _, _, None, None) => {
                let why = "a case says what comes of it, here or in error.json";
                return Err(missing(OUTPUT, why));
            }
            (Some(input), Some(request), Some(response), output, error) => Exchange::Whole {
                input,
                request,
                response,
                outcome: match (output, error) {
                    (Some(output), _) => Outcome::Output(output),
                    (None, error) => Outcome::Error(error.unwrap_or_default()),
                },
            },
            (Some(input), None, None, None, Some(error)) => Exchange::Unsent { input, error },
            (None, Some(request), Some(response), None, Some(error)) => Exchange::Stray {
                request,
                response,
                error,
            },
            (None, _, _, Some(_), _) => {
                return Err(missing(INPUT, "an output is an answer to an input"));
            }
            (_, None, _, _, _) => return Err(missing(REQUEST, "something was answered")),
            (_, _, None, _, _) => return Err(missing(RESPONSE, "something was sent")),
        };
        Ok(Self {
            name: files.name.clone(),
            operation,
            title: manifest.title,
            origin: manifest.origin,
            source: manifest.source,
            signed_as: manifest.signed_as,
            server: manifest.server,
            exchange,
        })
    }
}

/// The text in one line, without what moves a cursor or colours a terminal.
pub(crate) fn escaped(text: &str) -> String {
    let letters = text.chars().map(|letter| match letter.is_control() {
        true => letter.escape_default().to_string(),
        false => letter.to_string(),
    });
    letters.collect()
}

/// The operation that the folder around a case is called after.
fn operation(name: &str) -> Result<Route, Flaw> {
    let folder = name.split('/').next().unwrap_or_default();
    Route::named(folder).ok_or_else(|| {
        let names: Vec<_> = Route::ALL.iter().map(|route| route.name()).collect();
        let message = format!("{folder} is no operation; there are {}", names.join(", "));
        (1, message)
    })
}

/// A file that holds one JSON object.
fn object(bytes: &[u8]) -> Result<Value, Flaw> {
    let object: Map<String, Value> = json(bytes)?;
    Ok(Value::Object(object))
}

fn json<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Flaw> {
    serde_json::from_slice(bytes).map_err(|error| (error.line().max(1), error.to_string()))
}
