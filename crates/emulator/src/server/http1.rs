//! What the head of a request says, and the lengths of chunks.
//!
//! Stricter than most servers, because what one reads differently from the proxy before it can be
//! used against both (request smuggling): a line ends in CR LF and no header goes on in the next
//! line; a body has one length, stated once. `httparse` takes the head apart; hyper's server is not
//! used because it forgives some of this, and because a fault needs the bare connection.

use std::mem::MaybeUninit;

use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HOST, InvalidHeaderName, TRANSFER_ENCODING,
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version,
};
use operations::ErrorCode;
use operations::server::ErrorReply;

/// The most header lines of one request.
const MOST_HEADERS: usize = 100;

/// What clients of AWS send and [`http`] does not know.
static USUAL: [HeaderName; 5] = [
    HeaderName::from_static("x-amz-date"),
    HeaderName::from_static("x-amz-content-sha256"),
    HeaderName::from_static("amz-sdk-invocation-id"),
    HeaderName::from_static("amz-sdk-request"),
    HeaderName::from_static("x-amz-user-agent"),
];

/// A request as far as its head tells.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) request: Request<()>,
    pub(super) body: BodyLength,
    /// Whether the client wants to send more on this connection.
    pub(super) keep_alive: bool,
    /// Whether the client waits to be told before it sends the body.
    pub(super) expects_continue: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyLength {
    Known(usize),
    Chunked,
}

/// A request that is answered on the level of HTTP, and its connection closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
}

impl Refusal {
    pub(super) const fn malformed(message: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "MalformedHttpRequestException",
            message,
        }
    }

    pub(super) const HEAD_TOO_LARGE: Self = Self {
        status: StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        code: "RequestHeaderFieldsTooLargeException",
        message: "the head of the request is too large",
    };

    pub(super) const BODY_TOO_LARGE: Self = Self {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        code: "RequestEntityTooLargeException",
        message: "the body of the request is too large",
    };

    pub(super) const TOO_SLOW: Self = Self {
        status: StatusCode::REQUEST_TIMEOUT,
        code: "RequestTimeoutException",
        message: "the request did not arrive whole in time",
    };

    pub(super) fn to_response(self) -> Response<Bytes> {
        ErrorReply::new(ErrorCode::from(self.code))
            .status(self.status)
            .message(self.message)
            .to_response()
    }
}

impl Head {
    /// Reads `head`, all of it, up to and with the empty line.
    pub(super) fn parse(head: Bytes) -> Result<Self, Refusal> {
        let mut lines = [const { MaybeUninit::uninit() }; MOST_HEADERS];
        let mut parsed = httparse::Request::new(&mut []);
        match parsed.parse_with_uninit_headers(&head, &mut lines) {
            Ok(httparse::Status::Complete(length)) if length == head.len() => {}
            Err(httparse::Error::TooManyHeaders) => return Err(Refusal::HEAD_TOO_LARGE),
            _ => {
                return Err(Refusal::malformed(
                    "the head of the request is not HTTP/1.1",
                ));
            }
        }
        let (Some(method), Some(target)) = (parsed.method, parsed.path) else {
            return Err(Refusal::malformed("the request has no method and target"));
        };
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| Refusal::malformed("the method is not one"))?;
        let uri = Uri::from_maybe_shared(head.slice_ref(target.as_bytes()))
            .map_err(|_| Refusal::malformed("the target is not one"))?;
        let version = match parsed.version {
            Some(0) => Version::HTTP_10,
            _ => Version::HTTP_11,
        };
        let mut headers = HeaderMap::with_capacity(parsed.headers.len());
        let mut framing = Framing::default();
        for line in &*parsed.headers {
            let name = header_name(line.name);
            let value = HeaderValue::from_maybe_shared(head.slice_ref(line.value));
            let (Ok(name), Ok(value)) = (name, value) else {
                return Err(Refusal::malformed("a header is not one"));
            };
            framing.take_in(&name, line.value);
            headers.append(name, value);
        }
        if framing.hosts > 1 || version == Version::HTTP_11 && framing.hosts == 0 {
            return Err(Refusal::malformed("the request does not have one Host"));
        }
        let body = framing.body_length(version)?;
        let keep_alive = match version {
            Version::HTTP_10 => framing.wants_keep_alive && !framing.wants_close,
            _ => !framing.wants_close,
        };
        let expects_continue = framing
            .expectation
            .is_some_and(|it| it.eq_ignore_ascii_case(b"100-continue"));
        let mut request = Request::new(());
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.version_mut() = version;
        *request.headers_mut() = headers;
        Ok(Self {
            request,
            body,
            keep_alive,
            expects_continue,
        })
    }
}

/// The name of a header. Those that a signed request has are at hand, without a copy.
fn header_name(name: &str) -> Result<HeaderName, InvalidHeaderName> {
    let usual = USUAL
        .iter()
        .find(|usual| usual.as_str().eq_ignore_ascii_case(name));
    match usual {
        Some(usual) => Ok(usual.clone()),
        None => HeaderName::from_bytes(name.as_bytes()),
    }
}

/// What the headers say of the message itself, found in one pass over them.
#[derive(Default)]
struct Framing<'a> {
    hosts: usize,
    length: Option<&'a [u8]>,
    length_again: bool,
    coding: Option<&'a [u8]>,
    coding_again: bool,
    wants_close: bool,
    wants_keep_alive: bool,
    /// The first, where there are several.
    expectation: Option<&'a [u8]>,
}

