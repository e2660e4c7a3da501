//! The file of the index: opened when it is up to date, else brought up to date or built anew.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::trouble::Trouble;
use super::{feed, schema};
use crate::domain::time::Moment;
use crate::git::Repo;
use crate::store::atomic::Folder;
use crate::store::error::StoreError;
use crate::store::layout::own;
use crate::store::lock;

/// The file.
const FILE: &str = "recall.db";
/// How long to wait for somebody who writes.
const PATIENCE: Duration = Duration::from_secs(10);

/// The index, up to date.
#[derive(Debug)]
pub struct Recall {
    pub(super) db: Connection,
    path: PathBuf,
}

/// Who asks, for people who wait for the lock.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// Our words in the lock.
    pub owner: &'a str,
    /// When the command began.
    pub now: Moment,
}

impl Recall {
    /// Opens the index of `repo` and brings it up to date.
    pub fn open(repo: &Repo, asker: Asker<'_>) -> Result<Self, StoreError> {
        let path = repo.own_folder().join(own::INDEX).join(FILE);
        let seen = seen(repo, asker.now);
        match Self::present(&path, seen.as_deref()) {
            Ok(Some(index)) => Ok(index),
            Ok(None) | Err(_) => Self::renewed(repo, asker, &path, false),
        }
    }

    /// Builds the index of `repo` anew, whatever is there.
    pub fn rebuilt(repo: &Repo, asker: Asker<'_>) -> Result<Self, StoreError> {
        let path = repo.own_folder().join(own::INDEX).join(FILE);
        Self::renewed(repo, asker, &path, true)
    }

    /// What is there, when it is known to be up to date.
    fn present(path: &Path, seen: Option<&str>) -> rusqlite::Result<Option<Self>> {
        let Some(seen) = seen else { return Ok(None) };
        if !path.is_file() {
            return Ok(None);
        }
        let db = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        db.busy_timeout(PATIENCE)?;
        // Read where it lies, since every process begins with nothing in its memory.
        db.pragma_update(None, "mmap_size", 1_i64 << 28)?;
        let current =
            schema::is_current(&db)? && schema::value(&db, "seen")?.as_deref() == Some(seen);
        Ok(current.then(|| Self { db, path: path.to_owned() }))
    }

    /// The index brought up to date under the lock, or built anew.
    fn renewed(repo: &Repo, asker: Asker<'_>, path: &Path, anew: bool) -> Result<Self, StoreError> {
        let held = lock::index(&repo.own_folder(), asker.owner, &mut |_| {});
        let folder = Folder::create(&repo.own_folder(), own::INDEX);
        let (Ok(lock), Ok(folder)) = (held, folder) else {
            return Self::in_memory(repo, asker, path);
        };
        if anew {
            discard(&folder)?;
        }
        let first = Self::synced(repo, asker, path);
        let index = match first {
            Err(Trouble::Index(e)) if is_damage(&e) => {
                discard(&folder)?;
                Self::synced(repo, asker, path)
            }
            other => other,
        };
        drop(lock);
        match index {
            Ok(index) => Ok(index),
            Err(Trouble::Store(e)) => Err(e),
            // A full disk or a folder that cannot be written: the answer matters more.
            Err(Trouble::Index(_)) => Self::in_memory(repo, asker, path),
        }
    }

    fn in_memory(repo: &Repo, asker: Asker<'_>, path: &Path) -> Result<Self, StoreError> {
        let open = || -> Result<Self, Trouble> {
            let mut db = Connection::open_in_memory()?;
            schema::create(&db)?;
            feed::sync(&mut db, repo, None)?;
            Ok(Self { db, path: path.to_owned() })
        };
        let _ = asker;
        open().map_err(|trouble| trouble.said(path))
    }

    fn synced(repo: &Repo, asker: Asker<'_>, path: &Path) -> Result<Self, Trouble> {
        let mut db = Connection::open(path)?;
        db.busy_timeout(PATIENCE)?;
        // Derived: what a power cut takes is read again from the chains.
        db.pragma_update(None, "synchronous", "OFF")?;
        db.pragma_update(None, "journal_mode", "TRUNCATE")?;
        if !schema::is_current(&db)? {
            schema::create(&db)?;
        }
        let seen = seen(repo, asker.now);
        feed::sync(&mut db, repo, seen.as_deref())?;
        Ok(Self { db, path: path.to_owned() })
    }

    /// An error of the index as ours.
    pub(super) fn wrong(&self, error: &rusqlite::Error) -> StoreError {
        StoreError::Index { path: self.path.clone(), reason: error.to_string() }
    }
}

/// Whether the error says that the file is no database of ours any more.
fn is_damage(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        Some(code) => matches!(
            code,
            ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::TypeMismatch
                | ErrorCode::Unknown
        ),
        // A value of another type than the form says, or a table that lacks a column.
        None => true,
    }
}

fn discard(folder: &Folder) -> Result<(), StoreError> {
    for name in [FILE, "recall.db-journal", "recall.db-wal", "recall.db-shm"] {
        if folder.has(name) {
            folder.remove(name)?;
        }
    }
    Ok(())
}

/// What the places look like in which refs are kept; `None` when one changed so lately that its
/// time cannot tell one change from the next.
fn seen(repo: &Repo, now: Moment) -> Option<String> {
    let mut text = String::new();
    for place in [
        "packed-refs",
        "refs/git-orch",
        "refs/git-orch/issues",
        "refs/git-orch/archive",
        "refs/git-orch/learnings",
        "reftable/tables.list",
    ] {
        match std::fs::metadata(repo.common_dir.join(place)) {
            Ok(meta) if meta.mtime() >= now.seconds() - 1 => return None,
            Ok(meta) => text.push_str(&format!(
                "{}.{}.{}.{} ",
                meta.mtime(),
                meta.mtime_nsec(),
                meta.size(),
                meta.ino()
            )),
            Err(_) => text.push_str("- "),
        }
    }
    Some(text)
}
