//! Salvage: work that is about to lose its place is kept under a ref first.
//!
//! What is kept is a commit like that of `git stash`: its tree is the files as they lay in the
//! worktree, untracked ones included and ignored ones not; its first parent is the branch's tip;
//! then come the index, the commit that was checked out where that was another one, and a commit
//! of the small files that git ignores. Nothing of all that: then it is the tip itself.

mod bring;
mod capture;
mod checkpoint;
mod ignored;
mod lasting;
mod shelf;

pub use bring::{Restored, into_worktree, restore};
pub use capture::Salvage;
pub use checkpoint::save;
pub use ignored::{File, Ignored, ignored};
pub use shelf::{Item, Kind, SALVAGE_AGE, discard, drop_item, expired, find, kept, list};

use capture::{capture, is_whole};

use super::{facts, heal};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::names::SALVAGE;
use crate::domain::session::Session;
use crate::domain::time::Moment;
use crate::error::Error;
use crate::git::{Git, RefChange};
use crate::store::StoreError;

/// How often work is captured that something else takes away at once.
const TRIES: usize = 5;

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
    heal::below(ctx, &format!("{SALVAGE}{}", session.issue))?;
    let there = ctx.repo.objects.read_ref(name)?;
    let session = &facts::located(ctx, session)?;
    let present = facts::worktree_git_dir(ctx, session).is_some();
    if let (Some(commit), false) = (&there, present) {
        return Ok(Some(Salvage { name: name.to_owned(), commit: commit.clone() }));
    }
    let Some(captured) = capture(ctx, git, session)? else { return Ok(None) };
    for (name, commit) in ctx.repo.objects.refs(&format!("{SALVAGE}{}/", session.issue))? {
        // One that cannot be read is another one.
        if captured.is(ctx, &commit).unwrap_or(false) {
            return Ok(Some(Salvage { name, commit }));
        }
    }
    let mut commit = captured.commit(ctx, git, &session.issue)?;
    let mut free = name.to_owned();
    let mut count = 1;
    while ctx.repo.objects.read_ref(&free)?.is_some() {
        count += 1;
        free = format!("{name}-{count}");
    }
    let new = RefChange { name: free.clone(), old: None, new: Some(commit.clone()) };
    ctx.repo.objects.move_ref(&new)?;
    // Nothing may be removed in trust of a ref whose objects a `git gc --prune=now` beside us took.
    for _ in 0..TRIES {
        if is_whole(ctx, &commit).unwrap_or(false) {
            return Ok(Some(Salvage { name: free, commit }));
        }
        let Some(again) = capture(ctx, git, session)? else { break };
        let new = again.commit(ctx, git, &session.issue)?;
        let old = Some(commit);
        let change = RefChange { name: free.clone(), old, new: Some(new.clone()) };
        ctx.repo.objects.move_ref(&change)?;
        commit = new;
    }
    let reason = "objects of it vanish as they are written; does a git gc run all the time?";
    Err(StoreError::Damaged { name: free, reason: reason.to_owned() }.into())
}
