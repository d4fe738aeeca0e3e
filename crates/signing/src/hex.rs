//! A hash as lower-case hex digits.

use std::str;

use crate::sha256::sha256;

/// 32 bytes as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hex([u8; 64]);

impl Hex {
    pub(crate) fn new(bytes: &[u8; 32]) -> Self {
        let mut digits = [0; 64];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
            for (digit, value) in pair.iter_mut().zip([byte >> 4, byte & 15]) {
                *digit = if value < 10 {
                    b'0' + value
                } else {
                    b'a' + value - 10
                };
            }
        }
        Self(digits)
    }

    /// The hash of `data`.
    pub(crate) fn sha256(data: &[u8]) -> Self {
        Self::new(&sha256(data))
    }

    /// Reads 64 hex digits, lower case only: a signature has one spelling.
    #[cfg(feature = "verify")]
    pub(crate) fn parse(text: &str) -> Option<[u8; 32]> {
        let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
        // All are looked at, without an early return, so that the loops become ones of vector
        // instructions.
        let mut are_digits = true;
        let values = digits.map(|digit| {
            let (number, letter) = (digit.wrapping_sub(b'0'), digit.wrapping_sub(b'a'));
            are_digits &= (number < 10) | (letter < 6);
            if number < 10 {
                number
            } else {
                letter.wrapping_add(10)
            }
        });
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(values.as_chunks().0) {
            *byte = (high << 4) | low;
        }
        are_digits.then_some(bytes)
    }

    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("hex digits are ASCII")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_nothing_is_the_known_one() {
        assert_eq!(
            Hex::sha256(b"").as_str(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn only_64_lower_case_digits_are_read() {
        let bytes = std::array::from_fn(|index| u8::try_from(index * 8 + 7).unwrap());
        let text = Hex::new(&bytes);
        assert_eq!(Hex::parse(text.as_str()), Some(bytes));
        assert_eq!(Hex::parse(&text.as_str().to_uppercase()), None);
        assert_eq!(
            Hex::parse(text.as_str().trim_end_matches(char::is_alphanumeric)),
            None
        );
        assert_eq!(Hex::parse(&format!("{}0", text.as_str())), None);
        assert_eq!(Hex::parse(&text.as_str().replace('f', "g")), None);
        assert_eq!(Hex::parse(""), None);
        for letter in 0..=0x7f_u8 {
            let text = format!("{}{}", char::from(letter), "0".repeat(63));
            let is_digit = matches!(letter, b'0'..=b'9' | b'a'..=b'f');
            assert_eq!(Hex::parse(&text).is_some(), is_digit, "{text:?}");
        }
    }
}
