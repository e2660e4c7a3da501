//! `git orch archive list|show|search|verify|restore|purge`.

use clap::Subcommand;
use dialoguer::Confirm;
use serde_json::json;

use super::super::speech::{Speech, no_answer};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::names::counted;
use crate::domain::refusal::Refusal;
use crate::domain::time::Moment;
use crate::error::Error;
use crate::ops::archive::{browse, purge, restore};
use crate::store::StoreError;
use crate::store::layout::TRANSCRIPTS;
use crate::ui::{Out, table};

/// What can be done with archives.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List finished issues, the one that ended last first
    List,
    /// Show the summary of a finished issue
    Show {
        /// The issue
        issue: IssueId,
    },
    /// Find finished issues by words
    Search {
        /// Words; any of them
        #[arg(required = true)]
        words: Vec<String>,
        /// How many
        #[arg(long, default_value_t = 5)]
        limit: u32,
    },
    /// Compare the files of an archive, or of all, with their digests
    Verify {
        /// The issue [default: all]
        issue: Option<IssueId>,
    },
    /// Open a finished issue again, where it stopped; prints the worktree's path
    Restore {
        /// The issue
        issue: IssueId,
    },
    /// Remove the archive of an issue from disk and refs; says what is out of reach
    Purge {
        /// The issue
        issue: IssueId,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Runs the verb.
pub fn run(ctx: &Context, verb: Verb, speech: &mut Speech) -> Result<(), Error> {
    match verb {
        Verb::List => list(ctx, speech),
        Verb::Show { issue } => show(ctx, &issue, speech),
        Verb::Search { words, limit } => search(ctx, &words.join(" "), limit, speech),
        Verb::Verify { issue } => verify(ctx, issue.as_ref(), speech),
        Verb::Restore { issue } => restored(ctx, &issue, speech),
        Verb::Purge { issue, yes } => purged(ctx, &issue, yes, speech),
    }
}

fn day(at: Moment) -> String {
    at.to_string().chars().take(10).collect()
}

fn list(ctx: &Context, speech: &Speech) -> Result<(), Error> {
    let kept = browse::list(ctx)?;
    if speech.json {
        let list: Vec<_> = kept
            .iter()
            .map(|k| {
                json!({
                    "issue": k.issue, "title": k.title, "ended": k.ended, "at": k.at.to_string(),
                    "learnings": k.learnings, "unreadable": k.unreadable,
                })
            })
            .collect();
        speech.out.json("archives", &list);
        return Ok(());
    }
    if kept.is_empty() {
        speech.out.note("no issue is finished yet");
        return Ok(());
    }
    let mut rows = table::table(&["issue", "ended", "learned", "how", "title"]);
    for one in &kept {
        let how = one.unreadable.as_ref().map_or(&one.ended, |_| &UNREADABLE);
        let learned = one.learnings.to_string();
        rows.add_row([&one.issue, &day(one.at), &learned, how, &one.title]);
    }
    speech.out.answer(&table::lines(&rows));
    Ok(())
}

static UNREADABLE: std::sync::LazyLock<String> =
    std::sync::LazyLock::new(|| "unreadable: git orch doctor".to_owned());

fn show(ctx: &Context, id: &IssueId, speech: &Speech) -> Result<(), Error> {
    let shown = browse::show(ctx, id)?;
    if speech.json {
        speech.out.json("archive", &shown);
        return Ok(());
    }
    speech.out.answer(shown.summary.trim_end());
    match &shown.folder {
        Some(folder) => {
            speech.out.note(&format!("  files: {folder}"));
            for name in shown.files.iter().filter(|name| name.starts_with(TRANSCRIPTS)) {
                speech.out.note(&format!("  what an agent printed: zcat {folder}/{name}"));
            }
        }
        None => speech.out.next(&format!("git orch archive {id}   # writes its files again")),
    }
    Ok(())
}

fn search(ctx: &Context, words: &str, limit: u32, speech: &Speech) -> Result<(), Error> {
    let found = browse::search(ctx, words, limit)?;
    if speech.json {
        let list: Vec<_> = found
            .iter()
            .map(|s| {
                json!({
                    "issue": s.issue, "title": s.title, "goal": s.goal, "ended": s.ended,
                    "at": s.at.to_string(),
                })
            })
            .collect();
        speech.out.json("archives", &list);
        return Ok(());
    }
    for one in &found {
        let goal = one.goal.lines().next().unwrap_or_default();
        speech.out.answer(&format!(
            "{} {}, {} {}\n  {goal}",
            one.issue,
            one.title,
            one.ended,
            day(one.at)
        ));
    }
    if found.is_empty() {
        speech.out.note("nothing fits");
    }
    Ok(())
}

fn verify(ctx: &Context, issue: Option<&IssueId>, speech: &Speech) -> Result<(), Error> {
    let all = browse::verify(ctx, issue)?;
    if speech.json {
        speech.out.json("archives", &all);
    }
    let wrong: Vec<_> = all.iter().filter_map(|v| Some((&v.issue, v.wrong.as_ref()?))).collect();
    for (issue, reason) in &wrong {
        speech.out.alert(&format!("{issue}: {reason}\n  fix: git orch archive {issue}"));
    }
    match wrong.first() {
        None => {
            let many = counted(
                all.len(),
                "archive is what its manifest says",
                "archives are what their manifests say",
            );
            speech.out.done(&many);
            Ok(())
        }
        Some((issue, _)) => Err(StoreError::Archive {
            count: wrong.len(),
            fix: format!("git orch archive {issue}"),
        }
        .into()),
    }
}

fn restored(ctx: &Context, id: &IssueId, speech: &mut Speech) -> Result<(), Error> {
    let done = restore::run(ctx, id, &mut speech.out)?;
    if speech.json {
        let value =
            json!({ "issue": done.opened, "salvage": done.salvage, "already": done.already });
        speech.out.json("restored", &value);
        return Ok(());
    }
    let verb = if done.already { "is open" } else { "is open again" };
    speech.out.done(&format!("issue {id} {verb} on branch {}", done.opened.branch));
    if let Some(salvage) = &done.salvage {
        let place = crate::domain::tidy::quoted(&done.opened.worktree.display().to_string());
        speech.out.note(&format!(
            "  what was not committed is kept: git -C {place} restore --source={salvage} ."
        ));
    }
    speech.out.next(&format!("git orch show {id}"));
    speech.out.answer(&done.opened.worktree.display().to_string());
    Ok(())
}

fn purged(ctx: &Context, id: &IssueId, yes: bool, speech: &mut Speech) -> Result<(), Error> {
    if !yes {
        let what = format!("purging the archive of issue {id}");
        if !Out::has_person() {
            let fix = format!("git orch archive show {id}   # purging asks a person at a terminal");
            let why = "it cannot be brought back, and nobody is there to be asked";
            return Err(Refusal::one("needs-person", what, why, fix).into());
        }
        let asked = Confirm::new()
            .with_prompt(format!("Remove everything that is archived of issue {id} for good?"))
            .default(false)
            .interact()
            .map_err(|e| no_answer(&e))?;
        if !asked {
            let fix = format!("git orch archive show {id}");
            return Err(Refusal::one("declined", what, "it was not confirmed", fix).into());
        }
    }
    let done = purge::run(ctx, id, &mut speech.out)?;
    if speech.json {
        speech.out.json("purged", &done);
        return Ok(());
    }
    for one in &done.removed {
        speech.out.done(&format!("removed {one}"));
    }
    if done.removed.is_empty() {
        speech.out.note(&format!("nothing of issue {id} is archived here"));
    }
    for one in &done.remains {
        speech.out.note(&format!("  out of reach: {one}"));
    }
    Ok(())
}
