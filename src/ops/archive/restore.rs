//! `archive restore`: a finished issue becomes an open one again, where it stopped.
//!
//! The choices are written down first. The transaction that takes the record from the archive to
//! the open issues, and brings the branch back, is the moment at which it is open; git moves its
//! refs one by one, so a run that finds the choices moves what is missing. The worktree is then
//! made as `new-issue` makes one that is gone.

use serde::{Deserialize, Serialize};

use super::{browse, finish};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::{archive_ref, issue_ref};
use crate::domain::session::{Ending, Session};
use crate::domain::time::Moment;
use crate::error::Error;
use crate::git::RefChange;
use crate::ops::{Narrator, heal, new_issue, place, policy, record, refs};
use crate::store::chain::{self, Change};
use crate::store::intent::{self, Kind, operation};

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

/// The choices of a restore, made once.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Intent {
    /// When, in seconds since 1970.
    at: i64,
    /// The last state of the finished record.
    before: String,
    /// The last commit of the branch, where that is to be made again.
    branch: Option<String>,
    /// Where uncommitted work is kept.
    salvage: Option<String>,
}

/// Opens a finished issue again.
pub fn run(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<Restored, Error> {
    let kind = Kind::of_issue(operation::RESTORING, id);
    let own = ctx.repo.own_folder();
    finish::finish_ended(ctx, id, narrator)?;
    let lock = record::lock_issue(ctx, id, narrator)?;
    heal::own_refs(ctx, id)?;
    let begun: Option<Intent> = intent::read(&own, kind)?;
    let already = begun.is_none() && ctx.repo.objects.read_ref(&issue_ref(id))?.is_some();
    let salvage = if already {
        None
    } else {
        let intent = match begun {
            Some(intent) => intent,
            None => intend(ctx, id)?,
        };
        intent::write(&own, kind, &intent)?;
        reopen(ctx, id, &intent, narrator)?;
        intent.salvage
    };
    drop(lock);
    let ctx = &ctx.again()?;
    let opened = new_issue::run(ctx, id, &new_issue::Request::default(), narrator)?;
    intent::forget(&own, kind)?;
    Ok(Restored { opened, salvage, already })
}

/// Everything that is chosen.
fn intend(ctx: &Context, id: &IssueId) -> Result<Intent, Error> {
    let archived = browse::require(ctx, id)?;
    let session = &archived.session;
    let tip = last_commit(ctx, &archived.tip, session)?;
    new_issue::require_room(ctx, session)?;
    let free = ctx.repo.branch_tip(session.branch.as_str())?.is_none();
    let salvage = match session.end.as_ref().map(|end| &end.how) {
        Some(Ending::Abandoned { salvage, .. })
            if ctx.repo.objects.read_ref(salvage)?.is_some_and(|kept| kept != tip) =>
        {
            Some(salvage.clone())
        }
        _ => None,
    };
    Ok(Intent {
        at: ctx.now.seconds(),
        before: archived.tip.to_string(),
        branch: free.then(|| tip.to_string()),
        salvage,
    })
}

/// Moves record and branch, doing only what is missing.
fn reopen(
    ctx: &Context,
    id: &IssueId,
    intent: &Intent,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let wrong = |_| Error::usage(format!("{:?} is no state", intent.before), "git orch doctor");
    let before: CommitId = intent.before.parse().map_err(wrong)?;
    let ended = chain::session_at(&ctx.repo, &archive_ref(id), &before)?;
    let archive = RefChange { name: archive_ref(id), old: Some(before.clone()), new: None };
    if ctx.repo.objects.read_ref(&issue_ref(id))?.is_some() {
        return refs::bring(ctx, Kind::of_issue(operation::RESTORING, id), &[archive], narrator);
    }
    let folder = place::worktree(ctx, &policy::in_force(ctx)?, id);
    let reopened = Session { end: None, worktree: folder.display().to_string(), ..ended.clone() };
    let change = Change {
        session: &reopened,
        files: Vec::new(),
        subject: "Open again from the archive",
        author: &crate::git::config::identity(&ctx.repo, &ctx.around.committer),
        at: Moment::from_seconds(intent.at),
    };
    let state = chain::write_last(&ctx.repo, &before, None, change)?;
    // The branch first: an open record without one would be taken for damage.
    let tip = intent.branch.as_deref().and_then(|tip| tip.parse().ok());
    let branch = tip.map(|tip| RefChange { name: ended.branch.full(), old: None, new: Some(tip) });
    let mut changes: Vec<RefChange> = branch.into_iter().collect();
    changes.push(RefChange { name: issue_ref(id), old: None, new: Some(state.id.clone()) });
    changes.push(archive);
    refs::bring(ctx, Kind::of_issue(operation::RESTORING, id), &changes, narrator)?;
    Ok(chain::secure(&ctx.repo, &state)?)
}

/// The last commit of the issue's branch: what the last state keeps beside its predecessor.
fn last_commit(ctx: &Context, state: &CommitId, session: &Session) -> Result<CommitId, Error> {
    if let Some(tip) = ctx.repo.objects.commit(state)?.parents.into_iter().nth(1) {
        return Ok(tip);
    }
    let sealed = session.seal.as_ref().map(|seal| seal.tip.clone());
    Ok(sealed.unwrap_or_else(|| session.fork.clone()))
}
