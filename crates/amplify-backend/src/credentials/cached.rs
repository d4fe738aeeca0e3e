//! Credentials that are kept, and asked for once for all.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use signing::Credentials;

use super::{CredentialsError, ProvideCredentials};

/// A provider whose answers are kept. Cheap to clone; clones share what is kept, and so do clients
/// that are each given one.
///
/// Made of any [`ProvideCredentials`] with `From`.
#[derive(Clone)]
pub struct CachedCredentials(Arc<Cache>);

struct Cache {
    provider: Box<dyn Provider>,
    kept: RwLock<Option<Kept>>,
    /// Held by the one caller who asks the provider for all; in it, what the last one answered.
    asking: tokio::sync::Mutex<Option<Result<Credentials, CredentialsError>>>,
    /// How often the provider has answered.
    answers: AtomicU64,
}

#[derive(Clone)]
struct Kept {
    credentials: Credentials,
    /// From when on to ask again, while they still hold.
    refresh_at: Option<SystemTime>,
}

/// How long before they expire credentials are asked for anew.
const EARLY: Duration = Duration::from_secs(5 * 60);

/// How long a provider that failed is left alone while the old credentials hold.
const PAUSE: Duration = Duration::from_secs(30);

impl CachedCredentials {
    /// Those that are kept, if they need no refresh at `now`.
    pub(crate) fn kept_at(&self, now: SystemTime) -> Option<Credentials> {
        let kept = self.0.kept.read().unwrap_or_else(PoisonError::into_inner);
        let fresh = kept.as_ref().filter(|kept| kept.is_fresh(now));
        fresh.map(|kept| kept.credentials.clone())
    }

    /// Credentials that hold at `now`.
    ///
    /// Five minutes before they expire, one caller asks for new ones while the others go on with
    /// the old. If that fails, the old ones are used until they expire, and the provider is asked
    /// again every 30 s. Without any that hold, all wait for the one who asks, and what it is told
    /// is told to all who waited.
    ///
    /// # Errors
    ///
    /// What the provider failed with, where there are none that still hold.
    pub async fn at(&self, now: SystemTime) -> Result<Credentials, CredentialsError> {
        let cache = &*self.0;
        let answers = cache.answers.load(Ordering::Acquire);
        let holding = match cache.kept() {
            Some(kept) if kept.is_fresh(now) => return Ok(kept.credentials),
            Some(kept) if kept.holds(now) => Some(kept),
            _ => None,
        };
        let mut last = match &holding {
            None => cache.asking.lock().await,
            Some(kept) => match cache.asking.try_lock() {
                Ok(last) => last,
                Err(_) => return Ok(kept.credentials.clone()),
            },
        };
        // Whoever asked while this one waited has asked for both.
        if cache.answers.load(Ordering::Acquire) != answers
            && let Some(answer) = &*last
        {
            return answer.clone();
        }
        let kept = match (cache.provider.ask().await, holding) {
            (Ok(credentials), _) => {
                let refresh_at = credentials.expires_at().map(|at| before(at, EARLY));
                Ok(Kept {
                    credentials,
                    refresh_at,
                })
            }
            (Err(_), Some(old)) => Ok(Kept {
                refresh_at: now.checked_add(PAUSE),
                ..old
            }),
            (Err(error), None) => Err(error),
        };
        if let Ok(kept) = &kept {
            let mut place = cache.kept.write().unwrap_or_else(PoisonError::into_inner);
            *place = Some(kept.clone());
        }
        let answer = kept.map(|kept| kept.credentials);
        *last = Some(answer.clone());
        // At the end, so that whoever sees it sees what is kept as well.
        cache.answers.fetch_add(1, Ordering::Release);
        answer
    }
}

impl Cache {
    fn kept(&self) -> Option<Kept> {
        self.kept
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Kept {
    fn is_fresh(&self, now: SystemTime) -> bool {
        self.holds(now) && self.refresh_at.is_none_or(|at| now < at)
    }

    fn holds(&self, now: SystemTime) -> bool {
        self.credentials.expires_at().is_none_or(|at| now < at)
    }
}

fn before(at: SystemTime, time: Duration) -> SystemTime {
    at.checked_sub(time).unwrap_or(SystemTime::UNIX_EPOCH)
}

impl<P: ProvideCredentials + 'static> From<P> for CachedCredentials {
    fn from(provider: P) -> Self {
        Self(Arc::new(Cache {
            provider: Box::new(provider),
            kept: RwLock::default(),
            asking: tokio::sync::Mutex::default(),
            answers: AtomicU64::new(0),
        }))
    }
}

impl fmt::Debug for CachedCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CachedCredentials { .. }")
    }
}

/// [`ProvideCredentials`] behind a pointer. It costs an allocation, once for each refresh.
trait Provider: Send + Sync {
    fn ask(
        &self,
    ) -> Pin<Box<dyn Future<Output = Result<Credentials, CredentialsError>> + Send + '_>>;
}

