//! What this crate asks of a JSON text before it reads it.

use std::str;

use serde_core::de::DeserializeOwned;
use serde_json::error::Category;

use crate::DecodeErrorKind;

/// How deep arrays and objects may be nested, members that nobody knows included.
pub(crate) const MAX_DEPTH: usize = 128;

/// What is wrong with a text, and where (line and column, from 1) if that is known.
pub(crate) type Fault = (DecodeErrorKind, Option<(usize, usize)>);

/// Reads an object. What serde_json's message says of a value is left out: bodies never print.
pub(crate) fn read_object<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    let text = check(body)?;
    serde_json::from_str(text).map_err(|error| {
        let kind = match error.classify() {
            Category::Eof => DecodeErrorKind::Truncated,
            Category::Data if opens_object(text) => DecodeErrorKind::Shape,
            Category::Data => DecodeErrorKind::NotAnObject,
            Category::Syntax | Category::Io => DecodeErrorKind::NotJson,
        };
        // Column 0 is serde_json's word for a line of which it has read nothing.
        (kind, Some((error.line(), error.column().max(1))))
    })
}

/// The body as text, not nested too deep.
pub(crate) fn check(body: &[u8]) -> Result<&str, Fault> {
    // All of it, not only what is read: serde_json passes over the text of an unknown member
    // without looking whether it is UTF-8.
    let text = str::from_utf8(body).map_err(|error| {
        let before = body.get(..error.valid_up_to()).unwrap_or_default();
        (DecodeErrorKind::NotUtf8, Some(position_after(before)))
    })?;
    if nested_too_deep(body) {
        return Err((DecodeErrorKind::TooDeep, None));
    }
    Ok(text)
}

fn opens_object(text: &str) -> bool {
    text.trim_start_matches([' ', '\t', '\r', '\n'])
        .starts_with('{')
}

fn position_after(before: &[u8]) -> (usize, usize) {
    let lines = before.iter().filter(|&&byte| byte == b'\n').count();
    let last = before
        .rsplit(|&byte| byte == b'\n')
        .next()
        .unwrap_or_default();
    (lines + 1, last.len() + 1)
}

/// serde_json limits its own recursion, but passes over unknown members without any limit.
/// So the brackets are counted beforehand, strings left out.
fn nested_too_deep(body: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_string(&mut bytes),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

fn skip_string(bytes: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> String {
        format!(
            r#"{{"a":"]]}}}}\"[","z":{}{}}}"#,
            "[".repeat(depth - 1),
            "]".repeat(depth - 1)
        )
    }

    #[test]
    fn nesting_is_allowed_up_to_the_limit() {
        assert!(!nested_too_deep(nested(MAX_DEPTH).as_bytes()));
        assert!(nested_too_deep(nested(MAX_DEPTH + 1).as_bytes()));
        assert!(nested_too_deep("[".repeat(MAX_DEPTH + 1).as_bytes()));
    }

    #[test]
    fn many_brackets_side_by_side_are_not_deep() {
        let flat = format!("[{}]", "[],".repeat(1_000));
        assert!(!nested_too_deep(flat.as_bytes()));
        let quoted = format!(r#"{{"a":"{}"}}"#, "[".repeat(1_000));
        assert!(!nested_too_deep(quoted.as_bytes()));
    }

    #[test]
    fn what_is_not_utf_8_is_found_where_it_stands() {
        assert_eq!(
            check(b"{\n\"a\":\"\xff\"}"),
            Err((DecodeErrorKind::NotUtf8, Some((2, 6))))
        );
    }
}
