//! What an error advises.

use operations::ServiceError;
use transport::{ProxyFault, TimeoutPhase, TransportErrorKind};

use super::{Cause, Error};
use crate::config::ConfigError;

impl Error {
    /// What to do about it, in a few words, where that is known.
    pub fn hint(&self) -> Option<String> {
        let fixed = |text: &str| Some(text.to_owned());
        if self.0.may_have_happened {
            return fixed(
                "the change may have been made: look with ListBackendJobs before trying again",
            );
        }
        match &self.0.cause {
            Cause::Config(ConfigError::MissingRegion) => {
                fixed("set AWS_REGION, or give the client a region")
            }
            // Any other error says itself what is amiss, and variables may not be what is asked.
            Cause::Credentials(error) if error.is_absent() => fixed(
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the client credentials",
            ),
            Cause::Transport(error) => match error.kind() {
                TransportErrorKind::Connect => fixed("check the endpoint and the network"),
                TransportErrorKind::Tls => {
                    fixed("check the endpoint's host name, the local clock and the trusted roots")
                }
                TransportErrorKind::Proxy(fault) => fixed(match fault {
                    ProxyFault::CredentialsRequired => {
                        "put user:password@ in front of the host in the proxy's URL"
                    }
                    ProxyFault::CredentialsRefused => {
                        "check the user name and password in the proxy's URL"
                    }
                    ProxyFault::Refused { .. } => {
                        "check what the proxy allows, or name the host in NO_PROXY"
                    }
                    ProxyFault::Tls => {
                        "check the proxy's URL, the local clock and the trusted roots"
                    }
                    _ => "check the proxy's URL, or name the host in NO_PROXY",
                }),
                TransportErrorKind::Timeout {
                    phase: TimeoutPhase::Proxy,
                    ..
                } => fixed("check the proxy's URL, or name the host in NO_PROXY"),
                TransportErrorKind::Protocol => {
                    fixed("check the endpoint: what answered may not be the service")
                }
                _ => None,
            },
            Cause::Decode(error) if error.looks_like_markup() => {
                fixed("a page came back: check the endpoint, and proxies on the way")
            }
            Cause::Redirect(_) => fixed("check the endpoint and the region"),
            Cause::Service(error) => self.service_hint(error),
            Cause::WaitedTooLong { .. } => fixed("the job goes on: wait again, or longer"),
            #[cfg(feature = "blocking")]
            Cause::Blocking(None) => {
                fixed("await the async client here, or call from tokio::task::spawn_blocking")
            }
            _ => None,
        }
    }

    fn service_hint(&self, error: &ServiceError) -> Option<String> {
        if let Some(offset) = self.0.clock_offset {
            let minutes = offset.unsigned_abs() / 60;
            let way = if offset > 0 { "behind" } else { "ahead" };
            return Some(format!(
                "the local clock is {minutes} minutes {way}: set it"
            ));
        }
        if error.is_throttled() {
            return Some("call less often, or allow more attempts".to_owned());
        }
        let hint = match error.sent_code()? {
            "InvalidSignatureException" | "SignatureDoesNotMatch" => {
                "check the secret access key and the region"
            }
            "UnrecognizedClientException" | "InvalidClientTokenId" => {
                "check the access key id and, for a temporary key, the session token"
            }
            "ExpiredTokenException" | "ExpiredToken" => "get new credentials",
            "MissingAuthenticationTokenException" => "check the endpoint and its path",
            "AccessDeniedException" => "the key is valid, and not allowed to do this",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use transport::TransportError;

    use super::*;
    use crate::CredentialsError;

    #[test]
    fn keys_are_asked_for_only_where_none_are_set_up() {
        let hint = |error| Error::new("ListBackendJobs", 0, Cause::Credentials(error)).hint();
        let absent = hint(CredentialsError::absent("nobody has any"));
        assert!(absent.is_some_and(|hint| hint.starts_with("set AWS_ACCESS_KEY_ID")));
        assert_eq!(hint(CredentialsError::new("the vault is sealed")), None);
    }

    #[test]
    fn every_fault_of_a_proxy_says_what_to_do_about_the_proxy() {
        let status = StatusCode::FORBIDDEN;
        let hanging = TransportErrorKind::Timeout {
            phase: TimeoutPhase::Proxy,
            sent_whole: false,
        };
        let faults = [
            ProxyFault::Connect,
            ProxyFault::Tls,
            ProxyFault::Refused { status },
            ProxyFault::CredentialsRequired,
            ProxyFault::CredentialsRefused,
            ProxyFault::Protocol,
            ProxyFault::Interrupted,
        ];
        let kinds = faults.map(TransportErrorKind::Proxy);
        for kind in kinds.into_iter().chain([hanging]) {
            let cause = Cause::Transport(TransportError::new(kind, "as the test says"));
            let hint = Error::new("ListBackendJobs", 1, cause).hint();
            assert!(hint.is_some_and(|hint| hint.contains("proxy")), "{kind:?}");
        }
    }
}
