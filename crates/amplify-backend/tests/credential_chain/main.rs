//! The credential chain: who is asked, in which order, with what, and what follows from each answer.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails the short way"
)]

mod container;
mod instance_metadata;
mod order;
mod roles;
mod secrets;
mod shared;
mod sso;
mod world;
