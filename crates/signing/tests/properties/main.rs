//! What holds for every request: ours equals AWS's own signer, and what was signed verifies until
//! anything in it is changed.

mod generate;
mod oracle;
#[cfg(feature = "verify")]
mod verify;
