//! `git orch spec`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::speech::{Speech, editor, read_input};
use crate::agent::tool;
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::names::counted;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::ops::{spec, target};
use crate::ui::Out;

/// Write, check and freeze what is to be done
#[derive(Debug, Args)]
pub struct Spec {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Write .context/spec.md from the template, or from a file
    New {
        /// The issue [default: the one of this worktree]
        issue: Option<IssueId>,
        /// The text; - for standard input
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Open .context/spec.md in your editor; without a terminal, print its path
    Edit {
        /// The issue [default: the one of this worktree]
        issue: Option<IssueId>,
    },
    /// List what keeps it from being final
    Check {
        /// The issue [default: the one of this worktree]
        issue: Option<IssueId>,
    },
    /// Freeze it: from now on it cannot change
    #[command(alias = "finalize")]
    Finalise {
        /// The issue [default: the one of this worktree]
        issue: Option<IssueId>,
    },
    /// Print it
    Show {
        /// The issue [default: the one of this worktree]
        issue: Option<IssueId>,
    },
}

/// Runs the verb.
pub fn run(args: Spec, speech: &mut Speech) -> Result<(), Error> {
    match args.verb {
        Verb::New { issue, file } => new(issue, file, speech),
        Verb::Edit { issue } => edit(issue, speech),
        Verb::Check { issue } => check(issue, speech),
        Verb::Finalise { issue } => finalise(issue, speech),
        Verb::Show { issue } => show(issue, speech),
    }
}

fn open(verb: &str, issue: Option<IssueId>) -> Result<(Context, IssueId), Error> {
    let ctx = Context::open(&format!("spec {verb}"))?;
    let id = target::issue(&ctx, issue)?;
    Ok((ctx, id))
}

fn new(issue: Option<IssueId>, file: Option<PathBuf>, speech: &mut Speech) -> Result<(), Error> {
    let (ctx, id) = open("new", issue)?;
    let text = file.map(|path| read_input(&path)).transpose()?;
    let path = spec::write(&ctx, &id, text.as_deref(), &mut speech.out)?;
    speech.out.answer(&path.display().to_string());
    speech.out.next(&format!("git orch spec check {id}"));
    Ok(())
}

fn edit(issue: Option<IssueId>, speech: &mut Speech) -> Result<(), Error> {
    let (ctx, id) = open("edit", issue)?;
    let path = spec::editable(&ctx, &id, &mut speech.out)?;
    if Out::has_person() {
        let editor = editor(&ctx)?;
        let saved = tool::edit(&editor, &path).map_err(|e| {
            Error::surroundings(
                format!("{editor} could not be started: {e}"),
                "git config core.editor vi",
            )
        })?;
        if !saved {
            return Err(Error::surroundings(
                format!("{editor} ended with an error"),
                format!("git orch spec edit {id}"),
            ));
        }
        return check(Some(id), speech);
    }
    speech.out.answer(&path.display().to_string());
    Ok(())
}

fn check(issue: Option<IssueId>, speech: &mut Speech) -> Result<(), Error> {
    let (ctx, id) = open("check", issue)?;
    let what = format!("checking the specification of issue {id}");
    let Some(draft) = spec::read(&ctx, &id)? else {
        let fix = format!("git orch spec new {id}");
        return Err(Refusal::one("spec-missing", what, "there is no .context/spec.md", fix).into());
    };
    if !draft.problems.is_empty() {
        let unmet = spec::unmet(&id, &draft.problems);
        return Err(Refusal::many("spec-problem", what, unmet).into());
    }
    let count = draft.spec.criteria.len();
    speech.out.done(&format!("{count} criteria, nothing missing"));
    if !draft.frozen {
        speech.out.next(&format!("git orch spec finalise {id}"));
    }
    Ok(())
}

fn finalise(issue: Option<IssueId>, speech: &mut Speech) -> Result<(), Error> {
    let (ctx, id) = open("finalise", issue)?;
    let frozen = spec::finalise(&ctx, &id, &mut speech.out)?;
    speech.out.done(&format!(
        "the specification of issue {id} is final: {}",
        counted(frozen.criteria.len(), "criterion", "criteria")
    ));
    speech.out.next(&format!("git orch next {id}"));
    Ok(())
}

fn show(issue: Option<IssueId>, speech: &mut Speech) -> Result<(), Error> {
    let (ctx, id) = open("show", issue)?;
    if let Some(draft) = spec::read(&ctx, &id)? {
        speech.out.answer(draft.text.trim_end());
    }
    Ok(())
}
