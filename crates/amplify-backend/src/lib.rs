#![doc = include_str!("../README.md")]

#[cfg(feature = "blocking")]
pub mod blocking;
mod call;
#[cfg(feature = "credential-chain")]
mod chain;
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
#[cfg(feature = "aws-config")]
mod sdk_provider;

pub use models;
pub use operations::{
    DecodeError, DecodeErrorKind, EncodeError, Endpoint, EndpointBuilder, EndpointError, ErrorCode,
    Operation, Redirect, Region, RegionError, ResponseError, ServiceError, codec,
};
pub use signing::{Credentials, Sign, Signer, SigningError};
#[cfg(feature = "tower")]
pub use transport::TowerTransport;
pub use transport::{
    AttemptTimeout, Canned, ClientCertificate, HyperTransport, HyperTransportBuilder,
    InvalidCertificate, InvalidProxy, Proxies, Proxy, ProxyFault, Replay, RootCertificates,
    TimeoutPhase, Transport, TransportError, TransportErrorKind, Unmet,
};

pub use crate::call::Answer;
#[cfg(feature = "credential-chain")]
pub use crate::chain::CredentialChain;
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
#[cfg(feature = "aws-config")]
pub use crate::sdk_provider::SdkProvider;

// The program in the README of the whole project is a test too.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
