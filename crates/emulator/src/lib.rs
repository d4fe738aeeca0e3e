#![doc = include_str!("../README.md")]

mod active_faults;
mod answer;
mod clock;
mod control;
mod emulator;
mod fault;
mod in_process;
mod job;
mod job_history;
mod request_log;
mod server;
mod service;
mod signatures;
mod snapshot;
mod store;
mod world;

pub use signing::Credentials;

pub use crate::active_faults::ActiveFault;
pub use crate::emulator::{Emulator, EmulatorBuilder, EmulatorError, emulator_builder};
pub use crate::fault::{BodyEffect, BodyKind, Effect, ErrorEffect, FaultRule, Reset};
pub use crate::in_process::InProcess;
pub use crate::job::{Job, JobStatus, Work};
pub use crate::request_log::LoggedRequest;
pub use crate::server::{Control, Server, ServerOptions};
pub use crate::signatures::SignatureMode;
pub use crate::snapshot::{
    App, Bucket, Environment, Permissions, Snapshot, SnapshotError, Storage,
};
pub use crate::store::StateError;
