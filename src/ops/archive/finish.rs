//! Carrying an ending out: the archive on disk, the worktree into the trash, then record and
//! branch. Each step looks and does what is missing.

use std::path::PathBuf;

use super::{files, transcripts};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::{archive_ref, issue_ref};
use crate::domain::session::{End, Ending, Session};
use crate::domain::time::Moment;
use crate::error::Error;
use crate::git::{Git, RefChange};
use crate::ops::ending::{self, Intent};
use crate::ops::remove::{self, Care};
use crate::ops::{Narrator, facts, heal, place, policy, publish, record, salvage};
use crate::store::chain::{self, Change};
use crate::store::intent::{self, Kind, operation};
use crate::store::{births, runs, trash};

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Where the archive is.
    pub folder: PathBuf,
    /// How the issue ended.
    pub end: Ending,
    /// Whether it was archived already.
    pub already: bool,
    /// The ref that keeps what was in the worktree, where that was not in the branch.
    pub salvage: Option<String>,
}

/// Finishes an ending whose record has moved already, for what is to come after it.
pub fn finish_ended(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<(), Error> {
    if intent::is_open(&ctx.repo.own_folder(), ending::kind(id)) {
        already(ctx, id, narrator)?;
    }
    Ok(())
}

/// What there is to say when the issue is archived; what an earlier run left is finished on the
/// way: git moves several refs one by one, and may be killed between two of them.
pub(super) fn already(
    ctx: &Context,
    id: &IssueId,
    narrator: &mut dyn Narrator,
) -> Result<Option<Report>, Error> {
    let closed = || -> Result<Option<chain::Chain>, Error> {
        if ctx.repo.objects.read_ref(&issue_ref(id))?.is_some() {
            return Ok(None);
        }
        Ok(chain::archived(&ctx.repo, id)?)
    };
    let Some(chain) = closed()? else { return Ok(None) };
    let (root, folder) = place::archive(ctx, id);
    // What is damaged or gone is made again from the record.
    if files::verify(&root.join(&folder)).is_err() {
        files::write(ctx, &chain.session, &chain.tip)?;
    }
    let mut salvage = None;
    if let Some(intent) = intent::read::<Intent>(&ctx.repo.own_folder(), ending::kind(id))? {
        let lock = record::lock_issue(ctx, id, narrator)?;
        heal::own_refs(ctx, id)?;
        let repository = record::lock_repository(ctx, narrator)?;
        let git = ctx.repo.git.holding(&lock.file).holding(&repository.file);
        move_refs(ctx, &git, &chain.session, &intent, None)?;
        drop(repository);
        forget(ctx, id)?;
        salvage = intent.salvage.filter(|name| is_there(ctx, name));
    }
    let end = chain.session.end.map(|end| end.how);
    Ok(end.map(|end| Report { folder: root.join(folder), end, already: true, salvage }))
}

fn is_there(ctx: &Context, name: &str) -> bool {
    ctx.repo.objects.read_ref(name).is_ok_and(|commit| commit.is_some())
}

/// Carries an ending out from wherever it stands.
pub(super) fn finish(
    ctx: &Context,
    held: &mut record::Held,
    intent: &Intent,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let at = Moment::from_seconds(intent.at);
    let abandoned = intent.reason.is_some();
    let care = match (intent.force, abandoned) {
        (true, _) => Care::Forced,
        (false, true) => Care::Kept,
        (false, false) => Care::Clean,
    };
    let kept = keep(ctx, held, intent)?;
    let how = intent.how(kept.as_deref());
    let session = Session { end: Some(End { how: how.clone(), at }), ..held.session().clone() };
    let id = session.issue.clone();
    let tip: Option<CommitId> = intent.tip.as_deref().and_then(|tip| tip.parse().ok());
    let subject = match &how {
        Ending::Landed { into } => format!("Archive: landed in {into}"),
        Ending::Abandoned { reason, .. } => format!("Archive: abandoned, {reason}"),
    };
    let change = Change {
        session: &session,
        files: Vec::new(),
        subject: &subject,
        author: held.author(),
        at,
    };
    let last = chain::write_last(&ctx.repo, &held.chain.tip, tip.as_ref(), change)?;
    let folder = files::write(ctx, &session, &last.id)?;
    files::verify(&folder)?;
    transcripts::keep(ctx, &session, narrator)?;
    let repository = record::lock_repository(ctx, narrator)?;
    // What was typed meanwhile is kept too.
    if let Some(late) = keep(ctx, held, intent)?.filter(|late| kept.as_ref() != Some(late)) {
        narrator.say(&format!("what was changed just now is kept: git orch salvage show {late}"));
    }
    remove::worktree(ctx, &held.git, &session, care, narrator)?;
    let git = held.git.holding(&repository.file);
    move_refs(ctx, &git, &session, intent, Some((held.chain.tip.clone(), last.id.clone())))?;
    chain::secure(&ctx.repo, &last)?;
    drop(repository);
    forget(ctx, &id)?;
    share(ctx, &id, narrator)?;
    let salvage = kept.filter(|name| is_there(ctx, name));
    Ok(Report { folder, end: how, already: false, salvage })
}

/// Takes the record where the work goes, when the team wants that. The issue is finished either
/// way; a remote that cannot be reached is named with the command that tries again.
fn share(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<(), Error> {
    if !policy::in_force(ctx)?.archive.push {
        return Ok(());
    }
    let pushed = publish::remote(ctx, None).and_then(|remote| publish::record(ctx, id, &remote));
    if let Err(e) = pushed {
        narrator
            .say(&format!("its record was not pushed: {e}; again: git orch compact {id} --push"));
    }
    Ok(())
}

/// Keeps what the worktree and the branch hold where the ending takes them away; returns the ref.
fn keep(ctx: &Context, held: &record::Held, intent: &Intent) -> Result<Option<String>, Error> {
    let Some(name) = &intent.salvage else { return Ok(None) };
    let session = held.session();
    let landed = intent.into.is_some();
    if landed && !is_there(ctx, name) {
        let (dirty, operation) = facts::worktree_state(ctx, session)?;
        let clean = dirty.is_empty() && operation.is_none();
        if clean && remove::obstacles(ctx, session, Care::Clean)?.is_empty() {
            return Ok(None);
        }
    }
    Ok(salvage::keep(ctx, &held.git, session, name)?.map(|kept| kept.name))
}

/// Moves record and branch to where an ending leaves them, doing only what is missing. `moved`
/// says from which state of the open chain to which of the archived one.
fn move_refs(
    ctx: &Context,
    git: &Git,
    session: &Session,
    intent: &Intent,
    moved: Option<(CommitId, CommitId)>,
) -> Result<(), Error> {
    let id = &session.issue;
    let branch = session.branch.full();
    let (open, archived) = (issue_ref(id), archive_ref(id));
    let locks = [branch.as_str(), &open, &archived, "packed-refs", "reftable/tables.list"];
    heal::shared(ctx, ending::kind(id), &locks)?;
    let mut changes = Vec::new();
    if let Some((from, last)) = moved {
        let old = ctx.repo.objects.read_ref(&archived)?;
        changes.push(RefChange { name: open.clone(), old: Some(from), new: None });
        if old.as_ref() != Some(&last) {
            changes.push(RefChange { name: archived.clone(), old, new: Some(last) });
        }
        changes.extend(salvage::expired(ctx)?);
    }
    let tip: Option<CommitId> = intent.tip.as_deref().and_then(|tip| tip.parse().ok());
    if let Some(tip) = tip
        && ctx.repo.branch_tip(session.branch.as_str())?.as_ref() == Some(&tip)
        && !checked_out_elsewhere(ctx, session)?
    {
        changes.push(RefChange { name: branch.clone(), old: Some(tip), new: None });
    }
    if !changes.is_empty() {
        ctx.repo.move_refs(git, &changes)?;
        // git ends well even when it could not remove a lock of its own.
        heal::shared(ctx, ending::kind(id), &locks)?;
    }
    Ok(())
}

/// Forgets what belongs to open issues only; the intent goes last.
fn forget(ctx: &Context, id: &IssueId) -> Result<(), Error> {
    let own = ctx.repo.own_folder();
    births::forget(&own, id)?;
    runs::forget(&own, id)?;
    trash::empty(&own);
    // What else was begun is overtaken by the end, and must not be taken up again.
    for begun in [operation::OPENING, operation::STEP, operation::UNDOING, operation::RESTORING] {
        intent::clear(&own, Kind::of_issue(begun, id))?;
    }
    Ok(intent::clear(&own, ending::kind(id))?)
}

/// A branch that a person has checked out somewhere else stays.
fn checked_out_elsewhere(ctx: &Context, session: &Session) -> Result<bool, Error> {
    let all = crate::git::worktrees::list(&ctx.repo)?;
    Ok(all.iter().any(|w| w.present && w.branch.as_deref() == Some(session.branch.as_str())))
}
