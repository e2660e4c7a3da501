//! `archive` and `abandon`: the two honest ends of an issue.
//!
//! Order: intent, archive on disk and verified, worktree into the trash, then record and branch
//! in one transaction. Before the archive is on disk nothing is removed; after it, only forward.

mod files;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Narrator, facts, place, record, remove, salvage, standing};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::{archive_ref, issue_ref, one_line};
use crate::domain::phase::Phase;
use crate::domain::refusal::{Refusal, Unmet};
use crate::domain::session::{End, Ending, Session};
use crate::domain::time::Moment;
use crate::error::Error;
use crate::git::RefChange;
use crate::store::chain::{self, Change};
use crate::store::intent::{self, Kind};
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
}

/// Archives an issue whose work has landed.
pub fn run(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<Report, Error> {
    if let Some(report) = already(ctx, id)? {
        return Ok(report);
    }
    // No check may be running in the worktree that is about to go.
    let _checks = record::lock_checks(ctx, id, narrator)?;
    let mut held = record::hold(ctx, id, narrator)?;
    if let Some(intent) = intent::read(&ctx.repo.own_folder(), kind(id))? {
        return finish(ctx, &mut held, &intent, narrator);
    }
    let facts = facts::gather(ctx, &held.chain)?;
    standing::settle(ctx, &mut held, &facts)?;
    let session = held.session();
    let into = facts::landed_in(ctx, session, &facts.tip)?;
    let unmet = unready(ctx, session, &facts.tip, into.is_some())?;
    let (Some(into), true) = (into, unmet.is_empty()) else {
        return Err(Refusal::many("not-finished", format!("archiving issue {id}"), unmet).into());
    };
    let intent = Intent {
        at: ctx.now.seconds(),
        into: Some(into),
        reason: None,
        salvage: None,
        tip: Some(facts::require_tip(ctx, held.session())?.to_string()),
    };
    intent::write(&ctx.repo.own_folder(), kind(id), &intent)?;
    finish(ctx, &mut held, &intent, narrator)
}

/// Ends an issue whose work is given up; the work is kept under a salvage ref.
pub fn abandon(
    ctx: &Context,
    id: &IssueId,
    reason: &str,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    if let Some(report) = already(ctx, id)? {
        return Ok(report);
    }
    // No check may be running in the worktree that is about to go.
    let _checks = record::lock_checks(ctx, id, narrator)?;
    let mut held = record::hold(ctx, id, narrator)?;
    if let Some(intent) = intent::read(&ctx.repo.own_folder(), kind(id))? {
        return finish(ctx, &mut held, &intent, narrator);
    }
    let what = format!("abandoning issue {id}");
    let reason = one_line(reason);
    if reason.chars().count() < 3 {
        let fix = format!("git orch abandon {id} --reason 'why it is given up'");
        return Err(Refusal::one("reason-short", what, "no reason is given", fix).into());
    }
    let obstacles = remove::obstacles(ctx, held.session(), true)?;
    if !obstacles.is_empty() {
        return Err(Refusal::many("work-there", what, obstacles).into());
    }
    let kept = salvage::keep(ctx, &held.git, held.session())?;
    let intent = Intent {
        at: ctx.now.seconds(),
        into: None,
        reason: Some(reason),
        salvage: kept.map(|kept| kept.name),
        tip: ctx.repo.branch_tip(held.session().branch.as_str())?.map(|tip| tip.to_string()),
    };
    intent::write(&ctx.repo.own_folder(), kind(id), &intent)?;
    finish(ctx, &mut held, &intent, narrator)
}

/// What there is to say when the issue is archived; its leftovers are cleared on the way.
fn already(ctx: &Context, id: &IssueId) -> Result<Option<Report>, Error> {
    if ctx.repo.objects.read_ref(&issue_ref(id))?.is_some() {
        return Ok(None);
    }
    let Some(chain) = chain::archived(&ctx.repo, id)? else { return Ok(None) };
    let (root, folder) = place::archive(ctx, id);
    if !root.join(&folder).is_dir() {
        files::write(ctx, &chain.session, &chain.tip)?;
    }
    intent::clear(&ctx.repo.own_folder(), kind(id))?;
    let end = chain.session.end.map(|end| end.how);
    Ok(end.map(|end| Report { folder: root.join(folder), end, already: true }))
}

/// What stands in the way of archiving finished work.
fn unready(
    ctx: &Context,
    session: &Session,
    tip: &CommitId,
    landed: bool,
) -> Result<Vec<Unmet>, Error> {
    let id = &session.issue;
    let mut unmet = remove::obstacles(ctx, session, false)?;
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
                "{} of its commits are not in {}: {}",
                commits.len(),
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
    let own = ctx.repo.own_folder();
    let at = Moment::from_seconds(intent.at);
    let how = ending(intent);
    let session = ended(held.session(), &how, at);
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
    let folder = files::write(ctx, &session, &last)?;
    files::verify(&folder)?;
    let repository = record::lock_repository(ctx, narrator)?;
    remove::worktree(ctx, &session, matches!(how, Ending::Abandoned { .. }))?;
    let mut changes = vec![
        RefChange { name: issue_ref(&id), old: Some(held.chain.tip.clone()), new: None },
        RefChange { name: archive_ref(&id), old: None, new: Some(last) },
    ];
    if let Some(tip) = tip
        && ctx.repo.branch_tip(session.branch.as_str())?.as_ref() == Some(&tip)
        && !checked_out_elsewhere(ctx, &session)?
    {
        changes.push(RefChange { name: session.branch.full(), old: Some(tip), new: None });
    }
    ctx.repo.move_refs(&held.git.holding(&repository.file), &changes)?;
    drop(repository);
    births::forget(&own, &id)?;
    runs::forget(&own, &id)?;
    intent::clear(&own, kind(&id))?;
    trash::empty(&own);
    Ok(Report { folder, end: how, already: false })
}

fn ending(intent: &Intent) -> Ending {
    match (&intent.into, &intent.reason) {
        (Some(into), _) => Ending::Landed { into: into.clone() },
        (None, reason) => Ending::Abandoned {
            reason: reason.clone().unwrap_or_default(),
            salvage: intent.salvage.clone().unwrap_or_else(|| "none".to_owned()),
        },
    }
}

fn ended(session: &Session, how: &Ending, at: Moment) -> Session {
    Session { end: Some(End { how: how.clone(), at }), ..session.clone() }
}

/// A branch that a person has checked out somewhere else stays.
fn checked_out_elsewhere(ctx: &Context, session: &Session) -> Result<bool, Error> {
    let all = crate::git::worktrees::list(&ctx.repo)?;
    Ok(all.iter().any(|w| w.present && w.branch.as_deref() == Some(session.branch.as_str())))
}
