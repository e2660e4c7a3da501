//! Which learnings were told to whom: a file an issue below the common directory, a line each.
//!
//! It only counts; when it is lost, so is a count and nothing else.

use std::collections::BTreeSet;
use std::path::Path;

use super::atomic::Folder;
use super::error::StoreError;
use super::layout::own;
use crate::domain::ids::IssueId;

/// Notes that the learnings `names` were told to `issue`, each once.
pub fn note(own_folder: &Path, issue: &IssueId, names: &[String]) -> Result<(), StoreError> {
    let there = told(own_folder, issue)?;
    let new: Vec<&String> = names.iter().filter(|name| !there.contains(*name)).collect();
    if new.is_empty() {
        return Ok(());
    }
    let lines: String = new.into_iter().map(|name| format!("{name}\n")).collect();
    Folder::create(own_folder, own::SHOWN)?.append(issue.as_str(), lines.as_bytes())
}

/// What was told to `issue`.
pub fn told(own_folder: &Path, issue: &IssueId) -> Result<BTreeSet<String>, StoreError> {
    let Some(folder) = Folder::open(own_folder, own::SHOWN)? else { return Ok(BTreeSet::new()) };
    Ok(folder.read(issue.as_str())?.map(|bytes| lines(&bytes)).unwrap_or_default())
}

/// Forgets what was told to `issue`. Returns whether there was anything.
pub fn forget(own_folder: &Path, issue: &IssueId) -> Result<bool, StoreError> {
    let Some(folder) = Folder::open(own_folder, own::SHOWN)? else { return Ok(false) };
    let there = folder.has(issue.as_str());
    if there {
        folder.remove(issue.as_str())?;
    }
    Ok(there)
}

/// What was told, by issue.
pub fn all(own_folder: &Path) -> Result<Vec<(String, BTreeSet<String>)>, StoreError> {
    let Some(folder) = Folder::open(own_folder, own::SHOWN)? else { return Ok(Vec::new()) };
    let mut list = Vec::new();
    for name in folder.names()? {
        if let Some(bytes) = folder.read(&name)? {
            list.push((name, lines(&bytes)));
        }
    }
    Ok(list)
}

fn lines(bytes: &[u8]) -> BTreeSet<String> {
    String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect()
}
