//! What time it is for the service.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// Two times. Signatures are judged by the one of the machine, or whichever the emulator was given,
/// which is also the `Date` of answers: a client need not know that time was moved. Jobs and what
/// they date live by the other, which is ahead of it by as much as somebody moved it.
pub(crate) struct ServiceClock {
    machine: Box<dyn Fn() -> SystemTime + Send + Sync>,
    ahead_millis: AtomicU64,
}

impl ServiceClock {
    pub(crate) fn new(machine: Box<dyn Fn() -> SystemTime + Send + Sync>) -> Self {
        Self {
            machine,
            ahead_millis: AtomicU64::new(0),
        }
    }

    /// The time by which signatures are judged.
    pub(crate) fn machine(&self) -> SystemTime {
        (self.machine)()
    }

    /// The time of jobs, in milliseconds since the epoch.
    pub(crate) fn millis(&self) -> u64 {
        millis(self.machine()).saturating_add(self.ahead_millis.load(Ordering::Relaxed))
    }

    /// How far the time of jobs is ahead.
    pub(crate) fn ahead(&self) -> Duration {
        Duration::from_millis(self.ahead_millis.load(Ordering::Relaxed))
    }

    pub(crate) fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        let add = |ahead: u64| Some(ahead.saturating_add(by));
        // The closure always gives a value, so that this cannot fail.
        let _ = self
            .ahead_millis
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// Back to the machine's time.
    pub(crate) fn reset(&self) {
        self.ahead_millis.store(0, Ordering::Relaxed);
    }
}

/// The second of a `Date`, since the epoch. What the header cannot say is not said: years before
/// 1970 and after 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date(u64);

impl Date {
    pub(crate) fn new(time: SystemTime) -> Self {
        const END: u64 = 253_402_300_800;
        let since = time.duration_since(SystemTime::UNIX_EPOCH);
        let second = since.map_or(0, |since| since.as_secs());
        Self(Some(second).filter(|it| *it < END).unwrap_or_default())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(self.0);
        httpdate::HttpDate::from(time).fmt(f)
    }
}

/// Milliseconds since the epoch.
pub(crate) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    u64::try_from(since.map_or(0, |since| since.as_millis())).unwrap_or(u64::MAX)
}

impl fmt::Debug for ServiceClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceClock")
            .field("ahead", &self.ahead())
            .finish_non_exhaustive()
    }
}
