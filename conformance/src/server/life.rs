//! A case as it is played: what comes before it, and then itself, on one app of the server.

use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use bytes::{BufMut as _, Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{Request, Response, Uri};
use operations::request_id;
use operations::server::Route;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use signing::{Credentials, Signer};
use tokio::time::sleep;
use transport::Transport as _;

use super::{Connection, Server};
use crate::case::{Case, Exchange, ExpectedError, Outcome, ServerPart, Signature, Suite};
use crate::codec::Codec;
use crate::codecs::SERVICE;
use crate::compare;
use crate::told;

/// One app on the server, from its first request on.
pub(super) struct Life<'a> {
    server: &'a Server,
    connection: &'a Connection,
    /// What makes a name one that nobody had before.
    fresh: String,
    /// Texts of the cases, and what stands for them here.
    stands_for: Vec<(String, String)>,
}

impl<'a> Life<'a> {
    pub(super) fn new(server: &'a Server, connection: &'a Connection) -> Self {
        Self {
            server,
            connection,
            fresh: std::iter::repeat_with(|| {
                if fastrand::bool() {
                    fastrand::char('0'..='9')
                } else {
                    fastrand::lowercase()
                }
            })
            .take(12)
            .collect(),
            stands_for: Vec::new(),
        }
    }

    pub(super) async fn play(&mut self, case: &Case, suite: &Suite) -> Result<(), String> {
        let server = case.server.as_ref().ok_or("no server is judged by it")?;
        for (name, _) in &server.after {
            let before = suite
                .case(name)
                .ok_or_else(|| format!("{name} is not in form"))?;
            let played = self.exchange(before).await;
            played.map_err(|why| format!("before it, in {name}: {why}"))?;
        }
        self.exchange(case).await
    }

    /// Sends the request of a case, and looks at what comes.
    async fn exchange(&mut self, case: &Case) -> Result<(), String> {
        let usual = ServerPart::default();
        let server = case.server.as_ref().unwrap_or(&usual);
        let (request, answer) = match &case.exchange {
            Exchange::Whole {
                input,
                request,
                response,
                outcome,
            } => {
                self.settle_in(input);
                (request, (response, outcome))
            }
            Exchange::Stray {
                request,
                response,
                error,
            } => (request, (response, &Outcome::Error(error.clone()))),
            Exchange::Unsent { .. } => return Err("no request is sent in it".to_owned()),
        };
        let (usual_response, outcome) = answer;
        let response = self.send(self.prepared(request)?, server.signature).await?;
        if request_id(response.headers()).is_none() {
            return Err("the response has no request id (x-amzn-requestid)".to_owned());
        }
        let codec = Codec::named(case.operation.name())?;
        match outcome {
            Outcome::Output(expected) => {
                let status = (usual_response.status(), response.status());
                let content_type = response.headers().get(CONTENT_TYPE).cloned();
                let said = (codec.parse_response)(response);
                let Ok(output) = &said else {
                    return Err(compare::diff(
                        "response",
                        &format!("{expected:#}\n"),
                        &format!("{:#}\n", told::response(&said)),
                    ));
                };
                if status.0 != status.1 {
                    let lines = (format!("{}\n", status.0), format!("{}\n", status.1));
                    return Err(compare::diff("status", &lines.0, &lines.1));
                }
                if content_type
                    .as_ref()
                    .is_none_or(|it| it != "application/json")
                {
                    let came = content_type.map_or("absent".to_owned(), |it| {
                        it.as_bytes().escape_ascii().to_string()
                    });
                    return Err(compare::diff(
                        "content type",
                        "application/json\n",
                        &format!("{came}\n"),
                    ));
                }
                self.as_expected("output", expected, output, server)?;
                self.wait_for_the_job(case.operation, output).await
            }
            Outcome::Error(expected) => match (codec.parse_response)(response) {
                Ok(output) => Err(compare::diff(
                    "response",
                    &format!("error: {:#}\n", Value::Object(expected.members().clone())),
                    &format!("{output:#}\n"),
                )),
                said => self.error(expected, &said, server),
            },
        }
    }

    fn error(
        &mut self,
        expected: &ExpectedError,
        said: &Result<Value, operations::ResponseError>,
        server: &ServerPart,
    ) -> Result<(), String> {
        let said = told::response(said);
        let looked_at = expected.members().keys();
        let looked_at =
            looked_at.map(|name| (name.clone(), said.get(name).cloned().unwrap_or_default()));
        let looked_at = Value::Object(looked_at.collect());
        let expected = Value::Object(expected.members().clone());
        self.as_expected("error", &expected, &looked_at, server)
    }

    /// Compares, and remembers what the server chose.
    fn as_expected(
        &mut self,
        what: &str,
        expected: &Value,
        actual: &Value,
        server: &ServerPart,
    ) -> Result<(), String> {
        let ours = self.translated(expected);
        let mut theirs = actual.clone();
        for pointer in &server.varies {
            let Some(expected) = ours.pointer(pointer) else {
                continue;
            };
            match theirs.pointer_mut(pointer) {
                Some(chosen) if same_type(expected, chosen) => *chosen = expected.clone(),
                Some(chosen) if !chosen.is_null() => {
                    return Err(format!(
                        "{what}: at {pointer} is {chosen}, where {expected} is of another type"
                    ));
                }
                _ => {
                    return Err(format!(
                        "{what}: there is nothing at {pointer}, where {expected} could be"
                    ));
                }
            }
        }
        compare::json(what, &ours, &theirs)?;
        for (expected, chosen) in server.choices(expected, actual) {
            if let (Some(expected), Some(chosen)) = (expected.as_str(), chosen.as_str()) {
                self.stands_for
                    .insert(0, (expected.to_owned(), chosen.to_owned()));
            }
        }
        Ok(())
    }

