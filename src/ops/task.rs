//! `task`: the steps of the work, ticked one by one, each shown to be done as it is ticked.

use super::evidence::{self, Run, Wanted};
use super::{Mark, Narrator, facts, ground, policy, record};
use crate::context::Context;
use crate::domain::evidence::Subject;
use crate::domain::ids::IssueId;
use crate::domain::names::one_line;
use crate::domain::phase::Phase;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::task::{Task, TaskState};
use crate::error::Error;
use crate::store::lock::Lock;

/// What came of adding tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The tasks, in the order given; one that was there already is among them.
    pub tasks: Vec<Task>,
    /// How many of them are new.
    pub new: usize,
    /// The phase the issue stands in by its record; beyond EXECUTE it goes back there.
    pub phase: Phase,
}

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

/// Adds a task for each of `texts`. One with the same words that is still open is not added
/// again, but takes over the command when it has none.
pub fn add(
    ctx: &Context,
    id: &IssueId,
    texts: &[String],
    verify: Option<&str>,
    narrator: &mut dyn Narrator,
) -> Result<Added, Error> {
    let wrong = |why: &str| {
        Error::usage(why, format!("git orch task add 'what is to be done' --issue {id}"))
    };
    let texts: Vec<String> = texts.iter().map(|text| one_line(text)).collect();
    if texts.is_empty() || texts.iter().any(String::is_empty) {
        return Err(wrong("a task has no words"));
    }
    let verify = verify.map(str::trim);
    if verify.is_some_and(str::is_empty) {
        return Err(wrong("the command of --verify is empty"));
    }
    if verify.is_some() && texts.len() > 1 {
        return Err(wrong("--verify belongs to one task, and several are given"));
    }
    let mut held = record::hold(ctx, id, narrator)?;
    let mut session = held.session().clone();
    refuse_ended(&session)?;
    let before = session.tasks.len();
    let numbers: Vec<u32> = texts.into_iter().map(|text| put(&mut session, text, verify)).collect();
    let new = session.tasks.len() - before;
    let subject = match numbers.as_slice() {
        [only] => format!("Add task {only}"),
        several => format!("Add {} tasks", several.len()),
    };
    held.record(ctx, session, Vec::new(), &subject)?;
    let session = held.session();
    let tasks = numbers
        .iter()
        .filter_map(|n| session.tasks.iter().find(|task| task.number == *n).cloned())
        .collect();
    Ok(Added { tasks, new, phase: session.phase })
}

/// Puts a task into the session, or finds it there; returns its number.
fn put(session: &mut Session, text: String, verify: Option<&str>) -> u32 {
    let number = session.next_task();
    let same = |task: &&mut Task| {
        task.is_open()
            && task.text == text
            && (verify.is_none() || task.verify.is_none() || task.verify.as_deref() == verify)
    };
    if let Some(there) = session.tasks.iter_mut().find(same) {
        if there.verify.is_none() {
            there.verify = verify.map(str::to_owned);
        }
        return there.number;
    }
    session.tasks.push(Task::new(number, text, verify.map(str::to_owned)));
    number
}

/// Ticks a task: runs its command now, in the worktree as it is, and the task is done when that
/// is green. A task without a command is done by being ticked.
pub fn done(
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

/// Drops a task that is not to be done after all. Returns whether that is new.
pub fn drop_one(
    ctx: &Context,
    id: &IssueId,
    number: u32,
    reason: &str,
    narrator: &mut dyn Narrator,
) -> Result<bool, Error> {
    let reason = one_line(reason);
    if reason.is_empty() {
        let fix = format!("git orch task drop {number} --reason 'why it is not done' --issue {id}");
        return Err(Error::usage("the reason says nothing", fix));
    }
    let mut held = record::hold(ctx, id, narrator)?;
    let mut session = held.session().clone();
    refuse_ended(&session)?;
    let task = find_mut(&mut session, number)?;
    match task.state {
        TaskState::Dropped { .. } => return Ok(false),
        TaskState::Done { .. } => {
            return Err(Refusal::one(
                "done",
                format!("dropping task {number} of issue {id}"),
                "it is done",
                format!("git orch task reopen {number} --issue {id}"),
            )
            .into());
        }
        TaskState::Open => {}
    }
    let subject = format!("Drop task {number}: {reason}");
    task.state = TaskState::Dropped { at: ctx.now, reason };
    held.record(ctx, session, Vec::new(), &subject)?;
    Ok(true)
}

/// Takes a task up again. Returns whether that is new.
pub fn reopen(
    ctx: &Context,
    id: &IssueId,
    number: u32,
    narrator: &mut dyn Narrator,
) -> Result<bool, Error> {
    let mut held = record::hold(ctx, id, narrator)?;
    let mut session = held.session().clone();
    refuse_ended(&session)?;
    let task = find_mut(&mut session, number)?;
    if task.is_open() {
        return Ok(false);
    }
    if matches!(task.state, TaskState::Done { .. }) {
        task.reopened += 1;
    }
    task.state = TaskState::Open;
    held.record(ctx, session, Vec::new(), &format!("Reopen task {number}"))?;
    Ok(true)
}

/// The tasks of an issue.
pub fn list(ctx: &Context, id: &IssueId) -> Result<Vec<Task>, Error> {
    Ok(record::require(ctx, id)?.session.tasks)
}

fn refuse_ended(session: &Session) -> Result<(), Error> {
    let id = &session.issue;
    match session.end {
        None => Ok(()),
        Some(_) => {
            Err(Error::usage(format!("issue {id} is finished"), format!("git orch show {id}")))
        }
    }
}

fn unknown(id: &IssueId, number: u32) -> Error {
    Error::usage(
        format!("issue {id} has no task {number}"),
        format!("git orch task list --issue {id}"),
    )
}

fn find(session: &Session, number: u32) -> Result<&Task, Error> {
    let found = session.tasks.iter().find(|task| task.number == number);
    found.ok_or_else(|| unknown(&session.issue, number))
}

fn find_mut(session: &mut Session, number: u32) -> Result<&mut Task, Error> {
    let id = session.issue.clone();
    let found = session.tasks.iter_mut().find(|task| task.number == number);
    found.ok_or_else(|| unknown(&id, number))
}
