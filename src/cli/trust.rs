//! `git orch trust`.

use clap::Args;
use serde_json::json;

use super::speech::{Speech, agreed};
use crate::context::Context;
use crate::domain::refusal::{Refusal, Unmet};
use crate::error::Error;
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
    approve(&ctx, speech)
}

fn list(ctx: &Context, speech: &Speech) -> Result<(), Error> {
    let survey = trust::survey(ctx)?;
    if speech.json {
        let commands: Vec<_> = survey
            .commands
            .iter()
            .map(|s| {
                json!({
                    s.command.kind.word(): s.command.name, "command": s.command.text,
                    "approved": s.approved, "earlier": s.earlier,
                })
            })
            .collect();
        speech.out.json("trust", &json!({ "source": survey.source, "commands": commands }));
        return Ok(());
    }
    if survey.commands.is_empty() {
        speech.out.note(&format!("{} names no command", survey.source));
        return Ok(());
    }
    let mut table = table::table(&["for", "approved", "command"]);
    for standing in &survey.commands {
        let approved = match (standing.approved, &standing.earlier) {
            (true, _) => "yes",
            (false, None) => "no",
            (false, Some(_)) => "no: it changed",
        };
        let command = visible(&standing.command.text).join(" ⏎ ");
        table.add_row([standing.command.title(), approved.to_owned(), command]);
    }
    speech.out.answer(&table::lines(&table));
    Ok(())
}

fn approve(ctx: &Context, speech: &mut Speech) -> Result<(), Error> {
    let survey = trust::survey(ctx)?;
    let open: Vec<&Standing> = survey.commands.iter().filter(|s| !s.approved).collect();
    if open.is_empty() {
        speech.out.done("nothing to approve: every command is approved, or there is none");
        return Ok(());
    }
    let what = "approving the commands of this repository";
    if !Out::has_person() {
        let why = "a person has to read them at a terminal, and this is none";
        return Err(Refusal::one("needs-person", what, why, "git orch trust").into());
    }
    speech.out.alert(&format!("{} names commands that git-orch will run:", survey.source));
    let mut declined = Vec::new();
    for standing in open {
        let title = standing.command.title();
        speech.out.alert(&described(standing));
        let prompt = format!("Let {title} run in the worktrees of this repository?");
        if agreed(&prompt)? {
            trust::approve(ctx, &standing.command, &mut speech.out)?;
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

/// A command as a person has to see it: the lines it has, nothing in it hidden.
fn described(standing: &Standing) -> String {
    let mut text = format!("\n{}", standing.command.title());
    for line in visible(&standing.command.text) {
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
