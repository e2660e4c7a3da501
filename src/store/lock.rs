//! Locks that the kernel frees: one for the checks of an issue, one an issue, one a repository,
//! always in that order.
//!
//! A lock is a `flock` on a file that is never removed, so there are no stale locks and nothing
//! to take over. The text in the file is for people; the kernel decides.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use super::atomic::Folder;
use super::error::StoreError;
use super::layout::own;
use crate::domain::ids::IssueId;

/// How long to wait for somebody else before giving up.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait for a turn to land: whoever is before us may run its checks for long.
const TURN: Duration = Duration::from_secs(12 * 3_600);

/// A lock that is held until it is dropped.
#[derive(Clone, Debug)]
pub struct Lock {
    /// The open file; children of git inherit it, so that one which outlives us keeps the lock.
    pub file: Arc<File>,
}

/// Locks one issue. `owner` says who we are, for people who wait; `waiting` is called once with
/// the holder's words when we have to.
pub fn issue(
    own_folder: &Path,
    id: &IssueId,
    owner: &str,
    waiting: &mut dyn FnMut(&str),
) -> Result<Lock, StoreError> {
    let name = format!("issue-{}", id.as_str().to_ascii_lowercase());
    acquire(own_folder, &name, &format!("issue {id}"), owner, PATIENCE, waiting)
}

/// Locks the worktree of an issue for a check that runs there. The issue itself stays free
/// meanwhile: a check may take minutes.
pub fn checks(
    own_folder: &Path,
    id: &IssueId,
    owner: &str,
    waiting: &mut dyn FnMut(&str),
) -> Result<Lock, StoreError> {
    let name = format!("checks-{}", id.as_str().to_ascii_lowercase());
    acquire(own_folder, &name, &format!("the worktree of issue {id}"), owner, PATIENCE, waiting)
}

/// Locks the running of agents for an issue. What an agent leaves running keeps it, so that the
/// next agent does not begin beside the remains of one that was killed.
pub fn runner(
    own_folder: &Path,
    id: &IssueId,
    owner: &str,
    waiting: &mut dyn FnMut(&str),
) -> Result<Lock, StoreError> {
    let name = format!("runner-{}", id.as_str().to_ascii_lowercase());
    acquire(own_folder, &name, &format!("the runner of issue {id}"), owner, PATIENCE, waiting)
}

/// Locks what the whole repository shares: refs, worktree entries, hooks.
pub fn repository(
    own_folder: &Path,
    owner: &str,
    waiting: &mut dyn FnMut(&str),
) -> Result<Lock, StoreError> {
    acquire(own_folder, "repository", "the repository", owner, PATIENCE, waiting)
}

/// Locks landing: one issue at a time comes onto a branch. Taken before every other lock, and kept
/// while checks run on the result.
pub fn landing(
    own_folder: &Path,
    owner: &str,
    waiting: &mut dyn FnMut(&str),
) -> Result<Lock, StoreError> {
    acquire(own_folder, "landing", "landing in this repository", owner, TURN, waiting)
}

/// The same for whoever only finishes what was begun: it waits no longer than for other locks.
pub fn landing_soon(
    own_folder: &Path,
    owner: &str,
    waiting: &mut dyn FnMut(&str),
) -> Result<Lock, StoreError> {
    acquire(own_folder, "landing", "landing in this repository", owner, PATIENCE, waiting)
}

/// Which lock.
#[derive(Clone, Copy, Debug)]
pub enum Name<'a> {
    /// That of an issue.
    Issue(&'a IssueId),
    /// That of landing.
    Landing,
    /// That of the repository.
    Repository,
}

