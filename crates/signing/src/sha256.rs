//! SHA-256 and HMAC-SHA-256, over the compression function of the crate `sha2`.
//!
//! Why not its `Sha256` and the crate `hmac`: a type that wipes itself does so for the hash of each
//! body and each canonical request too, which holds no secret, and that takes a tenth of the time
//! of a signature. Here only the [`HmacKey`] wipes itself.

use std::slice;

use sha2::block_api::compress256;
use zeroize::{ZeroizeOnDrop, Zeroizing};

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
    Midstate::EMPTY.finish(message)
}

/// The hash of a text while it is written, and beside it the hash of a message.
///
/// Each block waits for the one before it. So the processor is given something else to work on
/// meanwhile: a block of the other hash, and what writes the text.
pub(crate) struct TwoHashes<'a> {
    text: Midstate,
    of_message: Midstate,
    message: &'a [u8],
}

impl<'a> TwoHashes<'a> {
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self {
            text: Midstate::EMPTY,
            of_message: Midstate::EMPTY,
            message,
        }
    }

    /// Takes in what is new in `text`, which is all that is written so far.
    pub(crate) fn take_in(&mut self, text: &[u8]) {
        let (blocks, _) = self.text.rest(text).as_chunks();
        let (others, _) = self.of_message.rest(self.message).as_chunks();
        let (in_turn, alone) = blocks.split_at(blocks.len().min(others.len()));
        for (block, other) in in_turn.iter().zip(others) {
            self.of_message.update(slice::from_ref(other));
            self.text.update(slice::from_ref(block));
        }
        self.text.update(alone);
    }

    /// The hash of the message.
    pub(crate) fn message(&self) -> [u8; 32] {
        self.of_message.finish(self.of_message.rest(self.message))
    }

    /// The hash of the text.
    pub(crate) fn text(&self, text: &[u8]) -> [u8; 32] {
        self.text.finish(self.text.rest(text))
    }
}

/// A hash between two blocks.
#[derive(Clone, Copy)]
struct Midstate {
    state: [u32; 8],
    length: usize,
}

impl Midstate {
    const EMPTY: Self = Self {
        state: INITIAL,
        length: 0,
    };

    fn update(&mut self, blocks: &[[u8; BLOCK]]) {
        if !blocks.is_empty() {
            compress256(&mut self.state, blocks);
            self.length += blocks.as_flattened().len();
        }
    }

    /// What of `text` it has not taken in.
    fn rest<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        text.get(self.length..).unwrap_or_default()
    }

    /// The hash of what it has taken in and `rest`.
    fn finish(self, rest: &[u8]) -> [u8; 32] {
        to_bytes(self.finish_as_words(rest))
    }

    fn finish_as_words(mut self, rest: &[u8]) -> [u32; 8] {
        let (blocks, tail) = rest.as_chunks();
        let padded = PaddedTail::new(tail, self.length + rest.len());
        self.update(blocks);
        self.update(padded.blocks());
        self.state
    }
}

/// What is behind the last whole block of a message, and then a one bit, zeros, and the message's
/// length in bits, so that all of it ends with a block.
struct PaddedTail {
    blocks: [[u8; BLOCK]; 2],
    is_one_block: bool,
}

impl PaddedTail {
    /// `tail` is less than a block, `length` that of the message in bytes.
    fn new(tail: &[u8], length: usize) -> Self {
        let mut padded = Self {
            blocks: [[0; BLOCK]; 2],
            is_one_block: tail.len() < BLOCK - size_of::<u64>(),
        };
        let bits = u64::try_from(length).unwrap_or(u64::MAX).wrapping_mul(8);
        let [first, second] = &mut padded.blocks;
        let last = if padded.is_one_block { first } else { second };
        if let Some(end) = last.last_chunk_mut() {
            *end = bits.to_be_bytes();
        }
        let text = padded.blocks.as_flattened_mut();
        copy(text, tail);
        if let Some(behind) = text.get_mut(tail.len()) {
            *behind = 0x80;
        }
        padded
    }

    fn blocks(&self) -> &[[u8; BLOCK]] {
        let [first, _] = &self.blocks;
        match self.is_one_block {
            true => slice::from_ref(first),
            false => &self.blocks,
        }
    }
}

/// A key of HMAC-SHA-256 (RFC 2104), as the two states that every message starts from.
pub(crate) struct HmacKey {
    inner: Zeroizing<[u32; 8]>,
    outer: Zeroizing<[u32; 8]>,
}

impl HmacKey {
    pub(crate) fn new(key: &[u8]) -> Self {
        let mut block = Zeroizing::new([0_u8; BLOCK]);
        if key.len() <= BLOCK {
            copy(&mut *block, key);
        } else {
            copy(&mut *block, &*Zeroizing::new(sha256(key)));
        }
        let keyed = |pad: u8| {
            let padded = Zeroizing::new(block.map(|byte| byte ^ pad));
            let mut state = Zeroizing::new(INITIAL);
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
        let inner = Midstate {
            state: *self.inner,
            length: BLOCK,
        };
        let [a, b, c, d, e, f, g, h] = inner.finish_as_words(message);
        // The block that ends a message of one block and a hash, as `PaddedTail` would have it.
        let bits = 8 * (64 + 32);
        let end = [a, b, c, d, e, f, g, h, 1 << 31, 0, 0, 0, 0, 0, 0, bits].map(u32::to_be_bytes);
        let mut outer = *self.outer;
        compress256(&mut outer, end.as_flattened().as_chunks().0);
        to_bytes(outer)
    }
}

// Both of its states do.
impl ZeroizeOnDrop for HmacKey {}

fn to_bytes(state: [u32; 8]) -> [u8; 32] {
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
    fn two_hashes_in_turn_are_those_of_either_alone() {
        let bytes: Vec<u8> = (0..=255).cycle().take(300).collect();
        for length in 0..bytes.len() {
            let (message, text) = bytes.split_at(length);
            for step in [1, 63, 64, 65, 300] {
                let mut hashes = TwoHashes::new(message);
                for written in (0..=text.len()).step_by(step) {
                    hashes.take_in(&text[..written]);
                }
                assert_eq!(hashes.message(), sha256(message));
                assert_eq!(hashes.text(text), sha256(text));
            }
        }
    }

    #[test]
    fn both_states_of_a_key_are_of_a_type_that_wipes_itself() {
        fn wiped<T: ZeroizeOnDrop>(_: &T) {}
        let HmacKey { inner, outer } = HmacKey::new(b"secret");
        wiped(&inner);
        wiped(&outer);
    }

    #[test]
    fn a_key_and_a_message_of_any_length_have_the_code_that_hmac_gives_them() {
        let bytes: Vec<u8> = (0..=255).cycle().take(300).collect();
        for length in 0..bytes.len() {
            let (key, message) = (&bytes[..length], &bytes[length..]);
            let theirs = Hmac::<Sha256>::new_from_slice(key).unwrap();
            let theirs = theirs.chain_update(message).finalize().into_bytes();
            assert_eq!(HmacKey::new(key).sign(message), <[u8; 32]>::from(theirs));
        }
    }
}
