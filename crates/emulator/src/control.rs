//! The control interface: what a test in any language may ask of the emulator, in JSON under
//! `/_emulator/`. It is not part of the service. The README has the table of its requests.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HOST, HeaderValue, ORIGIN};
use http::{Request, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::emulator::Emulator;
use crate::fault::FaultRule;
use crate::server::{Control, ServerOptions};
use crate::service::rfc_3339;
use crate::snapshot::Snapshot;

const PREFIX: &str = "/_emulator/";

/// The largest body: a snapshot of some hundred thousand resources.
pub(crate) const MAX_BODY: usize = 64 * 1024 * 1024;

/// How many requests are listed where nobody says.
const LISTED: usize = 100;

/// What a rule looks like.
const RULE: &str = r#"{"operation": "GetBackendJob", "times": 1, "effect": {"error": {"code": "TooManyRequestsException"}}}"#;

/// Whether a request is one for the control interface.
pub(crate) fn is_for(path: &str, control: Control) -> bool {
    control != Control::Off && path.starts_with(PREFIX)
}

/// Whether whoever asks may use it. A web page in a browser of this machine may not: it cannot keep
/// its own origin to itself, nor the name by which it reached us.
pub(crate) fn is_allowed<B>(request: &Request<B>, peer: SocketAddr, control: Control) -> bool {
    let from_here = || {
        let host = request
            .headers()
            .get(HOST)
            .and_then(|host| host.to_str().ok());
        peer.ip().to_canonical().is_loopback() && host.is_some_and(is_loopback)
    };
    !request.headers().contains_key(ORIGIN) && (control == Control::Anyone || from_here())
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    match name.parse::<IpAddr>() {
        Ok(ip) => ip.is_loopback(),
        Err(_) => name.eq_ignore_ascii_case("localhost"),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MoveClock {
    advance_milliseconds: u64,
}

/// Answers a request for which [`is_for`] holds.
pub(crate) async fn answer(
    emulator: &Emulator,
    request: &Request<Bytes>,
    peer: SocketAddr,
    options: &ServerOptions,
) -> Response<Bytes> {
    if !is_allowed(request, peer, options.control) {
        let message = "the control interface is for programs on this machine";
        return Refusal::new(StatusCode::FORBIDDEN, message).to_response();
    }
    match route(emulator, request) {
        Ok(done) => match emulator.flushed().await {
            Ok(()) => done,
            Err(error) => {
                Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).to_response()
            }
        },
        Err(refusal) => refusal.to_response(),
    }
}

/// A request for control that is not carried out.
struct Refusal {
    status: StatusCode,
    message: String,
    allowed: Option<&'static str>,
}

impl Refusal {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            allowed: None,
        }
    }

    fn method(allowed: &'static str) -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            message: format!("here are only {allowed}"),
            allowed: Some(allowed),
        }
    }

    fn bad(error: &dyn std::error::Error) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error.to_string())
    }

    fn to_response(&self) -> Response<Bytes> {
        let mut response = ok(&json!({ "message": self.message }));
        *response.status_mut() = self.status;
        if let Some(allowed) = self.allowed {
            let allowed = HeaderValue::from_static(allowed);
            response.headers_mut().insert(ALLOW, allowed);
        }
        response
    }
}

