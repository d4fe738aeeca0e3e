//! An operation that this crate does not have, and what is said where it is written wrongly.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use std::collections::BTreeMap;
use std::error::Error;

use amplify_backend_operations::codec::{Body, decode, encode};
use amplify_backend_operations::{EncodeError, Endpoint, Operation, ResponseError};
use bytes::Bytes;
use http::{Method, Request, Response};

/// `POST /own/{appId}/{own}`
struct Own {
    labels: &'static [(&'static str, &'static str)],
    /// JSON has no other names than texts.
    by_place: BTreeMap<(u8, u8), u8>,
}

impl Operation for Own {
    type Output = BTreeMap<String, u8>;

    const NAME: &'static str = "Own";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/own/{appId}/{own}";
    const READ_ONLY: bool = true;

    fn to_request(&self, endpoint: &Endpoint) -> Result<Request<Bytes>, EncodeError> {
        let body = Body::object()
            .member("before", "b")
            .member("byPlace", &self.by_place)
            .member("after", &());
        encode::<Self>(endpoint, self.labels, body)
    }

    fn parse_response(response: Response<Bytes>) -> Result<Self::Output, ResponseError> {
        decode(response)
    }
}

fn encoded(
    labels: &'static [(&'static str, &'static str)],
    by_place: &[((u8, u8), u8)],
) -> Result<Request<Bytes>, EncodeError> {
    let by_place = by_place.iter().copied().collect();
    Own { labels, by_place }.to_request(&Endpoint::new("https://example.com").unwrap())
}

const LABELS: &[(&str, &str)] = &[("own", "o"), ("appId", "a")];

#[test]
fn its_labels_are_found_by_name_and_its_members_keep_their_order() {
    let request = encoded(LABELS, &[]).unwrap();
    assert_eq!(request.uri(), "https://example.com/own/a/o");
    assert_eq!(
        request.body(),
        r#"{"before":"b","byPlace":{},"after":null}"#
    );
}

#[test]
fn a_label_that_is_not_given_is_named() {
    let error = encoded(&[("appId", "a")], &[]).unwrap_err();
    assert_eq!(error.to_string(), "the path's label own is not given");
    assert!(error.source().is_none(), "that is all there is to say");
}

#[test]
fn a_member_that_json_cannot_hold_is_an_error_with_its_cause_behind() {
    let error = encoded(LABELS, &[((1, 2), 3)]).unwrap_err();
    assert_eq!(error.to_string(), "a member cannot be written as JSON");
    assert_eq!(error.source().unwrap().to_string(), "key must be a string");
}
