//! Copies the paths of a plan from one worktree to another, on several threads.
//!
//! Folders are made and opened once, and reached from the top by handles, one component at a time,
//! so that no symbolic link leads elsewhere. A path that cannot be copied, for whatever reason, is
//! left out and so left to git; nothing here fails.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rustix::fs::{Mode, OFlags, mkdirat, open, openat};
use rustix::io::{Errno, Result};

use super::file::{Copier, Pair, Seen, Wish};
use super::index::{Index, Stamp};
use super::plan::Folder;

/// Paths of one folder that a thread takes at once. A folder lets in one that makes a file at a
/// time, so that two threads are better off in two folders; only a very large one is shared.
const SHARE: usize = 1024;

/// One copying of paths from one worktree to another.
pub struct Copying<'a> {
    index: &'a Index,
    seen: &'a [Option<Seen>],
    plan: &'a [Folder],
    stopped: AtomicBool,
    shares: AtomicBool,
}

enum Task {
    Folder { position: usize, parent: Arc<Pair> },
    Paths { folder: usize, from: usize, at: Arc<Pair> },
}

impl<'a> Copying<'a> {
    /// Copies the paths of `plan`. `index` is that of the new worktree and says what each is to
    /// be; `seen` says what to expect of its source, and a path of which it says nothing is not
    /// copied.
    pub fn new(index: &'a Index, seen: &'a [Option<Seen>], plan: &'a [Folder]) -> Self {
        Self { index, seen, plan, stopped: AtomicBool::new(false), shares: AtomicBool::new(true) }
    }

    /// Has [`Self::run`] leave all that it has not yet begun.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Copies on `threads` threads, this one among them; the stat words of what was copied, with
    /// the place of each path in the index.
    pub fn run(&self, source: &Path, target: &Path, threads: usize) -> Vec<(usize, Stamp)> {
        let Some(top) = self.plan.first() else { return Vec::new() };
        if top.folders.is_empty() && top.places.is_empty() {
            return Vec::new();
        }
        let open_top = |path| open(path, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
        let (Ok(source), Ok(target)) = (open_top(source), open_top(target)) else {
            return Vec::new();
        };
        let queue = Queue::default();
        queue.add(self.tasks_in(0, &Arc::new(Pair { source, target })));
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| self.work(&queue))).collect();
            let mut copied = self.work(&queue);
            for other in others {
                copied.extend(other.join().unwrap_or_default());
            }
            copied
        })
    }

    /// Does tasks until none is left.
    fn work(&self, queue: &Queue) -> Vec<(usize, Stamp)> {
        let mut copier = Copier::new(self.index.format(), &self.shares);
        let mut copied = Vec::new();
        while let Some(task) = queue.take() {
            let _taken = Taken(queue);
            match task {
                Task::Folder { position, parent } => {
                    if let Ok(pair) = make_folder(&self.plan[position].name, &parent) {
                        queue.add(self.tasks_in(position, &Arc::new(pair)));
                    }
                }
                Task::Paths { folder, from, at } => {
                    let places = &self.plan[folder].places[from..];
                    let places = &places[..places.len().min(SHARE)];
                    copied.extend(places.iter().filter_map(|place| {
                        let stamp = self.copy(*place, &mut copier, &at)?;
                        Some((*place, stamp))
                    }));
                }
            }
        }
        copied
    }

    fn tasks_in(&self, position: usize, at: &Arc<Pair>) -> Vec<Task> {
        let folder = &self.plan[position];
        let folders = folder
            .folders
            .iter()
            .map(|inner| Task::Folder { position: *inner, parent: Arc::clone(at) });
        let shares = (0..folder.places.len()).step_by(SHARE).map(|from| Task::Paths {
            folder: position,
            from,
            at: Arc::clone(at),
        });
        folders.chain(shares).collect()
    }

    fn copy(&self, place: usize, copier: &mut Copier<'_>, at: &Pair) -> Option<Stamp> {
        if self.stopped.load(Ordering::Relaxed) {
            return None;
        }
        let seen = self.seen.get(place).copied().flatten()?;
        let entry = &self.index.entries()[place];
        let path = self.index.name(entry);
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
        let wish = Wish { name, kind: entry.kind, id: self.index.id(entry), seen };
        copier.copy(wish, at).ok().flatten()
    }
}

fn make_folder(name: &[u8], parent: &Pair) -> Result<Pair> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let source = openat(&parent.source, name, flags, Mode::empty())?;
    match mkdirat(&parent.target, name, Mode::from_raw_mode(0o777)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(error),
    }
    let target = openat(&parent.target, name, flags, Mode::empty())?;
    Ok(Pair { source, target })
}

/// Tasks to do, the newest first: that keeps few folders open at a time.
#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<Task>,
    in_work: usize,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A thread that panicked left the list whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, tasks: impl IntoIterator<Item = Task>) {
        self.lock().waiting.extend(tasks);
        self.changed.notify_all();
    }

    /// The next task; `None` when nothing is left and nobody can add more.
    fn take(&self) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if let Some(task) = state.waiting.pop() {
                state.in_work += 1;
                return Some(task);
            }
            if state.in_work == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A task that was taken; dropping it says that it is done and what it led to is added. Also in a
/// panic: the other threads must not wait for ever.
struct Taken<'a>(&'a Queue);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.in_work -= 1;
        if state.in_work == 0 {
            self.0.changed.notify_all();
        }
    }
}
