//! `archive` and `abandon`: the two honest ends of an issue.
//!
//! Order: intent, archive on disk and verified, worktree into the trash, then record and branch
//! in one transaction. Before the archive is on disk nothing is removed; after it, only forward.

pub mod browse;
mod files;
pub mod purge;
mod readable;
pub mod restore;
pub mod track;
mod transcripts;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::remove::{self, Care};
use super::{Narrator, facts, heal, place, policy, publish, record, salvage, standing};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::{archive_ref, counted, issue_ref, one_line};
use crate::domain::phase::Phase;
use crate::domain::refusal::{Refusal, Unmet};
use crate::domain::session::{End, Ending, Session};
use crate::domain::time::Moment;
use crate::error::Error;
use crate::git::{Git, RefChange};
use crate::store::chain::{self, Change};
use crate::store::intent::{self, Kind};
use crate::store::{births, redact, runs, trash};

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

/// The kind of intent an ending leaves.
pub const INTENT: &str = "archive";

fn kind(id: &IssueId) -> Kind<'_> {
    Kind::of_issue(INTENT, id)
}

/// Every choice of an ending, made once.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Intent {
    at: i64,
    into: Option<String>,
    reason: Option<String>,
    salvage: Option<String>,
    tip: Option<String>,
    #[serde(default)]
    force: bool,
}

/// Archives an issue whose work has landed. `force` gives up what git has under way in its
/// worktree and removes that although it holds uncommitted work; all of it is salvaged first.
pub fn run(
    ctx: &Context,
    id: &IssueId,
    force: bool,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    if let Some(report) = already(ctx, id, narrator)? {
        return Ok(report);
    }
    // No check may be running in the worktree that is about to go.
    let _checks = record::lock_checks(ctx, id, narrator)?;
    // While we waited for that, somebody else may have ended it.
    if let Some(report) = already(ctx, id, narrator)? {
        return Ok(report);
    }
    let mut held = record::hold(ctx, id, narrator)?;
    if let Some(intent) = intent::read(&ctx.repo.own_folder(), kind(id))? {
        return finish(ctx, &mut held, &intent, narrator);
    }
    let facts = facts::gather(ctx, &held.chain)?;
    standing::settle(ctx, &mut held, &facts)?;
    let session = held.session();
    let into = facts::known_landed(ctx, session, &facts)?;
    let care = if force { Care::Forced } else { Care::Clean };
    let unmet = unready(ctx, session, &facts.tip, into.is_some(), care)?;
    let (Some(into), true) = (into, unmet.is_empty()) else {
        return Err(Refusal::many("not-finished", format!("archiving issue {id}"), unmet).into());
    };
    let intent = Intent {
        at: ctx.now.seconds(),
        into: Some(into),
        reason: None,
        salvage: force.then(|| salvage::name(id, ctx.now)),
        tip: Some(facts::require_tip(ctx, held.session())?.to_string()),
        force,
    };
    intent::write(&ctx.repo.own_folder(), kind(id), &intent)?;
    finish(ctx, &mut held, &intent, narrator)
}

/// Ends an issue whose work is given up; the work is kept under a salvage ref. `force` also gives
/// up what git has under way in its worktree.
pub fn abandon(
    ctx: &Context,
    id: &IssueId,
    reason: &str,
    force: bool,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    if let Some(report) = already(ctx, id, narrator)? {
        return Ok(report);
    }
    // No check may be running in the worktree that is about to go.
    let _checks = record::lock_checks(ctx, id, narrator)?;
    // While we waited for that, somebody else may have ended it.
    if let Some(report) = already(ctx, id, narrator)? {
        return Ok(report);
    }
    let mut held = record::hold(ctx, id, narrator)?;
    if let Some(intent) = intent::read(&ctx.repo.own_folder(), kind(id))? {
        return finish(ctx, &mut held, &intent, narrator);
    }
    let what = format!("abandoning issue {id}");
    let reason = redact::text(&one_line(reason));
    if reason.chars().count() < 3 {
        let fix = format!("git orch abandon {id} --reason 'why it is given up'");
        return Err(Refusal::one("reason-short", what, "no reason is given", fix).into());
    }
    let care = if force { Care::Forced } else { Care::Kept };
    let obstacles = remove::obstacles(ctx, held.session(), care)?;
    if !obstacles.is_empty() {
        return Err(Refusal::many("work-there", what, obstacles).into());
    }
    let intent = Intent {
        at: ctx.now.seconds(),
        into: None,
        reason: Some(reason),
        salvage: Some(salvage::name(id, ctx.now)),
        tip: ctx.repo.branch_tip(held.session().branch.as_str())?.map(|tip| tip.to_string()),
        force,
    };
    intent::write(&ctx.repo.own_folder(), kind(id), &intent)?;
    finish(ctx, &mut held, &intent, narrator)
}

