//! `git orch compact`.

use clap::Args;

use super::speech::Speech;
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::error::Error;
use crate::ops::{compact, target};

/// Seal the receipt to the branch tip and write the flag
#[derive(Debug, Args)]
pub struct Compact {
    /// The issue [default: the one of this worktree]
    issue: Option<IssueId>,
}

/// Runs the verb.
pub fn run(args: Compact, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("compact")?;
    let id = target::issue(&ctx, args.issue)?;
    let report = compact::run(&ctx, &id, &mut speech.out)?;
    if speech.json {
        let value = serde_json::json!({
            "issue": id.as_str(), "tip": report.seal.tip.as_str(),
            "receipt": report.seal.receipt.to_string(), "learnings": report.learnings,
            "none": report.none, "commits": report.covered, "already": report.already,
        });
        speech.out.json("receipt", &value);
        return Ok(());
    }
    let said = match (report.learnings, &report.none) {
        (0, Some(reason)) => format!("nothing learned ({reason})"),
        (1, _) => "1 learning".to_owned(),
        (n, _) => format!("{n} learnings"),
    };
    let verb = if report.already { "was sealed" } else { "sealed" };
    speech.out.done(&format!(
        "issue {id} {verb} to {}: {said}, {} commits",
        report.seal.tip.short(),
        report.covered
    ));
    speech.out.next(&super::next::first_step(&id, crate::domain::phase::Phase::Complete));
    Ok(())
}
