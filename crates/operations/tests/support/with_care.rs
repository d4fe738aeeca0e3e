//! The careful way of reading requests, for comparison with the usual one. The fuzz target
//! `requests` reads this file too.

use amplify_backend_operations::server::{Member, ServerOperation};
use amplify_backend_operations::{EncodeError, Endpoint, Operation, ResponseError};
use bytes::Bytes;
use http::{Method, Request, Response};
use serde_core::{Deserialize, Deserializer};

/// An operation that is only ever read with care.
#[derive(Debug, PartialEq)]
pub(crate) struct WithCare<O>(pub(crate) O);

impl<'de, O: Deserialize<'de>> Deserialize<'de> for WithCare<O> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        O::deserialize(deserializer).map(Self)
    }
}

impl<O: Operation> Operation for WithCare<O> {
    type Output = O::Output;

    const NAME: &'static str = O::NAME;
    const METHOD: Method = O::METHOD;
    const PATH: &'static str = O::PATH;
    const READ_ONLY: bool = O::READ_ONLY;

    fn to_request(&self, endpoint: &Endpoint) -> Result<Request<Bytes>, EncodeError> {
        self.0.to_request(endpoint)
    }

    fn parse_response(response: Response<Bytes>) -> Result<Self::Output, ResponseError> {
        O::parse_response(response)
    }
}

impl<O: ServerOperation> ServerOperation for WithCare<O> {
    const BODY: Option<&'static [Member]> = O::BODY;
}
