//! The codecs, held to the cases without a network: input to request, response to output or error,
//! and the server's half back again.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST};
use http::{Request, Response};
use operations::server::{ErrorReply, Route};
use operations::{DecodeErrorKind, Endpoint, ErrorCode, Region};
use serde_json::Value;
use signing::{Credentials, Signer, Verifier};

use crate::case::{Case, ErrorKind, Exchange, ExpectedError, Outcome, Signature, SignedAs, Suite};
use crate::codec::Codec;
use crate::compare;
use crate::report::{Filter, Report, Verdict};
use crate::told;

/// The service that requests are signed for.
pub(crate) const SERVICE: &str = "amplifybackend";

/// Judges the codecs by the cases that `filter` takes.
pub fn judge(suite: &Suite, filter: &Filter) -> Report {
    let mut report = suite.report("codecs", filter);
    for case in suite.cases.iter().filter(|case| filter.takes(&case.name)) {
        let verdict = match &case.exchange {
            Exchange::Whole {
                input,
                request,
                response,
                outcome,
            } => Verdict::of(whole(case, input, request, response, outcome)),
            Exchange::Unsent { input, error } => Verdict::of(unsent(case, input, error)),
            Exchange::Stray {
                request,
                response,
                error,
            } => stray(case, request, response, error),
        };
        report.file(&case.name, verdict);
    }
    report
}

fn whole(
    case: &Case,
    input: &Value,
    request: &Request<Bytes>,
    response: &Response<Bytes>,
    outcome: &Outcome,
) -> Result<(), String> {
    let codec = Codec::named(case.operation.name())?;
    let host = host(request)?;
    let endpoint = Endpoint::new(&format!("https://{host}")).map_err(|error| error.to_string())?;
    let ours = (codec.to_request)(input.clone(), &endpoint)?;
    compare::request(request, &ours)?;
    if let Some(signed_as) = &case.signed_as {
        signed(signed_as, request, ours, host)?;
    }

    let route = Route::of(request.method(), request.uri().path());
    if route != Some(case.operation) {
        let routed = route.map_or("no operation", Route::name);
        return Err(format!("the request is routed to {routed}"));
    }
    let read =
        (codec.from_request)(request).map_err(|error| format!("reading the request: {error}"))?;
    compare::json("input read back from the request", input, &read)?;

    if !is_whole(response) {
        // What is cut off never comes as far as a codec.
        return Ok(());
    }
    answered(&codec, response.clone(), outcome)?;
    match outcome {
        Outcome::Output(output) => {
            let answer = (codec.to_response)(output.clone())?;
            answered(&codec, answer, outcome).map_err(|why| format!("back again: {why}"))
        }
        Outcome::Error(error) => match reply(error) {
            Some(reply) => {
                let said = (codec.parse_response)(reply.to_response());
                let said = told::response(&said);
                // The id is in no body, and so in nothing that a codec writes.
                compare::error(&error.without("request_id"), &said)
                    .map_err(|why| format!("back again: {why}"))
            }
            None => Ok(()),
        },
    }
}

fn answered(codec: &Codec, response: Response<Bytes>, expected: &Outcome) -> Result<(), String> {
    let said = (codec.parse_response)(response);
    match (expected, &said) {
        (Outcome::Output(expected), Ok(output)) => compare::json("output", expected, output),
        (Outcome::Error(expected), said) => compare::error(expected, &told::response(said)),
        (Outcome::Output(_), Err(_)) => Err(format!(
            "an output was expected, and this came: {:#}",
            told::response(&said)
        )),
    }
}

/// The error, as a server of ours would answer it. `None`: no server answers that on purpose.
fn reply(error: &ExpectedError) -> Option<ErrorReply> {
    let code = match error.kind()? {
        ErrorKind::BadRequest => ErrorCode::BadRequest,
        ErrorKind::NotFound => ErrorCode::NotFound,
        ErrorKind::TooManyRequests => ErrorCode::TooManyRequests,
        ErrorKind::GatewayTimeout => ErrorCode::GatewayTimeout,
        ErrorKind::Unmodeled => ErrorCode::from(error.text("code")?),
        _ => return None,
    };
    let mut reply = ErrorReply::new(code);
    if let Some(code) = error.text("code") {
        reply = reply.sent_code(code);
    } else if error.members().contains_key("code") {
        // A server of ours names every error: there is no such answer.
        return None;
    }
    let status = error.members().get("status").and_then(Value::as_u64);
    let status = status.and_then(|status| u16::try_from(status).ok());
    if let Some(status) = status.and_then(|status| http::StatusCode::from_u16(status).ok()) {
        reply = reply.status(status);
    }
    if let Some(message) = error.text("message") {
        reply = reply.message(message);
    }
    if let Some(resource_type) = error.text("resource_type") {
        reply = reply.resource_type(resource_type);
    }
    if let Some(limit_type) = error.text("limit_type") {
        reply = reply.limit_type(limit_type);
    }
    Some(reply)
}

