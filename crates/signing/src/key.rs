//! Signing keys: derived from the secret for one day, region and service, and cached.

use std::fmt;
use std::iter;
use std::sync::Arc;

use arc_swap::ArcSwap;
use zeroize::Zeroizing;

use crate::credentials::Credentials;
use crate::sha256::HmacKey;
use crate::signature::Scope;

/// What a signature is made with, ready to use. It wipes itself.
pub(crate) struct SigningKey {
    key: HmacKey,
    scope: String,
}

impl SigningKey {
    fn derive(secret: &str, scope: Scope<'_>) -> Self {
        let mut secret_with_prefix = Zeroizing::new(String::with_capacity(4 + secret.len()));
        secret_with_prefix.push_str("AWS4");
        secret_with_prefix.push_str(secret);
        let mut key = HmacKey::new(secret_with_prefix.as_bytes());
        for step in [scope.date(), scope.region, scope.service, "aws4_request"] {
            let next = Zeroizing::new(key.sign(step.as_bytes()));
            key = HmacKey::new(&*next);
        }
        let mut text = String::new();
        scope.push_to(&mut text, "/");
        Self { key, scope: text }
    }

    /// What the key is good for, as it stands in a credential.
    pub(crate) fn scope(&self) -> &str {
        &self.scope
    }

    pub(crate) fn sign(&self, text: &str) -> [u8; 32] {
        self.key.sign(text.as_bytes())
    }

    /// Takes the same time whichever bytes differ.
    #[cfg(feature = "verify")]
    pub(crate) fn verify(&self, text: &str, signature: &[u8; 32]) -> bool {
        crate::constant_time::eq(&self.sign(text), signature)
    }
}

/// The keys that were used last: deriving one takes as long as the rest of signing, and it changes
/// once a day.
///
/// Behind an `ArcSwap`, since readers then share no lock and no counter: a thread that signs never
/// waits for another, not even for the one that replaces a key. A mutex or a reader-writer lock
/// would have all threads write to one place for each signature. A key is wiped when it has left
/// and the last thread that still signs with it is done.
pub(crate) struct KeyCache {
    /// The newest first. Where two threads add one at a time, one may be lost, and is derived again.
    entries: ArcSwap<Vec<Arc<Entry>>>,
    capacity: usize,
}

struct Entry {
    credentials: Credentials,
    date: String,
    region: String,
    service: String,
    key: SigningKey,
}

impl KeyCache {
    /// Keeps no more than `capacity` keys; when one more comes, the oldest leaves.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            entries: ArcSwap::default(),
            capacity,
        }
    }

    /// Lends the key to `work`, and derives it first where it is not cached.
    pub(crate) fn with<T>(
        &self,
        credentials: &Credentials,
        scope: Scope<'_>,
        work: impl FnOnce(&SigningKey) -> T,
    ) -> T {
        let secret = credentials.secret_access_key();
        let (date, region, service) = (scope.date(), scope.region, scope.service);
        let entries = self.entries.load();
        let found = entries.iter().find(|entry| {
            entry.credentials.secret_access_key() == secret
                && entry.date == date
                && entry.region == region
                && entry.service == service
        });
        if let Some(entry) = found {
            return work(&entry.key);
        }
        let new = Arc::new(Entry {
            credentials: credentials.clone(),
            date: date.into(),
            region: region.into(),
            service: service.into(),
            key: SigningKey::derive(secret, scope),
        });
        let result = work(&new.key);
        let others = entries.iter().cloned();
        let entries = iter::once(new).chain(others).take(self.capacity).collect();
        self.entries.store(Arc::new(entries));
        result
    }
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyCache { .. }")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Weak;

    use super::*;
    use crate::hex::Hex;

    fn scope<'a>(time: &'a str, region: &'a str, service: &'a str) -> Scope<'a> {
        Scope {
            time,
            region,
            service,
        }
    }

    fn newest(cache: &KeyCache) -> Weak<Entry> {
        Arc::downgrade(&cache.entries.load()[0])
    }

    #[test]
    fn the_key_of_the_documentation_signs_as_documented() {
        let key = SigningKey::derive(
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            scope("20150830T123600Z", "us-east-1", "iam"),
        );
        let text = "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n\
                    f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
        assert_eq!(key.scope(), "20150830/us-east-1/iam/aws4_request");
        assert_eq!(
            Hex::new(&key.sign(text)).as_str(),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }

    #[test]
    fn another_secret_day_region_or_service_is_another_key() {
        let [one, two] = ["one", "two"].map(|secret| Credentials::new("id", secret));
        for capacity in [1, 3, 8] {
            let cache = KeyCache::new(capacity);
            let sign = |credentials: &Credentials, time, region, service| {
                let scope = scope(time, region, service);
                cache.with(credentials, scope, |key| key.sign("text"))
            };
            let all = || {
                [
                    sign(&one, "20150830T123600Z", "us-east-1", "s3"),
                    sign(&two, "20150830T123600Z", "us-east-1", "s3"),
                    sign(&one, "20150831T000000Z", "us-east-1", "s3"),
                    sign(&one, "20150830T123600Z", "us-east-2", "s3"),
                    sign(&one, "20150830T123600Z", "us-east-1", "sts"),
                ]
            };
            let signatures = all();
            assert_eq!(signatures, all());
            for (index, signature) in signatures.iter().enumerate() {
                assert!(!signatures[..index].contains(signature));
            }
        }
    }

    #[test]
    fn keys_that_are_used_in_turn_are_derived_once_each() {
        let cache = KeyCache::new(3);
        let scope = scope("20150830T123600Z", "us-east-1", "s3");
        let clients = ["one", "two", "three"].map(|secret| Credentials::new("id", secret));
        let derived = clients.each_ref().map(|client| {
            cache.with(client, scope, |_| ());
            newest(&cache)
        });
        for client in clients.iter().cycle().take(10) {
            cache.with(client, scope, |_| ());
        }
        assert!(derived.iter().all(|key| key.upgrade().is_some()));
        assert_eq!(cache.entries.load().len(), 3);
    }

    #[test]
    fn a_replaced_key_is_dropped_and_what_it_is_made_of_wipes_itself() {
        fn wiped<T: zeroize::ZeroizeOnDrop>() {}
        wiped::<HmacKey>();
        for capacity in [1, 2] {
            let cache = KeyCache::new(capacity);
            let credentials = Credentials::new("id", "secret");
            let days = ["20150830T123600Z", "20150831T123600Z", "20150901T123600Z"];
            let [first, .., last] = days.map(|time| {
                cache.with(&credentials, scope(time, "us-east-1", "s3"), |_| ());
                newest(&cache)
            });
            assert!(first.upgrade().is_none());
            assert!(last.upgrade().is_some());
        }
    }
}
