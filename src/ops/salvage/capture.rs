//! What lies in a worktree, as a commit that can be kept.

use std::path::Path;

use super::{ignored, lasting};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId, TreeId};
use crate::domain::session::Session;
use crate::error::Error;
use crate::git::{Git, running, snapshot, status, worktrees};
use crate::ops::facts;

/// The first line of what was kept, before the issue.
pub(super) const SUBJECT: &str = "Uncommitted work of issue ";
/// The first line of the message of the commit that holds the index, and of no other parent.
const INDEX: &str = "index";
/// In that message, before a path of `git add --intent-to-add`.
const INTENDED: &str = "intended ";
/// The same before a side of a conflict.
const CONFLICT: &str = "conflict ";

/// Work that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salvage {
    /// The ref it is kept under.
    pub name: String,
    /// The commit.
    pub commit: CommitId,
}

/// What is to be kept, its objects already in the repository.
#[derive(Debug)]
pub(super) struct Captured {
    tree: TreeId,
    parents: Vec<CommitId>,
}

/// What lies in the worktree now; `None` when there is neither branch nor worktree, nor a commit
/// that anybody remembers.
pub(super) fn capture(
    ctx: &Context,
    git: &Git,
    session: &Session,
) -> Result<Option<Captured>, Error> {
    let session = &facts::located(ctx, session)?;
    let git_dir = facts::worktree_git_dir(ctx, session);
    let mut heads = Vec::new();
    if let Some(git_dir) = &git_dir {
        heads.extend(worktrees::detached(&ctx.repo, git_dir)?);
    }
    let tip = ctx.repo.branch_tip(session.branch.as_str())?;
    if tip.is_none() {
        // With the branch gone, what is checked out is all there is, and what was.
        heads.extend(lasting::heads(ctx, session, git_dir.as_deref())?);
    }
    let tip = match tip.or_else(|| heads.first().cloned()) {
        Some(tip) => tip,
        None if git_dir.is_none() => return Ok(None),
        None => lasting::nothing(ctx, session)?,
    };
    let tip_tree = ctx.repo.objects.commit(&tip)?.tree;
    let mut parents = vec![tip.clone()];
    let mut tree = tip_tree.clone();
    let mut beside = Vec::new();
    if let Some(git_dir) = &git_dir {
        let worktree = Path::new(&session.worktree);
        let lying = status::lying(git, worktree, git_dir)?;
        tree = snapshot::tree(git, worktree, git_dir)?;
        let staged = snapshot::staged(git, git_dir)?;
        if let Some(staged) = staged.filter(|staged| staged.tree != tip_tree || tree != tip_tree) {
            let common = &ctx.repo.common_dir;
            let message = index_message(&lying.intended, &staged.conflicts);
            parents.push(snapshot::commit(git, common, &staged.tree, &[&tip], &message, ctx.now)?);
            if let Some(sides) = &staged.sides {
                // Always the same commit, whenever it is made.
                let at = session.created;
                parents.push(snapshot::commit(git, common, sides, &[], "sides\n", at)?);
            }
        }
        beside = ignored::among(ctx, session, &lying.ignored)?.files;
        beside.extend(ignored::converted(worktree, &lying.dirty));
    }
    for head in heads {
        let mut known = false;
        for parent in parents.iter().filter(|_| head != tip) {
            known |= ctx.repo.objects.reaches(parent, &head)?;
        }
        if head != tip && !known {
            parents.push(head);
        }
    }
    if !beside.is_empty() {
        parents.push(ignored::commit(ctx, &beside)?);
    }
    Ok(Some(Captured { tree, parents }))
}

impl Captured {
    /// Whether there is nothing but the tip.
    fn is_bare(&self, ctx: &Context) -> Result<bool, Error> {
        let [tip] = &self.parents[..] else { return Ok(false) };
        Ok(ctx.repo.objects.commit(tip)?.tree == self.tree)
    }

    /// Whether `commit` holds the same. The commits of an index and of ignored files differ by
    /// their times alone.
    pub(super) fn is(&self, ctx: &Context, commit: &CommitId) -> Result<bool, Error> {
        if self.is_bare(ctx)? {
            return Ok(self.parents.first() == Some(commit));
        }
        let data = ctx.repo.objects.commit(commit)?;
        Ok(data.tree == self.tree && same(ctx, &data.parents, &self.parents)?)
    }

