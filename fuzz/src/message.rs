//! A message as the corpus writes it.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};

/// A first line, headers, an empty line, a body. Lines end in a line feed; the body is all that is
/// left, byte for byte. A line that is no header is passed over.
pub(crate) struct Message<'a> {
    pub(crate) first: &'a str,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl<'a> Message<'a> {
    pub(crate) fn of(input: &'a [u8]) -> Self {
        let (first, mut rest) = line(input);
        let mut headers = HeaderMap::new();
        loop {
            let (header, after) = line(rest);
            rest = after;
            if header.is_empty() {
                break;
            }
            append(&mut headers, header);
        }
        Self {
            first: str::from_utf8(first).unwrap_or_default(),
            headers,
            body: Bytes::copy_from_slice(rest),
        }
    }
}

/// The message as a request: method and target stand on its first line. `None` where they are none.
pub(crate) fn request(input: &[u8]) -> Option<Request<Bytes>> {
    let message = Message::of(input);
    let (method, target) = message.first.split_once(' ')?;
    let mut request = Request::new(message.body);
    *request.method_mut() = method.parse::<Method>().ok()?;
    *request.uri_mut() = target.parse::<Uri>().ok()?;
    *request.headers_mut() = message.headers;
    Some(request)
}

/// The first line, and what follows it.
pub(crate) fn line(text: &[u8]) -> (&[u8], &[u8]) {
    match text.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, &[]),
    }
}

/// `Name: value`. One space behind the colon is not part of the value.
fn append(headers: &mut HeaderMap, line: &[u8]) {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else {
        return;
    };
    let value = &line[colon + 1..];
    let value = value.strip_prefix(b" ").unwrap_or(value);
    if let (Ok(name), Ok(value)) = (
        HeaderName::from_bytes(&line[..colon]),
        HeaderValue::from_bytes(value),
    ) {
        // More than a map can hold are not sent by anybody.
        let _ = headers.try_append(name, value);
    }
}
