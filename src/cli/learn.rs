//! `git orch learn`.

mod stats;
mod votes;

use std::io::Read;

use clap::{Args, Subcommand};
use dialoguer::{Input, Select};
use serde::Deserialize;

use super::speech::{Speech, no_answer};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::learning::{Kind, learning_id, parse_id};
use crate::domain::time::Moment;
use crate::error::Error;
use crate::ops::learn::{self, Given};
use crate::ops::{record, target};
use crate::ui::Out;

/// Write down what was learned, or that nothing was and why
#[derive(Debug, Args)]
pub struct Learn {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Add a learning: by options, as JSON on standard input, or asked on a terminal
    Add(Add),
    /// Say that nothing was learned, and why
    None {
        /// The issue [default: the one of this worktree]
        issue: Option<IssueId>,
        /// Why this work taught nothing
        #[arg(long)]
        reason: String,
    },
    /// Change a learning, before it is sealed
    Edit(Edit),
    /// Take a learning back, before it is sealed
    Drop {
        /// Its name, such as 81.2, or its number
        learning: Named,
        /// The issue [default: the one of this worktree]
        issue: Option<IssueId>,
    },
    Review(votes::Review),
    Confirm(votes::Confirm),
    Dispute(votes::Dispute),
    Retire(votes::Retire),
    /// Count what was told, confirmed and disputed, and whether it helped
    Stats,
    /// List those of an issue
    List {
        /// The issue [default: the one of this worktree]
        issue: Option<IssueId>,
    },
}

/// A learning by its name, `81.2`, or by its number in the issue at hand.
#[derive(Clone, Debug)]
pub struct Named {
    issue: Option<IssueId>,
    number: u32,
}

impl std::str::FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(number) = text.parse() {
            return Ok(Self { issue: None, number });
        }
        let (issue, number) = parse_id(text).map_err(|e| e.to_string())?;
        Ok(Self { issue: Some(issue), number })
    }
}

impl Named {
    /// Whose it is and which; `issue` is what else was said of the issue.
    fn target(&self, ctx: &Context, issue: Option<IssueId>) -> Result<(IssueId, u32), Error> {
        Ok((target::issue(ctx, self.issue.clone().or(issue))?, self.number))
    }
}

#[derive(Debug, Args)]
struct Edit {
    /// Its name, such as 81.2, or its number
    learning: Named,
    /// The issue [default: the one of this worktree]
    issue: Option<IssueId>,
    /// What sort of thing it is
    #[arg(long)]
    kind: Option<Kind>,
    /// When it applies, in words
    #[arg(long)]
    when: Option<String>,
    /// The error text it explains; empty takes it away
    #[arg(long)]
    error: Option<String>,
    /// A file, folder or glob it applies to, in place of those it has; may be given several times
    #[arg(long = "path")]
    paths: Option<Vec<String>>,
    /// One to three sentences
    #[arg(long)]
    lesson: Option<String>,
    /// What shows it: a commit, a file and symbol, or an evidence number
    #[arg(long)]
    evidence: Option<String>,
    /// Until when it holds: 2027-01-31
    #[arg(long, value_parser = day)]
    expires: Option<Moment>,
}

#[derive(Debug, Args)]
struct Add {
    /// The issue [default: the one of this worktree]
    issue: Option<IssueId>,
    /// pitfall, rule, decision, spec-divergence, error-pattern, dead-end or fact
    #[arg(long, default_value = "pitfall")]
    kind: Kind,
    /// When it applies, in words
    #[arg(long)]
    when: Option<String>,
    /// The error text it explains, as it is printed
    #[arg(long)]
    error: Option<String>,
    /// A file, folder or glob it applies to; may be given several times
    #[arg(long = "path")]
    paths: Vec<String>,
    /// One to three sentences
    #[arg(long)]
    lesson: Option<String>,
    /// What shows it: a commit, a file and symbol, or an evidence number
    #[arg(long)]
    evidence: Option<String>,
    /// Until when it holds, for a fact: 2027-01-31
    #[arg(long, value_parser = day)]
    expires: Option<Moment>,
    /// Read an array of learnings as JSON from standard input
    #[arg(long, conflicts_with_all = ["when", "error", "paths", "lesson", "evidence", "expires"])]
    stdin: bool,
}