    /// Sees to it that the app of this input is one that nobody had before.
    fn settle_in(&mut self, input: &Value) {
        let Some(app) = input.get("appId").and_then(Value::as_str) else {
            return;
        };
        if self.stands_for.iter().any(|(name, _)| name == app) {
            return;
        }
        let letters = app.strip_prefix('d').unwrap_or_default();
        let usual = !letters.is_empty()
            && letters
                .bytes()
                .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
        let fresh = if usual {
            format!("d{}", self.fresh)
        } else {
            format!("{app}{}", self.fresh)
        };
        self.stands_for.push((app.to_owned(), fresh));
    }

    /// The request, with what stands for the texts in it.
    fn prepared(&self, request: &Request<Bytes>) -> Result<Request<Bytes>, String> {
        let mut target = request.uri().to_string();
        let mut body = request.body().clone();
        for (name, stands_for) in &self.stands_for {
            let segments = target.split('/').map(|segment| match segment {
                it if it == encoded(name) => encoded(stands_for),
                it => it.to_owned(),
            });
            target = segments.collect::<Vec<_>>().join("/");
            if let Ok(text) = std::str::from_utf8(&body) {
                let (name, stands_for) = (json!(name).to_string(), json!(stands_for).to_string());
                body = text.replace(&name, &stands_for).into();
            }
        }
        let uri = format!("{}{target}", self.server.endpoint);
        let mut prepared = Request::new(body);
        *prepared.method_mut() = request.method().clone();
        *prepared.uri_mut() = uri
            .parse::<Uri>()
            .map_err(|error| format!("{uri}: {error}"))?;
        for (name, value) in request.headers() {
            if !compare::is_of_the_run(name) {
                prepared.headers_mut().append(name, value.clone());
            }
        }
        Ok(prepared)
    }

    async fn send(
        &self,
        mut request: Request<Bytes>,
        signature: Signature,
    ) -> Result<Response<Bytes>, String> {
        let ours = &self.server.credentials;
        let with = |id: &str, secret: &str| {
            let credentials = Credentials::new(id, secret);
            match ours.session_token() {
                Some(token) => credentials.with_session_token(token),
                None => credentials,
            }
        };
        let (id, secret) = (ours.access_key_id(), ours.secret_access_key());
        let now = SystemTime::now();
        let (credentials, at) = match signature {
            Signature::WrongSecret => (with(id, "not-the-secret-of-this-key"), now),
            Signature::UnknownKey => (with("AKIDNOBODYHASTHIS", secret), now),
            Signature::Old => (ours.clone(), now - Duration::from_secs(60 * 60)),
            _ => (ours.clone(), now),
        };
        if signature != Signature::None {
            Signer::new(&*self.server.region, SERVICE)
                .sign(&mut request, &credentials, at)
                .map_err(|error| error.to_string())?;
        }
        if signature == Signature::ChangedBody {
            let mut body = BytesMut::from(&request.body()[..]);
            body.put_u8(b' ');
            *request.body_mut() = body.freeze();
        }
        match self.connection.transport.send(request).await {
            Ok(response) => {
                self.connection.answered.store(true, Ordering::Relaxed);
                Ok(response)
            }
            Err(error) => {
                let why = format!("no answer: {}", told::with_cause(&error));
                _ = self.connection.failure.set(why.clone());
                Err(why)
            }
        }
    }

    /// Waits until the job has ended that an answer is about.
    async fn wait_for_the_job(&self, operation: Route, output: &Value) -> Result<(), String> {
        let text = |name: &str| output.get(name).and_then(Value::as_str);
        let (Some(app), Some(environment), Some(job)) =
            (text("appId"), text("backendEnvironmentName"), text("jobId"))
        else {
            return Ok(());
        };
        if operation.read_only() {
            return Ok(());
        }
        let input = json!({ "appId": app, "backendEnvironmentName": environment, "jobId": job });
        let codec = Codec::named(Route::GetBackendJob.name())?;
        let started = tokio::time::Instant::now();
        let mut pause = Duration::from_millis(50);
        loop {
            let request = (codec.to_request)(input.clone(), &self.server.endpoint)?;
            let response = self.send(request, Signature::Valid).await?;
            let job = (codec.parse_response)(response);
            let job = job.map_err(|error| format!("waiting for the job: {error}"))?;
            let status = job.get("status").and_then(Value::as_str);
            if matches!(status, Some("COMPLETED" | "FAILED")) {
                return Ok(());
            }
            if started.elapsed() > self.server.job_limit {
                let limit = self.server.job_limit.as_secs();
                return Err(format!("the job did not end within {limit} s: {job:#}"));
            }
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    fn translated(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => {
                let whole = self.stands_for.iter().find(|(name, _)| name == text);
                if let Some((_, stands_for)) = whole {
                    return json!(stands_for);
                }
                // In a message, an app or a job is part of a sentence.
                let mut text = text.clone();
                for (name, stands_for) in self.stands_for.iter().filter(|(name, _)| name.len() > 8)
                {
                    text = text.replace(name, stands_for);
                }
                text.into()
            }
            Value::Array(list) => list.iter().map(|it| self.translated(it)).collect(),
            Value::Object(members) => {
                let members = members.iter();
                Value::Object(
                    members
                        .map(|(name, it)| (name.clone(), self.translated(it)))
                        .collect(),
                )
            }
            other => other.clone(),
        }
    }
}

fn same_type(one: &Value, other: &Value) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// A label as it stands in a path: RFC 3986's unreserved characters as they are.
fn encoded(label: &str) -> String {
    const LABEL: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    utf8_percent_encode(label, LABEL).to_string()
}
