//! `git orch task`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::speech::Speech;
use super::validate::shown;
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::phase::Phase;
use crate::domain::task::{Task, TaskState};
use crate::error::Error;
use crate::ops::target;
use crate::ops::task::{self, Added};
use crate::ops::tick::{self, Ticked};
use crate::ui::progress::Progress;
use crate::ui::table;

/// The steps of the work: add them, tick them one by one
#[derive(Debug, Args)]
pub struct Tasks {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// The issue [default: the one of this worktree]
    #[arg(long, global = true, value_name = "ID")]
    issue: Option<IssueId>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Add a task, or several
    Add {
        /// What is to be done
        #[arg(required = true)]
        text: Vec<String>,
        /// The command that shows it is done, run when the task is ticked
        #[arg(long, value_name = "COMMAND")]
        verify: Option<String>,
    },
    /// Tick a task: its command runs now, and the task is done when that passes
    Done {
        /// Its number
        number: u32,
    },
    /// Drop a task that is not to be done after all
    Drop {
        /// Its number
        number: u32,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Take a task up again
    Reopen {
        /// Its number
        number: u32,
    },
    /// List them
    List,
}

/// Runs the verb.
pub fn run(args: Tasks, speech: &mut Speech) -> Result<(), Error> {
    let verb = args.verb.unwrap_or(Verb::List);
    let doing = match &verb {
        Verb::Add { .. } => "task add".to_owned(),
        Verb::Done { number } => format!("task done {number}"),
        Verb::Drop { number, .. } => format!("task drop {number}"),
        Verb::Reopen { number } => format!("task reopen {number}"),
        Verb::List => "task list".to_owned(),
    };
    // Named in what is said when no issue is given, where the word after it is the issue.
    let ctx = Context::open(&format!("{doing} --issue"))?;
    let id = target::issue(&ctx, args.issue)?;
    match verb {
        Verb::Add { text, verify } => add(&ctx, &id, &text, verify.as_deref(), speech),
        Verb::Done { number } => done(&ctx, &id, number, speech),
        Verb::Drop { number, reason } => {
            let new = task::drop_one(&ctx, &id, number, &reason, &mut speech.out)?;
            say(speech, &id, number, if new { "is dropped" } else { "was dropped already" });
            Ok(())
        }
        Verb::Reopen { number } => {
            let new = task::reopen(&ctx, &id, number, &mut speech.out)?;
            say(speech, &id, number, if new { "is open again" } else { "is open" });
            Ok(())
        }
        Verb::List => list(&ctx, &id, speech),
    }
}

fn say(speech: &Speech, id: &IssueId, number: u32, what: &str) {
    if speech.json {
        speech.out.json("task", &json!({ "issue": id.as_str(), "task": number, "what": what }));
    } else {
        speech.out.done(&format!("task {number} of issue {id} {what}"));
    }
}

fn add(
    ctx: &Context,
    id: &IssueId,
    texts: &[String],
    verify: Option<&str>,
    speech: &mut Speech,
) -> Result<(), Error> {
    let Added { tasks, new, phase } = task::add(ctx, id, texts, verify, &mut speech.out)?;
    if speech.json {
        let tasks: Vec<Value> = tasks.iter().map(task_json).collect();
        speech.out.json("tasks", &json!({ "issue": id.as_str(), "tasks": tasks, "new": new }));
        return Ok(());
    }
    for task in &tasks {
        speech.out.answer(&format!("{}", task.number));
        speech.out.done(&format!("task {}: {}", task.number, task.text));
    }
    if new > 0 && phase > Phase::Execute {
        speech.out.note(&format!("issue {id} goes back to EXECUTE until it is done"));
    }
    Ok(())
}

fn done(ctx: &Context, id: &IssueId, number: u32, speech: &mut Speech) -> Result<(), Error> {
    let mut progress = Progress::new(&speech.out, !speech.json);
    let ticked = tick::run(ctx, id, number, &mut progress)?;
    drop(progress);
    if speech.json {
        speech.out.json("task", &ticked_json(id, number, &ticked));
    }
    match ticked {
        Ticked::Red(run) => {
            speech.out.alert(&shown(id, &format!("task {number}"), &run));
            Err(Error::Red(format!("task {number} of issue {id} stays open")))
        }
        _ if speech.json => Ok(()),
        Ticked::Already => {
            speech.out.done(&format!("task {number} of issue {id} was done already"));
            Ok(())
        }
        Ticked::Done(_) => {
            speech.out.done(&format!("task {number} of issue {id} is done"));
            let left = task::list(ctx, id)?;
            match left.iter().find(|task| task.is_open()) {
                Some(open) => {
                    speech.out.note(&format!("  task {} is open: {}", open.number, open.text));
                }
                None => speech.out.next(&format!("git orch next {id}")),
            }
            Ok(())
        }
    }
}

fn ticked_json(id: &IssueId, number: u32, ticked: &Ticked) -> Value {
    let (done, run) = match ticked {
        Ticked::Done(run) => (true, run.as_ref()),
        Ticked::Already => (true, None),
        Ticked::Red(run) => (false, Some(run)),
    };
    json!({
        "issue": id.as_str(),
        "task": number,
        "done": done,
        "already": matches!(ticked, Ticked::Already),
        "outcome": run.map(|run| run.evidence.outcome.words()),
        "evidence": run.map(|run| run.evidence.number),
        "last_lines": run.map(|run| &run.last_lines),
    })
}

fn list(ctx: &Context, id: &IssueId, speech: &Speech) -> Result<(), Error> {
    let tasks = task::list(ctx, id)?;
    if speech.json {
        let tasks: Vec<Value> = tasks.iter().map(task_json).collect();
        speech.out.json("tasks", &json!({ "issue": id.as_str(), "tasks": tasks }));
        return Ok(());
    }
    if tasks.is_empty() {
        speech.out.note(&format!("issue {id} has no task"));
        speech.out.next(&format!("git orch task add 'the first step' --issue {id}"));
        return Ok(());
    }
    let mut table = table::table(&["task", "state", "what", "verified by"]);
    for task in &tasks {
        table.add_row([
            task.number.to_string(),
            state(task),
            task.text.clone(),
            task.verify.clone().unwrap_or_default(),
        ]);
    }
    speech.out.answer(&table::lines(&table));
    Ok(())
}

fn state(task: &Task) -> String {
    match &task.state {
        TaskState::Open if task.reopened > 0 => "open again".to_owned(),
        TaskState::Open => "open".to_owned(),
        TaskState::Done { .. } => "done".to_owned(),
        TaskState::Dropped { reason, .. } => format!("dropped: {reason}"),
    }
}

fn task_json(task: &Task) -> Value {
    let (state, at, tip, reason) = match &task.state {
        TaskState::Open => ("open", None, None, None),
        TaskState::Done { at, tip } => ("done", Some(at), Some(tip), None),
        TaskState::Dropped { at, reason } => ("dropped", Some(at), None, Some(reason)),
    };
    json!({
        "number": task.number,
        "text": task.text,
        "verify": task.verify,
        "state": state,
        "at": at.map(ToString::to_string),
        "tip": tip.map(ToString::to_string),
        "reason": reason,
        "reopened": task.reopened,
    })
}
