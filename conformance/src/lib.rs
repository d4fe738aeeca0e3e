//! The official cases, run against the layers of amplify-backend.
//!
//! The cases are other people's files and are not part of this repository: they are read from
//! `../shared/vectors`, or from the folder that `AMPLIFY_BACKEND_VECTORS` names.

pub mod codec;
pub mod official;
