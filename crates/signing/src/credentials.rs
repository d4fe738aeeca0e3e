//! Who signs: the access key and what comes with it.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::error::SigningError;
use crate::signature;

/// An access key: its id, its secret, and for a temporary one the session token and the expiry.
///
/// A clone shares the secret; with the last clone, secret and token are wiped from memory. Signed
/// requests share one more copy of the token, which is wiped with the last of them. `Debug` shows
/// the id and `..`.
#[derive(Clone)]
pub struct Credentials(Arc<Parts>);

#[derive(Clone)]
struct Parts {
    access_key_id: String,
    access_key_id_is_plain: bool,
    secret_access_key: Zeroizing<String>,
    session_token: Option<Token>,
    expires_at: Option<SystemTime>,
}

/// A session token, and the header that carries it, checked and copied once, not for each
/// signature: `None` where no header can carry it.
#[derive(Clone)]
struct Token {
    text: Zeroizing<String>,
    header: Option<HeaderValue>,
}

impl Token {
    fn new(text: Zeroizing<String>) -> Self {
        // Requests share these bytes. Their owner wipes them.
        let bytes = Bytes::from_owner(text.clone());
        let mut header = HeaderValue::from_maybe_shared(bytes).ok();
        if let Some(header) = &mut header {
            header.set_sensitive(true);
        }
        Self { text, header }
    }
}

impl Credentials {
    /// A long-term key: without session token, without expiry.
    ///
    /// Nothing is checked here. An id that no signature can carry is found by the signer, as
    /// [`SigningError::InvalidAccessKeyId`](crate::SigningError::InvalidAccessKeyId).
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        let access_key_id = access_key_id.into();
        Self(Arc::new(Parts {
            access_key_id_is_plain: signature::is_plain(&access_key_id),
            access_key_id,
            secret_access_key: Zeroizing::new(secret_access_key.into()),
            session_token: None,
            expires_at: None,
        }))
    }

    /// The same key with a session token. An empty one counts as none, as in `AWS_SESSION_TOKEN=`.
    #[must_use]
    pub fn with_session_token(mut self, token: impl Into<String>) -> Self {
        let token = Zeroizing::new(token.into());
        let token = Some(token).filter(|token| !token.is_empty());
        Arc::make_mut(&mut self.0).session_token = token.map(Token::new);
        self
    }

    /// The same key with the time from which on it no longer holds.
    ///
    /// Signing does not look at it: whether a key still holds is for the service's clock to say,
    /// and the local one may be wrong. Verifying does.
    #[must_use]
    pub fn with_expiry(mut self, at: SystemTime) -> Self {
        Arc::make_mut(&mut self.0).expires_at = Some(at);
        self
    }

    /// The part that is public and stands in every signature.
    pub fn access_key_id(&self) -> &str {
        &self.0.access_key_id
    }

    /// If a signature can carry the id.
    pub(crate) fn access_key_id_is_plain(&self) -> bool {
        self.0.access_key_id_is_plain
    }

    /// The secret.
    pub fn secret_access_key(&self) -> &str {
        &self.0.secret_access_key
    }

    /// The session token of a temporary key; never empty.
    pub fn session_token(&self) -> Option<&str> {
        Some(self.0.session_token.as_ref()?.text.as_str())
    }

    /// The header that carries the session token, where there is one.
    pub(crate) fn session_token_header(&self) -> Result<Option<&HeaderValue>, SigningError> {
        let Some(token) = &self.0.session_token else {
            return Ok(None);
        };
        let header = token.header.as_ref();
        header.map(Some).ok_or(SigningError::InvalidSessionToken)
    }

    /// From when on the key no longer holds, where that is known.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.0.expires_at
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_key_id_and_no_secret() {
        let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI")
            .with_session_token("FwoGZXIvYXdz")
            .with_expiry(SystemTime::UNIX_EPOCH);
        let shown = format!("{credentials:?} {credentials:#?}");
        assert_eq!(
            shown,
            "Credentials { access_key_id: \"AKIDEXAMPLE\", .. } \
             Credentials {\n    access_key_id: \"AKIDEXAMPLE\",\n    ..\n}"
        );
    }

    #[test]
    fn an_empty_session_token_is_none() {
        let credentials = Credentials::new("id", "secret").with_session_token("");
        assert_eq!(credentials.session_token(), None);
    }

    #[test]
    fn a_change_leaves_other_clones_alone() {
        let long_term = Credentials::new("id", "secret");
        let temporary = long_term.clone().with_session_token("token");
        assert_eq!(long_term.session_token(), None);
        assert_eq!(temporary.session_token(), Some("token"));
    }

    #[test]
    fn secret_and_token_are_of_a_type_that_wipes_itself() {
        fn wiped<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let parts = Credentials::new("id", "secret")
            .with_session_token("token")
            .0;
        wiped(&parts.secret_access_key);
        wiped(&parts.session_token.as_ref().unwrap().text);
    }
}
