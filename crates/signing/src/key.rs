//! The signing key: derived from the secret for one day, region and service, and kept.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use zeroize::Zeroizing;

use crate::credentials::Credentials;
use crate::sha256::Key;

/// What a signature is made with, ready to use. It wipes itself.
pub(crate) struct SigningKey(Key);

impl SigningKey {
    fn derive(secret: &str, date: &str, region: &str, service: &str) -> Self {
        let mut secret_with_prefix = Zeroizing::new(String::with_capacity(4 + secret.len()));
        secret_with_prefix.push_str("AWS4");
        secret_with_prefix.push_str(secret);
        let mut key = Key::new(secret_with_prefix.as_bytes());
        for step in [date, region, service, "aws4_request"] {
            let next = Zeroizing::new(key.sign(step.as_bytes()));
            key = Key::new(&*next);
        }
        Self(key)
    }

    pub(crate) fn sign(&self, text: &str) -> [u8; 32] {
        self.0.sign(text.as_bytes())
    }

    /// Takes the same time whichever bytes differ.
    #[cfg(feature = "verify")]
    pub(crate) fn verify(&self, text: &str, signature: &[u8; 32]) -> bool {
        use subtle::ConstantTimeEq as _;

        self.sign(text).ct_eq(signature).into()
    }
}

/// The last key that was used: deriving it takes as long as the rest of signing, and it changes
/// once a day.
///
/// Behind an `ArcSwap`, since readers then share no lock and no counter: a thread that signs never
/// waits for another, not even for the one that replaces the key. A mutex or a reader-writer lock
/// would have all threads write to one place for each signature. The key is wiped when the last
/// thread that still signs with it is done.
#[derive(Default)]
pub(crate) struct KeptKey(ArcSwapOption<Kept>);

struct Kept {
    credentials: Credentials,
    date: String,
    region: String,
    service: String,
    key: SigningKey,
}

impl KeptKey {
    /// Lends the key to `work`, and derives it first where the kept one is another's.
    pub(crate) fn with<T>(
        &self,
        credentials: &Credentials,
        date: &str,
        region: &str,
        service: &str,
        work: impl FnOnce(&SigningKey) -> T,
    ) -> T {
        let secret = credentials.secret_access_key();
        let kept = self.0.load();
        if let Some(kept) = &*kept
            && kept.date == date
            && kept.region == region
            && kept.service == service
            && kept.credentials.secret_access_key() == secret
        {
            return work(&kept.key);
        }
        let new = Arc::new(Kept {
            credentials: credentials.clone(),
            date: date.into(),
            region: region.into(),
            service: service.into(),
            key: SigningKey::derive(secret, date, region, service),
        });
        let result = work(&new.key);
        self.0.store(Some(new));
        result
    }
}

impl fmt::Debug for KeptKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeptKey { .. }")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Weak;

    use super::*;
    use crate::hex::Hex;

    #[test]
    fn the_key_of_the_documentation_signs_as_documented() {
        let key = SigningKey::derive(
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            "20150830",
            "us-east-1",
            "iam",
        );
        let text = "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n\
                    f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
        assert_eq!(
            Hex::new(&key.sign(text)).as_str(),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }

    #[test]
    fn another_secret_day_region_or_service_is_another_key() {
        let [one, two] = ["one", "two"].map(|secret| Credentials::new("id", secret));
        let kept = KeptKey::default();
        let sign = |credentials: &Credentials, date, region, service| {
            let keep = |key: &SigningKey| key.sign("text");
            let signature = kept.with(credentials, date, region, service, keep);
            assert_eq!(
                signature,
                kept.with(credentials, date, region, service, keep)
            );
            signature
        };
        let signatures = [
            sign(&one, "20150830", "us-east-1", "s3"),
            sign(&two, "20150830", "us-east-1", "s3"),
            sign(&one, "20150831", "us-east-1", "s3"),
            sign(&one, "20150830", "us-east-2", "s3"),
            sign(&one, "20150830", "us-east-1", "sts"),
        ];
        for (index, signature) in signatures.iter().enumerate() {
            assert!(!signatures[..index].contains(signature));
        }
    }

    #[test]
    fn a_replaced_key_is_dropped_and_what_it_is_made_of_wipes_itself() {
        fn wiped<T: zeroize::ZeroizeOnDrop>() {}
        wiped::<Key>();
        let kept = KeptKey::default();
        let credentials = Credentials::new("id", "secret");
        kept.with(&credentials, "20150830", "us-east-1", "s3", |_| ());
        let first: Weak<Kept> = Arc::downgrade(&kept.0.load_full().unwrap());
        assert!(first.upgrade().is_some());
        kept.with(&credentials, "20150831", "us-east-1", "s3", |_| ());
        assert!(first.upgrade().is_none());
    }
}
