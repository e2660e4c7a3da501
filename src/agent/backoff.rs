//! How long to wait before the next attempt: twice as long after each failure, up to a limit, and
//! never exactly as long as anybody else.

use std::time::Duration;

/// The shortest and the longest wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// After the first failure.
    pub first: Duration,
    /// However many there were.
    pub longest: Duration,
}

impl Backoff {
    /// The wait after so many failures in a row; none after none. `luck`, from 0 to 1, takes up to
    /// half of it away, so that many who failed together do not come back together.
    pub fn wait(&self, failures: u32, luck: f64) -> Duration {
        if failures == 0 {
            return Duration::ZERO;
        }
        let doubled = 2_u32.saturating_pow(failures - 1);
        let whole = self.first.saturating_mul(doubled).min(self.longest);
        whole.mul_f64(1.0 - luck.clamp(0.0, 1.0) / 2.0)
    }
}

/// Luck for [`Backoff::wait`], another one every time.
pub fn luck() -> f64 {
    fastrand::f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_doubles_the_wait_up_to_the_longest() {
        let backoff = Backoff { first: Duration::from_secs(5), longest: Duration::from_secs(60) };
        let waits: Vec<u64> = (0..7).map(|n| backoff.wait(n, 0.0).as_secs()).collect();
        assert_eq!(waits, [0, 5, 10, 20, 40, 60, 60]);
        assert_eq!(backoff.wait(u32::MAX, 0.0).as_secs(), 60);
        assert_eq!(backoff.wait(3, 1.0).as_secs(), 10);
        for _ in 0..100 {
            let wait = backoff.wait(2, luck());
            assert!((5..=10).contains(&wait.as_secs()), "{wait:?}");
        }
    }
}
