//! Moments and durations as the record knows them.
//!
//! A moment is kept to the second in UTC, written `2025-10-20T15:30:45Z`: finer than that tells
//! nothing about an issue, and a second survives every format it passes through.

use std::fmt;
use std::str::FromStr;

/// A moment in UTC, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

/// A text that is not a moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a time such as 2025-10-20T15:30:45Z")]
pub struct BadMoment {
    /// The text as given.
    pub text: String,
}

impl Moment {
    /// From seconds since 1970-01-01T00:00:00Z.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// Whole seconds from `earlier` to `self`, zero when the clock went backwards.
    pub fn since(self, earlier: Self) -> u64 {
        u64::try_from(self.0 - earlier.0).unwrap_or(0)
    }

    /// The same moment as a form fit for file and ref names: `20251020T153045Z`.
    pub fn compact(self) -> String {
        self.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(moment) => write!(f, "{moment}"),
            Err(_) => write!(f, "{}s", self.0),
        }
    }
}

impl FromStr for Moment {
    type Err = BadMoment;

    fn from_str(text: &str) -> Result<Self, BadMoment> {
        text.parse::<jiff::Timestamp>()
            .map(|moment| Self(moment.as_second()))
            .map_err(|_| BadMoment { text: text.to_owned() })
    }
}

/// A span in words: `42 s`, `3 min`, `2 h 5 min`, `4 d`.
pub fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => match (seconds / 3_600, seconds % 3_600 / 60) {
            (hours, 0) => format!("{hours} h"),
            (hours, minutes) => format!("{hours} h {minutes} min"),
        },
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_back_what_it_writes() {
        let moment: Moment = "2025-10-20T15:30:45Z".parse().unwrap();
        assert_eq!(moment.to_string(), "2025-10-20T15:30:45Z");
        assert_eq!(moment.compact(), "20251020T153045Z");
        assert!("yesterday".parse::<Moment>().is_err());
    }

    #[test]
    fn spans_read_as_people_say_them() {
        assert_eq!(
            [7, 61, 3_600, 7_500, 200_000].map(span),
            ["7 s", "1 min", "1 h", "2 h 5 min", "2 d"]
        );
    }
}
