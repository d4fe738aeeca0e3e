//! The shapes of AWS's AmplifyBackend storage API, to JSON and back.
//!
//! Each operation has a file with its input, its output and what only it uses; the names are the
//! service's (API version 2020-08-11) in Rust spelling. `serde` on a shape uses the names of the
//! wire and covers the whole shape, the members that travel in the path included: which member
//! goes where is knowledge of the crate `amplify-backend-operations`.
//!
//! ```
//! use amplify_backend_models::{AuthenticatedElement, BackendStoragePermissions};
//!
//! let permissions = BackendStoragePermissions::builder()
//!     .authenticated([AuthenticatedElement::Read])
//!     .build();
//! assert_eq!(serde_json::to_string(&permissions)?, r#"{"authenticated":["READ"]}"#);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # How JSON is read
//!
//! - A member that is null is a member that is absent; unknown members are ignored; of a member
//!   that stands twice the last counts; null elements of a list are dropped.
//! - An input without a required member is refused. In an output, what the service should have
//!   sent and did not is filled as Smithy's client error correction says: `false` for
//!   [`imported`](GetBackendStorageResourceConfig::imported), an empty list, an empty text, a
//!   [`ServiceName`] whose text is empty.
//! - A shape is a JSON object. An array of its members in their order, which derived code takes
//!   too, is refused.
//!
//! # Features
//!
//! - `builder` (default): a builder for every shape. Leaving out a required member of an input
//!   does not compile. Without it, an input that requires a member comes from JSON alone: shapes are
//!   `#[non_exhaustive]`, since the service may add members.
//! - `proptest`: `Arbitrary` for every shape, and the strategies they are made of.
//!
//! No HTTP, no I/O, no clock, no allocation beyond the values themselves.

mod job_times;
mod string_enum;
mod wire;

mod permissions;
mod service_name;

mod create_backend_storage;
mod delete_backend_storage;
mod get_backend_job;
mod get_backend_storage;
mod import_backend_storage;
mod list_backend_jobs;
mod list_s3_buckets;
mod update_backend_job;
mod update_backend_storage;

#[cfg(feature = "proptest")]
pub mod strategies;

pub use self::create_backend_storage::*;
pub use self::delete_backend_storage::*;
pub use self::get_backend_job::*;
pub use self::get_backend_storage::*;
pub use self::import_backend_storage::*;
pub use self::list_backend_jobs::*;
pub use self::list_s3_buckets::*;
pub use self::permissions::*;
pub use self::service_name::*;
pub use self::update_backend_job::*;
pub use self::update_backend_storage::*;

// The README's program is a test too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
