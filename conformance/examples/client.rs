//! The library `amplify-backend` as `conformance client --lines` runs a client, and what such a
//! program has to do: it answers each line of JSON with one.
//!
//!     cargo build -p amplify-backend-conformance --example client
//!     conformance client --lines -- target/debug/examples/client

use std::error::Error as StdError;
use std::io::{self, BufRead as _, Write as _};
use std::pin::Pin;

use amplify_backend::{
    Client, Credentials, Endpoint, Error, ErrorCode, ErrorKind, Region, RetryPolicy,
};
use operations::server::{Route, RouteVisitor, ServerOperation};
use serde::Deserialize;
use serde_json::{Value, json};

/// A case: which operation to call with what, and where.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    operation: String,
    /// With the names of the wire.
    input: Value,
    endpoint: String,
    region: String,
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

fn main() -> Result<(), Box<dyn StdError>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    for line in io::stdin().lock().lines() {
        let case: Case = serde_json::from_str(&line?)?;
        let said = match runtime.block_on(carry_out(case)?) {
            Ok(output) => json!({ "output": output }),
            Err(error) => json!({ "error": error }),
        };
        writeln!(io::stdout(), "{said}")?;
    }
    Ok(())
}

/// The output, with the names of the wire, or the error in the words of `error.json`.
type Outcome = Pin<Box<dyn Future<Output = Result<Value, Value>>>>;

fn carry_out(case: Case) -> Result<Outcome, Box<dyn StdError>> {
    let credentials = Credentials::new(case.access_key_id, case.secret_access_key);
    let client = Client::builder()
        .region(Region::new(&case.region)?)
        .endpoint(Endpoint::new(&case.endpoint)?)
        .credentials(match case.session_token {
            Some(token) => credentials.with_session_token(token),
            None => credentials,
        })
        .retry(RetryPolicy::never())
        .build();
    let route = Route::named(&case.operation).ok_or("no such operation")?;
    let input = case.input;
    Ok(route.visit(Call { client, input }))
}

/// A call of an operation that is known by name alone.
struct Call {
    client: Client,
    input: Value,
}

impl RouteVisitor for Call {
    type Output = Outcome;

    fn visit<O: ServerOperation + 'static>(self) -> Outcome {
        Box::pin(async move {
            let input: O = serde_json::from_value(self.input)
                .map_err(|error| json!({ "kind": "encode", "message": error.to_string() }))?;
            let output = self.client.send(&input).await;
            let output = output.map_err(|error| in_words_of_the_cases(&error))?;
            Ok(json!(output))
        })
    }
}

fn in_words_of_the_cases(error: &Error) -> Value {
    let service = error.service();
    let kind = match error.kind() {
        ErrorKind::Service => match error.code() {
            Some(ErrorCode::BadRequest) => "bad_request",
            Some(ErrorCode::NotFound) => "not_found",
            Some(ErrorCode::TooManyRequests) => "too_many_requests",
            Some(ErrorCode::GatewayTimeout) => "gateway_timeout",
            _ => "unmodeled",
        },
        ErrorKind::Encode => "encode",
        ErrorKind::Decode => "decode",
        ErrorKind::Redirect => "redirect",
        ErrorKind::Transport | ErrorKind::Timeout => "transport",
        _ => "another",
    };
    json!({
        "kind": kind,
        "code": service.and_then(|service| service.sent_code()),
        "message": error.message(),
        "status": error.status().map(|status| status.as_u16()),
        "request_id": error.request_id(),
        "resource_type": service.and_then(|service| service.resource_type()),
        "limit_type": service.and_then(|service| service.limit_type()),
    })
}