/// A day as the moment it ends.
fn day(text: &str) -> Result<Moment, String> {
    format!("{text}T23:59:59Z")
        .parse()
        .map_err(|_| format!("{text:?} is not a day such as 2027-01-31"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Incoming {
    kind: String,
    #[serde(default)]
    when: String,
    error: Option<String>,
    #[serde(default)]
    paths: Vec<String>,
    lesson: String,
    evidence: String,
    expires: Option<String>,
    role: Option<String>,
    /// Why a draft was proposed; for the reader.
    #[serde(default, rename = "because")]
    _because: Option<String>,
}

/// Runs the verb.
pub fn run(args: Learn, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("learn")?;
    match args.verb {
        Verb::Add(args) => add(&ctx, args, speech),
        Verb::None { issue, reason } => {
            let id = target::issue(&ctx, issue)?;
            learn::none(&ctx, &id, &reason, &mut speech.out)?;
            speech.out.done(&format!("issue {id}: nothing learned, on the record"));
            speech.out.next(&format!("git orch compact {id}"));
            Ok(())
        }
        Verb::Edit(args) => edit(&ctx, args, speech),
        Verb::Drop { learning, issue } => {
            let (id, number) = learning.target(&ctx, issue)?;
            learn::drop_one(&ctx, &id, number, &mut speech.out)?;
            speech.out.done(&format!("learning {} is taken back", learning_id(&id, number)));
            Ok(())
        }
        Verb::Review(args) => votes::review(&ctx, &args, speech),
        Verb::Confirm(args) => votes::confirm(&ctx, args, speech),
        Verb::Dispute(args) => votes::dispute(&ctx, args, speech),
        Verb::Retire(args) => votes::retire(&ctx, args, speech),
        Verb::Stats => stats::run(&ctx, speech),
        Verb::List { issue } => list(&ctx, issue, speech),
    }
}

fn add(ctx: &Context, args: Add, speech: &mut Speech) -> Result<(), Error> {
    let id = target::issue(ctx, args.issue.clone())?;
    let given = if args.stdin { from_stdin()? } else { vec![one(&id, args)?] };
    let ids = learn::add(ctx, &id, &given, &mut speech.out)?;
    if speech.json {
        speech.out.json("learnings", &ids);
        return Ok(());
    }
    speech.out.done(&format!("learned {}", ids.join(", ")));
    speech.out.next(&format!("git orch compact {id}"));
    Ok(())
}

fn edit(ctx: &Context, args: Edit, speech: &mut Speech) -> Result<(), Error> {
    let (id, number) = args.learning.target(ctx, args.issue)?;
    let edit = learn::Edit {
        kind: args.kind,
        trigger: args.when,
        error: args.error,
        paths: args.paths,
        lesson: args.lesson,
        evidence: args.evidence,
        expires: args.expires,
    };
    learn::edit(ctx, &id, number, edit, &mut speech.out)?;
    speech.out.done(&format!("learning {} is changed", learning_id(&id, number)));
    Ok(())
}

fn one(id: &IssueId, args: Add) -> Result<Given, Error> {
    let applies = args.when.is_some() || args.error.is_some() || !args.paths.is_empty();
    let complete = applies && args.lesson.is_some() && args.evidence.is_some();
    if !complete && Out::has_person() {
        return asked(args);
    }
    match (args.lesson, args.evidence) {
        (Some(lesson), Some(evidence)) if applies => Ok(Given {
            kind: args.kind,
            trigger: args.when.unwrap_or_default(),
            error: args.error,
            paths: args.paths,
            lesson,
            evidence,
            expires: args.expires,
            author: None,
        }),
        _ => Err(Error::usage(
            "a learning needs --when (or --error, or --path), --lesson and --evidence",
            format!(
                "git orch learn add {id} --kind pitfall --when 'words or paths' --lesson 'what to do' \
                 --evidence 'commit or file'"
            ),
        )),
    }
}

fn asked(args: Add) -> Result<Given, Error> {
    let wrong = |e: dialoguer::Error| no_answer(&e);
    let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    let at = names.iter().position(|name| *name == args.kind.name()).unwrap_or(0);
    let kind =
        Select::new().with_prompt("Kind").items(&names).default(at).interact().map_err(wrong)?;
    let ask = |prompt: &str, given: Option<String>| -> Result<String, Error> {
        match given {
            Some(text) => Ok(text),
            None => Input::new().with_prompt(prompt).interact_text().map_err(wrong),
        }
    };
    Ok(Given {
        kind: Kind::ALL[kind],
        trigger: ask("When does it apply", args.when)?,
        error: args.error,
        paths: args.paths,
        lesson: ask("Lesson", args.lesson)?,
        evidence: ask("What shows it", args.evidence)?,
        expires: args.expires,
        author: Some("person".to_owned()),
    })
}

fn from_stdin() -> Result<Vec<Given>, Error> {
    let fix = r#"[{"kind":"pitfall","when":"…","error":"…","paths":["…"],"lesson":"…","evidence":"…"}] on standard input"#;
    let wrong = |what: String| Error::usage(what, fix);
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|e| wrong(format!("standard input: {e}")))?;
    let list: Vec<Incoming> = serde_json::from_str(&text)
        .map_err(|e| wrong(format!("standard input is not an array of learnings: {e}")))?;
    list.into_iter()
        .map(|given| {
            Ok(Given {
                kind: given.kind.parse().map_err(|e| wrong(format!("{e}")))?,
                trigger: given.when,
                error: given.error,
                paths: given.paths,
                lesson: given.lesson,
                evidence: given.evidence,
                expires: given.expires.as_deref().map(day).transpose().map_err(wrong)?,
                author: given.role,
            })
        })
        .collect()
}

fn list(ctx: &Context, issue: Option<IssueId>, speech: &Speech) -> Result<(), Error> {
    let id = target::issue(ctx, issue)?;
    let session = record::require(ctx, &id)?.session;
    if speech.json {
        let list: Vec<_> =
            session.learnings.iter().map(|l| super::show::learning_json(&id, l)).collect();
        speech.out.json("learnings", &list);
        return Ok(());
    }
    for learning in &session.learnings {
        speech.out.answer(&format!(
            "{} {}: {}",
            learning_id(&id, learning.number),
            learning.kind,
            learning.lesson
        ));
    }
    if let Some(reason) = &session.none_learned {
        speech.out.answer(&format!("nothing: {reason}"));
    }
    Ok(())
}
