//! Path and query: how they are spelled in a canonical request, and the percent-encoding of both.

use std::iter;

use super::any_pair;

/// How a service spells the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PathStyle {
    pub(crate) encode_again: bool,
    pub(crate) normalize: bool,
}

/// Writes the path as `style` has it.
pub(super) fn push_path(text: &mut String, path: &str, style: PathStyle) {
    if is_canonical(path, style) {
        text.push_str(path);
        return;
    }
    let push_segment = |text: &mut String, segment: &str| {
        text.push('/');
        if style.encode_again {
            // Encoded twice: SigV4 signs the *encoded* path again for every service but S3.
            push_encoded(text, segment.bytes());
        } else {
            text.push_str(segment);
        }
    };
    let segments = path.strip_prefix('/').unwrap_or(path).split('/');
    if !style.normalize {
        segments.for_each(|segment| push_segment(text, segment));
        return;
    }
    let start = text.len();
    for segment in segments {
        match segment {
            "" | "." => {}
            ".." => {
                // No `/` of the path is encoded and none within a segment is written plain.
                let parent = text.get(start..).and_then(|path| path.rfind('/'));
                text.truncate(start + parent.unwrap_or(0));
            }
            _ => push_segment(text, segment),
        }
    }
    let folder = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    if folder || text.len() == start {
        text.push('/');
    }
}

/// Whether a path is written as it is: most are.
fn is_canonical(path: &str, style: PathStyle) -> bool {
    let plain = |byte: u8| (byte == b'/') | is_unreserved(byte);
    let dot_or_slash = |byte: u8, next| (byte == b'/') & ((next == b'.') | (next == b'/'));
    path.starts_with('/')
        && (!style.encode_again || path.bytes().fold(true, |all, byte| all & plain(byte)))
        && !(style.normalize && any_pair(path, dot_or_slash))
}

/// The names and values of a query as they stand in it. `a` is `a=`, and `&&` holds nothing.
pub(crate) fn query(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts.map(|part| part.split_once('=').unwrap_or((part, "")))
}

/// Writes the query, which is put in order here.
pub(super) fn push_query(text: &mut String, query: &mut [(&str, &str)]) {
    // Sorted as if encoded: every byte that will be encoded begins with `%`, which is less than
    // all that will not, and upper-case hex digits keep the order of the bytes.
    fn key(raw: &str) -> impl Iterator<Item = (bool, u8)> {
        decoded(raw).map(|byte| (is_unreserved(byte), byte))
    }
    query.sort_by(|(name, value), (other_name, other_value)| {
        key(name)
            .cmp(key(other_name))
            .then_with(|| key(value).cmp(key(other_value)))
    });
    for (index, (name, value)) in query.iter().enumerate() {
        if index > 0 {
            text.push('&');
        }
        push_encoded(text, decoded(name));
        text.push('=');
        push_encoded(text, decoded(value));
    }
}

/// The bytes that `raw` stands for: `%41` is an `A` and `+` is a space. A `%` without two hex
/// digits stands for itself.
pub(crate) fn decoded(raw: &str) -> impl Iterator<Item = u8> {
    let hex = |digit: u8| {
        char::from(digit)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    let mut rest = raw.as_bytes();
    iter::from_fn(move || {
        let (first, mut after) = rest.split_first()?;
        let mut byte = if *first == b'+' { b' ' } else { *first };
        if let [b'%', high, low, behind @ ..] = rest
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            (byte, after) = ((high << 4) | low, behind);
        }
        rest = after;
        Some(byte)
    })
}

/// Writes what may stand in a URI as it is, and every other byte as `%` and two upper-case digits.
pub(crate) fn push_encoded(text: &mut String, bytes: impl Iterator<Item = u8>) {
    for byte in bytes {
        if is_unreserved(byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from(if digit < 10 {
                    b'0' + digit
                } else {
                    b'A' + digit - 10
                }));
            }
        }
    }
}

/// `A-Z a-z 0-9 - . _ ~`, told without a branch, so that a loop over it becomes one of vector
/// instructions.
fn is_unreserved(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let digit = byte.wrapping_sub(b'0') < 10;
    letter | digit | (byte == b'-') | (byte == b'.') | (byte == b'_') | (byte == b'~')
}

