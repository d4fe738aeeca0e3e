//! `requests`: whatever is sent, the server's half makes an input or an error of it.
//!
//! Input: method and target on the first line, headers, an empty line, the body.
//!
//! - Nothing panics, and an error shows itself in one line.
//! - The operation that the request is routed to is the only one that finds its target in it.
//! - What is read encodes to a request that reads as the same, but for a label that is `.` or `..`,
//!   which no client sends.
//! - A usual request, read in one go, and the same request read with care make the same.

use std::fmt::Debug;

use bytes::Bytes;
use http::Request;
use operations::server::{Route, ServerOperation};
use operations::{DecodeErrorKind, EncodeError, Endpoint};

use crate::with_care::WithCare;
use crate::{is_one_line, message, with_each_operation};

/// Checks one request.
pub fn check(input: &[u8]) {
    let Some(request) = message::request(input) else {
        return;
    };
    let route = Route::of(request.method(), request.uri().path());
    with_each_operation!(read(&request, route));
}

fn read<O: ServerOperation + PartialEq + Debug>(request: &Request<Bytes>, route: Option<Route>) {
    let read = O::from_request(request);
    let is_ours = route.is_some_and(|route| route.name() == O::NAME);
    let target_fits = !matches!(&read, Err(error) if error.kind() == DecodeErrorKind::Target);
    assert_eq!(target_fits, is_ours);

    match (&read, WithCare::<O>::from_request(request)) {
        (Ok(usual), Ok(WithCare(careful))) => assert_eq!(*usual, careful),
        (Err(usual), Err(careful)) => {
            assert_eq!(usual.kind(), careful.kind());
            assert_eq!(usual.position(), careful.position());
            assert_eq!(usual.member(), careful.member());
        }
        (usual, careful) => panic!("usual: {usual:?}, careful: {careful:?}"),
    }
    match read {
        Ok(input) => comes_again(&input),
        Err(error) => assert!(is_one_line(&error.to_string())),
    }
}

fn comes_again<O: ServerOperation + PartialEq + Debug>(input: &O) {
    let endpoint = Endpoint::new("https://example.com").expect("it is a URL");
    let request = match input.to_request(&endpoint) {
        Ok(request) => request,
        Err(EncodeError::DotLabel { .. } | EncodeError::TargetTooLong { .. }) => return,
        Err(error) => panic!("{error}"),
    };
    let again = O::from_request(&request);
    assert_eq!(again.as_ref().expect("our own request is one"), input);
}
