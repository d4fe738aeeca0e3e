//! `POST /s3Buckets`
//!
//! Lists the S3 buckets of the account, one page at a time. Without a token the body is `{}`.

use bytes::Bytes;
use http::{Method, Request, Response};
use models::{ListS3BucketsInput, ListS3BucketsOutput};

use crate::codec::{Body, decode, encode};
#[cfg(feature = "server")]
use crate::server::{Kind, Member, ServerOperation};
use crate::{EncodeError, Endpoint, Operation, ResponseError};

impl Operation for ListS3BucketsInput {
    type Output = ListS3BucketsOutput;

    const NAME: &'static str = "ListS3Buckets";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/s3Buckets";
    const READ_ONLY: bool = true;

    fn to_request(&self, endpoint: &Endpoint) -> Result<Request<Bytes>, EncodeError> {
        encode::<Self>(
            endpoint,
            &[],
            Body::object().optional("nextToken", &self.next_token),
        )
    }

    fn parse_response(response: Response<Bytes>) -> Result<Self::Output, ResponseError> {
        decode(response)
    }
}

#[cfg(feature = "server")]
impl ServerOperation for ListS3BucketsInput {
    const BODY: Option<&'static [Member]> = Some(&[Member::optional("nextToken", Kind::Text)]);
    const STRICT_SHAPE: bool = true;
}
