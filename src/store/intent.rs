//! What an operation of several steps has set out to do, with every choice it made.
//!
//! The intent is written before the first step and removed after the last. Whoever finds one goes
//! on from it, with the same choices, and so comes to the same end.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::atomic::Folder;
use super::error::StoreError;
use super::layout::own;
use crate::domain::ids::IssueId;

fn file_name(kind: &str, id: &IssueId) -> String {
    format!("{kind}-{id}.json")
}

/// The intent of `kind` for an issue; `None` when there is none.
pub fn read<T: DeserializeOwned>(
    own_folder: &Path,
    kind: &str,
    id: &IssueId,
) -> Result<Option<T>, StoreError> {
    let Some(folder) = Folder::open(own_folder, own::INTENTS)? else { return Ok(None) };
    let name = file_name(kind, id);
    let Some(bytes) = folder.read(&name)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|e| StoreError::Damaged {
        name: folder.path().join(name).display().to_string(),
        reason: e.to_string(),
    })
}

/// Writes the intent, durably.
pub fn write<T: Serialize>(
    own_folder: &Path,
    kind: &str,
    id: &IssueId,
    intent: &T,
) -> Result<(), StoreError> {
    let folder = Folder::create(own_folder, own::INTENTS)?;
    let text = serde_json::to_string_pretty(intent).unwrap_or_default() + "\n";
    folder.write(&file_name(kind, id), text.as_bytes()).map(drop)
}

/// Removes the intent: the operation is done.
pub fn clear(own_folder: &Path, kind: &str, id: &IssueId) -> Result<(), StoreError> {
    let Some(folder) = Folder::open(own_folder, own::INTENTS)? else { return Ok(()) };
    folder.remove(&file_name(kind, id))?;
    folder.sync()
}

/// Every intent there is, as `(kind, issue)`.
pub fn all(own_folder: &Path) -> Result<Vec<(String, IssueId)>, StoreError> {
    let Some(folder) = Folder::open(own_folder, own::INTENTS)? else { return Ok(Vec::new()) };
    let pair = |name: String| {
        let (kind, id) = name.strip_suffix(".json")?.split_once('-')?;
        Some((kind.to_owned(), id.parse().ok()?))
    };
    Ok(folder.names()?.into_iter().filter_map(pair).collect())
}
