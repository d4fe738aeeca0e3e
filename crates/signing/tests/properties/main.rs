//! What holds for every request: ours equals AWS's own signer, and what was signed verifies until
//! anything in it is changed.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may fail the short way"
)]

mod generate;
mod oracle;
mod verify;
