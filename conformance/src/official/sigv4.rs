//! AWS's own cases of Signature Version 4, `sigv4/v4`: each stage compared by itself, in the header
//! form and in the query form, and what AWS signed verified.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use http::{HeaderName, HeaderValue, Request};
use serde_json::Value;
use signing::{Credentials, PathEncoding, SessionToken, Signature, Signer, SigningError, Verifier};

use super::{read, same};
use crate::report::Report;

/// 2015-08-30T12:36:00Z, the time of all cases.
const TIME: &str = "2015-08-30T12:36:00Z";
const SECOND: u64 = 1_440_938_160;

/// Runs the suite in the folder `vectors`.
pub fn run(vectors: &Path) -> Report {
    let mut report = Report::new("sigv4");
    let folder = vectors.join("sigv4/v4");
    let cases = fs::read_dir(&folder).and_then(|entries| {
        entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()
    });
    match cases {
        Err(error) => report.record(folder.display().to_string(), Err(error.to_string())),
        Ok(mut cases) => {
            cases.sort();
            for folder in cases {
                let name = folder.file_name().unwrap_or_default().to_string_lossy();
                match Case::read(&folder) {
                    Err(error) => report.record(name, Err(error)),
                    Ok(case) => {
                        case.run("header", &name, &folder, &mut report);
                        case.run("query", &name, &folder, &mut report);
                    }
                }
            }
        }
    }
    report
}

struct Case {
    request: Request<String>,
    signer: Signer,
    credentials: Credentials,
    at: SystemTime,
    expires_in: Duration,
    sign_body: bool,
}

impl Case {
    fn read(folder: &Path) -> Result<Self, String> {
        let context: Value = serde_json::from_str(&read(&folder.join("context.json"))?)
            .map_err(|error| error.to_string())?;
        let text = |pointer: &str| context.pointer(pointer).and_then(Value::as_str);
        let required = |pointer: &str| text(pointer).ok_or(format!("{pointer} is missing"));
        let is = |pointer: &str, default| {
            context
                .pointer(pointer)
                .and_then(Value::as_bool)
                .unwrap_or(default)
        };

        let mut credentials = Credentials::new(
            required("/credentials/access_key_id")?,
            required("/credentials/secret_access_key")?,
        );
        if let Some(token) = text("/credentials/token") {
            credentials = credentials.with_session_token(token);
        }
        same("timestamp", required("/timestamp")?, TIME)?;
        let seconds = context
            .pointer("/expiration_in_seconds")
            .and_then(Value::as_u64);

        let request = read(&folder.join("request.txt"))?;
        // A URI cannot hold a space: it is written encoded here, and then not encoded again.
        let written_encoded = target(&request)?.contains(' ');
        let encode_twice = is("/double_uri_encode", true) && !written_encoded;
        let signer = Signer::new(required("/region")?, required("/service")?)
            .normalize_path(is("/normalize", true))
            .path_encoding(if encode_twice {
                PathEncoding::Twice
            } else {
                PathEncoding::Once
            })
            .session_token(if is("/omit_session_token", false) {
                SessionToken::AddedAfter
            } else {
                SessionToken::Signed
            })
            // The suite signs every header, `content-length` too.
            .unsigned_headers([]);
        Ok(Self {
            request: parse(&request)?,
            signer,
            credentials,
            at: SystemTime::UNIX_EPOCH + Duration::from_secs(SECOND),
            expires_in: Duration::from_secs(seconds.ok_or("no expiration_in_seconds")?),
            sign_body: is("/sign_body", false),
        })
    }

    fn run(&self, form: &str, name: &str, folder: &Path, report: &mut Report) {
        let mut record = |stage: &str, outcome| {
            report.record(format!("{name}/{form}/{stage}"), outcome);
        };
        let expected = |stage: &str| read(&folder.join(format!("{form}-{stage}.txt")));
        let compare =
            |stage: &str, ours: Result<&str, String>| same(stage, ours?, expected(stage)?.as_str());

        let signature = self.signature(form).map_err(|error| error.to_string());
        let stage =
            |part: fn(&Signature) -> &str| signature.as_ref().map(part).map_err(Clone::clone);
        let canonical_request = stage(Signature::canonical_request);
        record(
            "canonical-request",
            compare("canonical-request", canonical_request),
        );
        record(
            "string-to-sign",
            compare("string-to-sign", stage(Signature::string_to_sign)),
        );
        record("signature", compare("signature", stage(Signature::as_str)));

        let theirs = expected("signed-request").and_then(|text| parse(&text));
        record("signed-request", self.compare_signed(form, &theirs));
        record("verify", theirs.and_then(|theirs| self.verify(&theirs)));
    }

    fn signer(&self, form: &str) -> Signer {
        self.signer
            .clone()
            .content_sha256_header(self.sign_body && form == "header")
    }

    fn signature(&self, form: &str) -> Result<Signature, SigningError> {
        let (signer, request) = (self.signer(form), &self.request);
        match form {
            "header" => signer.signature(request, &self.credentials, self.at),
            _ => signer.presigned_signature(request, &self.credentials, self.at, self.expires_in),
        }
    }

    fn compare_signed(
        &self,
        form: &str,
        theirs: &Result<Request<String>, String>,
    ) -> Result<(), String> {
        let theirs = theirs.as_ref()?;
        let (signer, mut ours) = (self.signer(form), self.request.clone());
        match form {
            "header" => signer.sign(&mut ours, &self.credentials, self.at),
            _ => signer.presign(&mut ours, &self.credentials, self.at, self.expires_in),
        }
        .map_err(|error| error.to_string())?;
        same("method", ours.method(), theirs.method())?;
        same("target", ours.uri(), theirs.uri())?;
        same("headers", sorted(&ours), sorted(theirs))?;
        same("body", ours.body(), theirs.body())
    }

    fn verify(&self, theirs: &Request<String>) -> Result<(), String> {
        let credentials =
            |id: &str| (id == self.credentials.access_key_id()).then(|| self.credentials.clone());
        let verified = Verifier::new(self.signer.clone()).verify(theirs, credentials, self.at);
        verified.map(drop).map_err(|error| error.to_string())
    }
}

fn sorted(request: &Request<String>) -> Vec<(&str, &[u8])> {
    let headers = request.headers().iter();
    let mut headers: Vec<_> = headers
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    // Stable: values of one name keep their order.
    headers.sort_by_key(|(name, _)| *name);
    headers
}

/// What stands between the method and the version; it may hold spaces.
fn target(text: &str) -> Result<&str, String> {
    let line = text.lines().next().unwrap_or_default();
    let target = line
        .split_once(' ')
        .and_then(|(_, rest)| rest.strip_suffix(" HTTP/1.1"));
    target.ok_or(format!("not a request line: {line}"))
}

/// Reads a request as the suite writes it down.
fn parse(text: &str) -> Result<Request<String>, String> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    // A value that goes on in the next line is one value: HTTP has no line breaks in a value.
    let head = head.replace("\n ", "  ");
    let target = target(&head)?.replace(' ', "%20");
    let method = head.split(' ').next().unwrap_or_default();
    let mut request = Request::builder()
        .method(method)
        .uri(target.as_bytes())
        .body(body.to_owned())
        .map_err(|error| error.to_string())?;
    for line in head.lines().skip(1).filter(|line| !line.is_empty()) {
        let (name, value) = line
            .split_once(':')
            .ok_or(format!("not a header: {line}"))?;
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
        let value = HeaderValue::from_str(value).map_err(|error| error.to_string())?;
        request.headers_mut().append(name, value);
    }
    Ok(request)
}