/// The open issues whose work has landed and whose receipt is sealed, and those whose archive an
/// earlier run began.
pub fn finished(ctx: &Context) -> Result<Vec<IssueId>, Error> {
    let begun = intent::all(&ctx.repo.own_folder())?.into_iter();
    let mut ids: Vec<IssueId> =
        begun.filter(|(operation, _)| operation == INTENT).map(|(_, id)| id).collect();
    for (id, tip) in chain::all_open(&ctx.repo)? {
        // One that cannot be read is reported when it is asked for, not when the others are.
        let Ok(heading) = chain::heading(&ctx.repo, id.clone(), tip) else { continue };
        if heading.phase != Phase::Complete || ids.contains(&id) {
            continue;
        }
        let Some(open) = chain::open(&ctx.repo, &id)? else { continue };
        let tip = ctx.repo.branch_tip(open.session.branch.as_str())?;
        if let Some(tip) = tip
            && facts::landed_in(ctx, &open.session, &tip)?.is_some()
        {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// What there is to say when the issue is archived; what an earlier run left is finished on the
/// way: git moves several refs one by one, and may be killed between two of them.
fn already(
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
    if let Some(intent) = intent::read::<Intent>(&ctx.repo.own_folder(), kind(id))? {
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

/// What stands in the way of archiving finished work.
fn unready(
    ctx: &Context,
    session: &Session,
    tip: &CommitId,
    landed: bool,
    care: Care,
) -> Result<Vec<Unmet>, Error> {
    let id = &session.issue;
    let mut unmet = remove::obstacles(ctx, session, care)?;
    if session.phase != Phase::Complete {
        let fix = match session.phase {
            Phase::Compact => format!("git orch compact {id}"),
            _ => format!("git orch next {id}"),
        };
        unmet.push(Unmet::new(
            "uncompacted",
            format!("it is in {}, compaction is missing", session.phase),
            fix,
        ));
    } else if !landed {
        let fork = ctx.repo.branch_tip(&session.base)?.unwrap_or_else(|| session.fork.clone());
        let commits = ctx.repo.objects.history(std::slice::from_ref(tip), &[fork])?;
        let shown: Vec<&str> = commits.iter().take(3).map(CommitId::short).collect();
        unmet.push(Unmet::new(
            "unlanded",
            format!(
                "{} not in {}: {}",
                counted(commits.len(), "of its commits is", "of its commits are"),
                session.base,
                shown.join(", ")
            ),
            format!("git orch land {id}"),
        ));
    }
    Ok(unmet)
}

/// Carries an ending out from wherever it stands.
fn finish(
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
    let how = ending(intent, kept.as_deref());
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
    heal::shared(ctx, kind(id), &locks)?;
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
        heal::shared(ctx, kind(id), &locks)?;
    }
    Ok(())
}

/// Forgets what belongs to open issues only; the intent goes last.
fn forget(ctx: &Context, id: &IssueId) -> Result<(), Error> {
    let own = ctx.repo.own_folder();
    births::forget(&own, id)?;
    runs::forget(&own, id)?;
    trash::empty(&own);
    Ok(intent::clear(&own, kind(id))?)
}

fn ending(intent: &Intent, kept: Option<&str>) -> Ending {
    match (&intent.into, &intent.reason) {
        (Some(into), _) => Ending::Landed { into: into.clone() },
        (None, reason) => Ending::Abandoned {
            reason: reason.clone().unwrap_or_default(),
            salvage: kept.unwrap_or("none").to_owned(),
        },
    }
}

/// A branch that a person has checked out somewhere else stays.
fn checked_out_elsewhere(ctx: &Context, session: &Session) -> Result<bool, Error> {
    let all = crate::git::worktrees::list(&ctx.repo)?;
    Ok(all.iter().any(|w| w.present && w.branch.as_deref() == Some(session.branch.as_str())))
}
