//! SHA-256 and HMAC-SHA-256, over the compression function of the crate `sha2`.
//!
//! Why not its `Sha256` and the crate `hmac`: a type that wipes itself does so for the hash of each
//! body and each canonical request too, which holds no secret, and that takes a tenth of the time
//! of a signature. Here only the [`Key`] wipes itself.

use sha2::block_api::compress256;
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

const BLOCK: usize = 64;

/// The state before the first block (FIPS 180-4, 5.3.3).
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The hash of `message`.
pub(crate) fn sha256(message: &[u8]) -> [u8; 32] {
    finish(INITIAL, 0, message)
}

/// A key of HMAC-SHA-256 (RFC 2104), as the two states that every message starts from.
pub(crate) struct Key {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl Key {
    pub(crate) fn new(key: &[u8]) -> Self {
        let mut block = Zeroizing::new([0_u8; BLOCK]);
        if key.len() <= BLOCK {
            copy(&mut *block, key);
        } else {
            copy(&mut *block, &*Zeroizing::new(sha256(key)));
        }
        let keyed = |pad: u8| {
            let padded = Zeroizing::new(block.map(|byte| byte ^ pad));
            let mut state = INITIAL;
            compress256(&mut state, &[*padded]);
            state
        };
        Self {
            inner: keyed(0x36),
            outer: keyed(0x5c),
        }
    }

    /// The authentication code of `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 32] {
        let inner = finish(self.inner, BLOCK, message);
        finish(self.outer, BLOCK, &inner)
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

impl ZeroizeOnDrop for Key {}

/// The hash whose state is `state` after `before` bytes, and which ends with `rest`.
fn finish(mut state: [u32; 8], before: usize, rest: &[u8]) -> [u8; 32] {
    let (blocks, tail) = rest.as_chunks::<BLOCK>();
    compress256(&mut state, blocks);

    // A one bit, zeros, and the length in bits, so that all of it ends with a block.
    let mut last = [[0; BLOCK]; 2];
    let padded = last.as_flattened_mut();
    let room = BLOCK - 1 - size_of::<u64>();
    let padded = match tail.len() <= room {
        true => padded.split_at_mut(BLOCK).0,
        false => padded,
    };
    copy(padded, tail);
    if let Some(end) = padded.get_mut(tail.len()) {
        *end = 0x80;
    }
    if let Some(length) = padded.last_chunk_mut() {
        let bytes = u64::try_from(before + rest.len()).unwrap_or(u64::MAX);
        *length = bytes.wrapping_mul(8).to_be_bytes();
    }
    compress256(&mut state, padded.as_chunks().0);

    let mut hash = [0; 32];
    for (bytes, word) in hash.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    hash
}

/// Copies `from` to the start of `to`, which is at least as long.
fn copy(to: &mut [u8], from: &[u8]) {
    if let Some(to) = to.get_mut(..from.len()) {
        to.copy_from_slice(from);
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn a_message_of_any_length_has_the_hash_that_sha2_gives_it() {
        let message: Vec<u8> = (0..=255).cycle().take(300).collect();
        for length in 0..message.len() {
            let message = &message[..length];
            assert_eq!(sha256(message), <[u8; 32]>::from(Sha256::digest(message)));
        }
    }

    #[test]
    fn a_key_and_a_message_of_any_length_have_the_code_that_hmac_gives_them() {
        let bytes: Vec<u8> = (0..=255).cycle().take(300).collect();
        for length in 0..bytes.len() {
            let (key, message) = (&bytes[..length], &bytes[length..]);
            let theirs = Hmac::<Sha256>::new_from_slice(key).unwrap();
            let theirs = theirs.chain_update(message).finalize().into_bytes();
            assert_eq!(Key::new(key).sign(message), <[u8; 32]>::from(theirs));
        }
    }
}
