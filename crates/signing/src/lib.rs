#![doc = include_str!("../README.md")]

// First, so that the docs of `Signer` begin with what makes one.
mod signer;

mod authorization;
#[cfg(feature = "aws-sigv4")]
mod aws_sigv4;
mod canonical;
#[cfg(feature = "verify")]
mod constant_time;
mod credentials;
mod error;
mod hex;
mod key;
mod presign;
mod sha256;
mod signature;
mod time;
#[cfg(feature = "tower")]
mod tower;
#[cfg(feature = "verify")]
mod verify;

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::Request;

#[cfg(feature = "aws-sigv4")]
pub use crate::aws_sigv4::AwsSigV4;
pub use crate::credentials::Credentials;
pub use crate::error::SigningError;
pub use crate::signature::Signature;
pub use crate::signer::{PathEncoding, Payload, SessionToken, Signer};
#[cfg(feature = "tower")]
pub use crate::tower::{SignError, SignFuture, SignLayer, SignService};
#[cfg(feature = "verify")]
pub use crate::verify::{Mismatch, Verified, Verifier, VerifyError};

/// Puts a signature into a request.
///
/// [`Signer`] is the implementation to use. With the feature `aws-sigv4` there is a second one over
/// AWS's own code; any other, like one that signs nothing, can stand in for it.
pub trait Sign {
    /// Signs `request` as of `at`. On error the request is left exactly as it was.
    ///
    /// # Errors
    ///
    /// See [`SigningError`].
    fn sign(
        &self,
        request: &mut Request<Bytes>,
        credentials: &Credentials,
        at: SystemTime,
    ) -> Result<(), SigningError>;
}

impl<S: Sign + ?Sized> Sign for &S {
    fn sign(
        &self,
        request: &mut Request<Bytes>,
        credentials: &Credentials,
        at: SystemTime,
    ) -> Result<(), SigningError> {
        S::sign(self, request, credentials, at)
    }
}

impl<S: Sign + ?Sized> Sign for Arc<S> {
    fn sign(
        &self,
        request: &mut Request<Bytes>,
        credentials: &Credentials,
        at: SystemTime,
    ) -> Result<(), SigningError> {
        S::sign(self, request, credentials, at)
    }
}