fn route(emulator: &Emulator, request: &Request<Bytes>) -> Result<Response<Bytes>, Refusal> {
    let path = request.uri().path();
    let path = path.strip_prefix(PREFIX).unwrap_or_default();
    let method = request.method().as_str();
    Ok(match (method, path) {
        ("GET", "health") => ok(&json!({
            "status": "ok",
            "version": env!("CARGO_PKG_VERSION"),
        })),
        ("GET", "state") => ok(&emulator.snapshot()),
        ("PUT", "state") => {
            let snapshot: Snapshot = read(request)?;
            emulator
                .load(snapshot)
                .map_err(|error| Refusal::bad(&error))?;
            done()
        }
        ("POST", "reset") => {
            emulator.reset();
            done()
        }
        ("GET", "faults") => ok(&json!({ "faults": emulator.faults() })),
        ("POST", "faults") => {
            let rule: FaultRule = read(request).map_err(|refusal| Refusal {
                message: format!("{}; a rule is, for example, {RULE}", refusal.message),
                ..refusal
            })?;
            let added = emulator.add_fault(rule);
            ok(&json!({ "id": added.map_err(|error| Refusal::bad(&error))? }))
        }
        ("DELETE", "faults") => {
            emulator.clear_faults();
            done()
        }
        ("GET", "clock") => clock(emulator),
        ("POST", "clock") => {
            let by: MoveClock = read(request)?;
            emulator.advance(Duration::from_millis(by.advance_milliseconds));
            clock(emulator)
        }
        ("GET", "requests") => {
            let limit = limit(request.uri().query().unwrap_or_default())?;
            ok(&json!({ "requests": emulator.requests(limit) }))
        }
        ("DELETE", "requests") => {
            emulator.clear_requests();
            done()
        }
        (_, "health") => return Err(Refusal::method("GET")),
        (_, "state") => return Err(Refusal::method("GET, PUT")),
        (_, "reset") => return Err(Refusal::method("POST")),
        (_, "faults") => return Err(Refusal::method("GET, POST, DELETE")),
        (_, "clock") => return Err(Refusal::method("GET, POST")),
        (_, "requests") => return Err(Refusal::method("GET, DELETE")),
        (_, path) => {
            let id = path.strip_prefix("faults/").and_then(|id| id.parse().ok());
            let not_found = |message| Refusal::new(StatusCode::NOT_FOUND, message);
            match id {
                None => {
                    return Err(not_found(
                        "there is only health, state, reset, faults, clock and requests",
                    ));
                }
                Some(_) if method != "DELETE" => return Err(Refusal::method("DELETE")),
                Some(id) if emulator.remove_fault(id) => done(),
                Some(_) => return Err(not_found("there is no such rule")),
            }
        }
    })
}

fn clock(emulator: &Emulator) -> Response<Bytes> {
    let ahead = emulator.advanced_by().as_millis();
    ok(&json!({
        "now": rfc_3339(emulator.now_millis()),
        "aheadMilliseconds": u64::try_from(ahead).unwrap_or(u64::MAX),
    }))
}

fn limit(query: &str) -> Result<usize, Refusal> {
    match query.split_once('=') {
        None if query.is_empty() => Ok(LISTED),
        Some(("limit", number)) => number
            .parse()
            .map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "limit is not a number")),
        _ => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "limit is the only parameter, as in ?limit=10",
        )),
    }
}

fn read<T: DeserializeOwned>(request: &Request<Bytes>) -> Result<T, Refusal> {
    serde_json::from_slice(request.body()).map_err(|error| Refusal::bad(&error))
}

fn ok(body: &impl Serialize) -> Response<Bytes> {
    let text = serde_json::to_vec(body).expect("texts and numbers are written without an error");
    let mut response = Response::new(Bytes::from(text));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn done() -> Response<Bytes> {
    ok(&json!({}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(peer: &str, host: &str, origin: bool, control: Control) -> bool {
        let mut request = Request::new(());
        let headers = request.headers_mut();
        headers.insert(HOST, host.parse().unwrap());
        if origin {
            headers.insert(ORIGIN, HeaderValue::from_static("http://localhost"));
        }
        is_allowed(&request, peer.parse().unwrap(), control)
    }

    #[test]
    fn only_programs_of_this_machine_may_use_it_unless_anyone_may() {
        let here = "127.0.0.1:1";
        for host in ["localhost:4242", "127.0.0.1", "[::1]:4242"] {
            assert!(allowed(here, host, false, Control::Loopback), "{host}");
        }
        for host in ["rebound.example:4242", "192.0.2.1", "[2001:db8::1]", ""] {
            assert!(!allowed(here, host, false, Control::Loopback), "{host}");
        }
        assert!(allowed(
            "[::ffff:127.0.0.1]:1",
            "localhost",
            false,
            Control::Loopback
        ));
        assert!(!allowed(
            "192.0.2.1:1",
            "localhost",
            false,
            Control::Loopback
        ));
        assert!(!allowed(here, "localhost", true, Control::Loopback));
        assert!(allowed(
            "192.0.2.1:1",
            "emulator.example",
            false,
            Control::Anyone
        ));
        assert!(!allowed(
            "192.0.2.1:1",
            "emulator.example",
            true,
            Control::Anyone
        ));
    }
}
