//! Has the disk begin while files are still being written.
//!
//! A new worktree is said to be there when it is on disk. Begun while others still write, less of
//! that is left to wait for at the end.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::Duration;

/// How long is written before the disk is begun with: what takes less is written out at once later.
const PAUSE: Duration = Duration::from_millis(40);

/// Keeps the disk busy until it is dropped.
pub struct Flushing<'scope> {
    over: &'scope AtomicBool,
    thread: ScopedJoinHandle<'scope, ()>,
}

impl<'scope> Flushing<'scope> {
    /// Begins to write out the file system of `folder` again and again until `over`.
    pub fn begin(
        scope: &'scope Scope<'scope, '_>,
        folder: &'scope Path,
        over: &'scope AtomicBool,
    ) -> Self {
        let thread = scope.spawn(move || {
            // Nothing depends on it: whoever needs the files on disk syncs them afterwards.
            let Ok(folder) = std::fs::File::open(folder) else { return };
            loop {
                std::thread::park_timeout(PAUSE);
                if over.load(Ordering::Relaxed) {
                    return;
                }
                write_out(&folder);
            }
        });
        Self { over, thread }
    }
}

impl Drop for Flushing<'_> {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
    }
}

#[cfg(target_os = "linux")]
fn write_out(folder: &std::fs::File) {
    let _ = rustix::fs::syncfs(folder);
}

#[cfg(not(target_os = "linux"))]
fn write_out(_: &std::fs::File) {}
