//! A proxy that writes what passes through it as cases.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use amplify_backend::CachedCredentials;
use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, DATE, HOST, SET_COOKIE,
    TRANSFER_ENCODING, USER_AGENT,
};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri};
use operations::Endpoint;
use operations::server::Route;
use serde_json::{Value, json};
use signing::Signer;
use tokio::net::TcpListener;
use transport::{HyperTransport, Transport as _};

use crate::codec::Codec;
use crate::codecs::SERVICE;
use crate::compare;
use crate::listening;
use crate::told;

/// What stands where a secret was.
const REPLACED: &str = "replaced";

/// A proxy between clients and one server.
///
/// What a client signed is for this proxy; it is signed anew for the server. In the cases that are
/// written, signatures, key ids, session tokens and cookies are replaced. What is in the bodies is
/// written as it is.
#[derive(Debug)]
pub struct Recorder {
    upstream: Endpoint,
    credentials: CachedCredentials,
    folder: PathBuf,
    transport: HyperTransport,
}

/// What became of one exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recorded {
    /// It was written as this case.
    Case(String),
    /// It passed through, and was not written, for this reason.
    NotWritten(String),
}

impl Recorder {
    /// A proxy to `upstream`, where requests are signed with `credentials`. Cases go into `folder`,
    /// beside those that are there already.
    pub fn new(
        upstream: Endpoint,
        credentials: CachedCredentials,
        folder: impl Into<PathBuf>,
    ) -> Self {
        Self {
            upstream,
            credentials,
            folder: folder.into(),
            transport: HyperTransport::new(),
        }
    }

    /// Passes on what comes to `listener`, and tells `told` of each exchange. It does not end by
    /// itself.
    pub async fn serve(
        self,
        listener: TcpListener,
        told: impl Fn(Recorded) + Send + Sync + 'static,
    ) {
        let (recorder, told) = (Arc::new(self), Arc::new(told));
        listening::serve(listener, move |request| {
            let (recorder, told) = (recorder.clone(), told.clone());
            async move { recorder.exchange(request, &*told).await }
        })
        .await;
    }

    async fn exchange(&self, request: Request<Bytes>, told: &impl Fn(Recorded)) -> Response<Bytes> {
        let response = match self.pass_on(&request).await {
            Ok(response) => response,
            Err(why) => {
                let mut refusal = Response::new(Bytes::from(json!({ "message": why }).to_string()));
                *refusal.status_mut() = StatusCode::BAD_GATEWAY;
                told(Recorded::NotWritten(why));
                return refusal;
            }
        };
        told(match self.write(&request, &response) {
            Ok(case) => Recorded::Case(case),
            Err(why) => Recorded::NotWritten(why),
        });
        response
    }

    async fn pass_on(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, String> {
        let target = request.uri().path_and_query().map_or("/", |it| it.as_str());
        let uri = format!("{}{target}", self.upstream);
        let mut onward = Request::new(request.body().clone());
        *onward.method_mut() = request.method().clone();
        *onward.uri_mut() = uri
            .parse::<Uri>()
            .map_err(|error| format!("{uri}: {error}"))?;
        for (name, value) in request.headers() {
            let stays = [
                ACCEPT_ENCODING,
                CONNECTION,
                CONTENT_LENGTH,
                HOST,
                TRANSFER_ENCODING,
            ];
            if !stays.contains(name) {
                onward.headers_mut().append(name, value.clone());
            }
        }
        if let Some(scope) = Scope::of(request.headers()) {
            let credentials = self.credentials.at(SystemTime::now()).await;
            let credentials = credentials.map_err(|error| format!("no credentials: {error}"))?;
            Signer::new(scope.region, SERVICE)
                .sign(&mut onward, &credentials, SystemTime::now())
                .map_err(|error| error.to_string())?;
        }
        let response = self.transport.send(onward).await;
        let mut response =
            response.map_err(|error| format!("{}: {}", self.upstream, told::with_cause(&error)))?;
        for name in [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
            response.headers_mut().remove(name);
        }
        Ok(response)
    }

    /// Writes an exchange as a case, and gives its name.
    fn write(
        &self,
        request: &Request<Bytes>,
        response: &Response<Bytes>,
    ) -> Result<String, String> {
        let (method, path) = (request.method(), request.uri().path());
        let route = Route::of(method, path)
            .ok_or_else(|| format!("{method} {path} is no operation of this API"))?;
        let codec = Codec::named(route.name())?;
        let input = (codec.from_request)(request).ok();
        let outcome = (codec.parse_response)(response.clone());
        if input.is_none() && outcome.is_ok() {
            return Err(format!(
                "{method} {path}: the request cannot be read, and was answered"
            ));
        }
        let agent = request.headers().get(USER_AGENT);
        let agent = agent.and_then(|value| value.to_str().ok());
        let mut files = vec![
            (
                "case.toml",
                manifest(route, response, agent, &self.upstream).into_bytes(),
            ),
            ("request.http", self.request_file(request)),
            ("response.http", response_file(response)),
        ];
        if let Some(input) = input {
            files.push(("input.json", pretty(&input)));
        }
        files.push(match &outcome {
            Ok(output) => ("output.json", pretty(output)),
            Err(_) => ("error.json", pretty(&error_file(&outcome))),
        });
        write_case(&self.folder, route.name(), &files)
            .map_err(|error| format!("{}: {error}", self.folder.display()))
    }

    fn request_file(&self, request: &Request<Bytes>) -> Vec<u8> {
        let target = request.uri().path_and_query().map_or("/", |it| it.as_str());
        let mut headers = HeaderMap::new();
        let host = self.upstream.to_string();
        let host = host
            .split("://")
            .nth(1)
            .and_then(|rest| rest.split('/').next());
        if let Some(host) = host.and_then(|host| HeaderValue::from_str(host).ok()) {
            headers.insert(HOST, host);
        }
        // The others belong to the client and its run, and say nothing about the operation.
        for name in [
            "content-type",
            "x-amz-date",
            "x-amz-security-token",
            "authorization",
        ] {
            for value in request.headers().get_all(name) {
                let value = without_secrets(name, value);
                headers.append(HeaderName::from_static(name), value);
            }
        }
        file(
            &format!("{} {target} HTTP/1.1", request.method()),
            &headers,
            request.body(),
        )
    }
}

/// What a client states that it signed for.
struct Scope<'a> {
    region: &'a str,
    /// From the region's slash on.
    rest: &'a str,
}

