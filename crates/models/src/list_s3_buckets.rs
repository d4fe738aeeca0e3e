//! `POST /s3Buckets`
//!
//! Lists the S3 buckets of the account, one page at a time.

use crate::wire::{Dense, members};

/// What ListS3Buckets takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "builder", derive(bon::Builder), builder(on(String, into)))]
#[non_exhaustive]
pub struct ListS3BucketsInput {
    /// Where the next page starts; `None` asks for the first page.
    pub next_token: Option<String>,
}

members!(ListS3BucketsInput {
    next_token: optional "nextToken",
});

/// One page of buckets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "builder", derive(bon::Builder), builder(on(String, into)))]
#[non_exhaustive]
pub struct ListS3BucketsOutput {
    /// The buckets of this page.
    pub buckets: Option<Vec<S3BucketInfo>>,
    /// Where the next page starts. `None`, and an empty text, mean that this is the last one.
    pub next_token: Option<String>,
}

members!(ListS3BucketsOutput {
    buckets: optional "buckets" via Dense<S3BucketInfo>,
    next_token: optional "nextToken",
});

/// A bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "builder", derive(bon::Builder), builder(on(String, into)))]
#[non_exhaustive]
pub struct S3BucketInfo {
    /// When the bucket was created, in a format that the service does not document.
    pub creation_date: Option<String>,
    /// The name of the bucket.
    pub name: Option<String>,
}

members!(S3BucketInfo {
    creation_date: optional "creationDate",
    name: optional "name",
});
