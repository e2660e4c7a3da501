//! `task done`: a task is ticked when its command, run at this moment, passes.
//!
//! The worktree may hold uncommitted changes: the evidence names the tree of exactly what lay
//! there, so that it can be compared with what is committed later.

use super::evidence::{self, Run, Wanted};
use super::task::{find, find_mut, refuse_ended};
use super::{Mark, Narrator, facts, ground, policy, record, salvage};
use crate::context::Context;
use crate::domain::evidence::Subject;
use crate::domain::ids::IssueId;
use crate::domain::phase::Phase;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::task::{Task, TaskState};
use crate::error::Error;
use crate::store::lock::Lock;

/// What came of ticking a task.
#[derive(Clone, Debug)]
pub enum Ticked {
    /// It is done; with the run that shows it, when it has a command.
    Done(Option<Run>),
    /// It was done already.
    Already,
    /// Its command was red; it stays open.
    Red(Run),
}

/// Ticks a task: runs its command now, in the worktree as it is, and the task is done when that
/// is green. A task without a command is done by being ticked.
pub fn run(
    ctx: &Context,
    id: &IssueId,
    number: u32,
    narrator: &mut dyn Narrator,
) -> Result<Ticked, Error> {
    let what = ticking(id, number);
    let task = find(&record::require(ctx, id)?.session, number)?.clone();
    // Only a command needs the worktree for itself.
    let lock = match task.verify {
        Some(_) => Some(record::lock_checks(ctx, id, narrator)?),
        None => None,
    };
    let held = record::hold(ctx, id, narrator)?;
    let session = held.session().clone();
    let task = find(&session, number)?.clone();
    refuse_tick(&session, &task, &what)?;
    if !task.is_open() {
        return Ok(Ticked::Already);
    }
    salvage::save(ctx, &held, narrator);
    let Some(command) = task.verify.clone() else {
        finish(ctx, held, number)?;
        return Ok(Ticked::Done(None));
    };
    drop(held);
    let Some(lock) = lock else { return Err(changed(&session, &task, &what)) };
    let run = verify(ctx, &session, &task, &command, &lock, narrator)?;
    if !run.evidence.outcome.is_green() {
        return Ok(Ticked::Red(run));
    }
    match find(&record::require(ctx, id)?.session, number)?.state {
        TaskState::Done { .. } => Ok(Ticked::Done(Some(run))),
        _ => Err(changed(&session, &task, &what)),
    }
}

/// Runs a task's command and records what came of it; when it is green, the task is done in the
/// same step.
fn verify(
    ctx: &Context,
    session: &Session,
    task: &Task,
    command: &str,
    lock: &Lock,
    narrator: &mut dyn Narrator,
) -> Result<Run, Error> {
    let number = task.number;
    let ground = ground::find(ctx, session, &ticking(&session.issue, number))?;
    let tree = ground::tree_now(ctx, &ground)?;
    let wanted = Wanted {
        subject: Subject::Task(number),
        command: command.to_owned(),
        limit: policy::in_force(ctx)?.check_timeout,
    };
    let name = format!("task {number} ({})", task.text);
    narrator.begin(&name);
    let taken = evidence::take(session, &ground, &tree, &wanted, lock, narrator);
    let green = taken.evidence.outcome.is_green();
    let (at, tip) = (ctx.now, ground.tip);
    let tick = |session: &mut Session| {
        let same = |t: &&mut Task| t.number == number && t.verify.as_deref() == Some(command);
        if green && let Some(task) = session.tasks.iter_mut().filter(|t| t.is_open()).find(same) {
            task.state = TaskState::Done { at, tip };
        }
    };
    let run = evidence::record(ctx, &session.issue, taken, tick, narrator)?;
    narrator.end(&name, &run.words(), if green { Mark::Good } else { Mark::Bad });
    Ok(run)
}

fn ticking(id: &IssueId, number: u32) -> String {
    format!("ticking task {number} of issue {id}")
}

/// Somebody changed the task while it was being ticked.
fn changed(session: &Session, task: &Task, what: &str) -> Error {
    let Task { number, .. } = task;
    let fix = format!("git orch task done {number} --issue {}", session.issue);
    Refusal::one("changed", what, "it was changed just now by somebody else", fix).into()
}

fn refuse_tick(session: &Session, task: &Task, what: &str) -> Result<(), Error> {
    refuse_ended(session)?;
    let Session { issue, phase, .. } = session;
    if *phase == Phase::Discussion {
        return Err(Refusal::one(
            "too-early",
            what,
            format!("it is in {phase}: {}", phase.exit_condition()),
            format!("git orch next {issue}"),
        )
        .into());
    }
    if let TaskState::Dropped { reason, .. } = &task.state {
        return Err(Refusal::one(
            "dropped",
            what,
            format!("it was dropped: {reason}"),
            format!("git orch task reopen {} --issue {issue}", task.number),
        )
        .into());
    }
    Ok(())
}

fn finish(ctx: &Context, mut held: record::Held, number: u32) -> Result<(), Error> {
    let tip = facts::require_tip(ctx, held.session())?;
    let mut session = held.session().clone();
    find_mut(&mut session, number)?.state = TaskState::Done { at: ctx.now, tip };
    held.record(ctx, session, Vec::new(), &format!("Finish task {number}"))
}
