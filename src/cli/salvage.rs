//! `git orch salvage`.

use clap::{Args, Subcommand};

use super::speech::Speech;
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::error::Error;
use crate::ops::salvage::{self, Item, Kind, Restored};
use crate::ui::table;

/// Find work again that lost its place, and bring it back
///
/// Work is kept when a worktree is removed that held any, and at each step of an issue (a task
/// added, done, dropped or reopened, a phase left) as a checkpoint; small files that git ignores
/// as well. Checkpoints go after two weeks, salvage when you drop it.
#[derive(Debug, Args)]
pub struct Salvage {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List what is kept, newest first
    List {
        /// Only that of this issue
        issue: Option<IssueId>,
    },
    /// Say what is kept under a name, file by file
    Show {
        /// Its name in the list, or an issue for its newest salvage
        name: String,
    },
    /// Bring it back: into the issue's worktree, or as a branch when the issue is closed
    Restore {
        /// Its name in the list, or an issue for its newest salvage
        name: String,
        /// Make this branch of it, whatever the issue's worktree holds
        #[arg(long, value_name = "BRANCH")]
        branch: Option<String>,
    },
    /// Let it go
    Drop {
        /// Its name in the list
        name: String,
    },
}

/// Runs the verb.
pub fn run(args: Salvage, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("salvage")?;
    match args.verb {
        Verb::List { issue } => list(&ctx, issue.as_ref(), speech),
        Verb::Show { name } => show(&ctx, &name, speech),
        Verb::Restore { name, branch } => restore(&ctx, &name, branch.as_deref(), speech),
        Verb::Drop { name } => drop_one(&ctx, &name, speech),
    }
}

fn list(ctx: &Context, issue: Option<&IssueId>, speech: &Speech) -> Result<(), Error> {
    let items = salvage::list(ctx, issue)?;
    if speech.json {
        speech.out.json("salvage", &items);
        return Ok(());
    }
    if items.is_empty() {
        speech.out.note("nothing is kept");
        return Ok(());
    }
    let mut table = table::table(&["NAME", "ISSUE", "KEPT", "FILES"]);
    for item in &items {
        let at = item.at.clone().unwrap_or_default();
        table.add_row([item.short.clone(), item.issue.clone(), at, item.files.len().to_string()]);
    }
    speech.out.answer(&table::lines(&table));
    speech.out.next("git orch salvage show NAME");
    Ok(())
}

fn show(ctx: &Context, name: &str, speech: &Speech) -> Result<(), Error> {
    let item = salvage::find(ctx, name)?;
    if speech.json {
        speech.out.json("salvage", &item);
        return Ok(());
    }
    let why = match item.kind {
        Kind::Salvage => "kept when its place was removed",
        Kind::Checkpoint => "saved as the issue went on",
    };
    let at = item.at.as_deref().unwrap_or("at an unknown time");
    speech.out.answer(&format!("{}  issue {}, {why}, {at}", item.short, item.issue));
    speech.out.answer(&format!("commit {}, on {}", item.commit, item.tip));
    for file in &item.files {
        let note = if item.ignored.contains(file) { "  (ignored by git)" } else { "" };
        let file: String = file.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
        speech.out.answer(&format!("  {file}{note}"));
    }
    if item.files.is_empty() {
        speech.out.answer("  nothing uncommitted: the branch as it was");
    }
    speech.out.next(&format!("git orch salvage restore {}", item.short));
    Ok(())
}

fn restore(
    ctx: &Context,
    name: &str,
    branch: Option<&str>,
    speech: &mut Speech,
) -> Result<(), Error> {
    let item = salvage::find(ctx, name)?;
    let restored = salvage::restore(ctx, &item, branch, &mut speech.out)?;
    if speech.json {
        speech.out.json("restored", &restored);
        return Ok(());
    }
    match restored {
        Restored::Worktree(path) => {
            speech.out.done(&format!("{} files are back, uncommitted", item.files.len()));
            speech.out.answer(&path.display().to_string());
        }
        Restored::Branch(name) => {
            speech.out.done(&format!("{} is branch {name} now", item.short));
            if let (Some(commit), [first, ..]) = (&item.ignored_commit, &item.ignored[..]) {
                let count = item.ignored.len();
                speech.out.note(&format!(
                    "  files that git ignores are no part of it ({count}): git show {commit}:{first}"
                ));
            }
            speech.out.next(&format!("git switch {name}"));
            speech.out.answer(&name);
        }
    }
    Ok(())
}

fn drop_one(ctx: &Context, name: &str, speech: &mut Speech) -> Result<(), Error> {
    let below =
        ["refs/git-orch/", ""].map(|top| ["salvage/", "checkpoints/"].map(|n| top.to_owned() + n));
    if name.contains('/') && !below.iter().flatten().any(|prefix| name.starts_with(prefix.as_str()))
    {
        return Err(Error::usage(
            format!("{name:?} is nothing that git-orch keeps; only that can be dropped"),
            "git orch salvage list",
        ));
    }
    let item: Item = match salvage::find(ctx, name) {
        // Dropping again what is gone is no error, and finishes a drop that was interrupted.
        Err(Error::Usage { .. }) if name.contains('/') => {
            salvage::discard(ctx, &[], &mut speech.out)?;
            speech.out.note(&format!("nothing is kept under {name}"));
            return Ok(());
        }
        other => other?,
    };
    if item.name != name && item.short != name {
        return Err(Error::usage(
            format!("{name:?} names an issue, not one kept thing"),
            format!("git orch salvage list {}", item.issue),
        ));
    }
    salvage::drop_item(ctx, &item, &mut speech.out)?;
    speech.out.done(&format!("{} is let go", item.short));
    speech
        .out
        .note(&format!("  until git collects it: git branch {}-again {}", item.issue, item.commit));
    Ok(())
}
