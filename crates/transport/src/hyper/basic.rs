//! Credentials for a proxy, as a URL has them and as a header does: `Basic`, RFC 7617.

use http::HeaderValue;

/// `user:password`, percent-encoded, as the value of a header.
pub(super) fn basic(credentials: &str) -> HeaderValue {
    let mut decoded = decode(credentials);
    if !credentials.contains(':') {
        decoded.push(b':');
    }
    let mut value = HeaderValue::try_from(format!("Basic {}", base64(&decoded)))
        .expect("base64 is valid in a header");
    value.set_sensitive(true);
    value
}

/// Takes `%41` for `A`. A `%` without two hex digits stands for itself, as it does for curl.
fn decode(text: &str) -> Vec<u8> {
    let digit = |byte: u8| {
        let digit = char::from(byte).to_digit(16)?;
        u8::try_from(digit).ok()
    };
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = match after {
            [high, low, after @ ..] if *first == b'%' => digit(*high)
                .zip(digit(*low))
                .map(|(high, low)| (high << 4 | low, after)),
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((*first, after));
        decoded.push(byte);
        rest = after;
    }
    decoded
}

/// RFC 4648, section 4. Written out, because it is all that a crate would be brought for.
fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = [0, 1, 2].map(|place| chunk.get(place).copied().unwrap_or(0));
        let [first, second, third] = group;
        let digits = [
            first >> 2,
            (first << 4 | second >> 4) & 63,
            (second << 2 | third >> 6) & 63,
            third & 63,
        ];
        for (place, digit) in digits.into_iter().enumerate() {
            text.push(char::from(match digit {
                _ if place > chunk.len() => b'=',
                0..26 => b'A' + digit,
                26..52 => b'a' + (digit - 26),
                52..62 => b'0' + (digit - 52),
                62 => b'+',
                _ => b'/',
            }));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use ::base64::{Engine, prelude::BASE64_STANDARD};
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    use super::*;

    proptest::proptest! {
        #[test]
        fn any_credentials_arrive_as_they_were(
            user in "[^:]{0,20}",
            password in ".{0,20}",
        ) {
            let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let credentials = format!("{}:{}", encode(&user), encode(&password));
            let expected = BASE64_STANDARD.encode(format!("{user}:{password}"));
            assert_eq!(basic(&credentials), format!("Basic {expected}"));
        }

        #[test]
        fn base64_is_that_of_its_crate(bytes: Vec<u8>) {
            assert_eq!(base64(&bytes), BASE64_STANDARD.encode(&bytes));
        }
    }
}
