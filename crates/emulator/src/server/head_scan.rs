//! Where the head of a request ends.

use bytes::BytesMut;

use super::http1::Refusal;

/// Looks for the end of a head, line by line.
#[derive(Debug, Default)]
pub(super) struct HeadScan {
    /// Where the line begins that has not ended yet.
    line: usize,
    /// Up to where there is no end of a line.
    looked_at: usize,
}

impl HeadScan {
    /// How many bytes of `buffer` the head takes; `None`: more than are there.
    ///
    /// Empty lines before the head are dropped: RFC 9112 asks for it.
    pub(super) fn end(
        &mut self,
        buffer: &mut BytesMut,
        most: usize,
    ) -> Result<Option<usize>, Refusal> {
        loop {
            let rest = buffer.get(self.looked_at..).unwrap_or_default();
            let Some(found) = memchr::memchr(b'\n', rest) else {
                // Whoever begins a TLS handshake would wait for an answer, and not say more.
                if matches!(buffer.first(), Some(0..=9 | 11..=12 | 14..=31)) {
                    return Err(Refusal::malformed(
                        "this is not HTTP: use http://, not https://",
                    ));
                }
                self.looked_at = buffer.len();
                return if buffer.len() > most {
                    Err(Refusal::HEAD_TOO_LARGE)
                } else {
                    Ok(None)
                };
            };
            let end = self.looked_at + found;
            if end >= most {
                return Err(Refusal::HEAD_TOO_LARGE);
            }
            let line = buffer.get(self.line..end).unwrap_or_default();
            let is_first = self.line == 0;
            let line_is_empty = match line {
                [b' ' | b'\t', ..] => {
                    return Err(Refusal::malformed("a line of the head begins with a space"));
                }
                [b'\r'] => true,
                [.., b'\r'] => false,
                _ => {
                    return Err(Refusal::malformed(
                        "a line of the head does not end in CR LF",
                    ));
                }
            };
            self.line = end + 1;
            self.looked_at = self.line;
            if line_is_empty && is_first {
                let _ = buffer.split_to(self.line);
                *self = Self::default();
            } else if line_is_empty {
                return Ok(Some(self.line));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Result<Option<usize>, Refusal> {
        HeadScan::default().end(&mut BytesMut::from(text), 1_000)
    }

    #[test]
    fn a_head_ends_at_the_first_empty_line_however_it_arrives() {
        let text = "GET / HTTP/1.1\r\nhost: a\r\n\r\nbody\n";
        let end = text.len() - "body\n".len();
        assert_eq!(scan(text), Ok(Some(end)));
        for first in 0..end {
            let mut scan = HeadScan::default();
            let mut buffer = BytesMut::from(text.get(..first).unwrap());
            assert_eq!(scan.end(&mut buffer, 1_000), Ok(None), "{first}");
            buffer.extend_from_slice(text.get(first..).unwrap().as_bytes());
            assert_eq!(scan.end(&mut buffer, 1_000), Ok(Some(end)), "{first}");
        }
    }

    #[test]
    fn empty_lines_before_a_head_are_dropped() {
        let mut buffer = BytesMut::from("\r\n\r\nGET / HTTP/1.1\r\n\r\n");
        let end = HeadScan::default().end(&mut buffer, 1_000);
        assert_eq!(end, Ok(Some(buffer.len())));
        assert_eq!(buffer.len(), 18);
    }

    #[test]
    fn bare_line_feeds_and_folded_lines_are_refused() {
        for text in [
            "GET / HTTP/1.1\nhost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\n\n",
            "\n",
            "GET / HTTP/1.1\r\nhost: a\r\n b\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\n\tb\r\n\r\n",
            " GET / HTTP/1.1\r\n\r\n",
        ] {
            assert!(scan(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_head_over_the_limit_is_refused_whether_it_ends_or_not() {
        let long = "a".repeat(1_001);
        assert_eq!(scan(&long), Err(Refusal::HEAD_TOO_LARGE));
        assert_eq!(scan(&format!("{long}\r\n")), Err(Refusal::HEAD_TOO_LARGE));
    }
}
