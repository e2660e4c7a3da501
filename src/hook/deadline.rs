//! A judgement within a time limit, whatever becomes of it.
//!
//! git waits for its hooks without end and holds locks meanwhile, so a hook must come back. A
//! watch in a thread of its own answers when time is up, and ends the process; the work itself
//! stays where it is, for handing it to another thread costs more than most judgements take.

use std::panic::{self, AssertUnwindSafe};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::Duration;

/// How long a judgement may take before refs move.
pub const LOCK: Duration = Duration::from_secs(5);
/// How long a judgement may take before a push or a merge commit: nothing is locked meanwhile.
pub const PATIENT: Duration = Duration::from_secs(60);

/// What `work` returns, or why it returned nothing. When it takes longer than `limit`, `late` says
/// what is to be said then, from the reason, and the process ends with the code that it returns.
pub fn within<T>(
    limit: Duration,
    late: impl FnOnce(&str) -> u8 + Send + 'static,
    work: impl FnOnce() -> T,
) -> Result<T, String> {
    #[expect(clippy::exit, reason = "the work hangs, perhaps for ever; git is to go on")]
    let end = move |why: &str| process::exit(i32::from(late(why)));
    watched(limit, end, work)
}

fn watched<T>(
    limit: Duration,
    late: impl FnOnce(&str) + Send + 'static,
    work: impl FnOnce() -> T,
) -> Result<T, String> {
    let answered = Arc::new(AtomicBool::new(false));
    let watch = watch(limit, Arc::clone(&answered), late)?;
    // Nothing of what broke is looked at again.
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    if answered.swap(true, Ordering::SeqCst) {
        // The watch was first and ends the process: two answers would be none.
        loop {
            thread::park();
        }
    }
    drop(watch);
    result.map_err(|_| "it broke down".to_owned())
}

/// Starts the watch; it ends when what this returns is dropped.
fn watch(
    limit: Duration,
    answered: Arc<AtomicBool>,
    late: impl FnOnce(&str) + Send + 'static,
) -> Result<SyncSender<()>, String> {
    let (alive, work) = mpsc::sync_channel(0);
    let wait = move || {
        let waited = work.recv_timeout(limit);
        if waited == Err(RecvTimeoutError::Timeout) && !answered.swap(true, Ordering::SeqCst) {
            late(&format!("no answer within {} s", limit.as_secs()));
        }
    };
    match thread::Builder::new().name("watch".to_owned()).spawn(wait) {
        Ok(_) => Ok(alive),
        Err(e) => Err(format!("no thread could be started: {e}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_is_done_in_time_is_the_answer_and_the_watch_says_nothing() {
        let (said, heard) = mpsc::channel();
        let late = move |why: &str| said.send(why.to_owned()).unwrap();
        assert_eq!(watched(Duration::from_millis(50), late, || 7), Ok(7));
        // The watch has ended, and with it what could have been said.
        assert_eq!(heard.recv(), Err(mpsc::RecvError));
    }

    #[test]
    fn work_that_breaks_down_gives_a_reason() {
        let broken = watched(LOCK, |_| (), || -> u8 { panic!("on purpose") });
        assert!(broken.unwrap_err().contains("broke down"));
    }

    #[test]
    fn work_that_hangs_is_answered_for_once_and_says_nothing_any_more() {
        let (said, heard) = mpsc::channel();
        let (after, answer) = mpsc::channel();
        thread::spawn(move || {
            let late = move |why: &str| said.send(why.to_owned()).unwrap();
            let slow = || thread::sleep(Duration::from_millis(300));
            after.send(watched(Duration::from_millis(20), late, slow)).unwrap();
        });
        assert!(heard.recv().unwrap().contains("no answer"));
        assert_eq!(heard.recv(), Err(mpsc::RecvError));
        let returned = answer.recv_timeout(Duration::from_millis(600));
        assert_eq!(returned, Err(RecvTimeoutError::Timeout));
    }
}
