//! `task`: the steps of the work: added, dropped, taken up again. [`super::tick`] ticks them.
//!
//! Each verb may be given twice: what is so already is not recorded again.

use super::{Narrator, record, salvage};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::names::one_line;
use crate::domain::phase::Phase;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::task::{Task, TaskState};
use crate::error::Error;
use crate::store::redact;

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
    let texts: Vec<String> = texts.iter().map(|text| redact::text(&one_line(text))).collect();
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
    refuse_secret(id, verify)?;
    let mut held = record::hold(ctx, id, narrator)?;
    let mut session = held.session().clone();
    refuse_ended(&session)?;
    salvage::save(ctx, &held, narrator);
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

/// A command is recorded as it is run, so no secret may stand in it.
fn refuse_secret(id: &IssueId, verify: Option<&str>) -> Result<(), Error> {
    let Some(what) = verify.and_then(|command| redact::found(command).into_iter().next()) else {
        return Ok(());
    };
    Err(Refusal::one(
        "command-secret",
        format!("adding a task to issue {id}"),
        format!("its command holds a secret ({what}), and commands are kept on record"),
        format!(
            "git orch task add 'what is to be done' --verify 'sh check.sh' --issue {id}   # read it \
             from a variable or a file there"
        ),
    )
    .into())
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
    salvage::save(ctx, &held, narrator);
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
    salvage::save(ctx, &held, narrator);
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

/// Nothing is changed in an issue that is finished.
pub fn refuse_ended(session: &Session) -> Result<(), Error> {
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

/// The task `number`.
pub fn find(session: &Session, number: u32) -> Result<&Task, Error> {
    let found = session.tasks.iter().find(|task| task.number == number);
    found.ok_or_else(|| unknown(&session.issue, number))
}

/// The same, to be changed.
pub fn find_mut(session: &mut Session, number: u32) -> Result<&mut Task, Error> {
    let id = session.issue.clone();
    let found = session.tasks.iter_mut().find(|task| task.number == number);
    found.ok_or_else(|| unknown(&id, number))
}
