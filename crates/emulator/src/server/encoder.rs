//! Answers, as they stand on the wire.

use std::io::Write as _;

use http::Method;
use uuid::Uuid;

use crate::answer::{Answer, REQUEST_ID, Stamp};
use crate::clock::Date;

/// Writes answers, one after another.
#[derive(Default)]
pub(super) struct Encoder {
    /// The answer that was written last.
    pub(super) bytes: Vec<u8>,
    /// Its `Date`, as text: most answers are of the same second as the one before.
    date: Option<(Date, String)>,
}

impl Encoder {
    /// Writes an answer to `method`, and tells how long its head is. `close`: the connection ends
    /// behind it.
    pub(super) fn write(&mut self, answer: &Answer, method: &Method, close: bool) -> usize {
        let bytes = &mut self.bytes;
        let response = &answer.response;
        let body = response.body();
        let status = response.status();
        bytes.clear();
        bytes.reserve(256 + body.len());
        bytes.extend_from_slice(b"HTTP/1.1 ");
        bytes.extend_from_slice(status.as_str().as_bytes());
        bytes.push(b' ');
        bytes.extend_from_slice(status.canonical_reason().unwrap_or_default().as_bytes());
        bytes.extend_from_slice(b"\r\n");
        for (name, value) in response.headers() {
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        if let Some(Stamp {
            date,
            request_id,
            content_type,
        }) = answer.stamp
        {
            if let Some(content_type) = content_type {
                for part in ["content-type: ", content_type, "\r\n"] {
                    bytes.extend_from_slice(part.as_bytes());
                }
            }
            if self.date.as_ref().is_none_or(|(last, _)| *last != date) {
                self.date = Some((date, date.to_string()));
            }
            let date = self.date.as_ref().map_or("", |(_, text)| text);
            let mut id = Uuid::encode_buffer();
            let id = request_id.hyphenated().encode_lower(&mut id);
            for part in ["date: ", date, "\r\n", REQUEST_ID, ": ", id, "\r\n"] {
                bytes.extend_from_slice(part.as_bytes());
            }
        }
        write!(bytes, "content-length: {}", body.len()).expect("memory takes all that is written");
        if close {
            bytes.extend_from_slice(b"\r\nconnection: close");
        }
        bytes.extend_from_slice(b"\r\n\r\n");
        let head_length = bytes.len();
        if *method != Method::HEAD {
            bytes.extend_from_slice(body);
        }
        head_length
    }
}
