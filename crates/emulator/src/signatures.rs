//! Who may call: the signatures of requests against the keys that are accepted.

use std::collections::BTreeMap;
use std::time::SystemTime;

use bytes::Bytes;
use http::Request;
use signing::{Credentials, Signer, Verifier, VerifyError};

/// What becomes of a request whose signature does not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureMode {
    /// It is refused, as AWS does.
    #[default]
    Enforce,
    /// It is let in, and the log of requests says what was wrong with it.
    Report,
    /// Signatures are not looked at.
    Off,
}

/// The keys that are accepted, and what to do without one.
#[derive(Debug)]
pub(crate) struct Signatures {
    mode: SignatureMode,
    verifier: Verifier,
    accepted: BTreeMap<String, Credentials>,
}

/// What was found out about a request's signature.
#[derive(Debug)]
pub(crate) enum Verdict {
    NotChecked,
    /// By the key with this id.
    Accepted(String),
    /// Wrong, and let in.
    Reported(VerifyError),
    Refused(VerifyError),
}

impl Signatures {
    /// `region`: the only one that signatures may be for. `None`: any.
    pub(crate) fn new(
        mode: SignatureMode,
        region: Option<&str>,
        accepted: impl IntoIterator<Item = Credentials>,
    ) -> Self {
        let signer = Signer::new(region.unwrap_or("us-east-1"), "amplifybackend");
        let by_id =
            |credentials: Credentials| (credentials.access_key_id().to_owned(), credentials);
        Self {
            mode,
            verifier: Verifier::new(signer).any_region(region.is_none()),
            accepted: accepted.into_iter().map(by_id).collect(),
        }
    }

    pub(crate) fn check(&self, request: &Request<Bytes>, at: SystemTime) -> Verdict {
        if self.mode == SignatureMode::Off {
            return Verdict::NotChecked;
        }
        let credentials = |id: &str| self.accepted.get(id);
        match self.verifier.verify(request, credentials, at) {
            Ok(verified) => Verdict::Accepted(verified.access_key_id),
            Err(error) if self.mode == SignatureMode::Report => Verdict::Reported(error),
            Err(error) => Verdict::Refused(error),
        }
    }
}

/// The key pair of the environment, as the program next door will use it, or else the documented
/// pair `local` and `local`. An empty variable counts as unset.
pub(crate) fn usual_credentials(read: impl Fn(&str) -> Option<String>) -> Credentials {
    let read = |name: &str| read(name).filter(|value| !value.is_empty());
    match (read("AWS_ACCESS_KEY_ID"), read("AWS_SECRET_ACCESS_KEY")) {
        (Some(id), Some(secret)) => {
            let token = read("AWS_SESSION_TOKEN").unwrap_or_default();
            Credentials::new(id, secret).with_session_token(token)
        }
        _ => Credentials::new("local", "local"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pair_of_the_environment_is_accepted_or_else_local() {
        let usual = |set: &[(&str, &str)]| {
            let credentials = usual_credentials(|name| {
                let found = set.iter().find(|(set, _)| *set == name);
                found.map(|(_, value)| (*value).to_owned())
            });
            let token = credentials.session_token().map(str::to_owned);
            (
                credentials.access_key_id().to_owned(),
                credentials.secret_access_key().to_owned(),
                token,
            )
        };
        let local = ("local".to_owned(), "local".to_owned(), None);
        assert_eq!(usual(&[]), local);
        let id = ("AWS_ACCESS_KEY_ID", "AKID");
        let secret = ("AWS_SECRET_ACCESS_KEY", "s");
        assert_eq!(usual(&[id]), local);
        assert_eq!(usual(&[id, ("AWS_SECRET_ACCESS_KEY", "")]), local);
        assert_eq!(
            usual(&[id, secret]),
            ("AKID".to_owned(), "s".to_owned(), None)
        );
        let (_, _, token) = usual(&[id, secret, ("AWS_SESSION_TOKEN", "t")]);
        assert_eq!(token.as_deref(), Some("t"));
    }
}
