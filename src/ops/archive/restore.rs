//! `archive restore`: a finished issue becomes an open one again, where it stopped.
//!
//! The one transaction that takes the record from the archive to the open issues, and brings the
//! branch back, is the moment at which it is open. The worktree is then made as `new-issue` makes
//! one that is gone, which is also what finishes a restore that was killed.

use super::browse;
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::{archive_ref, issue_ref};
use crate::domain::session::{Ending, Session};
use crate::error::Error;
use crate::git::RefChange;
use crate::ops::{Narrator, new_issue, place, policy, record};
use crate::store::chain::{self, Change};

/// What came of it.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The worktree and the branch.
    pub opened: new_issue::Report,
    /// Where uncommitted work of an abandoned issue is kept.
    pub salvage: Option<String>,
    /// Whether it was open already.
    pub already: bool,
}

/// Opens a finished issue again.
pub fn run(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<Restored, Error> {
    let open = || new_issue::Request::default();
    if ctx.repo.objects.read_ref(&issue_ref(id))?.is_some() {
        let opened = new_issue::run(ctx, id, &open(), narrator)?;
        return Ok(Restored { opened, salvage: None, already: true });
    }
    let salvage = reopen(ctx, id, narrator)?;
    let opened = new_issue::run(ctx, id, &open(), narrator)?;
    Ok(Restored { opened, salvage, already: false })
}

/// Moves record and branch, all of it or nothing.
fn reopen(
    ctx: &Context,
    id: &IssueId,
    narrator: &mut dyn Narrator,
) -> Result<Option<String>, Error> {
    let lock = record::lock_issue(ctx, id, narrator)?;
    let archived = browse::require(ctx, id)?;
    let session = &archived.session;
    let tip = last_commit(ctx, &archived.tip, session)?;
    let folder = place::worktree(ctx, &policy::in_force(ctx)?, id);
    let reopened = Session { end: None, worktree: folder.display().to_string(), ..session.clone() };
    let change = Change {
        session: &reopened,
        files: Vec::new(),
        subject: "Open again from the archive",
        author: &crate::git::config::identity(&ctx.repo, &ctx.around.committer),
        at: ctx.now,
    };
    let state = chain::write_last(&ctx.repo, &archived.tip, None, change)?;
    let repository = record::lock_repository(ctx, narrator)?;
    let mut changes = vec![
        RefChange { name: archive_ref(id), old: Some(archived.tip.clone()), new: None },
        RefChange { name: issue_ref(id), old: None, new: Some(state.id.clone()) },
    ];
    if ctx.repo.branch_tip(session.branch.as_str())?.is_none() {
        changes.push(RefChange { name: session.branch.full(), old: None, new: Some(tip.clone()) });
    }
    ctx.repo.move_refs(&ctx.repo.git.holding(&lock.file).holding(&repository.file), &changes)?;
    chain::secure(&ctx.repo, &state)?;
    Ok(match session.end.as_ref().map(|end| &end.how) {
        Some(Ending::Abandoned { salvage, .. })
            if ctx.repo.objects.read_ref(salvage)?.is_some_and(|kept| kept != tip) =>
        {
            Some(salvage.clone())
        }
        _ => None,
    })
}

/// The last commit of the issue's branch: what the last state keeps beside its predecessor.
fn last_commit(ctx: &Context, state: &CommitId, session: &Session) -> Result<CommitId, Error> {
    if let Some(tip) = ctx.repo.objects.commit(state)?.parents.into_iter().nth(1) {
        return Ok(tip);
    }
    let sealed = session.seal.as_ref().map(|seal| seal.tip.clone());
    Ok(sealed.unwrap_or_else(|| session.fork.clone()))
}
