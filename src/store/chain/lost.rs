//! Records whose ref is broken or gone although the issue is open.
//!
//! A ref is one small file: a power cut empties it, somebody removes it. That alone must not end an
//! issue, and least of all open the gate to its work. What tells that it is open is noted beside it:
//! where its record stood, and what was born on its branch.

use std::collections::BTreeSet;

use super::super::atomic::Folder;
use super::super::error::StoreError;
use super::super::layout::own;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::{ISSUES, UNDONE, archive_ref, issue_ref};
use crate::git::Repo;
use crate::git::objects::tips;

/// The open issues whose record cannot be found where it belongs, beside those in `found`.
pub fn lost(repo: &Repo, found: &[(IssueId, CommitId)]) -> Result<Vec<IssueId>, StoreError> {
    let mut ids: BTreeSet<IssueId> = BTreeSet::new();
    let broken = repo.broken_refs(ISSUES);
    ids.extend(broken.iter().filter_map(|name| name.strip_prefix(ISSUES)?.parse().ok()));
    let known = |id: &IssueId| found.iter().any(|(there, _)| there == id);
    for id in tips::noted(&repo.common_dir).iter().filter_map(|name| name.parse().ok()) {
        if !ids.contains(&id) && !known(&id) && is_gone(repo, &id)? {
            ids.insert(id);
        }
    }
    // What was born there before records were noted.
    let births = Folder::open(&repo.own_folder(), own::BIRTHS)?;
    let births = births.map(|folder| folder.names()).transpose()?.unwrap_or_default();
    for id in births.iter().filter_map(|name| name.parse().ok()) {
        if !ids.contains(&id) && !known(&id) && ended(repo, &id)?.is_empty() {
            ids.insert(id);
        }
    }
    // What looks lost may have ended in this very moment: that is told by what is there now.
    ids.retain(|id| {
        repo.is_broken(&issue_ref(id))
            || !matches!(repo.objects.read_ref(&issue_ref(id)), Ok(Some(_)))
    });
    Ok(ids.into_iter().collect())
}

/// Whether the issue, whose ref is not there, is open all the same: its record was noted, and is
/// not part of any that has ended.
pub fn is_gone(repo: &Repo, id: &IssueId) -> Result<bool, StoreError> {
    let Some(tips) = tips::of(&repo.common_dir, &issue_ref(id)) else { return Ok(false) };
    let ended = ended(repo, id)?;
    let Some(last) = tips.first() else { return Ok(ended.is_empty()) };
    // A power cut may bring the note back of an issue that is finished.
    Ok(!ended.iter().any(|end| repo.objects.reaches(end, last).unwrap_or(false)))
}

/// Whether the record stood further than at `tip`: what was packed under its name comes back when
/// its file goes.
pub fn is_older(repo: &Repo, id: &IssueId, tip: &CommitId) -> bool {
    let last = noted(repo, id).into_iter().next();
    last.is_some_and(|last| last != *tip && repo.objects.reaches(&last, tip).unwrap_or(false))
}

/// Where the records stand of earlier walks of the issue that came to an end.
fn ended(repo: &Repo, id: &IssueId) -> Result<Vec<CommitId>, StoreError> {
    let mut all: Vec<CommitId> = repo.objects.read_ref(&archive_ref(id))?.into_iter().collect();
    all.extend(repo.objects.refs(&format!("{UNDONE}{id}/"))?.into_iter().map(|(_, tip)| tip));
    Ok(all)
}

/// Where the record of the issue stood, newest first, as far as that was noted.
pub fn noted(repo: &Repo, id: &IssueId) -> Vec<CommitId> {
    tips::of(&repo.common_dir, &issue_ref(id)).unwrap_or_default()
}