impl<'a> Framing<'a> {
    fn take_in(&mut self, name: &HeaderName, value: &'a [u8]) {
        if *name == HOST {
            self.hosts += 1;
        } else if *name == CONTENT_LENGTH {
            self.length_again |= self.length.replace(value).is_some();
        } else if *name == TRANSFER_ENCODING {
            self.coding_again |= self.coding.replace(value).is_some();
        } else if *name == CONNECTION {
            for option in value.split(|byte| *byte == b',') {
                let option = option.trim_ascii();
                self.wants_close |= option.eq_ignore_ascii_case(b"close");
                self.wants_keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
            }
        } else if *name == EXPECT {
            self.expectation = self.expectation.or(Some(value));
        }
    }

    /// How long the body is. Stated twice is refused, even where both agree.
    fn body_length(&self, version: Version) -> Result<BodyLength, Refusal> {
        match (self.length, self.coding) {
            (None, None) => Ok(BodyLength::Known(0)),
            (Some(_), Some(_)) => Err(Refusal::malformed(
                "the request has Content-Length and Transfer-Encoding",
            )),
            (Some(length), None) => {
                if self.length_again {
                    return Err(Refusal::malformed("the request has two of Content-Length"));
                }
                let text = str::from_utf8(length).unwrap_or_default();
                if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(Refusal::malformed("Content-Length is not a number"));
                }
                // A number that does not fit is too large, whatever it is.
                let length = text.parse().map_err(|_| Refusal::BODY_TOO_LARGE)?;
                Ok(BodyLength::Known(length))
            }
            (None, Some(coding)) => {
                let chunked = coding.eq_ignore_ascii_case(b"chunked");
                if !chunked || self.coding_again || version == Version::HTTP_10 {
                    return Err(Refusal::malformed("the only Transfer-Encoding is chunked"));
                }
                Ok(BodyLength::Chunked)
            }
        }
    }
}

/// The length that the first line of a chunk states. What follows a semicolon is for nobody.
pub(super) fn chunk_length(line: &[u8]) -> Result<usize, Refusal> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
    let digits = digits.trim_ascii_end();
    let text = str::from_utf8(digits).unwrap_or_default();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Refusal::malformed("the length of a chunk is not a number"));
    }
    usize::from_str_radix(text, 16).map_err(|_| Refusal::BODY_TOO_LARGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(lines: &str) -> Result<Head, Refusal> {
        Head::parse(Bytes::from(format!("{lines}\r\n\r\n")))
    }

    #[test]
    fn a_head_of_too_many_lines_is_refused() {
        let many = "a: b\r\n".repeat(MOST_HEADERS + 1);
        let refused = parse(&format!("GET / HTTP/1.1\r\n{}", many.trim_end()));
        assert_eq!(refused.unwrap_err(), Refusal::HEAD_TOO_LARGE);
    }

    #[test]
    fn a_body_has_one_length_stated_once() {
        let length = |lines: &str| {
            parse(&format!("POST / HTTP/1.1\r\nhost: a{lines}")).map(|head| head.body)
        };
        assert_eq!(length(""), Ok(BodyLength::Known(0)));
        assert_eq!(length("\r\ncontent-length: 12"), Ok(BodyLength::Known(12)));
        assert_eq!(
            length("\r\nTransfer-Encoding: Chunked"),
            Ok(BodyLength::Chunked)
        );
        for lines in [
            "\r\ncontent-length: 1\r\ncontent-length: 1",
            "\r\ncontent-length: 1, 1",
            "\r\ncontent-length: +1",
            "\r\ncontent-length: -1",
            "\r\ncontent-length:",
            "\r\ncontent-length: 1\r\ntransfer-encoding: chunked",
            "\r\ntransfer-encoding: gzip, chunked",
            "\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked",
            "\r\ntransfer-encoding: identity",
        ] {
            assert!(length(lines).is_err(), "{lines:?}");
        }
        assert_eq!(
            length("\r\ncontent-length: 99999999999999999999999"),
            Err(Refusal::BODY_TOO_LARGE)
        );
    }

    #[test]
    fn what_is_not_http_is_refused() {
        for lines in [
            "GET / HTTP/2.0\r\nhost: a",
            "GET /\r\nhost: a",
            "GET / HTTP/1.1",
            "GET / HTTP/1.1\r\nhost: a\r\nhost: a",
            "GET / HTTP/1.1\r\nhost : a",
            "GET / HTTP/1.1\r\nhost: a\rb",
            "GET / HTTP/1.1\r\nhost: a\0b",
            "GET /\u{e9} HTTP/1.1\r\nhost",
            "G(T / HTTP/1.1\r\nhost: a",
        ] {
            assert!(parse(lines).is_err(), "{lines:?}");
        }
    }

    #[test]
    fn the_length_of_a_chunk_is_hexadecimal() {
        assert_eq!(chunk_length(b"1aF"), Ok(0x1af));
        assert_eq!(chunk_length(b"0 ; a=b"), Ok(0));
        for line in [b"".as_slice(), b";", b"+1", b"0x1", b" 1", b"g"] {
            assert!(chunk_length(line).is_err(), "{line:?}");
        }
        assert_eq!(chunk_length(&[b'f'; 17]), Err(Refusal::BODY_TOO_LARGE));
    }

    #[test]
    fn keep_alive_is_what_the_version_says_unless_the_client_does() {
        let keeps = |version: &str, connection: &str| {
            let lines = format!("GET / HTTP/{version}\r\nhost: a{connection}");
            parse(&lines).unwrap().keep_alive
        };
        assert!(keeps("1.1", ""));
        assert!(!keeps("1.1", "\r\nConnection: foo, Close"));
        assert!(!keeps("1.0", ""));
        assert!(keeps("1.0", "\r\nConnection: Keep-Alive"));
    }
}
