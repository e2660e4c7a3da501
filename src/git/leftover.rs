//! What git has under way in a worktree while it asks whether a branch may move.
//!
//! Asked only when the answer was no: a few processes more do not matter then.

use std::collections::BTreeSet;
use std::fs;

use super::exec::GitError;
use super::open::Repo;
use super::{reflog, worktrees};
use crate::domain::gate::undo::{Leftover, Shows};
use crate::domain::ids::CommitId;

/// What git left behind in the worktree around us, whose branch was to move to `new`.
///
/// `committing` says that it is `git commit` that asks: it changes neither index nor files by
/// itself, so what they show was staged before.
pub fn gather(repo: &Repo, new: &CommitId, committing: bool) -> Result<Leftover, GitError> {
    if repo.worktree.is_none() {
        return Ok(Leftover::default());
    }
    let has = |name: &str| repo.git_dir.join(name).exists();
    let list = fs::read_to_string(repo.git_dir.join("sequencer/todo")).unwrap_or_default();
    let mut left = Leftover {
        merge: has("MERGE_HEAD"),
        pick: under_way(repo, "CHERRY_PICK_HEAD") || list.starts_with("pick"),
        revert: under_way(repo, "REVERT_HEAD") || list.starts_with("revert"),
        rebase: has("rebase-merge"),
        rebase_apply: has("rebase-apply"),
        mail: has("rebase-apply/applying"),
        squash: has("SQUASH_MSG"),
        rewound: rewound(repo)?,
        shows: Shows::Nothing,
    };
    if left == Leftover::default() && !committing {
        left.shows = shows(repo, new)?;
    }
    Ok(left)
}

/// Whether git keeps `name`, a ref of this worktree alone: a file, or a line of the tables.
fn under_way(repo: &Repo, name: &str) -> bool {
    if repo.git_dir.join(name).exists() {
        return true;
    }
    let ask = || {
        let call = repo.git.in_repository(&repo.git_dir, None).quiet();
        call.args(["rev-parse", "--quiet", "--verify", name]).run()
    };
    repo.common_dir.join("reftable").is_dir() && ask().is_ok_and(|output| output.code == 0)
}

/// Whether `rebase` took the worktree off its branch and is done but for moving that.
fn rewound(repo: &Repo) -> Result<bool, GitError> {
    if worktrees::checked_out(repo, &repo.git_dir)?.is_some() {
        return Ok(false);
    }
    let last = reflog::last_of_head(repo)?;
    Ok(last.is_some_and(|entry| entry.message.starts_with("rebase")))
}

fn shows(repo: &Repo, new: &CommitId) -> Result<Shows, GitError> {
    let Some(worktree) = &repo.worktree else { return Ok(Shows::Nothing) };
    let paths = |args: &[&str]| -> Result<Option<BTreeSet<Vec<u8>>>, GitError> {
        let call = repo.git.in_repository(&repo.git_dir, Some(worktree)).quiet();
        let output = call.args(args).args(["--name-only", "-z", "--no-renames"]).run()?;
        let names = output.stdout.split(|&b| b == 0).filter(|name| !name.is_empty());
        Ok((output.code == 0).then(|| names.map(<[u8]>::to_vec).collect()))
    };
    // Without a commit there is nothing to go back to.
    let Some(changed) = paths(&["diff-tree", "-r", "HEAD", new.as_str()])? else {
        return Ok(Shows::Nothing);
    };
    let staged_otherwise = paths(&["diff-index", "--cached", new.as_str()])?.unwrap_or_default();
    if changed.is_empty() || !changed.is_disjoint(&staged_otherwise) {
        return Ok(Shows::Nothing);
    }
    let untouched = paths(&["diff"])?.unwrap_or_default();
    Ok(if changed.is_disjoint(&untouched) { Shows::Files } else { Shows::Index })
}
