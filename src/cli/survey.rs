//! `git orch status`, `git orch log` and `git orch where`.

use clap::Args;

use super::speech::Speech;
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::time::span;
use crate::error::Error;
use crate::ops::survey::{self, Line};
use crate::ops::{record, target, watch};
use crate::ui::style::{self, paint};
use crate::ui::table;

/// List the open issues
#[derive(Debug, Args)]
pub struct Status {}

/// Show what happened to an issue, newest first
#[derive(Debug, Args)]
pub struct Log {
    /// The issue [default: the one of this worktree]
    issue: Option<IssueId>,
}

/// Print the path of an issue's worktree
#[derive(Debug, Args)]
pub struct Where {
    /// The issue [default: the one of this worktree]
    issue: Option<IssueId>,
}

/// Runs `status`.
pub fn status(_args: &Status, speech: &Speech) -> Result<(), Error> {
    let ctx = Context::open("status")?;
    let lines = survey::status(&ctx)?;
    if speech.json {
        speech.out.json("status", &lines);
        return weakened(&ctx, speech);
    }
    if lines.is_empty() {
        speech.out.note("no open issue");
        speech.out.next("git orch new-issue ID --title '…'");
        return weakened(&ctx, speech);
    }
    let here = target::here(&ctx)?;
    let mut table = table::table(&["", "ISSUE", "PHASE", "SINCE", "TASKS", "TITLE", "WORKTREE"]);
    for line in &lines {
        let mark =
            if here.as_ref().is_some_and(|id| id.as_str() == line.issue) { "*" } else { " " };
        let tasks = if line.tasks == 0 {
            "-".to_owned()
        } else {
            format!("{}/{}", line.tasks_done, line.tasks)
        };
        table.add_row([
            mark.to_owned(),
            line.issue.clone(),
            line.phase.to_uppercase(),
            span(line.in_phase_seconds),
            tasks,
            line.title.chars().take(50).collect(),
            place(line),
        ]);
    }
    speech.out.answer(&table::lines(&table));
    for line in &lines {
        tell_trouble(line, speech);
    }
    weakened(&ctx, speech)
}

/// Says what weakens the gate.
pub fn weakened(ctx: &Context, speech: &Speech) -> Result<(), Error> {
    for notice in watch::notices(ctx)? {
        speech.out.alert(&paint(style::CARE, notice.what));
        speech.out.next(&notice.fix);
    }
    Ok(())
}

fn place(line: &Line) -> String {
    if line.present { line.worktree.clone() } else { format!("{} (gone)", line.worktree) }
}

fn tell_trouble(line: &Line, speech: &Speech) {
    let id = &line.issue;
    if let Some(parked) = &line.parked {
        speech.out.alert(&paint(style::CARE, format!("issue {id} is parked: {}", parked.why)));
        speech.out.next(&parked.fix);
    }
    if let Some(reason) = &line.damaged {
        speech.out.alert(&paint(style::BAD, format!("issue {id} cannot be read: {reason}")));
        speech.out.next("git orch doctor");
    } else if line.moved_since_seal {
        speech
            .out
            .note(&paint(style::CARE, format!("issue {id}: its branch moved after it was sealed")));
        speech.out.next(&format!("git orch next {id}"));
    }
}

/// Runs `log`.
pub fn log(args: Log, speech: &Speech) -> Result<(), Error> {
    let ctx = Context::open("log")?;
    let id = target::issue(&ctx, args.issue)?;
    let entries = survey::log(&ctx, &id)?;
    if speech.json {
        let list: Vec<_> = entries
            .iter()
            .map(|entry| {
                serde_json::json!({
                    "commit": entry.commit.as_str(), "at": entry.at.to_string(),
                    "phase": entry.phase.map(crate::domain::phase::Phase::name),
                    "subject": entry.subject, "author": entry.author,
                })
            })
            .collect();
        speech.out.json("log", &list);
        return Ok(());
    }
    for entry in entries {
        let phase = entry.phase.map(super::super::domain::phase::Phase::title).unwrap_or_default();
        speech.out.answer(&format!("{}  {phase:<10}  {}", entry.at, entry.subject));
    }
    Ok(())
}

/// Runs `where`.
pub fn locate(args: Where, speech: &Speech) -> Result<(), Error> {
    let ctx = Context::open("where")?;
    let id = target::issue(&ctx, args.issue)?;
    let session = record::require(&ctx, &id)?.session;
    if speech.json {
        speech.out.json(
            "where",
            &serde_json::json!({ "issue": id.as_str(), "worktree": session.worktree }),
        );
    } else {
        speech.out.answer(&session.worktree);
    }
    Ok(())
}
