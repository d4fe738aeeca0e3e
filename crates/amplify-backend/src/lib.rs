#![doc = include_str!("../README.md")]

mod call;
mod client;
mod clock;
pub mod config;
mod credentials;
mod error;
mod fluent;
mod jobs;
mod observer;
mod pages;
pub mod retry;

pub use models;
pub use operations::{
    DecodeError, DecodeErrorKind, EncodeError, Endpoint, EndpointBuilder, EndpointError, ErrorCode,
    Operation, Redirect, Region, RegionError, ResponseError, ServiceError, codec,
};
pub use signing::{Credentials, Sign, Signer, SigningError};
#[cfg(feature = "tower")]
pub use transport::TowerTransport;
pub use transport::{
    Canned, ClientCertificate, HyperTransport, HyperTransportBuilder, InvalidCertificate,
    InvalidProxy, Proxies, Proxy, ProxyFault, RootCertificates, TimeoutPhase, Transport,
    TransportError, TransportErrorKind, Unmet,
};

pub use crate::call::Answer;
pub use crate::client::{Client, ClientBuilder, client_builder};
pub use crate::clock::Clock;
pub use crate::config::{Config, ConfigError};
pub use crate::credentials::{
    CachedCredentials, CredentialsError, EnvironmentCredentials, ProvideCredentials,
};
pub use crate::error::{Error, ErrorKind};
pub use crate::observer::{Attempt, Observer};
pub use crate::pages::{Items, Pages, Paginated};
pub use crate::retry::{Mutations, RetryPolicy};

// The program in the README of the whole project is a test too.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
