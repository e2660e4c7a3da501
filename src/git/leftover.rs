//! What git has under way in a worktree while it asks whether a branch may move.
//!
//! Asked only when the answer was no: a few processes more do not matter then.

use std::collections::BTreeSet;
use std::fs;

use super::exec::GitError;
use super::open::Repo;
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
        pick: has("CHERRY_PICK_HEAD") || list.starts_with("pick"),
        revert: has("REVERT_HEAD") || list.starts_with("revert"),
        rebase: has("rebase-merge"),
        rebase_apply: has("rebase-apply"),
        mail: has("rebase-apply/applying"),
        squash: has("SQUASH_MSG"),
        rewound: rewound(repo),
        shows: Shows::Nothing,
    };
    if left == Leftover::default() && !committing {
        left.shows = shows(repo, new)?;
    }
    Ok(left)
}

/// Whether `rebase` took the worktree off its branch and is done but for moving that.
fn rewound(repo: &Repo) -> bool {
    let head = fs::read_to_string(repo.git_dir.join("HEAD")).unwrap_or_default();
    let log = fs::read_to_string(repo.git_dir.join("logs/HEAD")).unwrap_or_default();
    let last = log.lines().last().and_then(|line| line.split_once('\t')).map_or("", |l| l.1);
    !head.starts_with("ref:") && last.starts_with("rebase")
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
