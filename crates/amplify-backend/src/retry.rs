//! When a call is tried again, and how long to wait before.
//!
//! Everything here is pure: what happened goes in, a decision comes out. The rules are the AWS
//! SDKs' retry behaviour 2.1, with one departure: these operations have no idempotency token, so
//! that one which changes something is repeated only when it is certain that nothing was done.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use operations::ServiceError;
use transport::{ProxyFault, TimeoutPhase, TransportError, TransportErrorKind};

/// How often and how patiently a call is tried.
///
/// The default is three attempts, each wait twice as long as the one before at the most: up to
/// 50 ms before the first retry, up to 1 s when the service asks to go slower, never over 20 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    max_attempts: u32,
    mutations: Mutations,
    max_backoff: Duration,
}

/// When an operation that changes something is repeated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mutations {
    /// Only when it is certain that nothing was done: no connection, a request that was not sent
    /// whole, or a service that asks to go slower. After anything else the error says that the
    /// change [may have happened](crate::Error::may_have_happened).
    #[default]
    WhenCertain,
    /// Whenever an operation that only reads would be. The change may be made twice. This is how
    /// the official SDKs behave.
    Always,
    /// Never.
    Never,
}

impl RetryPolicy {
    /// The default policy.
    pub const fn new() -> Self {
        Self {
            max_attempts: 3,
            mutations: Mutations::WhenCertain,
            max_backoff: Duration::from_secs(20),
        }
    }

    /// Every call is tried once.
    pub const fn never() -> Self {
        Self::new().with_max_attempts(1)
    }

    /// How often a call is tried in all, the first time counted. Zero counts as one. Default: 3.
    #[must_use]
    pub const fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// When an operation that changes something is repeated. Default:
    /// [`Mutations::WhenCertain`].
    #[must_use]
    pub const fn with_mutations(mut self, mutations: Mutations) -> Self {
        self.mutations = mutations;
        self
    }

    /// The longest wait before an attempt, apart from what the service asks for. Default: 20 s.
    #[must_use]
    pub const fn with_max_backoff(mut self, time: Duration) -> Self {
        self.max_backoff = time;
        self
    }

    /// How often a call is tried in all.
    pub const fn max_attempts(&self) -> u32 {
        self.max_attempts
    }

    /// What to do after the attempt number `attempt` (from 1) failed with `failure`.
    ///
    /// `read_only` tells whether the operation only reads, `jitter` (0 up to 1) which part of the
    /// backoff to wait. On a retry its cost is taken from `quota`.
    pub fn decide(
        &self,
        attempt: u32,
        failure: Failure,
        read_only: bool,
        quota: &Quota,
        jitter: f64,
    ) -> Decision {
        let (base, cost, retry_after, certain) = match failure {
            Failure::Fatal => return Decision::Stop(Stop::NotRetryable),
            Failure::Throttled { retry_after } => {
                (Duration::from_secs(1), THROTTLING_COST, retry_after, true)
            }
            Failure::NothingDone => (Duration::from_millis(50), COST, None, true),
            Failure::Transient { retry_after } => {
                (Duration::from_millis(50), COST, retry_after, false)
            }
        };
        let allowed = read_only
            || match self.mutations {
                Mutations::WhenCertain => certain,
                Mutations::Always => true,
                Mutations::Never => false,
            };
        if !allowed {
            return Decision::Stop(Stop::Mutation);
        }
        if attempt >= self.max_attempts {
            return Decision::Stop(Stop::AttemptsUsedUp);
        }
        if !quota.take(cost) {
            return Decision::Stop(Stop::QuotaUsedUp);
        }
        let doubled = 2_u32
            .checked_pow(attempt.saturating_sub(1))
            .unwrap_or(u32::MAX);
        let ceiling = base.saturating_mul(doubled).min(self.max_backoff);
        // `clamp` lets a NaN pass.
        let jitter = if jitter.is_nan() { 0.0 } else { jitter };
        let backoff = ceiling.mul_f64(jitter.clamp(0.0, 1.0));
        // What the service asks for is heeded within reason.
        let delay = match retry_after {
            Some(asked) => asked.clamp(backoff, backoff.saturating_add(Duration::from_secs(5))),
            None => backoff,
        };
        Decision::Retry { delay, cost }
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

/// What a failed attempt means for the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The service asks to go slower. Nothing was done.
    Throttled {
        /// How long the service asks to wait.
        retry_after: Option<Duration>,
    },
    /// No complete request left this side. Nothing was done.
    NothingDone,
    /// It may go better the next time, and it may have been done already: a time-out, a connection
    /// that broke, a fault of the service's.
    Transient {
        /// How long the service asks to wait.
        retry_after: Option<Duration>,
    },
    /// The same request would fail the same way.
    Fatal,
}

impl From<&ServiceError> for Failure {
    fn from(error: &ServiceError) -> Self {
        let retry_after = error.retry_after();
        if error.is_throttled() {
            Self::Throttled { retry_after }
        } else if error.is_transient() {
            Self::Transient { retry_after }
        } else {
            Self::Fatal
        }
    }
}

impl From<&TransportError> for Failure {
    fn from(error: &TransportError) -> Self {
        match error.kind() {
            // All connections are in use: another attempt would stand in the same queue.
            TransportErrorKind::Timeout {
                phase: TimeoutPhase::Slot,
                ..
            } => Self::Fatal,
            TransportErrorKind::Connect
            | TransportErrorKind::Timeout { .. }
            | TransportErrorKind::Interrupted { .. } => match error.may_have_been_processed() {
                true => Self::Transient { retry_after: None },
                false => Self::NothingDone,
            },
            // Nothing reached the service; what is left is whether the proxy may do better next time.
            TransportErrorKind::Proxy(fault) => match fault {
                ProxyFault::Connect | ProxyFault::Interrupted => Self::NothingDone,
                ProxyFault::Refused { status } if status.is_server_error() => Self::NothingDone,
                _ => Self::Fatal,
            },
            _ => Self::Fatal,
        }
    }
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// Try again.
    Retry {
        /// How long to wait before.
        delay: Duration,
        /// What was taken from the quota. A success gives it back.
        cost: u32,
    },
    /// Give the call up.
    Stop(Stop),
}

/// Why a call is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// The same request would fail the same way.
    NotRetryable,
    /// The operation changes something, and repeating it might do so twice.
    Mutation,
    /// All attempts were made.
    AttemptsUsedUp,
    /// Too many calls failed lately.
    QuotaUsedUp,
}

