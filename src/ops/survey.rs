//! `status`, `show`, `log`, `where`: what there is, read and not changed.

use serde::Serialize;

use super::{facts, record};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::phase::Phase;
use crate::domain::refusal::Unmet;
use crate::domain::session::Session;
use crate::domain::task::TaskState;
use crate::domain::transition;
use crate::error::Error;
use crate::store::chain::{self, Chain, Entry};
use crate::store::runs::{self, Runs};

/// One line of `status`.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// The issue.
    pub issue: String,
    /// One line.
    pub title: String,
    /// The recorded phase.
    pub phase: &'static str,
    /// Tasks done or dropped.
    pub tasks_done: usize,
    /// Tasks altogether.
    pub tasks: usize,
    /// Its branch.
    pub branch: String,
    /// Its worktree.
    pub worktree: String,
    /// Whether the worktree is there.
    pub present: bool,
    /// Whether the branch moved after its receipt was sealed.
    pub moved_since_seal: bool,
    /// Seconds since it entered the phase.
    pub in_phase_seconds: u64,
    /// Why its agents wait for a person, when they do, and the command that goes on.
    pub parked: Option<Parked>,
    /// Why the record cannot be read, when it cannot.
    pub damaged: Option<String>,
}

/// Why the agents of an issue wait for a person.
#[derive(Clone, Debug, Serialize)]
pub struct Parked {
    /// Since when.
    pub at: String,
    /// Stable word for programs.
    pub code: String,
    /// Why.
    pub why: String,
    /// The command that goes on.
    pub fix: String,
}

/// Why the agents of an issue wait for a person, when they do.
fn parked(ctx: &Context, session: &Session) -> Result<Option<Parked>, Error> {
    let runs = runs::read(&ctx.repo.own_folder(), &session.issue)?;
    // Somebody who moved the issue on has looked.
    let here = |runs: &Runs| runs.session == session.id && runs.phase == session.phase.name();
    let parked = runs.filter(here).and_then(|runs| runs.parked);
    Ok(parked.map(|p| Parked { at: p.at, code: p.code, why: p.why, fix: p.fix }))
}

/// Every open issue, a line each. Reads records and refs only: no work tree is looked at, so that
/// the answer stays quick with many issues.
pub fn status(ctx: &Context) -> Result<Vec<Line>, Error> {
    let mut lines = Vec::new();
    let open = chain::all_open(&ctx.repo)?;
    let mut ids = chain::lost(&ctx.repo, &open)?;
    ids.extend(open.into_iter().map(|(id, _)| id));
    for id in ids {
        match chain::open(&ctx.repo, &id) {
            Ok(Some(chain)) => lines.push(line(ctx, &chain.session)?),
            Ok(None) => {
                let why = "its record is gone, and what was born on its branch is not".to_owned();
                lines.push(unreadable(&id, why));
            }
            Err(e) => lines.push(unreadable(&id, e.to_string())),
        }
    }
    Ok(lines)
}

fn unreadable(id: &IssueId, why: String) -> Line {
    Line {
        issue: id.to_string(),
        title: String::new(),
        phase: "damaged",
        tasks_done: 0,
        tasks: 0,
        branch: String::new(),
        worktree: String::new(),
        present: false,
        moved_since_seal: false,
        in_phase_seconds: 0,
        parked: None,
        damaged: Some(why),
    }
}

fn line(ctx: &Context, session: &Session) -> Result<Line, Error> {
    let tip = match ctx.repo.branch_tip(session.branch.as_str())? {
        Some(tip) => Some(facts::work_tip(&ctx.repo, session, &tip)?),
        None => None,
    };
    Ok(Line {
        issue: session.issue.to_string(),
        title: session.title.clone(),
        phase: session.phase.name(),
        tasks_done: session.tasks.iter().filter(|task| !task.is_open()).count(),
        tasks: session.tasks.len(),
        branch: session.branch.to_string(),
        worktree: session.worktree.clone(),
        present: std::path::Path::new(&session.worktree).join(".git").exists(),
        moved_since_seal: session.seal.as_ref().is_some_and(|seal| Some(&seal.tip) != tip.as_ref()),
        in_phase_seconds: ctx.now.since(session.entered()),
        parked: parked(ctx, session)?,
        damaged: (tip.is_none() && ctx.repo.is_broken(&session.branch.full()))
            .then(|| format!("its branch {} is broken", session.branch)),
    })
}

/// Everything about one issue.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The record.
    pub chain: Chain,
    /// Whether it is finished.
    pub archived: bool,
    /// The phase whose conditions are to be met.
    pub phase: Phase,
    /// Why that is behind the recorded one.
    pub stale: Option<String>,
    /// What must happen before it can move on.
    pub unmet: Vec<Unmet>,
    /// Its branch tip.
    pub tip: Option<CommitId>,
    /// Why its agents wait for a person, when they do.
    pub parked: Option<Parked>,
}

/// Everything about one issue, open or finished.
pub fn show(ctx: &Context, id: &IssueId) -> Result<Whole, Error> {
    if let Some(chain) = chain::archived(&ctx.repo, id)? {
        let phase = chain.session.phase;
        return Ok(Whole {
            chain,
            archived: true,
            phase,
            stale: None,
            unmet: Vec::new(),
            tip: None,
            parked: None,
        });
    }
    let chain = record::require(ctx, id)?;
    if ctx.repo.branch_tip(chain.session.branch.as_str())?.is_none() {
        let reason = format!("its branch {} is gone", chain.session.branch);
        let broken = ctx.repo.is_broken(&chain.session.branch.full());
        let fix = if broken {
            "git orch doctor --fix".to_owned()
        } else {
            format!("git orch abandon {id} --reason 'the branch was deleted'")
        };
        let unmet = vec![Unmet::new("branch-gone", reason, fix)];
        let phase = chain.session.phase;
        let (stale, tip, parked) = (None, None, parked(ctx, &chain.session)?);
        return Ok(Whole { chain, archived: false, phase, stale, unmet, tip, parked });
    }
    let facts = facts::gather(ctx, &chain)?;
    let standing = transition::standing(&chain.session, &facts);
    let unmet = transition::unmet(&chain.session, standing.phase, &facts);
    Ok(Whole {
        phase: standing.phase,
        stale: standing.stale,
        unmet,
        archived: false,
        tip: Some(facts.tip),
        parked: parked(ctx, &chain.session)?,
        chain,
    })
}

/// The history of an issue's record, newest first.
pub fn log(ctx: &Context, id: &IssueId) -> Result<Vec<Entry>, Error> {
    let tip = match chain::archived(&ctx.repo, id)? {
        Some(chain) => chain.tip,
        None => record::require(ctx, id)?.tip,
    };
    Ok(chain::history(&ctx.repo, &tip)?)
}

/// The kept output of piece `number` of evidence.
pub fn evidence_output(ctx: &Context, chain: &Chain, number: u32) -> Result<String, Error> {
    let path = crate::store::layout::evidence_file(number);
    let bytes = chain::companion(&ctx.repo, &chain.tip, &path)?.ok_or_else(|| {
        Error::usage(
            format!("issue {} has no output of evidence {number}", chain.session.issue),
            format!("git orch show {}", chain.session.issue),
        )
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A task's state in one word.
pub fn task_word(state: &TaskState) -> &'static str {
    match state {
        TaskState::Open => "open",
        TaskState::Done { .. } => "done",
        TaskState::Dropped { .. } => "dropped",
    }
}
