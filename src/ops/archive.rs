//! `archive` and `abandon`: the two honest ends of an issue.
//!
//! Order: intent, archive on disk and verified, worktree into the trash, then record and branch
//! in one transaction. Before the archive is on disk nothing is removed; after it, only forward.

pub mod browse;
mod files;
mod finish;
pub mod purge;
mod readable;
pub mod restore;
pub mod track;
mod transcripts;

pub use finish::{Report, finish_ended};

use finish::finish;

use super::ending::{self, Intent};
use super::remove::{self, Care};
use super::{Narrator, facts, heal, new_issue, record, salvage, standing};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::{counted, issue_ref, one_line};
use crate::domain::phase::Phase;
use crate::domain::refusal::{Refusal, Unmet};
use crate::domain::session::Session;
use crate::error::Error;
use crate::store::intent::{self, Kind, operation};
use crate::store::{chain, redact};

/// Archives an issue whose work has landed. `force` gives up what git has under way in its
/// worktree and removes that although it holds uncommitted work; all of it is salvaged first.
pub fn run(
    ctx: &Context,
    id: &IssueId,
    force: bool,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    // No check may be running in the worktree that is about to go.
    let _checks = record::lock_checks(ctx, id, narrator)?;
    let mut held = match begin(ctx, id, force, narrator)? {
        Begun::Ended(report) => return Ok(report),
        Begun::Open(held) => *held,
    };
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
    heal::branch_in_the_way(ctx, ending::kind(id), &held.session().branch.full())?;
    intent::write(&ctx.repo.own_folder(), ending::kind(id), &intent)?;
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
    // No check may be running in the worktree that is about to go.
    let _checks = record::lock_checks(ctx, id, narrator)?;
    let mut held = match begin(ctx, id, force, narrator)? {
        Begun::Ended(report) => return Ok(report),
        Begun::Open(held) => *held,
    };
    let what = format!("abandoning issue {id}");
    let reason = redact::text(&one_line(reason));
    if reason.chars().count() < 3 {
        let fix = format!("git orch abandon {id} --reason 'why it is given up'");
        return Err(Refusal::one("reason-short", what, "no reason is given", fix).into());
    }
    if ctx.repo.is_broken(&held.session().branch.full()) {
        // What only the branch holds would not be kept.
        facts::require_tip(ctx, held.session())?;
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
    heal::branch_in_the_way(ctx, ending::kind(id), &held.session().branch.full())?;
    intent::write(&ctx.repo.own_folder(), ending::kind(id), &intent)?;
    finish(ctx, &mut held, &intent, narrator)
}

/// Goes on with an ending that was begun and killed. Nothing happens where there is none, or where
/// work has come since and the issue is simply open again.
pub fn go_on(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<(), Error> {
    let begun = || intent::is_open(&ctx.repo.own_folder(), ending::kind(id));
    if !begun() {
        return Ok(());
    }
    match run(ctx, id, false, narrator) {
        Err(Error::Refused(_)) if !begun() => Ok(()),
        other => other.map(drop),
    }
}

/// How an issue stands that is to end.
enum Begun {
    /// It has ended by now.
    Ended(Report),
    /// Nobody began to end it, or what was begun does not hold any more.
    Open(Box<record::Held>),
}

/// Finishes what earlier runs began with this issue: an ending, or before it an opening.
fn begin(
    ctx: &Context,
    id: &IssueId,
    force: bool,
    narrator: &mut dyn Narrator,
) -> Result<Begun, Error> {
    if let Some(report) = finish::already(ctx, id, narrator)? {
        return Ok(Begun::Ended(report));
    }
    finish_opening(ctx, id, narrator)?;
    let mut held = record::hold_to_end(ctx, id, narrator)?;
    let own = ctx.repo.own_folder();
    let Some(mut intent) = ending::begun(ctx, held.session())? else {
        // One that does not hold any more is not to hold again.
        intent::clear(&own, ending::kind(id))?;
        return Ok(Begun::Open(Box::new(held)));
    };
    // What was typed since may ask for force that there was no need for at first.
    if force && !intent.force {
        intent.force = true;
        intent.salvage.get_or_insert_with(|| salvage::name(id, ctx.now));
        intent::write(&own, ending::kind(id), &intent)?;
    }
    finish(ctx, &mut held, &intent, narrator).map(Begun::Ended)
}

/// Finishes an opening that was killed half-way, for what takes the issue away: what it left would
/// make the issue again.
pub fn finish_opening(
    ctx: &Context,
    id: &IssueId,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    if ctx.repo.objects.read_ref(&issue_ref(id))?.is_none() {
        return Ok(());
    }
    let begun = |name| intent::is_open(&ctx.repo.own_folder(), Kind::of_issue(name, id));
    if begun(operation::RESTORING) {
        restore::run(ctx, id, narrator)?;
    } else if begun(operation::OPENING) {
        new_issue::run(ctx, id, &new_issue::Request::default(), narrator)?;
    }
    Ok(())
}

/// The open issues whose work has landed and whose receipt is sealed, and those whose archive an
/// earlier run began.
pub fn finished(ctx: &Context) -> Result<Vec<IssueId>, Error> {
    let begun = intent::all(&ctx.repo.own_folder())?.into_iter();
    let mut ids: Vec<IssueId> =
        begun.filter(|(kind, _)| kind == operation::ENDING).map(|(_, id)| id).collect();
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