const COST: u32 = 14;
const THROTTLING_COST: u32 = 5;
const CAPACITY: u32 = 500;

/// How many retries a client may still make: tokens that retries cost and successes give back, so
/// that a service in trouble is not buried in them. Shared by a client and its clones.
#[derive(Debug)]
pub struct Quota(AtomicU32);

impl Quota {
    /// A full quota: 500 tokens.
    pub const fn new() -> Self {
        Self::with_tokens(CAPACITY)
    }

    /// A quota with this many tokens, at most 500.
    pub const fn with_tokens(tokens: u32) -> Self {
        Self(AtomicU32::new(if tokens < CAPACITY {
            tokens
        } else {
            CAPACITY
        }))
    }

    /// The tokens that are left.
    pub fn tokens(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Gives back what a success gives back: the `cost` of the call's last retry, or 1 where it
    /// needed none.
    pub fn succeeded(&self, cost: Option<u32>) {
        let back = cost.unwrap_or(1);
        // The common case writes nothing, so that calls do not wait for each other's cache line.
        if self.tokens() == CAPACITY {
            return;
        }
        let more = |tokens: u32| Some(tokens.saturating_add(back).min(CAPACITY));
        // It cannot fail: there is always a new value.
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    }

    fn take(&self, cost: u32) -> bool {
        let less = |tokens: u32| tokens.checked_sub(cost);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .is_ok()
    }
}

impl Default for Quota {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[test]
    fn a_proxys_fault_is_tried_again_where_another_time_may_do() {
        let of = |fault| {
            let kind = TransportErrorKind::Proxy(fault);
            Failure::from(&TransportError::new(kind, "as the test says"))
        };
        let refused = |status| ProxyFault::Refused { status };
        for fault in [
            ProxyFault::Connect,
            ProxyFault::Interrupted,
            refused(StatusCode::BAD_GATEWAY),
            refused(StatusCode::GATEWAY_TIMEOUT),
        ] {
            assert_eq!(of(fault), Failure::NothingDone, "{fault:?}");
        }
        for fault in [
            ProxyFault::Tls,
            ProxyFault::Protocol,
            ProxyFault::CredentialsRequired,
            ProxyFault::CredentialsRefused,
            refused(StatusCode::FORBIDDEN),
            refused(StatusCode::FOUND),
        ] {
            assert_eq!(of(fault), Failure::Fatal, "{fault:?}");
        }
        let hanging = TransportErrorKind::Timeout {
            phase: TimeoutPhase::Proxy,
            sent_whole: false,
        };
        let hanging = TransportError::new(hanging, "as the test says");
        assert_eq!(Failure::from(&hanging), Failure::NothingDone);
    }
}
