//! `--dry-run`: the request that would be sent, and what was signed of it.

use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;
use serde_json::json;

use crate::failure::Failure;
use crate::global::{Global, Print};
use crate::output::{self, Format};
use crate::session::Signed;

const TOKEN: &str = "x-amz-security-token";

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
