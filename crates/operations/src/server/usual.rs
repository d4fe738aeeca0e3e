//! A usual request, read in one go.

use bytes::Bytes;
use http::Request;

use super::{ServerOperation, is_json};
use crate::codec::Body;

/// How deep a usual body is nested at most, and how many digits its numbers have in all.
const MOST: u8 = 20;

/// The input of a request that gives nothing to think about: the labels are written behind the
/// members of the body, where they count as the last of their name, and the shape reads the whole.
/// `None`: there is something to think about, or something is wrong.
pub(super) fn read<O: ServerOperation>(
    request: &Request<Bytes>,
    labels: &[(&'static str, &str)],
) -> Option<O> {
    let mut object = Body::with_members(members::<O>(request)?);
    for (name, encoded) in labels {
        object = object.plain_member(name, Some(*encoded).filter(|label| is_unreserved(label))?);
    }
    let object = object.finish().ok()??;
    // All of it, not only what is read.
    serde_json::from_str(str::from_utf8(&object).ok()?).ok()
}

/// Whether a label says what it means: nothing in it is encoded, and nothing would be in JSON.
fn is_unreserved(label: &str) -> bool {
    label
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'))
}

/// What stands between the braces of the body.
fn members<O: ServerOperation>(request: &Request<Bytes>) -> Option<&[u8]> {
    let body = request.body();
    if O::BODY.is_none() || body.is_empty() {
        return Some(b"");
    }
    if !is_json(request) || !is_plain(body) {
        return None;
    }
    let inside = body.trim_ascii().strip_prefix(b"{")?;
    Some(inside.strip_suffix(b"}")?.trim_ascii_end())
}

/// Whether there is only what is the same to whoever reads it and to whoever passes over it: no
/// escapes, no null, no number that could be too large, no deep nesting.
fn is_plain(text: &[u8]) -> bool {
    let (mut depth, mut digits) = (0_u8, 0_u8);
    let mut in_string = false;
    for &byte in text {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' => return false,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'0'..=b'9' => digits += 1,
            b':' | b',' | b' ' | b'\t' | b'\r' | b'\n' | b'-' => {}
            _ => return false,
        }
        if depth > MOST || digits > MOST {
            return false;
        }
    }
    // A text that does not end would take in what is written behind it.
    !in_string
}