#[cfg(test)]
mod tests {
    use http::Uri;

    use super::*;
    use crate::canonical::Pairs;

    fn path(path: &str, encode_again: bool, normalize: bool) -> String {
        let mut text = String::from("before");
        push_path(
            &mut text,
            path,
            PathStyle {
                encode_again,
                normalize,
            },
        );
        text.split_off("before".len())
    }

    fn canonical_query(target: &str) -> String {
        let uri: Uri = target.parse().unwrap();
        let mut text = String::new();
        push_query(
            &mut text,
            &mut query(uri.query().unwrap_or_default()).collect::<Pairs<'_>>(),
        );
        text
    }

    #[test]
    fn a_path_is_normalized_as_rfc_3986_says_and_slashes_are_merged() {
        for (written, normal) in [
            ("", "/"),
            ("/", "/"),
            ("*", "/*"),
            ("/a", "/a"),
            ("/a/", "/a/"),
            ("//a//b//", "/a/b/"),
            ("/./a/./", "/a/"),
            ("/a/.", "/a/"),
            ("/a/..", "/"),
            ("/a/b/..", "/a/"),
            ("/../../a", "/a"),
            ("/a/../../b/../c", "/c"),
            ("/a/...", "/a/..."),
            ("/a%2F..%2Fb", "/a%2F..%2Fb"),
        ] {
            assert_eq!(path(written, false, true), normal, "{written}");
        }
    }

    #[test]
    fn a_path_that_is_not_normalized_keeps_its_dots_and_slashes() {
        for written in ["/", "//", "/a//b/", "/a/../b/./"] {
            assert_eq!(path(written, false, false), written);
            assert_eq!(path(written, true, false), written);
        }
    }

    #[test]
    fn a_path_that_is_encoded_again_has_its_percent_signs_encoded() {
        assert_eq!(
            path("/a%2Fb+c/ሴ~%/!", true, true),
            "/a%252Fb%2Bc/%E1%88%B4~%25/%21"
        );
    }

    #[test]
    fn a_path_is_looked_at_piece_by_piece_only_where_its_style_may_change_it() {
        let [once, twice] = [false, true];
        let [as_it_is, normalized] = [false, true];
        for (path, styles) in [
            (
                "/backend/d1-a.b_c~/storage",
                &[
                    (once, as_it_is),
                    (once, normalized),
                    (twice, as_it_is),
                    (twice, normalized),
                ][..],
            ),
            ("/a%2Fb", &[(once, as_it_is), (once, normalized)]),
            ("/a//b", &[(once, as_it_is), (twice, as_it_is)]),
            ("/a/./b", &[(once, as_it_is), (twice, as_it_is)]),
            ("/a/%2E/../b", &[(once, as_it_is)]),
            ("", &[]),
            ("*", &[]),
        ] {
            for (encode_again, normalize) in [
                (once, as_it_is),
                (once, normalized),
                (twice, as_it_is),
                (twice, normalized),
            ] {
                let style = PathStyle {
                    encode_again,
                    normalize,
                };
                let expected = styles.contains(&(encode_again, normalize));
                assert_eq!(is_canonical(path, style), expected, "{path} {style:?}");
            }
        }
    }

    #[test]
    fn every_byte_but_letters_digits_and_four_more_is_encoded() {
        for byte in 0..=255 {
            let mut text = String::new();
            push_encoded(&mut text, iter::once(byte));
            let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            let expected = if plain {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            };
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn a_query_is_decoded_encoded_and_sorted() {
        for (target, canonical) in [
            ("/", ""),
            ("/?", ""),
            ("/?&&", ""),
            ("/?a", "a="),
            ("/?=", "="),
            ("/?=a", "=a"),
            ("/?a=b=c", "a=b%3Dc"),
            ("/?b=1&a=2&a=1&a=", "a=&a=1&a=2&b=1"),
            ("/?a-=1&a=2", "a=2&a-=1"),
            ("/?%61%2f=+", "a%2F=%20"),
            ("/?z=1&%E1%88%B4=2", "%E1%88%B4=2&z=1"),
            ("/?%zz=%4&%", "%25=&%25zz=%254"),
            ("/?a=%FF", "a=%FF"),
        ] {
            assert_eq!(canonical_query(target), canonical, "{target}");
        }
    }
}
