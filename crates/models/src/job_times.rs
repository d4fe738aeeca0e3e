//! The times of a job, which come as texts.

use std::time::{Duration, SystemTime};

/// Gives a shape with `create_time` and `update_time` the accessors that read them.
macro_rules! job_times {
    ($shape:ident) => {
        impl $shape {
            /// `create_time` as a time. `None` when it is absent, or anything but a whole number of
            /// milliseconds since the epoch that this platform can hold.
            pub fn created_at(&self) -> Option<std::time::SystemTime> {
                crate::job_times::from_epoch_millis(self.create_time.as_deref()?)
            }

            /// `update_time` as a time, read as [`created_at`](Self::created_at) is.
            pub fn updated_at(&self) -> Option<std::time::SystemTime> {
                crate::job_times::from_epoch_millis(self.update_time.as_deref()?)
            }
        }
    };
}

pub(crate) use job_times;

pub(crate) fn from_epoch_millis(text: &str) -> Option<SystemTime> {
    // `parse` would take a leading plus, which is not what the service sends.
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(text.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_observed_time_is_read() {
        let read = from_epoch_millis("1617375907613").unwrap();
        let since = read.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(since, Duration::from_millis(1_617_375_907_613));
    }

    #[test]
    fn what_is_not_milliseconds_is_no_time() {
        for text in [
            "",
            "-1",
            "+1",
            " 1",
            "1.5",
            "1e3",
            "2021-04-02T15:05:07Z",
            "٣",
            "18446744073709551616",
        ] {
            assert_eq!(from_epoch_millis(text), None, "{text}");
        }
    }

    #[test]
    fn the_largest_number_is_a_time_or_none_but_no_panic() {
        let _ = from_epoch_millis(&u64::MAX.to_string());
    }
}
