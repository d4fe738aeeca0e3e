//! `--dry-run`: the request that would be sent, and what was signed of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use amplify_backend::{
    Credentials, Region, Sign, Signer, SigningError, TransportError, TransportErrorKind,
};
use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;
use serde_json::json;

use crate::failure::Failure;
use crate::global::{Global, Print};
use crate::output::{self, Format};

const TOKEN: &str = "x-amz-security-token";

/// The request that a dry run does not send, and what was signed of it.
#[derive(Default)]
pub(crate) struct Caught {
    request: Mutex<Option<Request<Bytes>>>,
    signed: Mutex<Option<Signed>>,
}

/// What a signature was made over.
pub(crate) struct Signed {
    canonical_request: String,
    string_to_sign: String,
}

impl Caught {
    /// Keeps `request`; the error says that nothing was sent.
    pub(crate) fn keep(&self, request: Request<Bytes>) -> TransportError {
        *held(&self.request) = Some(request);
        TransportError::new(TransportErrorKind::Other, "a dry run").nothing_sent()
    }

    /// Signs for `region` as the client does, and keeps what was signed here.
    pub(crate) fn signer(self: &Arc<Self>, region: &Region) -> Arc<dyn Sign + Send + Sync> {
        Arc::new(CatchingSigner {
            signer: Signer::new(region.as_str(), "amplifybackend"),
            caught: self.clone(),
        })
    }

    /// What was kept, once.
    pub(crate) fn take(&self) -> Option<(Request<Bytes>, Signed)> {
        let request = held(&self.request).take();
        let signed = held(&self.signed).take();
        Some((request?, signed?))
    }
}

fn held<T>(place: &Mutex<T>) -> MutexGuard<'_, T> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Signs as the client does, and keeps what was signed.
struct CatchingSigner {
    signer: Signer,
    caught: Arc<Caught>,
}

impl Sign for CatchingSigner {
    fn sign(
        &self,
        request: &mut Request<Bytes>,
        credentials: &Credentials,
        at: SystemTime,
    ) -> Result<(), SigningError> {
        let signature = self.signer.signature(request, credentials, at)?;
        let signed = Signed {
            canonical_request: signature.canonical_request().to_owned(),
            string_to_sign: signature.string_to_sign().to_owned(),
        };
        *held(&self.caught.signed) = Some(signed);
        self.signer.sign(request, credentials, at)
    }
}

/// Prints the request in the form that was asked for.
pub(crate) fn print(
    request: &Request<Bytes>,
    signed: &Signed,
    global: &Global,
) -> Result<(), Failure> {
    let uri = request.uri();
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let mut headers = vec![(
        "host".to_owned(),
        uri.authority().map(ToString::to_string).unwrap_or_default(),
    )];
    headers.extend(request.headers().iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let value = match name {
            _ if global.show_secrets => value,
            name if name == AUTHORIZATION => without_signature(&value),
            name if name == TOKEN => "..".to_owned(),
            _ => value,
        };
        (name.to_string(), value)
    }));
    let body = String::from_utf8_lossy(request.body()).into_owned();
    let text = match global.print {
        Print::Http => {
            let mut text = format!("{} {target} HTTP/1.1\n", request.method());
            for (name, value) in &headers {
                text.push_str(&format!("{name}: {value}\n"));
            }
            format!("{text}content-length: {}\n\n{body}\n", body.len())
        }
        Print::Curl => {
            let mut text = format!("curl -X {} {}", request.method(), quoted(&uri.to_string()));
            // curl writes Host itself, and it is the same.
            for (name, value) in headers.iter().filter(|(name, _)| name != "host") {
                text.push_str(&format!(
                    " \\\n  -H {}",
                    quoted(&format!("{name}: {value}"))
                ));
            }
            if !body.is_empty() {
                text.push_str(&format!(" \\\n  --data-binary {}", quoted(&body)));
            }
            text + "\n"
        }
        Print::Json => {
            let document = json!({
                "method": request.method().as_str(),
                "url": uri.to_string(),
                "target": target,
                "headers": headers,
                "body": body,
                "canonical_request": shown(&signed.canonical_request, global.show_secrets),
                "string_to_sign": signed.string_to_sign,
            });
            let global = Global {
                output: global.output.or(Some(Format::Json)),
                ..global.clone()
            };
            return output::print(document, &global);
        }
    };
    output::write(&text)
}

fn without_signature(authorization: &str) -> String {
    match authorization.split_once("Signature=") {
        Some((rest, _)) => format!("{rest}Signature=.."),
        None => "..".to_owned(),
    }
}

/// The canonical request, without the session token that is a line of it.
fn shown(canonical_request: &str, show_secrets: bool) -> String {
    let lines = canonical_request
        .split('\n')
        .map(|line| match line.split_once(':') {
            Some((TOKEN, _)) if !show_secrets => format!("{TOKEN}:.."),
            _ => line.to_owned(),
        });
    lines.collect::<Vec<_>>().join("\n")
}

/// One word for a POSIX shell, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