impl<P: ProvideCredentials> Provider for P {
    fn ask(
        &self,
    ) -> Pin<Box<dyn Future<Output = Result<Credentials, CredentialsError>> + Send + '_>> {
        Box::pin(self.provide())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// Second `second` of the test.
    fn at(second: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + second)
    }

    /// Gives keys `1`, `2`, … that hold for an hour from `at(0)` on; fails where `fails` says so.
    struct Counting {
        asked: Arc<AtomicU32>,
        gate: Option<Arc<tokio::sync::Semaphore>>,
        fails: fn(u32) -> bool,
    }

    impl ProvideCredentials for Counting {
        async fn provide(&self) -> Result<Credentials, CredentialsError> {
            let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
            if let Some(gate) = &self.gate {
                gate.acquire().await.unwrap().forget();
            }
            if (self.fails)(number) {
                return Err(CredentialsError::new("the test's provider failed"));
            }
            let hour = u64::from(number) * 3_600;
            Ok(Credentials::new(number.to_string(), "secret").with_expiry(at(hour)))
        }
    }

    fn counting(fails: fn(u32) -> bool) -> (CachedCredentials, Arc<AtomicU32>) {
        let asked = Arc::new(AtomicU32::new(0));
        (
            Counting {
                asked: asked.clone(),
                gate: None,
                fails,
            }
            .into(),
            asked,
        )
    }

    fn now_or_never<F: Future>(future: F) -> F::Output {
        match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("the provider does not wait"),
        }
    }

    #[test]
    fn they_are_kept_until_five_minutes_before_they_expire() {
        let (cached, asked) = counting(|_| false);
        let id = |second| {
            now_or_never(cached.at(at(second)))
                .unwrap()
                .access_key_id()
                .to_owned()
        };
        assert_eq!((id(0), id(3_299)), ("1".into(), "1".into()));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert_eq!((id(3_300), id(3_301)), ("2".into(), "2".into()));
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn old_ones_are_used_while_they_hold_and_the_provider_is_not_pestered() {
        let (cached, asked) = counting(|number| number > 1);
        let id = |second| now_or_never(cached.at(at(second))).map(|c| c.access_key_id().to_owned());
        assert_eq!(id(0).unwrap(), "1");
        assert_eq!(id(3_300).unwrap(), "1");
        assert_eq!(id(3_329).unwrap(), "1");
        assert_eq!(
            asked.load(Ordering::SeqCst),
            2,
            "left alone for half a minute"
        );
        assert_eq!(id(3_330).unwrap(), "1");
        assert_eq!(asked.load(Ordering::SeqCst), 3);
        assert_eq!(
            id(3_600).unwrap_err().to_string(),
            "the test's provider failed"
        );
    }

    #[tokio::test]
    async fn two_hundred_callers_cause_one_request() {
        let asked = Arc::new(AtomicU32::new(0));
        let gate = Arc::new(tokio::sync::Semaphore::new(0));
        let cached: CachedCredentials = Counting {
            asked: asked.clone(),
            gate: Some(gate.clone()),
            fails: |_| false,
        }
        .into();
        let callers: Vec<_> = (0..200)
            .map(|_| {
                let cached = cached.clone();
                tokio::spawn(async move { cached.at(at(0)).await.unwrap() })
            })
            .collect();
        tokio::task::yield_now().await;
        gate.add_permits(1);
        for caller in callers {
            assert_eq!(caller.await.unwrap().access_key_id(), "1");
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn two_hundred_callers_share_one_failure_and_the_next_asks_again() {
        let asked = Arc::new(AtomicU32::new(0));
        let gate = Arc::new(tokio::sync::Semaphore::new(0));
        let cached: CachedCredentials = Counting {
            asked: asked.clone(),
            gate: Some(gate.clone()),
            fails: |number| number == 1,
        }
        .into();
        let callers: Vec<_> = (0..200)
            .map(|_| {
                let cached = cached.clone();
                tokio::spawn(async move { cached.at(at(0)).await })
            })
            .collect();
        tokio::task::yield_now().await;
        gate.add_permits(2);
        for caller in callers {
            let error = caller.await.unwrap().unwrap_err();
            assert_eq!(error.to_string(), "the test's provider failed");
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert_eq!(cached.at(at(0)).await.unwrap().access_key_id(), "2");
    }

    #[tokio::test]
    async fn one_answer_is_for_all_who_waited_even_if_it_has_expired() {
        let (cached, asked) = counting(|_| false);
        let callers: Vec<_> = (0..200)
            .map(|_| {
                let cached = cached.clone();
                tokio::spawn(async move { cached.at(at(9_000_000)).await.unwrap() })
            })
            .collect();
        let waiting = cached.0.asking.lock().await;
        tokio::task::yield_now().await;
        drop(waiting);
        for caller in callers {
            assert_eq!(caller.await.unwrap().access_key_id(), "1");
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn callers_go_on_with_the_old_ones_while_one_asks() {
        let asked = Arc::new(AtomicU32::new(0));
        let gate = Arc::new(tokio::sync::Semaphore::new(1));
        let cached: CachedCredentials = Counting {
            asked: asked.clone(),
            gate: Some(gate.clone()),
            fails: |_| false,
        }
        .into();
        cached.at(at(0)).await.unwrap();
        let refreshing = tokio::spawn({
            let cached = cached.clone();
            async move { cached.at(at(3_400)).await.unwrap() }
        });
        tokio::task::yield_now().await;
        assert_eq!(cached.at(at(3_400)).await.unwrap().access_key_id(), "1");
        gate.add_permits(1);
        assert_eq!(refreshing.await.unwrap().access_key_id(), "2");
    }

    #[tokio::test]
    async fn a_caller_who_gives_up_leaves_asking_to_the_next() {
        let asked = Arc::new(AtomicU32::new(0));
        let gate = Arc::new(tokio::sync::Semaphore::new(0));
        let cached: CachedCredentials = Counting {
            asked,
            gate: Some(gate.clone()),
            fails: |_| false,
        }
        .into();
        let first = tokio::spawn({
            let cached = cached.clone();
            async move { cached.at(at(0)).await }
        });
        tokio::task::yield_now().await;
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        gate.add_permits(1);
        assert_eq!(cached.at(at(0)).await.unwrap().access_key_id(), "2");
    }
}
