//! request.http and response.http: a first line, headers, an empty line, the body.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Uri};

use super::Flaw;

pub(super) fn request(bytes: &[u8]) -> Result<Request<Bytes>, Flaw> {
    let message = Message::read(bytes)?;
    let mut words = message.first.split(' ');
    let (Some(method), Some(target), Some("HTTP/1.1"), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        let form =
            "a request begins with its method, its target and HTTP/1.1, with one space between";
        return Err((1, form.to_owned()));
    };
    if !target.starts_with('/') {
        return Err((1, format!("{target} is no target: it begins with a slash")));
    }
    let target: Uri = target
        .parse()
        .map_err(|error| (1, format!("{target} is no target: {error}")))?;
    let mut request = Request::new(message.body);
    *request.method_mut() = method
        .parse()
        .map_err(|_| (1, format!("{method} is no method")))?;
    *request.uri_mut() = target;
    *request.headers_mut() = message.headers;
    Ok(request)
}

pub(super) fn response(bytes: &[u8]) -> Result<Response<Bytes>, Flaw> {
    let message = Message::read(bytes)?;
    let mut words = message.first.splitn(3, ' ');
    let (Some("HTTP/1.1"), Some(status)) = (words.next(), words.next()) else {
        let form =
            "a response begins with HTTP/1.1, its status and a reason, with one space between";
        return Err((1, form.to_owned()));
    };
    let mut response = Response::new(message.body);
    *response.status_mut() = status
        .parse()
        .map_err(|_| (1, format!("{status} is no status")))?;
    *response.headers_mut() = message.headers;
    Ok(response)
}

struct Message<'a> {
    first: &'a str,
    headers: HeaderMap,
    body: Bytes,
}

impl<'a> Message<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Flaw> {
        let mut rest = bytes;
        let mut number = 1;
        let first = next_line(&mut rest).ok_or((1, no_end(1)))?;
        let first = std::str::from_utf8(first)
            .map_err(|_| (1, "the first line is not UTF-8".to_owned()))?;
        let mut headers = HeaderMap::new();
        loop {
            number += 1;
            let line = next_line(&mut rest).ok_or_else(|| (number, no_end(number)))?;
            if line.is_empty() {
                break;
            }
            let (name, value) = header(line).map_err(|why| (number, why))?;
            let added = headers.try_append(name, value);
            added.map_err(|_| (number, "there are too many headers".to_owned()))?;
        }
        let body = rest.strip_suffix(b"\n").unwrap_or(rest);
        Ok(Self {
            first,
            headers,
            body: Bytes::copy_from_slice(body),
        })
    }
}

fn no_end(line: usize) -> String {
    format!("the file ends in line {line}: after the headers comes an empty line")
}

fn header(line: &[u8]) -> Result<(HeaderName, HeaderValue), String> {
    let shown = line.escape_ascii();
    let colon = line.iter().position(|byte| *byte == b':');
    let (name, value) = colon
        .and_then(|colon| line.split_at_checked(colon))
        .ok_or_else(|| format!("a header has a colon, and this has not: {shown}"))?;
    let name = HeaderName::from_bytes(name)
        .map_err(|_| format!("before the colon stands a header's name, and here not: {shown}"))?;
    let value = value.get(1..).unwrap_or_default().trim_ascii();
    let value = HeaderValue::from_bytes(value)
        .map_err(|_| format!("the value of {name} holds what no header may"))?;
    Ok((name, value))
}

/// The line that `rest` begins with, which is taken from it.
fn next_line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let (line, behind) = rest.split_at_checked(end)?;
    *rest = behind.get(1..)?;
    Some(line.strip_suffix(b"\r").unwrap_or(line))
}
