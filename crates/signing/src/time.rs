//! The time as signatures write it, `20150830T123600Z`, and back.

use std::fmt;
use std::str;
#[cfg(feature = "verify")]
use std::time::Duration;
use std::time::SystemTime;

use crate::error::SigningError;

const DAY: u64 = 24 * 60 * 60;

/// Second 0 of the year 10000: from here on a year no longer fits in four digits.
const END: u64 = 253_402_300_800;

/// A second between 1970 and 9999, as text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timestamp([[u8; 8]; 2]);

impl Timestamp {
    /// Parts of a second are cut off.
    pub(crate) fn new(at: SystemTime) -> Result<Self, SigningError> {
        let since = at.duration_since(SystemTime::UNIX_EPOCH);
        match since.map(|since| since.as_secs()) {
            Ok(second) if second < END => Ok(Self::from_second(second)),
            _ => Err(SigningError::TimeOutOfRange),
        }
    }

    fn from_second(second: u64) -> Self {
        let (year, month, day) = civil(second / DAY);
        let second = second % DAY;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        // The digits of a number below 100, the first in the lowest byte.
        let digits = |number: u64| (number / 10 + 0x30) | ((number % 10 + 0x30) << 8);
        let (t, z) = (u64::from(b'T'), u64::from(b'Z'));
        let century = digits(year / 100) | (digits(year % 100) << 16);
        let date = century | (digits(month) << 32) | (digits(day) << 48);
        let time = (digits(hour) << 8) | (digits(minute) << 24) | (digits(second) << 40);
        Self([date.to_le_bytes(), (t | time | (z << 56)).to_le_bytes()])
    }

    /// Reads exactly what [`as_str`](Self::as_str) writes: no 31 June, no second 60, no other form.
    #[cfg(feature = "verify")]
    pub(crate) fn parse(text: &str) -> Option<SystemTime> {
        let text: &[u8; 16] = text.as_bytes().try_into().ok()?;
        let number = |from: usize, length: usize| {
            let digits = text.get(from..from.checked_add(length)?)?;
            digits.iter().try_fold(0_u64, |number, digit| {
                let digit = digit.is_ascii_digit().then_some(digit.wrapping_sub(b'0'))?;
                Some(number * 10 + u64::from(digit))
            })
        };
        let (year, month, day) = (number(0, 4)?, number(4, 2)?, number(6, 2)?);
        let second = (days(year, month, day)? * DAY)
            .checked_add(number(9, 2)? * 3600 + number(11, 2)? * 60 + number(13, 2)?)?;
        // What does not exist is written as something else, and so is a text without T and Z.
        let timestamp = Self::from_second(second);
        let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(second))?;
        (second < END && timestamp.0.as_flattened() == text).then_some(at)
    }

    /// `20150830T123600Z`
    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(self.0.as_flattened()).expect("digits, T and Z are ASCII")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Year, month and day of the day that many days after 1 January 1970.
///
/// Years begin in March here, so that the leap day is the last of its year, and every five months
/// in a row have 153 days.
fn civil(days: u64) -> (u64, u64, u64) {
    // 719,468 days from 1 March of year 0 to 1 January 1970; 146,097 days in 400 years.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (era * 400 + year + next, month, day)
}

/// The reverse of [`civil`], which may be asked about days that do not exist.
#[cfg(feature = "verify")]
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year.checked_sub(1)?, month + 9)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    (year * 365 + leap_days + (153 * month + 2) / 5 + day).checked_sub(719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(second)
    }

    #[test]
    fn known_seconds_are_written_as_they_are_known() {
        for (second, text) in [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (1_440_938_160, "20150830T123600Z"),
            (1_735_689_599, "20241231T235959Z"),
            (1_735_689_600, "20250101T000000Z"),
            (4_107_542_400, "21000301T000000Z"),
            (END - 1, "99991231T235959Z"),
        ] {
            let timestamp = Timestamp::new(at(second)).unwrap();
            assert_eq!(timestamp.as_str(), text);
            assert_eq!(format!("{timestamp:?}"), text);
        }
    }

    #[test]
    fn parts_of_a_second_are_cut_off() {
        let late = at(1_440_938_160) + Duration::from_nanos(999_999_999);
        assert_eq!(Timestamp::new(late).unwrap().as_str(), "20150830T123600Z");
    }

    #[test]
    fn times_before_1970_and_after_9999_are_refused() {
        let before = SystemTime::UNIX_EPOCH - Duration::from_nanos(1);
        assert!(matches!(
            Timestamp::new(before),
            Err(SigningError::TimeOutOfRange)
        ));
        assert!(matches!(
            Timestamp::new(at(END)),
            Err(SigningError::TimeOutOfRange)
        ));
    }

    #[test]
    fn every_day_until_2500_survives_a_round_trip() {
        for day in 0..193_580 {
            let second = day * DAY + (day * 7919) % DAY;
            let timestamp = Timestamp::new(at(second)).unwrap();
            assert_eq!(Timestamp::parse(timestamp.as_str()), Some(at(second)));
        }
    }

    #[test]
    fn what_is_no_timestamp_is_not_read() {
        for text in [
            "",
            "20150830",
            "20150830T123600",
            "20150830T123600Zx",
            "20150830t123600Z",
            "20150830T123600z",
            "20150830 123600Z",
            "2015-08-30T12:36",
            "20150230T000000Z",
            "20150431T000000Z",
            "20151301T000000Z",
            "20150001T000000Z",
            "20150100T000000Z",
            "20150830T240000Z",
            "20150830T126000Z",
            "20150830T123660Z",
            "+0150830T123600Z",
            "19691231T235959Z",
            "00000101T000000Z",
            "2015083é0T12360Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
