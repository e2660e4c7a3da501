#![expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
//! The clock, read in one place, so that a decision gets its time as a value.

use crate::domain::time::Moment;

/// Now, to the second.
pub fn now() -> Moment {
    Moment::from_seconds(jiff::Timestamp::now().as_second())
}

/// Now, in milliseconds since 1970, for waits shorter than a moment.
pub fn now_millis() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// The year and day as `2026-11-20`, for people, from a moment.
pub fn day(moment: Moment) -> String {
    moment.to_string().chars().take(10).collect()
}
