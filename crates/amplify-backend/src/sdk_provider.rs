//! Credentials from providers of the official SDK.

use aws_credential_types::provider::ProvideCredentials as ProvideSdkCredentials;
use signing::Credentials;

use crate::{CredentialsError, ProvideCredentials};

/// Any provider of the official SDK as a [`ProvideCredentials`]: what the crate `aws-config` finds,
/// or one that was written for the SDK.
///
/// The client keeps what it gives and asks again five minutes before it expires, so that a cache of
/// the SDK's around it is not needed.
///
/// ```
/// use amplify_backend::{Client, Region, SdkProvider};
/// use aws_credential_types::Credentials;
///
/// # fn run() -> Result<(), amplify_backend::RegionError> {
/// // Or what `aws_config::load_defaults(…).await.credentials_provider()` gives.
/// let provider = Credentials::new("AKIDEXAMPLE", "secret", None, None, "example");
/// let client = Client::builder()
///     .region(Region::new("eu-central-1")?)
///     .credentials(SdkProvider::new(provider))
///     .build();
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SdkProvider<P>(P);

impl<P: ProvideSdkCredentials> SdkProvider<P> {
    /// Takes credentials from `provider`.
    pub fn new(provider: P) -> Self {
        Self(provider)
    }
}

impl<P: ProvideSdkCredentials> ProvideCredentials for SdkProvider<P> {
    async fn provide(&self) -> Result<Credentials, CredentialsError> {
        let found = self.0.provide_credentials().await.map_err(|error| {
            CredentialsError::new("the SDK's provider has no credentials").with_source(error)
        })?;
        let token = found.session_token().unwrap_or_default();
        let credentials = Credentials::new(found.access_key_id(), found.secret_access_key());
        let credentials = credentials.with_session_token(token);
        Ok(match found.expiry() {
            Some(at) => credentials.with_expiry(at),
            None => credentials,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::time::{Duration, SystemTime};

    use aws_credential_types::Credentials as SdkCredentials;
    use aws_credential_types::provider::error::CredentialsError as SdkError;
    use aws_credential_types::provider::future;

    use super::*;

    #[tokio::test]
    async fn key_token_and_expiry_are_taken_over() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_456_000);
        let temporary = SdkCredentials::new("id", "secret", Some("token".into()), Some(at), "x");
        let found = SdkProvider::new(temporary).provide().await.unwrap();
        assert_eq!(
            (found.access_key_id(), found.secret_access_key()),
            ("id", "secret")
        );
        assert_eq!(
            (found.session_token(), found.expires_at()),
            (Some("token"), Some(at))
        );
        let long_term = SdkCredentials::new("id", "secret", None, None, "x");
        let found = SdkProvider::new(long_term).provide().await.unwrap();
        assert_eq!((found.session_token(), found.expires_at()), (None, None));
    }

    #[tokio::test]
    async fn why_there_are_none_is_the_cause() {
        #[derive(Debug)]
        struct Nothing;

        impl ProvideSdkCredentials for Nothing {
            fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
            where
                Self: 'a,
            {
                future::ProvideCredentials::ready(Err(SdkError::not_loaded("nobody is here")))
            }
        }

        let error = SdkProvider::new(Nothing).provide().await.unwrap_err();
        assert_eq!(error.to_string(), "the SDK's provider has no credentials");
        assert!(error.source().unwrap().is::<SdkError>());
    }
}
