//! `git orch check`: the gate's judgement of a range.

use clap::Args;
use serde_json::json;

use super::speech::Speech;
use crate::context::Context;
use crate::error::Error;
use crate::ops::check::{self, Question, Report};

/// Judge a range of commits as the gate would, and change nothing
#[derive(Debug, Args)]
pub struct Check {
    /// The commits, as A..B [default: what HEAD has beyond the branch]
    #[arg(long, value_name = "A..B")]
    range: Option<String>,
    /// The protected branch they are to come onto [default: the one that work lands on]
    #[arg(long, value_name = "BRANCH")]
    onto: Option<String>,
}

/// Runs the verb.
pub fn run(args: Check, speech: &Speech) -> Result<(), Error> {
    let ctx = Context::open("check")?;
    let report = check::range(ctx, &Question { range: args.range, onto: args.onto })?;
    if speech.json {
        speech.out.json("check", &document(&report));
        return Ok(());
    }
    if let Some(trouble) = &report.trouble {
        let held = "the policy cannot be read, so its strictest reading holds";
        speech.out.alert(&format!("note: {held}: {trouble}"));
    }
    for stray in &report.strays {
        speech.out.alert(&format!("note: commit {} belongs to no issue", stray.short()));
    }
    let commits = match report.commits {
        1 => "1 commit".to_owned(),
        n => format!("{n} commits"),
    };
    speech.out.answer(&format!("{commits} may come onto {}", report.onto));
    Ok(())
}

fn document(report: &Report) -> serde_json::Value {
    let strays: Vec<&str> =
        report.strays.iter().map(crate::domain::ids::CommitId::as_str).collect();
    json!({
        "verdict": "pass",
        "onto": report.onto,
        "from": report.from.as_str(),
        "to": report.to.as_str(),
        "commits": report.commits,
        "strays": strays,
        "policy_trouble": report.trouble,
    })
}
