//! `git orch audit`.

use clap::Args;
use serde_json::{Value, json};

use super::speech::Speech;
use crate::context::Context;
use crate::error::Error;
use crate::ops::audit::{self, Line, Report, Request};
use crate::ui::style::{self, paint};
use crate::ui::table;

/// List every commit on a protected branch with how it came
///
/// With the receipt of an issue, waived, as a merge, for a stated reason, by an author who is let
/// in, direct, from upstream, or unseen: past the gate.
#[derive(Debug, Args)]
pub struct Audit {
    /// The branch [default: the one that work lands on]
    #[arg(long, value_name = "BRANCH")]
    branch: Option<String>,
    /// Begin after this commit [default: the last 1000 commits]
    #[arg(long, value_name = "COMMIT")]
    since: Option<String>,
}

/// Runs the verb.
pub fn run(args: Audit, speech: &Speech) -> Result<(), Error> {
    let ctx = Context::open("audit")?;
    let report = audit::run(ctx, &Request { branch: args.branch, since: args.since })?;
    if speech.json {
        speech.out.json("audit", &document(&report));
        return Ok(());
    }
    let mut rows = table::table(&["COMMIT", "HOW", "ISSUE", "AUTHOR", "SUBJECT"]);
    for line in &report.lines {
        let arrival = &line.arrival;
        let author = arrival.author.split(" <").next().unwrap_or_default();
        rows.add_row([
            arrival.id.short().to_owned(),
            line.how.to_owned(),
            line.issue.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
            author.chars().take(20).collect(),
            arrival.subject.chars().take(60).collect(),
        ]);
    }
    speech.out.answer(&table::lines(&rows));
    if report.cut {
        speech.out.note("older commits were left out; name the point to begin after with --since");
    }
    if let Some(first) = report.lines.iter().find(|line| line.how == "unseen") {
        let count = report.lines.iter().filter(|line| line.how == "unseen").count();
        let words = format!("{count} of them came onto {} unseen", report.branch);
        speech.out.alert(&paint(style::CARE, words));
        speech.out.next(&format!("git orch adopt {} --issue ID", first.arrival.id.short()));
    }
    Ok(())
}

fn document(report: &Report) -> Value {
    json!({
        "branch": report.branch,
        "tip": report.tip.as_str(),
        "since": report.since.as_ref().map(crate::domain::ids::CommitId::as_str),
        "cut": report.cut,
        "commits": report.lines.iter().map(line).collect::<Vec<_>>(),
    })
}

fn line(line: &Line) -> Value {
    let arrival = &line.arrival;
    json!({
        "commit": arrival.id.as_str(),
        "how": line.how,
        "issue": line.issue.as_ref().map(crate::domain::ids::IssueId::as_str),
        "reason": arrival.stated,
        "author": arrival.author,
        "subject": arrival.subject,
    })
}
