//! `git orch undo` and `git orch op log`.

use clap::{Args, Subcommand};

use super::speech::Speech;
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::error::Error;
use crate::ops::{target, undo};

/// Take back the newest change of an issue: its state, its refs, its worktree
///
/// Undoing again goes further back. Nothing is lost by it: what would be, is refused and named.
/// What checks said and a frozen specification stay as they are.
#[derive(Debug, Args)]
pub struct Undo {
    /// The issue [default: the one of this worktree, else the one that changed last]
    issue: Option<IssueId>,
}

/// The log of everything that changed an issue
#[derive(Debug, Args)]
pub struct Op {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List what happened, newest first, over all issues
    Log {
        /// Only what happened to this issue
        issue: Option<IssueId>,
        /// At most so many entries
        #[arg(short = 'n', long, value_name = "N", default_value_t = 30)]
        limit: usize,
    },
}

/// Runs `undo`.
pub fn run(args: Undo, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("undo")?;
    let id = match args.issue {
        Some(id) => id,
        None => match target::here(&ctx)? {
            Some(id) => id,
            None => undo::newest(&ctx)?,
        },
    };
    let report = undo::run(&ctx, &id, &mut speech.out)?;
    if speech.json {
        speech.out.json("undo", &report);
        return Ok(());
    }
    speech.out.done(&format!("issue {id}: undone: {}", report.undone));
    for line in &report.besides {
        speech.out.note(&format!("  {line}"));
    }
    if !ctx.around.folder.exists() {
        speech.out.note("  this folder is gone now; go back to the main worktree");
    }
    Ok(())
}

/// Runs `op`.
pub fn op(args: Op, speech: &Speech) -> Result<(), Error> {
    let Verb::Log { issue, limit } = args.verb;
    let ctx = Context::open("op log")?;
    let mut entries = undo::log(&ctx, issue.as_ref())?;
    entries.truncate(limit);
    if speech.json {
        let list: Vec<_> = entries
            .iter()
            .map(|op| {
                serde_json::json!({
                    "op": op.entry.commit.as_str(), "issue": op.issue,
                    "at": op.entry.at.to_string(), "subject": op.entry.subject,
                    "author": op.entry.author,
                    "restores": op.entry.restores.as_ref().map(ToString::to_string),
                })
            })
            .collect();
        speech.out.json("op-log", &list);
        return Ok(());
    }
    for op in &entries {
        let (id, at) = (op.entry.commit.short(), op.entry.at);
        speech.out.answer(&format!("{id}  {at}  {:<6} {}", op.issue, op.entry.subject));
    }
    if entries.is_empty() {
        speech.out.note("nothing has happened yet");
    }
    Ok(())
}