/// Whether somebody has the lock just now.
pub fn is_held(own_folder: &Path, name: Name<'_>) -> bool {
    let name = match name {
        Name::Issue(id) => format!("issue-{}", id.as_str().to_ascii_lowercase()),
        Name::Landing => "landing".to_owned(),
        Name::Repository => "repository".to_owned(),
    };
    let Ok(Some(folder)) = Folder::open(own_folder, own::LOCKS) else { return false };
    if !folder.has(&name) {
        return false;
    }
    let file = folder.lock_file(&name);
    file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Locks what was said of learnings.
pub fn ledger(
    own_folder: &Path,
    owner: &str,
    waiting: &mut dyn FnMut(&str),
) -> Result<Lock, StoreError> {
    acquire(own_folder, "learnings", "what was said of learnings", owner, PATIENCE, waiting)
}

/// Locks the index of what was learned against a second writer.
pub fn index(
    own_folder: &Path,
    owner: &str,
    waiting: &mut dyn FnMut(&str),
) -> Result<Lock, StoreError> {
    acquire(own_folder, "recall", "the index of learnings", owner, PATIENCE, waiting)
}

fn acquire(
    own_folder: &Path,
    name: &str,
    what: &str,
    owner: &str,
    patience: Duration,
    waiting: &mut dyn FnMut(&str),
) -> Result<Lock, StoreError> {
    let end = Instant::now() + patience;
    loop {
        let folder = Folder::create(own_folder, own::LOCKS)?;
        let path = folder.path().join(name);
        let file = folder.lock_file(name)?;
        let wrong = |e: io::Error| StoreError::file(&path, e);
        let mut file = match file.try_lock() {
            Ok(()) => file,
            Err(TryLockError::Error(e)) => return Err(wrong(e)),
            Err(TryLockError::WouldBlock) => {
                if let Some(locked) = queue(file, end, what, waiting) {
                    locked.map_err(wrong)?
                } else {
                    let holder = words_in(&mut folder.lock_file(name)?);
                    return Err(StoreError::Busy { what: what.to_owned(), holder });
                }
            }
        };
        // Whoever takes git-orch out of the repository takes the file away while others wait.
        if !stands_at(&file, &path) {
            continue;
        }
        // Not synced and not checked: the words are a courtesy to whoever waits.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(owner.as_bytes()));
        return Ok(Lock { file: Arc::new(file) });
    }
}

/// Waits in the kernel's queue, which serves first whoever came first; `None` when the time is
/// up. The thread ends with the process, or gives the lock back when it gets it too late.
fn queue(
    file: File,
    end: Instant,
    what: &str,
    waiting: &mut dyn FnMut(&str),
) -> Option<io::Result<File>> {
    let holder = file.try_clone();
    let (locked, turn) = mpsc::channel();
    std::thread::spawn(move || {
        let result = loop {
            match file.lock() {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        let _ = locked.send(result.map(|()| file));
    });
    if let Ok(result) = turn.recv_timeout(Duration::from_millis(300)) {
        return Some(result);
    }
    if let Ok(mut holder) = holder {
        waiting(&format!("waiting for {what}: held by {}", words_in(&mut holder)));
    }
    turn.recv_timeout(end.saturating_duration_since(Instant::now())).ok()
}

/// Whether the open file is the one that others will find at `path`.
fn stands_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), path.symlink_metadata()) {
        (Ok(ours), Ok(there)) => (ours.dev(), ours.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

fn words_in(file: &mut File) -> String {
    let mut words = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut words));
    if read.is_err() || words.trim().is_empty() {
        "another git-orch".clone_into(&mut words);
    }
    words.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_waited_for_and_whoever_holds_it_is_named() {
        let top = tempfile::tempdir().unwrap();
        let held = repository(top.path(), "pid 1, the first", &mut |_| {}).unwrap();
        let folder = top.path().to_owned();
        let waiter = std::thread::spawn(move || {
            let mut heard = Vec::new();
            repository(&folder, "pid 2", &mut |line| heard.push(line.to_owned())).unwrap();
            heard
        });
        std::thread::sleep(Duration::from_millis(600));
        drop(held);
        assert_eq!(
            waiter.join().unwrap(),
            ["waiting for the repository: held by pid 1, the first"]
        );
    }

    #[test]
    fn a_lock_file_that_was_taken_away_is_not_believed() {
        let top = tempfile::tempdir().unwrap();
        let held = repository(top.path(), "the first", &mut |_| {}).unwrap();
        let folder = top.path().to_owned();
        let waiter = std::thread::spawn(move || {
            let lock = repository(&folder, "the second", &mut |_| {}).unwrap();
            stands_at(&lock.file, &folder.join(own::LOCKS).join("repository"))
        });
        std::thread::sleep(Duration::from_millis(100));
        let locks = Folder::open(top.path(), own::LOCKS).unwrap().unwrap();
        locks.remove("repository").unwrap();
        drop(held);
        assert!(waiter.join().unwrap());
    }
}
