//! Hears that we are to end: an interrupt from the keyboard, a request to terminate, a terminal
//! that went away.
//!
//! While somebody [attends](Stop::attend), a signal is only noted, and whoever waits on the stop
//! wakes up and puts things in order. At all other times it ends us at once, as it always would:
//! whatever is under way then is made to be killed anywhere.

use std::io::{self, PipeReader};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

/// Hears the signals; made once in a process.
#[derive(Debug)]
pub struct Stop {
    /// Becomes readable with the first signal, and stays so.
    woken: PipeReader,
    /// Number of the newest signal; 0 before the first.
    caught: Arc<AtomicUsize>,
    /// Whether a signal ends us at once.
    unattended: Arc<AtomicBool>,
}

/// While this lives, signals are noted and do not end us.
#[derive(Debug)]
pub struct Attending<'a>(&'a Stop);

impl Drop for Attending<'_> {
    fn drop(&mut self) {
        self.0.unattended.store(true, Ordering::SeqCst);
    }
}

impl Stop {
    /// Begins to listen.
    pub fn listen() -> io::Result<Self> {
        let (woken, waker) = io::pipe()?;
        let caught = Arc::new(AtomicUsize::new(0));
        let unattended = Arc::new(AtomicBool::new(true));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let number = usize::try_from(signal).unwrap_or_default();
            flag::register_conditional_default(signal, Arc::clone(&unattended))?;
            flag::register_usize(signal, Arc::clone(&caught), number)?;
            low_level::pipe::register(signal, waker.try_clone()?)?;
        }
        Ok(Self { woken, caught, unattended })
    }

    /// From now on, signals are noted only, until the answer is dropped.
    pub fn attend(&self) -> Attending<'_> {
        self.unattended.store(false, Ordering::SeqCst);
        Attending(self)
    }

    /// The signal that came, if one did.
    pub fn caught(&self) -> Option<i32> {
        let number = self.caught.load(Ordering::SeqCst);
        i32::try_from(number).ok().filter(|&number| number != 0)
    }

    /// Waits so long, or until a signal comes; returns whether one did.
    pub fn sleep(&self, time: Duration) -> bool {
        let end = Instant::now() + time.min(Duration::from_secs(365 * 24 * 3600));
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if self.caught().is_some() || left.is_zero() {
                return self.caught().is_some();
            }
            let mut fds = [PollFd::new(&self.woken, PollFlags::IN)];
            // Interrupted: the signal is looked for above.
            let _ = poll(&mut fds, Timespec::try_from(left).ok().as_ref());
        }
    }

    /// Ends us as the signal that came would have.
    pub fn obey(&self) {
        if let Some(signal) = self.caught() {
            // The three signals are all known to it.
            let _ = low_level::emulate_default_handler(signal);
        }
    }
}

impl AsFd for Stop {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.woken.as_fd()
    }
}

/// A signal by its name.
pub fn name(signal: i32) -> &'static str {
    low_level::signal_name(signal).unwrap_or("a signal")
}

/// Ends us as a crash would: nothing is put in order.
pub fn kill_self() {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
}
