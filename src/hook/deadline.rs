//! A judgement within a time limit, whatever becomes of it.
//!
//! git waits for its hooks without end and holds locks meanwhile, so a hook must come back. The
//! work is done in a thread of its own: when time is up or it panics, that is the answer.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a judgement may take before refs move.
pub const LOCK: Duration = Duration::from_secs(5);
/// How long a judgement may take before a push or a merge commit: nothing is locked meanwhile.
pub const PATIENT: Duration = Duration::from_secs(60);

/// What `work` returns, or why it returned nothing.
pub fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    let (done, answer) = mpsc::channel();
    let started = thread::Builder::new().name("judgement".to_owned()).spawn(move || {
        // Nobody listens any more when time is up.
        let _ = done.send(work());
    });
    if let Err(e) = started {
        return Err(format!("no thread could be started: {e}"));
    }
    answer.recv_timeout(limit).map_err(|e| match e {
        mpsc::RecvTimeoutError::Timeout => {
            format!("no answer within {} s", limit.as_secs())
        }
        mpsc::RecvTimeoutError::Disconnected => "it broke down".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_hangs_or_breaks_down_gives_a_reason() {
        assert_eq!(within(LOCK, || 7), Ok(7));
        let slow = within(Duration::from_millis(20), || thread::sleep(Duration::from_secs(2)));
        assert!(slow.unwrap_err().contains("no answer"));
        let broken = within(LOCK, || -> u8 { panic!("on purpose") });
        assert!(broken.unwrap_err().contains("broke down"));
    }
}
