//! `git orch learn review|confirm|dispute|retire`: what is done with learnings later.

use clap::Args;
use dialoguer::Select;
use serde_json::json;

use super::super::recall::{heading, known_json};
use super::super::speech::{Speech, no_answer};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::learning::parse_id;
use crate::domain::learning::standing::{Act, Standing};
use crate::error::Error;
use crate::ops::learn::vote::{self, Name, Said};
use crate::ops::recall::Known;
use crate::ops::target;
use crate::ui::Out;

/// Say that a learning was found right again
#[derive(Debug, Args)]
pub struct Confirm {
    /// Its name, such as 81.2
    #[arg(value_parser = name)]
    learning: Name,
    /// The issue whose work showed it [default: the one of this worktree, if it is one]
    #[arg(long)]
    issue: Option<IssueId>,
    /// What was seen
    #[arg(long)]
    reason: Option<String>,
}

/// Say that a learning was found wrong
#[derive(Debug, Args)]
pub struct Dispute {
    /// Its name, such as 81.2
    #[arg(value_parser = name)]
    learning: Name,
    /// The issue whose work showed it [default: the one of this worktree, if it is one]
    #[arg(long)]
    issue: Option<IssueId>,
    /// What was found instead
    #[arg(long, default_value = "")]
    reason: String,
}

/// Put a learning aside for good
#[derive(Debug, Args)]
pub struct Retire {
    /// Its name, such as 81.2
    #[arg(value_parser = name)]
    learning: Name,
    /// The learning that holds instead
    #[arg(long, value_parser = name)]
    superseded_by: Option<Name>,
    /// Why
    #[arg(long)]
    reason: Option<String>,
}

/// Look at proposed and doubted learnings: one by one on a terminal, or by name
#[derive(Debug, Args)]
pub struct Review {
    /// Take these as right
    #[arg(long, value_parser = name, num_args = 1..)]
    accept: Vec<Name>,
    /// Take these as wrong, or of no use
    #[arg(long, value_parser = name, num_args = 1..)]
    reject: Vec<Name>,
    /// Why
    #[arg(long)]
    reason: Option<String>,
}

fn name(text: &str) -> Result<Name, String> {
    parse_id(text).map_err(|e| e.to_string())
}

/// Runs `confirm`.
pub fn confirm(ctx: &Context, args: Confirm, speech: &Speech) -> Result<(), Error> {
    let issue = speaker(ctx, args.issue)?;
    let said = Said { issue, reason: args.reason, successor: None };
    tell(&vote::mark(ctx, &args.learning, Act::Confirmed, said)?, speech);
    Ok(())
}

/// Runs `dispute`.
pub fn dispute(ctx: &Context, args: Dispute, speech: &Speech) -> Result<(), Error> {
    let issue = speaker(ctx, args.issue)?;
    let said = Said { issue, reason: Some(args.reason), successor: None };
    tell(&vote::mark(ctx, &args.learning, Act::Disputed, said)?, speech);
    Ok(())
}

/// Runs `retire`.
pub fn retire(ctx: &Context, args: Retire, speech: &Speech) -> Result<(), Error> {
    if let Some(successor) = &args.superseded_by {
        vote::find(ctx, successor)?;
    }
    let said = Said { issue: None, reason: args.reason, successor: args.superseded_by };
    tell(&vote::mark(ctx, &args.learning, Act::Retired, said)?, speech);
    Ok(())
}

/// The issue that speaks: the one named, or the one of this worktree; a person elsewhere.
fn speaker(ctx: &Context, named: Option<IssueId>) -> Result<Option<IssueId>, Error> {
    match named {
        Some(id) => Ok(Some(id)),
        None => target::here(ctx),
    }
}

fn tell(known: &Known, speech: &Speech) {
    if speech.json {
        speech.out.json("learning", &known_json(known));
        return;
    }
    speech.out.done(&heading(known));
}

/// Runs `review`.
pub fn review(ctx: &Context, args: &Review, speech: &Speech) -> Result<(), Error> {
    if args.accept.is_empty() && args.reject.is_empty() {
        let waiting = vote::waiting(ctx)?;
        if Out::has_person() && !speech.json && !waiting.is_empty() {
            return one_by_one(ctx, &waiting, speech);
        }
        list(&waiting, speech);
        return Ok(());
    }
    let mut done = Vec::new();
    let acts = [(Act::Accepted, &args.accept), (Act::Rejected, &args.reject)];
    for (act, names) in acts {
        for name in names {
            let said = Said { reason: args.reason.clone(), ..Said::default() };
            done.push(vote::mark(ctx, name, act, said)?);
        }
    }
    if speech.json {
        let list: Vec<_> = done.iter().map(known_json).collect();
        speech.out.json("learnings", &list);
        return Ok(());
    }
    for known in &done {
        tell(known, speech);
    }
    Ok(())
}

fn list(waiting: &[Known], speech: &Speech) {
    if speech.json {
        let list: Vec<_> = waiting.iter().map(known_json).collect();
        speech.out.json("learnings", &json!(list));
        return;
    }
    for known in waiting {
        speech.out.answer(&text(known));
    }
    match waiting.first() {
        None => speech.out.note("no learning waits for a person"),
        Some(first) if first.tally.standing == Standing::Suspect => {
            let name = first.name();
            speech.out.next(&format!(
                "git orch learn retire {name}   # or, where it holds: git orch learn review --accept {name}"
            ));
        }
        Some(first) => {
            speech.out.next(&format!("git orch learn review --accept {}", first.name()));
        }
    }
}

fn text(known: &Known) -> String {
    format!(
        "{}\n  {}\n  {}\n  {}",
        heading(known),
        known.learning.when(),
        known.learning.lesson,
        known.learning.evidence
    )
}

/// Asks about each in turn; what is answered is recorded at once.
fn one_by_one(ctx: &Context, waiting: &[Known], speech: &Speech) -> Result<(), Error> {
    let choices = ["accept", "reject", "later", "stop"];
    for (at, known) in waiting.iter().enumerate() {
        speech.out.answer(&format!("[{} of {}] {}", at + 1, waiting.len(), text(known)));
        let chosen = Select::new()
            .with_prompt("What about it")
            .items(choices)
            .default(2)
            .interact()
            .map_err(|e| no_answer(&e))?;
        let act = match choices[chosen] {
            "accept" => Act::Accepted,
            "reject" => Act::Rejected,
            "stop" => return Ok(()),
            _ => continue,
        };
        let name = (known.issue.clone(), known.learning.number);
        tell(&vote::mark(ctx, &name, act, Said::default())?, speech);
    }
    Ok(())
}
