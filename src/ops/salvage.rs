//! Salvage: work that is about to lose its place is kept under a ref first.
//!
//! What is kept is a commit like that of `git stash`: its tree is the files as they lay in the
//! worktree, untracked ones included and ignored ones not; its first parent is the branch's tip;
//! then come the index, and the commit that was checked out where that was another one. Nothing
//! uncommitted and nothing else: then it is the tip itself.

mod shelf;

use std::path::Path;

pub use shelf::{
    Item, Kind, Restored, SALVAGE_AGE, discard, drop_item, expired, find, into_worktree, kept,
    list, restore,
};

use super::{Narrator, facts, heal, record};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId, TreeId};
use crate::domain::names::{CHECKPOINT, SALVAGE};
use crate::domain::session::Session;
use crate::domain::time::Moment;
use crate::error::Error;
use crate::git::{Git, RefChange, snapshot, worktrees};

/// The first line of what was kept, before the issue.
const SUBJECT: &str = "Uncommitted work of issue ";
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
struct Captured {
    tree: TreeId,
    parents: Vec<CommitId>,
}

/// The name under which the work of an issue is kept at `at`.
pub fn name(id: &IssueId, at: Moment) -> String {
    format!("{SALVAGE}{id}/{}", at.compact())
}

/// Keeps the issue's branch and everything uncommitted in its worktree under `name`, or under
/// `name-2` and so on where something else is kept by now. Keeping the same again makes no second
/// ref. `None` when there is nothing left to keep and nothing was.
pub fn keep(
    ctx: &Context,
    git: &Git,
    session: &Session,
    name: &str,
) -> Result<Option<Salvage>, Error> {
    heal::own_ref(ctx, name)?;
    let there = ctx.repo.objects.read_ref(name)?;
    let present = facts::worktree_git_dir(ctx, session).is_some();
    if let (Some(commit), false) = (&there, present) {
        return Ok(Some(Salvage { name: name.to_owned(), commit: commit.clone() }));
    }
    let Some(captured) = capture(ctx, git, session)? else { return Ok(None) };
    for (name, commit) in ctx.repo.objects.refs(&format!("{SALVAGE}{}/", session.issue))? {
        if captured.is(ctx, &commit)? {
            return Ok(Some(Salvage { name, commit }));
        }
    }
    let commit = captured.commit(ctx, git, &session.issue)?;
    let mut free = name.to_owned();
    let mut count = 1;
    while ctx.repo.objects.read_ref(&free)?.is_some() {
        count += 1;
        free = format!("{name}-{count}");
    }
    let new = RefChange { name: free.clone(), old: None, new: Some(commit.clone()) };
    ctx.repo.objects.move_ref(&new)?;
    Ok(Some(Salvage { name: free, commit }))
}

/// What lies in the worktree now; `None` when there is neither branch nor worktree.
fn capture(ctx: &Context, git: &Git, session: &Session) -> Result<Option<Captured>, Error> {
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
    fn is(&self, ctx: &Context, commit: &CommitId) -> Result<bool, Error> {
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

    fn commit(&self, ctx: &Context, git: &Git, id: &IssueId) -> Result<CommitId, Error> {
        if let ([tip], true) = (&self.parents[..], self.is_bare(ctx)?) {
            return Ok(tip.clone());
        }
        let parents: Vec<&CommitId> = self.parents.iter().collect();
        let message = format!("{SUBJECT}{id}\n");
        let common = &ctx.repo.common_dir;
        Ok(snapshot::commit(git, common, &self.tree, &parents, &message, ctx.now)?)
    }
}

fn is_index(message: &str) -> bool {
    message.trim_end() == INDEX
}

/// [`checkpoint`] at a step of an issue. A step never fails for want of one.
pub fn save(ctx: &Context, held: &record::Held, narrator: &mut dyn Narrator) {
    if let Err(e) = checkpoint(ctx, &held.git, held.session()) {
        narrator.say(&format!("what is uncommitted could not be saved: {e}"));
    }
}

/// Saves what is uncommitted in the issue's worktree at this step, so that the loss of the
/// worktree loses no more than what was typed since. `None` when there is nothing, or too much.
/// The issue's lock is held.
pub fn checkpoint(ctx: &Context, git: &Git, session: &Session) -> Result<Option<Salvage>, Error> {
    let (dirty, _) = facts::worktree_state(ctx, session)?;
    if dirty.is_empty() || shelf::is_large(Path::new(&session.worktree), &dirty) {
        return Ok(None);
    }
    let Some(captured) = capture(ctx, git, session)? else { return Ok(None) };
    let saved = ctx.repo.objects.refs(&format!("{CHECKPOINT}{}/", session.issue))?;
    for (name, commit) in &saved {
        if captured.is(ctx, commit)? {
            return Ok(Some(Salvage { name: name.clone(), commit: commit.clone() }));
        }
    }
    let (name, old) = shelf::slot(ctx, &session.issue, &saved)?;
    heal::own_ref(ctx, &name)?;
    let commit = captured.commit(ctx, git, &session.issue)?;
    let change = RefChange { name: name.clone(), old, new: Some(commit.clone()) };
    ctx.repo.objects.move_ref(&change)?;
    Ok(Some(Salvage { name, commit }))
}