impl<'a> Scope<'a> {
    fn of(headers: &'a HeaderMap) -> Option<Self> {
        let authorization = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (_, scope) = authorization.split_once("Credential=")?;
        // A key id has no slash; the date is what comes behind it.
        let (_, dated) = scope.split_once('/')?;
        let region = dated.split('/').nth(1)?;
        Some(Self {
            region,
            rest: dated,
        })
    }
}

/// A header's value as it may be written.
fn without_secrets(name: &str, value: &HeaderValue) -> HeaderValue {
    let replaced = HeaderValue::from_static(REPLACED);
    match name {
        "x-amz-security-token" | "cookie" | "set-cookie" => replaced,
        "authorization" => {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.clone());
            let shown = Scope::of(&headers).and_then(|scope| {
                let (stated, _) = scope.rest.split_once("Signature=")?;
                let text =
                    format!("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{stated}Signature={REPLACED}");
                HeaderValue::from_str(&text).ok()
            });
            shown.unwrap_or(replaced)
        }
        _ => value.clone(),
    }
}

fn response_file(response: &Response<Bytes>) -> Vec<u8> {
    let mut headers = HeaderMap::new();
    for (name, value) in response.headers() {
        if ![DATE, COOKIE].contains(name) {
            let value = match *name == SET_COOKIE {
                true => without_secrets(name.as_str(), value),
                false => value.clone(),
            };
            headers.append(name, value);
        }
    }
    let status = response.status();
    let reason = status.canonical_reason().unwrap_or_default();
    let first = format!("HTTP/1.1 {} {reason}", status.as_u16());
    file(first.trim_end(), &headers, response.body())
}

/// The form of request.http and response.http.
fn file(first: &str, headers: &HeaderMap, body: &Bytes) -> Vec<u8> {
    let mut file = first.as_bytes().to_vec();
    for (name, value) in headers {
        file.extend_from_slice(b"\n");
        file.extend_from_slice(name.as_str().as_bytes());
        file.extend_from_slice(b": ");
        file.extend_from_slice(value.as_bytes());
    }
    file.extend_from_slice(b"\n\n");
    file.extend_from_slice(body);
    file.extend_from_slice(b"\n");
    file
}

fn manifest(
    route: Route,
    response: &Response<Bytes>,
    agent: Option<&str>,
    upstream: &Endpoint,
) -> String {
    let status = response.status().as_u16();
    let title = format!("{}, answered with {status}", route.name());
    // What comes behind it is about the machine.
    let agent = agent.and_then(|agent| agent.split(' ').next());
    let agent = agent.unwrap_or("a client that does not name itself");
    let source = format!("sent by {agent}; answered by {}", upstream.host());
    // What JSON escapes in a text, TOML escapes in the same way.
    format!(
        "title = {}\norigin = \"recorded\"\nsource = {}\n",
        json!(title),
        json!(source)
    )
}

fn error_file(outcome: &Result<Value, operations::ResponseError>) -> Value {
    let mut error = compare::without_null(&told::response(outcome));
    if let (
        Err(operations::ResponseError::Decode(_) | operations::ResponseError::Redirect(_)),
        Some(members),
    ) = (outcome, error.as_object_mut())
    {
        // These words are ours.
        members.remove("message");
    }
    error
}

fn pretty(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}

/// Writes the files of a case into a folder of its own. Another recorder may do the same.
fn write_case(folder: &Path, operation: &str, files: &[(&str, Vec<u8>)]) -> io::Result<String> {
    let operations = folder.join(operation);
    fs::create_dir_all(&operations)?;
    for number in 1_u32.. {
        let name = format!("recorded-{number}");
        let case = operations.join(&name);
        match fs::create_dir(&case) {
            Ok(()) => {
                for (file, bytes) in files {
                    fs::write(case.join(file), bytes)?;
                }
                return Ok(format!("{operation}/{name}"));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("there are too many cases"))
}
