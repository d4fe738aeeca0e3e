//! Where credentials come from.

mod cached;

use std::env;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use signing::Credentials;

pub use self::cached::CachedCredentials;

/// Gives credentials when they are needed.
///
/// Implemented by [`Credentials`] themselves, by [`EnvironmentCredentials`], and by whatever one
/// writes: the client asks once, keeps what it got, and asks again when it is about to expire.
pub trait ProvideCredentials: Send + Sync {
    /// The credentials as they are now.
    ///
    /// # Errors
    ///
    /// See [`CredentialsError`].
    fn provide(&self) -> impl Future<Output = Result<Credentials, CredentialsError>> + Send;
}

impl ProvideCredentials for Credentials {
    async fn provide(&self) -> Result<Credentials, CredentialsError> {
        Ok(self.clone())
    }
}

/// The credentials in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for a temporary key,
/// `AWS_SESSION_TOKEN`. Read when they are first needed; an empty variable counts as unset.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct EnvironmentCredentials;

impl EnvironmentCredentials {
    /// Reads nothing yet.
    pub fn new() -> Self {
        Self
    }
}

impl ProvideCredentials for EnvironmentCredentials {
    async fn provide(&self) -> Result<Credentials, CredentialsError> {
        from_variables(|name| env::var(name).ok())
    }
}

pub(crate) fn from_variables(
    read: impl Fn(&str) -> Option<String>,
) -> Result<Credentials, CredentialsError> {
    let read = |name: &str| read(name).filter(|value| !value.is_empty());
    let id = read("AWS_ACCESS_KEY_ID");
    let secret = read("AWS_SECRET_ACCESS_KEY");
    match (id, secret) {
        (Some(id), Some(secret)) => {
            let token = read("AWS_SESSION_TOKEN").unwrap_or_default();
            Ok(Credentials::new(id, secret).with_session_token(token))
        }
        (None, None) => Err(CredentialsError::absent(
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set",
        )),
        (None, _) => Err(CredentialsError::new(
            "AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not",
        )),
        (_, None) => Err(CredentialsError::new(
            "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not",
        )),
    }
}

/// Why there are no credentials. Says which source was asked and what it lacked, never a secret.
/// Where several were asked, each has a line.
#[derive(Clone, Debug)]
pub struct CredentialsError {
    message: String,
    source: Option<Arc<dyn Error + Send + Sync>>,
    is_absent: bool,
}

impl CredentialsError {
    /// An error that says `message`: which source was asked, and what it lacked.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
            is_absent: false,
        }
    }

    /// The same, where the cure is to set up credentials: no source that was asked is.
    pub(crate) fn absent(message: impl Into<String>) -> Self {
        Self {
            is_absent: true,
            ..Self::new(message)
        }
    }

    pub(crate) fn is_absent(&self) -> bool {
        self.is_absent
    }

    /// The same with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into().into());
        self
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for CredentialsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_key_in_the_environment_is_named() {
        let from = |set: &[(&str, &str)]| {
            from_variables(|name| {
                set.iter()
                    .find(|(set, _)| *set == name)
                    .map(|(_, value)| (*value).to_owned())
            })
        };
        let id = ("AWS_ACCESS_KEY_ID", "id");
        let secret = ("AWS_SECRET_ACCESS_KEY", "CANARY");
        let whole = from(&[id, secret, ("AWS_SESSION_TOKEN", "")]).unwrap();
        assert_eq!((whole.access_key_id(), whole.session_token()), ("id", None));
        for (set, message) in [
            (
                &[][..],
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set",
            ),
            (
                &[id],
                "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not",
            ),
            (
                &[secret],
                "AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not",
            ),
            (
                &[id, ("AWS_SECRET_ACCESS_KEY", "")],
                "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not",
            ),
        ] {
            assert_eq!(from(set).unwrap_err().to_string(), message);
        }
    }
}