    /// The same, whatever ignored files there are.
    pub(super) fn is_beside_ignored(
        &self,
        ctx: &Context,
        commit: &CommitId,
    ) -> Result<bool, Error> {
        let data = ctx.repo.objects.commit(commit)?;
        let ours = data.message.starts_with(SUBJECT);
        let theirs = if ours { data.parents } else { vec![commit.clone()] };
        let (theirs, here) =
            (beside_ignored(ctx, theirs)?, beside_ignored(ctx, self.parents.clone())?);
        Ok(data.tree == self.tree && same(ctx, &theirs, &here)?)
    }

    pub(super) fn commit(&self, ctx: &Context, git: &Git, id: &IssueId) -> Result<CommitId, Error> {
        if let ([tip], true) = (&self.parents[..], self.is_bare(ctx)?) {
            return Ok(tip.clone());
        }
        let parents: Vec<&CommitId> = self.parents.iter().collect();
        let message = format!("{SUBJECT}{id}\n");
        let common = &ctx.repo.common_dir;
        Ok(snapshot::commit(git, common, &self.tree, &parents, &message, ctx.now)?)
    }
}

/// Whether two lists of parents hold the same.
fn same(ctx: &Context, theirs: &[CommitId], ours: &[CommitId]) -> Result<bool, Error> {
    if theirs.len() != ours.len() {
        return Ok(false);
    }
    for (theirs, ours) in theirs.iter().zip(ours).filter(|(theirs, ours)| theirs != ours) {
        let (a, b) = (ctx.repo.objects.commit(theirs)?, ctx.repo.objects.commit(ours)?);
        let part = is_index(&a.message) || ignored::is_ignored(&a.message);
        if !part || a.message != b.message || a.tree != b.tree || a.parents != b.parents {
            return Ok(false);
        }
    }
    Ok(true)
}

fn beside_ignored(ctx: &Context, parents: Vec<CommitId>) -> Result<Vec<CommitId>, Error> {
    let mut list = Vec::new();
    for parent in parents {
        if !ignored::is_ignored(&ctx.repo.objects.commit(&parent)?.message) {
            list.push(parent);
        }
    }
    Ok(list)
}

pub(super) fn is_index(message: &str) -> bool {
    message.lines().next() == Some(INDEX)
}

/// Says, beside what is staged, of which files it is only said that they are going to be, and what
/// the sides of conflicts are.
fn index_message(intended: &[String], conflicts: &[String]) -> String {
    let plain = |path: &&String| !path.contains('\n');
    let intended = intended.iter().filter(plain).map(|path| format!("{INTENDED}{path}\n"));
    let conflicts = conflicts.iter().filter(plain).map(|side| format!("{CONFLICT}{side}\n"));
    let lines: Vec<String> = intended.chain(conflicts).collect();
    let gap = if lines.is_empty() { "" } else { "\n" };
    format!("{INDEX}\n{gap}{}", lines.concat())
}

/// Those sides, as `git update-index --index-info` takes them.
pub(super) fn conflicts(message: &str) -> Vec<String> {
    let lines = message.lines().filter_map(|line| line.strip_prefix(CONFLICT));
    lines.map(str::to_owned).collect()
}

/// Those files.
pub(super) fn intended(message: &str) -> Vec<String> {
    let lines = message.lines().filter_map(|line| line.strip_prefix(INTENDED));
    lines.map(str::to_owned).collect()
}

/// Whether every object of what was kept is there: the files, and those of the index.
/// A `git gc --prune=now` that began before a ref led to it is waited for.
pub(super) fn is_whole(ctx: &Context, commit: &CommitId) -> Result<bool, Error> {
    running::await_collector(&ctx.repo.common_dir);
    let objects = &ctx.repo.objects;
    if !objects.is_whole(commit) {
        return Ok(false);
    }
    let data = objects.commit(commit)?;
    let ours = data.message.starts_with(SUBJECT);
    Ok(!ours || data.parents.iter().all(|parent| objects.is_whole(parent)))
}
