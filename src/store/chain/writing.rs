//! Writing a state so that it is there, whole, when its ref leads to it.
//!
//! `git gc --prune=now` takes away what nothing names at the moment it looks, and it looks long
//! before it takes. So a state that is written while somebody collects gets a ref of its own
//! first; whoever collects from then on sees it, and the one at work is waited for. Only then does
//! the ref of the chain move. That other ref goes again once nobody is at work who may have read
//! the refs in between; one that a killed run left goes with the next command on the issue.

use super::super::error::StoreError;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::writing_ref;
use crate::git::{NewCommit, Repo, running};

/// How often a state is written that something else takes away at once.
const TRIES: usize = 5;

/// A state in the repository that no ref of its chain leads to yet.
#[derive(Debug)]
pub struct Written {
    /// Its commit.
    pub id: CommitId,
    commit: NewCommit,
    /// The ref that keeps it meanwhile.
    shelter: Option<String>,
}

/// Writes a state and reads it back, before the ref of its chain leads to it.
pub(super) fn write(
    repo: &Repo,
    issue: &IssueId,
    commit: NewCommit,
) -> Result<Written, StoreError> {
    let mut last = damaged(&commit.message.lines().next().unwrap_or_default());
    for _ in 0..TRIES {
        let before = running::collects(&repo.common_dir);
        match attempt(repo, &commit) {
            Ok(Some(id)) if !before && !running::collects(&repo.common_dir) => {
                return Ok(Written { id, commit, shelter: None });
            }
            Ok(Some(id)) => match shelter(repo, issue, &id, &commit) {
                Ok(Some(name)) => return Ok(Written { id, commit, shelter: Some(name) }),
                Ok(None) => {}
                Err(e) => last = e,
            },
            Ok(None) => {}
            // What it is built on may have been taken away under it; what was not, fails again.
            Err(e) => last = e,
        }
        running::await_collector(&repo.common_dir);
    }
    Err(last)
}

/// Writes a state once; `None` when it does not read back.
fn attempt(repo: &Repo, commit: &NewCommit) -> Result<Option<CommitId>, StoreError> {
    let new = repo.objects.write(commit)?;
    let mut whole = true;
    for (path, bytes) in &commit.files {
        whole &= repo.objects.file(&new, path).is_ok_and(|there| there.as_ref() == Some(bytes));
    }
    Ok(whole.then_some(new))
}

/// Gives a state a ref of its own, and waits until nobody is left who looked before that; `None`
/// when its objects went all the same.
fn shelter(
    repo: &Repo,
    issue: &IssueId,
    id: &CommitId,
    commit: &NewCommit,
) -> Result<Option<String>, StoreError> {
    let name = writing_ref(issue);
    repo.objects.pin(&name, Some(id))?;
    for _ in 0..TRIES {
        running::await_collector(&repo.common_dir);
        if repo.objects.is_whole(id) {
            return Ok(Some(name));
        }
        // Whatever is wrong with it is seen in the next look.
        let _ = attempt(repo, commit);
    }
    repo.objects.pin(&name, None)?;
    Ok(None)
}

/// Sees to it that a state is whole now that the ref of its chain leads to it: somebody may have
/// begun to collect between its writing and that.
pub fn secure(repo: &Repo, new: &Written) -> Result<(), StoreError> {
    if let Some(name) = &new.shelter {
        // Whoever began before the ref moved may have read that one first: to him it stays.
        running::await_collector(&repo.common_dir);
        // Somebody may have locked what that needs; the next command on the issue does it then.
        let _ = repo.objects.pin(name, None);
        return Ok(());
    }
    for _ in 0..TRIES {
        running::await_collector(&repo.common_dir);
        if repo.objects.is_whole(&new.id) {
            return Ok(());
        }
        let _ = attempt(repo, &new.commit);
    }
    Err(damaged(&new.id))
}

fn damaged(what: &dyn std::fmt::Display) -> StoreError {
    StoreError::Damaged {
        name: what.to_string(),
        reason: "what was written does not read back; something collects all the time what is \
                 young, or the disk is at fault"
            .to_owned(),
    }
}
