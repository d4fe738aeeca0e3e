//! One HTTP request out, one response in.
//!
//! [`Transport`] is the seam: a trait with one method. `HyperTransport` (feature `hyper`, on by
//! default) is what most programs use: pooled connections, TLS, proxies, deadlines, limits. [`Canned`]
//! answers from a script, for tests. `TowerTransport` (feature `tower`) takes a tower service.
//!
//! This crate knows no AWS: it neither signs nor retries nor reads the environment
//! (`RootCertificates::native` apart, which looks for the platform's roots). It never follows a
//! redirect, never asks for compression, never turns the verification of certificates off, never
//! prints a header, a body or a proxy's credentials, and never says that a request was not processed
//! when it is unsure.
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `hyper`, on by default | `HyperTransport`, with proxies, roots of one's own and a client certificate |
//! | `http2` | HTTP/2 where TLS settles on it |
//! | `native-roots` | `RootCertificates::native`: the roots that the platform trusts |
//! | `aws-lc-rs` | `HyperTransportBuilder::aws_lc_rs`: the cryptography of aws-lc-rs instead of ring's |
//! | `tower` | `TowerTransport` |
//!
#![cfg_attr(feature = "hyper", doc = "```no_run")]
#![cfg_attr(not(feature = "hyper"), doc = "```ignore")]
//! use amplify_backend_transport::{HyperTransport, Transport};
//! use bytes::Bytes;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let transport = HyperTransport::new();
//! let request = http::Request::get("https://example.com/").body(Bytes::new())?;
//! let response = transport.send(request).await?;
//! println!("{}", response.status());
//! # Ok(())
//! # }
//! ```

mod canned;
mod error;
#[cfg(feature = "hyper")]
mod hyper;
#[cfg(feature = "tower")]
mod tower;
mod transport;

pub use crate::canned::{Canned, Unmet};
pub use crate::error::{ProxyFault, TimeoutPhase, TransportError, TransportErrorKind};
#[cfg(feature = "hyper")]
pub use crate::hyper::{
    ClientCertificate, HyperTransport, HyperTransportBuilder, InvalidCertificate, InvalidProxy,
    Proxies, Proxy, RootCertificates,
};
#[cfg(feature = "tower")]
pub use crate::tower::TowerTransport;
pub use crate::transport::{AttemptTimeout, Replay, Transport};

/// Runs the program of the README with the other examples.
#[cfg(all(doctest, feature = "hyper"))]
#[doc = include_str!("../README.md")]
struct Readme;
