//! `labels`: whatever a label holds, it stays in its segment of the path.
//!
//! Input: the label's text, which takes the place of each label of each operation in turn, and of
//! all at once.
//!
//! - Refused is an empty one, `.` and `..`, and one with which the target is too long; nothing else.
//! - Any other is percent-encoded, with `A-Z a-z 0-9 - . _ ~` alone as they are, and decodes to the
//!   same text; the path has as many segments as the operation's, behind the endpoint's own.
//! - The server's half routes the request to the operation.

use http::Request;
use operations::codec::{self, Body};
use operations::server::{Route, RouteVisitor, ServerOperation};
use operations::{EncodeError, Endpoint};
use percent_encoding::percent_decode_str;

/// The longest target that `http` takes.
const LONGEST: usize = 65_534;

/// Checks one label.
pub fn check(input: &[u8]) {
    let Ok(label) = str::from_utf8(input) else {
        return;
    };
    for url in ["https://example.com", "http://127.0.0.1:1/stage/one"] {
        let endpoint = Endpoint::new(url).expect("it is a URL");
        for route in Route::ALL {
            let names: Vec<_> = names(route.path()).collect();
            for at in 0..names.len() {
                let labels = |index| if index == at { label } else { "x" };
                route.visit(Encode::new(&endpoint, &names, labels));
            }
            route.visit(Encode::new(&endpoint, &names, |_| label));
        }
    }
}

/// The names in braces in a path.
fn names(path: &'static str) -> impl Iterator<Item = &'static str> {
    let segments = path.split('/');
    segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

struct Encode<'a> {
    endpoint: &'a Endpoint,
    labels: Vec<(&'static str, &'a str)>,
}

impl<'a> Encode<'a> {
    fn new(
        endpoint: &'a Endpoint,
        names: &[&'static str],
        label: impl Fn(usize) -> &'a str,
    ) -> Self {
        let labels = names.iter().enumerate();
        Self {
            endpoint,
            labels: labels.map(|(index, name)| (*name, label(index))).collect(),
        }
    }
}

impl RouteVisitor for Encode<'_> {
    type Output = ();

    fn visit<O: ServerOperation + 'static>(self) {
        let Self { endpoint, labels } = self;
        let has = |refused: &str| labels.iter().any(|(_, label)| *label == refused);
        let request = match codec::encode::<O>(endpoint, &labels, Body::none()) {
            Ok(request) => request,
            Err(EncodeError::EmptyLabel { .. }) => return assert!(has("")),
            Err(EncodeError::DotLabel { .. }) => return assert!(has(".") || has("..")),
            Err(EncodeError::TargetTooLong { length, .. }) => return assert!(length > LONGEST),
            Err(error) => panic!("{error}"),
        };
        assert!(!has("") && !has(".") && !has(".."));

        let uri = request.uri();
        assert_eq!(uri.host(), Some(endpoint.host()));
        assert_eq!(uri.query(), None);
        assert!(uri.path().len() <= LONGEST);
        let path = uri.path().strip_prefix(endpoint.path());
        let path = path.expect("the endpoint's own path comes first");
        assert_eq!(path.split('/').count(), O::PATH.split('/').count());
        for (segment, template) in path.split('/').zip(O::PATH.split('/')) {
            let name = names(template).next();
            let Some((_, label)) = labels.iter().find(|(it, _)| Some(*it) == name) else {
                assert_eq!(segment, template);
                continue;
            };
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            assert!(segment.bytes().all(|byte| plain(byte) || byte == b'%'));
            // Two digits an escape, and what was left as it is.
            let kept = segment.bytes().filter(|byte| plain(*byte)).count();
            let escaped = label.bytes().filter(|byte| !plain(*byte)).count();
            assert_eq!(segment.matches('%').count(), escaped);
            assert_eq!(kept, label.len() - escaped + 2 * escaped);
            let decoded = percent_decode_str(segment).decode_utf8();
            assert_eq!(decoded.as_deref(), Ok(*label));
        }

        let at_server = Request::builder().method(O::METHOD).uri(path).body(());
        let at_server = at_server.expect("a path is a target");
        let route = Route::of(at_server.method(), at_server.uri().path());
        assert_eq!(route.map(Route::name), Some(O::NAME));
    }
}
