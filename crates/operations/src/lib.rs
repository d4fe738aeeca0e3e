//! The operations of AWS's AmplifyBackend storage API as pairs of pure functions: an input becomes
//! an [`http::Request`], an [`http::Response`] becomes an output or an error.
//!
//! Each operation has a file, which shows its path, its body and whether it only reads. The shapes
//! come from `amplify-backend-models`. Any HTTP client carries the requests:
//!
//! ```
//! use amplify_backend_operations::{Endpoint, Operation, Region};
//! use amplify_backend_operations::models::{ListS3BucketsInput, ListS3BucketsOutput};
//!
//! let endpoint = Endpoint::for_region(&Region::new("eu-central-1")?);
//! let request = ListS3BucketsInput::default().to_request(&endpoint)?;
//! assert_eq!(request.uri(), "https://amplifybackend.eu-central-1.amazonaws.com/s3Buckets");
//! assert_eq!(request.body().as_ref(), b"{}");
//!
//! // … sign it, send it, and hand over what came back:
//! let response = http::Response::new(bytes::Bytes::from_static(b"{\"buckets\": []}"));
//! let page = ListS3BucketsInput::parse_response(response)?;
//! assert_eq!(page.buckets, Some(vec![]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The facts of the wire come from the public service model (API version 2020-08-11) and, where
//! that is silent, from what the official SDKs agree on.
//!
//! # Features
//!
//! - `builder`: a builder for every shape. Leaving out a required member of an input does not
//!   compile.
//! - `server`: the other half, for whoever answers these requests, in the module `server`.
//!
//! No I/O, no signing, no clock, no runtime, no environment.

mod decode_error;
mod encode_error;
mod endpoint;
mod error_code;
mod json;
mod operation;
mod redirect;
mod region;
mod service_error;

pub mod codec;
#[cfg(feature = "server")]
pub mod server;

mod create_backend_storage;
mod delete_backend_storage;
mod get_backend_job;
mod get_backend_storage;
mod import_backend_storage;
mod list_backend_jobs;
mod list_s3_buckets;
mod update_backend_job;
mod update_backend_storage;

/// The shapes, so that one dependency is enough.
pub use models;

pub use self::decode_error::{DecodeError, DecodeErrorKind};
pub use self::encode_error::EncodeError;
pub use self::endpoint::{Endpoint, EndpointBuilder, EndpointError};
pub use self::error_code::ErrorCode;
pub use self::operation::{Operation, ResponseError};
pub use self::redirect::Redirect;
pub use self::region::{Region, RegionError};
pub use self::service_error::{ServiceError, request_id};

// The README's program is a test too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
