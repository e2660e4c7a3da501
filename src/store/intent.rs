//! What an operation of several steps has set out to do, with every choice it made.
//!
//! The intent is written before the first step and removed after the last. Whoever finds one goes
//! on from it, with the same choices, and so comes to the same end. An intent is also the proof
//! that a lock file of git's which is not older may be ours, see `ops::heal`.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::atomic::Folder;
use super::error::StoreError;
use super::layout::own;
use crate::domain::ids::IssueId;

/// The operations on an issue of which another one has to know that they were begun.
pub mod operation {
    /// `new-issue`.
    pub const OPENING: &str = "open";
    /// `next`.
    pub const STEP: &str = "next";
    /// `undo`.
    pub const UNDOING: &str = "undo";
    /// `archive` and `abandon`.
    pub const ENDING: &str = "archive";
    /// `archive restore`.
    pub const RESTORING: &str = "restore";
}

/// Whose intent it is: that of an operation on one issue, or on the repository.
#[derive(Clone, Copy, Debug)]
pub struct Kind<'a> {
    operation: &'a str,
    issue: Option<&'a IssueId>,
}

impl<'a> Kind<'a> {
    /// An operation on an issue. Its name holds no hyphen.
    pub fn of_issue(operation: &'a str, issue: &'a IssueId) -> Self {
        Self { operation, issue: Some(issue) }
    }

    /// An operation on the repository as a whole.
    pub fn of_repository(operation: &'a str) -> Self {
        Self { operation, issue: None }
    }

    /// Whether it is that of an operation on an issue.
    pub fn is_of_issue(&self) -> bool {
        self.issue.is_some()
    }

    fn file_name(&self) -> String {
        match self.issue {
            Some(id) => format!("{}-{id}.json", self.operation),
            None => format!("{}.json", self.operation),
        }
    }
}

/// Where the intent is, or would be.
pub fn path(own_folder: &Path, kind: Kind<'_>) -> PathBuf {
    own_folder.join(own::INTENTS).join(kind.file_name())
}

/// Whether there is one.
pub fn is_open(own_folder: &Path, kind: Kind<'_>) -> bool {
    path(own_folder, kind).symlink_metadata().is_ok()
}

/// The intent of this kind; `None` when there is none.
pub fn read<T: DeserializeOwned>(
    own_folder: &Path,
    kind: Kind<'_>,
) -> Result<Option<T>, StoreError> {
    let Some(folder) = Folder::open(own_folder, own::INTENTS)? else { return Ok(None) };
    let name = kind.file_name();
    let Some(bytes) = folder.read(&name)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|e| StoreError::Damaged {
        name: folder.path().join(name).display().to_string(),
        reason: e.to_string(),
    })
}

/// Writes the intent, durably.
pub fn write<T: Serialize>(
    own_folder: &Path,
    kind: Kind<'_>,
    intent: &T,
) -> Result<(), StoreError> {
    let folder = Folder::create(own_folder, own::INTENTS)?;
    let text = serde_json::to_string_pretty(intent).unwrap_or_default() + "\n";
    folder.write(&kind.file_name(), text.as_bytes()).map(drop)
}

/// Removes the intent: the operation is done.
pub fn clear(own_folder: &Path, kind: Kind<'_>) -> Result<(), StoreError> {
    let Some(folder) = Folder::open(own_folder, own::INTENTS)? else { return Ok(()) };
    folder.remove(&kind.file_name())?;
    folder.sync()
}

/// Removes the intent as the very last step: nothing comes after it, so that no run is killed
/// between. Not synced: one that comes back after a power cut is seen to have been carried out.
pub fn forget(own_folder: &Path, kind: Kind<'_>) -> Result<(), StoreError> {
    match Folder::open(own_folder, own::INTENTS)? {
        Some(folder) => folder.remove(&kind.file_name()),
        None => Ok(()),
    }
}

/// Every intent for an issue there is, as `(operation, issue)`.
pub fn all(own_folder: &Path) -> Result<Vec<(String, IssueId)>, StoreError> {
    let Some(folder) = Folder::open(own_folder, own::INTENTS)? else { return Ok(Vec::new()) };
    let pair = |name: String| {
        let (operation, id) = name.strip_suffix(".json")?.split_once('-')?;
        // The temporary file of one that is being written is none.
        if operation.starts_with('.') {
            return None;
        }
        Some((operation.to_owned(), id.parse().ok()?))
    };
    Ok(folder.names()?.into_iter().filter_map(pair).collect())
}

/// An intent that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Its file, below the folder of intents.
    pub name: String,
    /// The operation.
    pub operation: String,
    /// The issue it is about; none for an operation on the repository.
    pub issue: Option<IssueId>,
    /// Whether its file is one that was written to the end.
    pub whole: bool,
}

/// Every intent there is.
pub fn left(own_folder: &Path) -> Result<Vec<Left>, StoreError> {
    let Some(folder) = Folder::open(own_folder, own::INTENTS)? else { return Ok(Vec::new()) };
    let read = |name: String| {
        let stem = name.strip_suffix(".json")?;
        // The temporary file of one that is being written is none.
        if stem.starts_with('.') {
            return None;
        }
        let (operation, issue) = match stem.split_once('-') {
            Some((operation, id)) => (operation.to_owned(), Some(id.parse().ok()?)),
            None => (stem.to_owned(), None),
        };
        let bytes = folder.read(&name).ok().flatten().unwrap_or_default();
        let whole = serde_json::from_slice::<serde::de::IgnoredAny>(&bytes).is_ok();
        Some(Left { name, operation, issue, whole })
    };
    Ok(folder.names()?.into_iter().filter_map(read).collect())
}
