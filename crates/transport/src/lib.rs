#![cfg_attr(
    any(feature = "hyper", not(doctest)),
    doc = include_str!("../README.md")
)]

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
