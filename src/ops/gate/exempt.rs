//! Commits that look like an issue's work and are not: what the branch itself once had.
//!
//! Asked only of commits about to be refused by content, so it may cost a look at history.

use std::path::Path;

use git2::Oid;

use super::proposal::Proposal;
use crate::domain::ids::{BlobId, CommitId};
use crate::error::Error;
use crate::git::walk::{self, Met};
use crate::git::{GitError, Repo, changes};

/// How many commits of the branch are looked at.
const LOOK_BACK: usize = 1_000;

/// Whether the content of `met` came from what is there already: it brings back what files held
/// before, it reverts a commit that is there, or it repeats one that is there, as a backport does.
pub fn is_from_elsewhere(repo: &Repo, proposal: &Proposal, met: &Met) -> Result<bool, Error> {
    if proposal.there.is_empty() {
        return Ok(false);
    }
    let there = walk::between(repo, &proposal.there, &[], LOOK_BACK)?;
    Ok(reverts(repo, &there, met)? || repeats(repo, &there, met)? || restores(repo, &there, met)?)
}

/// `git revert` names what it reverts; the diff must be that commit's, turned round.
fn reverts(repo: &Repo, there: &[Met], met: &Met) -> Result<bool, Error> {
    const WORDS: &str = "This reverts commit ";
    for line in met.message.lines().filter_map(|line| line.trim().strip_prefix(WORDS)) {
        let named = line.split(['.', ',', ' ']).next().unwrap_or_default();
        let Some(original) = there.iter().find(|one| one.id.as_str() == named) else { continue };
        if original.parents.len() == 1 {
            let own = changes::patch_ids(repo, std::slice::from_ref(&met.id))?;
            let turned = changes::reverse_patch_id(repo, &original.id)?;
            if turned.is_some() && own.get(&met.id) == turned.as_ref() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// By the same author, written at the same moment, with the same diff.
fn repeats(repo: &Repo, there: &[Met], met: &Met) -> Result<bool, Error> {
    let mut both = vec![met.id.clone()];
    both.extend(there.iter().filter(|one| one.author == met.author).map(|one| one.id.clone()));
    if both.len() == 1 {
        return Ok(false);
    }
    let patches = changes::patch_ids(repo, &both)?;
    let own = patches.get(&met.id);
    Ok(own.is_some() && both[1..].iter().any(|id| patches.get(id) == own))
}

/// Every path gets back a content that it had before.
fn restores(repo: &Repo, there: &[Met], met: &Met) -> Result<bool, Error> {
    let touched = changes::touched(repo, std::slice::from_ref(&met.id))?;
    let pairs = touched.into_values().next().unwrap_or_default();
    let ids: Vec<&CommitId> = there.iter().map(|one| &one.id).collect();
    if pairs.is_empty() {
        return Ok(false);
    }
    for (path, blob) in &pairs {
        let had = match repo.objects.lib() {
            Some(lib) => had_by_lib(lib, &ids, path, blob)?,
            None => had_by_command(repo, &ids, path, blob)?,
        };
        if !had {
            return Ok(false);
        }
    }
    Ok(true)
}

fn had_by_lib(
    lib: &git2::Repository,
    commits: &[&CommitId],
    path: &str,
    blob: &BlobId,
) -> Result<bool, GitError> {
    let wanted = Oid::from_str(blob.as_str())?;
    for commit in commits {
        let tree = lib.find_commit(Oid::from_str(commit.as_str())?)?.tree()?;
        if tree.get_path(Path::new(path)).is_ok_and(|entry| entry.id() == wanted) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn had_by_command(
    repo: &Repo,
    commits: &[&CommitId],
    path: &str,
    blob: &BlobId,
) -> Result<bool, GitError> {
    let Some(newest) = commits.first() else { return Ok(false) };
    let text = repo
        .git
        .in_repository(&repo.common_dir, None)
        .quiet()
        .args(["--no-replace-objects", "--literal-pathspecs", "log", "--format=", "--raw"])
        .args(["--no-abbrev", "--no-renames", "-m", "--root"])
        .arg(format!("--max-count={LOOK_BACK}"))
        .args([newest.as_str(), "--", path])
        .text()?;
    Ok(text.lines().any(|line| line.split(' ').any(|word| word == blob.as_str())))
}