/// The same bytes, signed by ours, and a signature that verifies.
fn signed(
    signed_as: &SignedAs,
    theirs: &Request<Bytes>,
    mut ours: Request<Bytes>,
    host: &str,
) -> Result<(), String> {
    let region = Region::new(&signed_as.region).map_err(|error| error.to_string())?;
    let regional = Endpoint::for_region(&region);
    if regional.host() != host {
        return Err(compare::diff(
            "host",
            &format!("{host}\n"),
            &format!("{}\n", regional.host()),
        ));
    }
    let signer = Signer::new(&*signed_as.region, SERVICE);
    let credentials = &signed_as.credentials;
    let look_up = |id: &str| same_key(credentials, id);
    Verifier::new(signer.clone())
        .verify(theirs, look_up, signed_as.at)
        .map_err(|error| format!("the case's own signature: {error}"))?;
    signer
        .sign(&mut ours, credentials, signed_as.at)
        .map_err(|error| error.to_string())?;
    if theirs.body() != ours.body() {
        let shown = |request: &Request<Bytes>| format!("{}\n", request.body().escape_ascii());
        return Err(compare::diff("signed body", &shown(theirs), &shown(&ours)));
    }
    for name in theirs.headers().keys().filter(|name| **name != HOST) {
        if name != CONTENT_LENGTH && theirs.headers().get(name) != ours.headers().get(name) {
            let shown = |request: &Request<Bytes>| {
                let value = request.headers().get(name);
                let value = value.map_or("absent".to_owned(), |it| {
                    it.as_bytes().escape_ascii().to_string()
                });
                format!("{name}: {value}\n")
            };
            let what = format!("signed header {name}");
            return Err(compare::diff(&what, &shown(theirs), &shown(&ours)));
        }
    }
    Ok(())
}

pub(crate) fn same_key(credentials: &Credentials, id: &str) -> Option<Credentials> {
    (id == credentials.access_key_id()).then(|| credentials.clone())
}

fn unsent(case: &Case, input: &Value, error: &ExpectedError) -> Result<(), String> {
    let codec = Codec::named(case.operation.name())?;
    let endpoint = Endpoint::new("http://127.0.0.1:1").map_err(|error| error.to_string())?;
    match (codec.to_request)(input.clone(), &endpoint) {
        Ok(request) => Err(format!("the input was encoded, as {}", request.uri())),
        Err(message) => compare::error(&error.without("message"), &told::unsent(&message)),
    }
}

fn stray(
    case: &Case,
    request: &Request<Bytes>,
    response: &Response<Bytes>,
    error: &ExpectedError,
) -> Verdict {
    let codec = match Codec::named(case.operation.name()) {
        Ok(codec) => codec,
        Err(why) => return failed(why),
    };
    if let Err(why) = answered(&codec, response.clone(), &Outcome::Error(error.clone())) {
        return failed(why);
    }
    let signature = case.server.as_ref().map(|server| server.signature);
    if signature.unwrap_or_default() != Signature::Valid {
        return not_applicable("a codec does not look at signatures");
    }
    let code = match Route::of(request.method(), request.uri().path()) {
        None => "UnknownOperationException",
        Some(route) if route != case.operation => {
            return failed(format!("the request is routed to {}", route.name()));
        }
        Some(_) => match (codec.from_request)(request) {
            Err(refused) => match refused.kind() {
                DecodeErrorKind::ContentType => "UnsupportedMediaTypeException",
                DecodeErrorKind::MissingMember | DecodeErrorKind::Label => "BadRequestException",
                _ => "SerializationException",
            },
            Ok(_) => {
                let reason = "a codec takes values that it does not know: which to refuse is a server's policy";
                return not_applicable(reason);
            }
        },
    };
    match error.text("code") {
        Some(expected) if expected != code => failed(compare::diff(
            "code",
            &format!("{expected}\n"),
            &format!("{code}\n"),
        )),
        _ => Verdict::Held,
    }
}

fn failed(difference: String) -> Verdict {
    Verdict::Failed { difference }
}

fn not_applicable(reason: &str) -> Verdict {
    let reason = reason.to_owned();
    Verdict::NotApplicable { reason }
}

fn host(request: &Request<Bytes>) -> Result<&str, String> {
    let host = request.headers().get(HOST);
    let host = host.ok_or("request.http has no host")?;
    host.to_str()
        .map_err(|_| "the host is not ASCII".to_owned())
}

/// Whether the response has as much body as it says.
pub(crate) fn is_whole(response: &Response<Bytes>) -> bool {
    response.headers().get(CONTENT_LENGTH).is_none_or(|length| {
        let length = length.to_str().ok().and_then(|text| text.parse().ok());
        length == Some(response.body().len())
    })
}
