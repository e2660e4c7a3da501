//! `git orch trust`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::speech::{Speech, agreed};
use crate::context::Context;
use crate::domain::refusal::{Refusal, Unmet};
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::ops::catalog::{self, verify};
use crate::ops::trust::{self, Standing};
use crate::ui::{Out, table};

/// Read the commands that come with this repository, and approve them
#[derive(Debug, Args)]
pub struct Trust {
    /// List them and whether they are approved
    #[arg(long)]
    list: bool,
    /// Take every approval for this repository back
    #[arg(long, conflicts_with = "list")]
    revoke: bool,
    /// Approve the verification commands of a catalog's open issues instead
    #[arg(long, value_name = "FILE", conflicts_with_all = ["list", "revoke"])]
    catalog: Option<PathBuf>,
}

/// Runs the verb.
pub fn run(args: &Trust, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("trust")?;
    if args.list {
        return list(&ctx, speech);
    }
    if args.revoke {
        let count = trust::revoke(&ctx, &mut speech.out)?;
        if speech.json {
            speech.out.json("revoked", &json!({ "approvals": count }));
        } else {
            speech.out.done(&format!("{count} approvals taken back"));
        }
        return Ok(());
    }
    match &args.catalog {
        Some(page) => approve_catalog(&ctx, page, speech),
        None => approve(&ctx, speech),
    }
}

fn list(ctx: &Context, speech: &Speech) -> Result<(), Error> {
    let survey = trust::survey(ctx)?;
    if speech.json {
        let commands: Vec<_> = survey
            .validators
            .iter()
            .map(|s| {
                json!({
                    "validator": s.validator.name, "command": s.validator.command,
                    "approved": s.approved, "earlier": s.earlier,
                })
            })
            .collect();
        speech.out.json("trust", &json!({ "source": survey.source, "commands": commands }));
        return Ok(());
    }
    if survey.validators.is_empty() {
        speech.out.note(&format!("{} names no command", survey.source));
        return Ok(());
    }
    let mut table = table::table(&["validator", "approved", "command"]);
    for standing in &survey.validators {
        let approved = match (standing.approved, &standing.earlier) {
            (true, _) => "yes",
            (false, None) => "no",
            (false, Some(_)) => "no: it changed",
        };
        let command = visible(&standing.validator.command).join(" ⏎ ");
        table.add_row([standing.validator.name.clone(), approved.to_owned(), command]);
    }
    speech.out.answer(&table::lines(&table));
    Ok(())
}

fn approve(ctx: &Context, speech: &mut Speech) -> Result<(), Error> {
    let survey = trust::survey(ctx)?;
    let open: Vec<&Standing> = survey.validators.iter().filter(|s| !s.approved).collect();
    if open.is_empty() {
        speech.out.done("nothing to approve: every command is approved, or there is none");
        return Ok(());
    }
    let what = "approving the commands of this repository";
    if !Out::has_person() {
        let why = "a person has to read them at a terminal, and this is none";
        return Err(Refusal::one("needs-person", what, why, "git orch trust").into());
    }
    speech.out.alert(&format!("{} names commands that git orch will run:", survey.source));
    let mut declined = Vec::new();
    for standing in open {
        let title = trust::title(&standing.validator.name);
        speech.out.alert(&described(standing));
        let prompt = format!("Let {title} run in the worktrees of this repository?");
        if agreed(&prompt)? {
            trust::approve(ctx, &standing.validator, &mut speech.out)?;
            speech.out.done(&format!("{title} is approved"));
        } else {
            let why = format!("you did not approve {title}");
            declined.push(Unmet::new("declined", why, "git orch trust"));
        }
    }
    if declined.is_empty() {
        return Ok(());
    }
    Err(Refusal::many("declined", what, declined).into())
}

/// Shows every verification command of the open issues that nobody approved yet, and asks once
/// for all of them: a catalog holds hundreds.
fn approve_catalog(ctx: &Context, page: &Path, speech: &mut Speech) -> Result<(), Error> {
    let place = catalog::place(ctx, Some(page))?;
    let read = catalog::read(&place)?;
    let entries = read.entries.values().filter(|entry| !entry.status.is_resolved());
    let commands = entries.filter(|e| !e.checks.is_empty()).map(verify::commands).collect();
    let open: Vec<Standing> =
        trust::judged(ctx, commands)?.into_iter().filter(|s| !s.approved).collect();
    if open.is_empty() {
        speech.out.done("nothing to approve: every command is approved, or there is none");
        return Ok(());
    }
    let what = "approving the verification commands of the catalog";
    let fix = format!("git orch trust --catalog {}", quoted(&place.from_top(&place.name)));
    if !Out::has_person() {
        let why = "a person has to read them at a terminal, and this is none";
        return Err(Refusal::one("needs-person", what, why, fix).into());
    }
    let page = place.from_top(&place.name);
    speech.out.alert(&format!("{page} names commands that git orch will run:"));
    for standing in &open {
        speech.out.alert(&described(standing));
    }
    let issues =
        if open.len() == 1 { "issue".to_owned() } else { format!("{} issues", open.len()) };
    if !agreed(&format!("Let the commands of these {issues} run in this repository?"))? {
        return Err(Refusal::one("declined", what, "you did not approve them", fix).into());
    }
    let commands: Vec<_> = open.into_iter().map(|standing| standing.validator).collect();
    trust::approve_all(ctx, &commands, &mut speech.out)?;
    speech.out.done(&format!("the commands of {} issues are approved", commands.len()));
    Ok(())
}

/// A command as a person has to see it: the lines it has, nothing in it hidden.
fn described(standing: &Standing) -> String {
    let name = &standing.validator.name;
    let mut text = match name.strip_prefix("catalog:") {
        Some(issue) => format!("\nissue {issue}"),
        None => format!("\n{}", trust::title(name)),
    };
    for line in visible(&standing.validator.command) {
        text.push_str(&format!("\n    {line}"));
    }
    if let Some(earlier) = &standing.earlier {
        text.push_str("\n  in place of what you approved:");
        for line in visible(earlier) {
            text.push_str(&format!("\n    {line}"));
        }
    }
    text
}

/// The lines of a command with everything spelled out that a terminal would act on or not show.
fn visible(command: &str) -> Vec<String> {
    let spelled = |line: &str| {
        line.chars()
            .flat_map(|c| -> Box<dyn Iterator<Item = char>> {
                match c {
                    '"' | '\'' | '\\' => Box::new(std::iter::once(c)),
                    _ => Box::new(c.escape_debug()),
                }
            })
            .collect()
    };
    command.trim_end_matches('\n').split('\n').map(spelled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_command_stays_hidden() {
        assert_eq!(visible("echo \"it's\" \\ ü"), ["echo \"it's\" \\ ü"]);
        assert_eq!(
            visible("true\u{1b}[2K\rcargo test\n# \u{202e}\u{200b}x\n"),
            ["true\\u{1b}[2K\\rcargo test", "# \\u{202e}\\u{200b}x"]
        );
    }
}
