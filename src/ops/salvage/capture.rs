//! What lies in a worktree, as a commit that can be kept.

use std::path::Path;

use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId, TreeId};
use crate::domain::session::Session;
use crate::error::Error;
use crate::git::{Git, running, snapshot, worktrees};
use crate::ops::facts;

/// The first line of what was kept, before the issue.
pub(super) const SUBJECT: &str = "Uncommitted work of issue ";
/// The message of the commit that holds the index, and of no other parent.
const INDEX: &str = "index";

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

/// What lies in the worktree now; `None` when there is neither branch nor worktree.
pub(super) fn capture(
    ctx: &Context,
    git: &Git,
    session: &Session,
) -> Result<Option<Captured>, Error> {
    let tip = ctx.repo.branch_tip(session.branch.as_str())?;
    let git_dir = facts::worktree_git_dir(ctx, session);
    let head = match &git_dir {
        Some(git_dir) => detached(ctx, git_dir)?,
        None => None,
    };
    // With the branch gone, what is checked out is all there is.
    let Some(tip) = tip.or_else(|| head.clone()) else { return Ok(None) };
    let tip_tree = ctx.repo.objects.commit(&tip)?.tree;
    let Some(git_dir) = git_dir else {
        return Ok(Some(Captured { tree: tip_tree, parents: vec![tip] }));
    };
    let tree = snapshot::tree(git, Path::new(&session.worktree), &git_dir)?;
    let staged = snapshot::index_tree(git, &git_dir)?;
    let mut parents = vec![tip.clone()];
    if let Some(staged) = staged.filter(|staged| *staged != tip_tree || tree != tip_tree) {
        let common = &ctx.repo.common_dir;
        let message = format!("{INDEX}\n");
        parents.push(snapshot::commit(git, common, &staged, &[&tip], &message, ctx.now)?);
    }
    if let Some(head) = head
        && !ctx.repo.objects.reaches(&tip, &head)?
    {
        parents.push(head);
    }
    Ok(Some(Captured { tree, parents }))
}

/// The commit that is checked out where no branch is: work that only this worktree holds.
fn detached(ctx: &Context, git_dir: &Path) -> Result<Option<CommitId>, Error> {
    if worktrees::checked_out(&ctx.repo, git_dir)?.is_some() {
        return Ok(None);
    }
    let head = std::fs::read_to_string(git_dir.join("HEAD")).unwrap_or_default();
    Ok(head.trim().parse().ok())
}

impl Captured {
    /// Whether there is nothing but the tip.
    fn is_bare(&self, ctx: &Context) -> Result<bool, Error> {
        let [tip] = &self.parents[..] else { return Ok(false) };
        Ok(ctx.repo.objects.commit(tip)?.tree == self.tree)
    }

    /// Whether `commit` holds the same. The commit of an index differs by its time alone.
    pub(super) fn is(&self, ctx: &Context, commit: &CommitId) -> Result<bool, Error> {
        if self.is_bare(ctx)? {
            return Ok(self.parents.first() == Some(commit));
        }
        let data = ctx.repo.objects.commit(commit)?;
        if data.tree != self.tree || data.parents.len() != self.parents.len() {
            return Ok(false);
        }
        for (theirs, ours) in data.parents.iter().zip(&self.parents) {
            let (a, b) = (ctx.repo.objects.commit(theirs)?, ctx.repo.objects.commit(ours)?);
            let indexes = is_index(&a.message) && is_index(&b.message);
            if theirs != ours && !(indexes && a.tree == b.tree && a.parents == b.parents) {
                return Ok(false);
            }
        }
        Ok(true)
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

pub(super) fn is_index(message: &str) -> bool {
    message.trim_end() == INDEX
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
