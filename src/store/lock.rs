//! Locks that the kernel frees: one for the checks of an issue, one an issue, one a repository,
//! always in that order.
//!
//! A lock is a `flock` on a file that is never removed, so there are no stale locks and nothing
//! to take over. The text in the file is for people; the kernel decides.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::atomic::Folder;
use super::error::StoreError;
use super::layout::own;
use crate::domain::ids::IssueId;

/// How long to wait for somebody else before giving up.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A lock that is held until it is dropped.
#[derive(Clone, Debug)]
pub struct Lock {
    /// The open file; children of git inherit it.
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
    acquire(own_folder, &name, &format!("issue {id}"), owner, waiting)
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
    acquire(own_folder, &name, &format!("the worktree of issue {id}"), owner, waiting)
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
    acquire(own_folder, &name, &format!("the runner of issue {id}"), owner, waiting)
}

/// Locks what the whole repository shares: refs, worktree entries, hooks.
pub fn repository(
    own_folder: &Path,
    owner: &str,
    waiting: &mut dyn FnMut(&str),
) -> Result<Lock, StoreError> {
    acquire(own_folder, "repository", "the repository", owner, waiting)
}

fn acquire(
    own_folder: &Path,
    name: &str,
    what: &str,
    owner: &str,
    waiting: &mut dyn FnMut(&str),
) -> Result<Lock, StoreError> {
    let folder = Folder::create(own_folder, own::LOCKS)?;
    let path = folder.path().join(name);
    let mut file = folder.lock_file(name)?;
    let start = Instant::now();
    let mut pause = Duration::from_millis(2);
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(e)) => return Err(StoreError::file(&path, e)),
            Err(TryLockError::WouldBlock) => {}
        }
        if start.elapsed() >= PATIENCE {
            return Err(StoreError::Busy { what: what.to_owned(), holder: words_in(&mut file) });
        }
        if !told && start.elapsed() > Duration::from_millis(300) {
            waiting(&format!("waiting for {what}: held by {}", words_in(&mut file)));
            told = true;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(100));
    }
    // Not synced and not checked: the words are a courtesy to whoever waits.
    let _ = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(owner.as_bytes()));
    Ok(Lock { file: Arc::new(file) })
}

fn words_in(file: &mut File) -> String {
    let mut words = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut words));
    if read.is_err() || words.trim().is_empty() {
        "another git-orch".clone_into(&mut words);
    }
    words.trim().to_owned()
}
