//! Settings, where they are found, and where each came from.

mod environment;
mod error;
mod files;
mod origin;
mod parse;
mod profiles;

pub use self::environment::Environment;
pub use self::error::ProfilesError;
pub use self::files::ProfileFiles;
pub use self::origin::{Origin, Setting};
pub use self::profiles::{Profiles, Property, Section};
