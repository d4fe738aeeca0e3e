//! What time it is, for signatures, and how far the service's clock is away.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{AGE, DATE};

/// Tells the time. Signatures are made as of it.
///
/// A closure that returns a [`SystemTime`] is one.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> SystemTime;
}

impl<F: Fn() -> SystemTime + Send + Sync> Clock for F {
    fn now(&self) -> SystemTime {
        self()
    }
}

/// From this difference on, a signature was refused for the clock.
const NOTICEABLE: i64 = 4 * 60;

/// An exchange that took longer says nothing about the clock.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// How many seconds the service's clock is ahead of ours, as far as it was measured.
#[derive(Debug, Default)]
pub(crate) struct ClockOffset(AtomicI64);

impl ClockOffset {
    /// `now`, put right.
    pub(crate) fn correct(&self, now: SystemTime) -> SystemTime {
        let seconds = self.0.load(Ordering::Relaxed);
        let by = Duration::from_secs(seconds.unsigned_abs());
        let corrected = if seconds < 0 {
            now.checked_sub(by)
        } else {
            now.checked_add(by)
        };
        corrected.unwrap_or(now)
    }

    /// Compares the `Date` in an answer with the clock at the middle of the exchange, which began
    /// at `sent` and took `duration`. A new offset is remembered and returned; `None` when the
    /// clocks agree as they were used, or the answer does not tell.
    pub(crate) fn learn(
        &self,
        headers: &HeaderMap,
        sent: SystemTime,
        duration: Duration,
    ) -> Option<i64> {
        // An answer out of a cache has the date of when it was put there.
        if headers.contains_key(AGE) || duration > LONGEST {
            return None;
        }
        let date = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
        let offset = seconds_from(sent.checked_add(duration / 2)?, date)?;
        let used = self.0.load(Ordering::Relaxed);
        if offset.checked_sub(used)?.abs() < NOTICEABLE {
            return None;
        }
        self.0.store(offset, Ordering::Relaxed);
        Some(offset)
    }
}

/// To the nearest second: the header has no finer ones.
fn seconds_from(here: SystemTime, there: SystemTime) -> Option<i64> {
    let nearest = |time: Duration| i64::try_from(time.saturating_add(HALF_A_SECOND).as_secs()).ok();
    match there.duration_since(here) {
        Ok(ahead) => nearest(ahead),
        Err(behind) => nearest(behind.duration()).map(|seconds| -seconds),
    }
}

const HALF_A_SECOND: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> SystemTime {
        // 2015-08-30T12:36:00Z
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160 + second)
    }

    fn headers(list: &[(&'static str, String)]) -> HeaderMap {
        list.iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn date(second: u64) -> (&'static str, String) {
        ("date", httpdate::fmt_http_date(at(second)))
    }

    #[test]
    fn the_middle_of_the_exchange_counts() {
        let offset = ClockOffset::default();
        let took = Duration::from_secs(100);
        assert_eq!(offset.learn(&headers(&[date(289)]), at(0), took), None);
        assert_eq!(offset.learn(&headers(&[date(290)]), at(0), took), Some(240));
        assert_eq!(offset.correct(at(1_000)), at(1_240));
    }

    #[test]
    fn a_clock_that_is_ahead_is_put_back() {
        let offset = ClockOffset::default();
        let learnt = offset.learn(&headers(&[date(0)]), at(600), Duration::ZERO);
        assert_eq!(learnt, Some(-600));
        assert_eq!(offset.correct(at(600)), at(0));
    }

    #[test]
    fn what_was_corrected_already_is_not_learnt_again() {
        let offset = ClockOffset::default();
        assert_eq!(
            offset.learn(&headers(&[date(600)]), at(0), Duration::ZERO),
            Some(600)
        );
        assert_eq!(
            offset.learn(&headers(&[date(700)]), at(0), Duration::ZERO),
            None
        );
    }

    #[test]
    fn cached_late_and_unreadable_answers_are_not_measured() {
        let offset = ClockOffset::default();
        let cached = headers(&[date(600), ("age", "0".to_owned())]);
        assert_eq!(offset.learn(&cached, at(0), Duration::ZERO), None);
        assert_eq!(
            offset.learn(&headers(&[date(6_000)]), at(0), LONGEST * 2),
            None
        );
        assert_eq!(offset.learn(&headers(&[]), at(0), Duration::ZERO), None);
        let wrong = headers(&[("date", "yesterday".to_owned())]);
        assert_eq!(offset.learn(&wrong, at(0), Duration::ZERO), None);
        assert_eq!(offset.correct(at(0)), at(0));
    }
}
