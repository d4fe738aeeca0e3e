//! Judges codecs, clients and servers of AWS's AmplifyBackend storage API.
//!
//! The cases of this repository are in `conformance/fixtures`, a folder each. Those of AWS's own
//! suites are other people's files and not part of it: they are read from `../shared/vectors`, or
//! from the folder that `AMPLIFY_BACKEND_VECTORS` names.

pub mod case;
pub mod client;
pub mod codec;
pub mod codecs;
pub mod compare;
pub mod official;
pub mod report;
pub mod server;
mod told;
