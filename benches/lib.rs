//! What the request path costs, against raw libraries and peers: benches, programs and a report.
//!
//! ```text
//! cargo bench -p amplify-backend-benches --bench serialization
//! ```

pub mod in_flight;
pub mod kept;
pub mod load;
pub mod machine;
pub mod raw;
pub mod results;
#[cfg(feature = "peers")]
pub mod sdk;
pub mod shapes;
pub mod signers;
pub mod stages;
