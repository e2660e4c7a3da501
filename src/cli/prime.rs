//! `git orch prime`.

use clap::Args;

use super::speech::Speech;
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::phase::Phase;
use crate::error::Error;
use crate::ops::{prime, target};

/// Print what an agent has to know to begin: criteria, task, last red evidence, learnings
#[derive(Debug, Args)]
pub struct Prime {
    /// The issue [default: the one of this worktree]
    issue: Option<IssueId>,
    /// For the agent of this role [default: the role of the phase the issue is in]
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: Option<Phase>,
    /// Longest text, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = prime::LIMIT)]
    limit: usize,
}

/// The phase of a role, which is how roles are told.
fn role(text: &str) -> Result<Phase, String> {
    let known: Vec<&str> = Phase::ALL.iter().map(|phase| phase.role()).collect();
    Phase::ALL
        .into_iter()
        .find(|phase| phase.role() == text)
        .ok_or_else(|| format!("{text:?} is no role ({})", known.join(", ")))
}

/// Runs the verb.
pub fn run(args: &Prime, speech: &Speech) -> Result<(), Error> {
    let ctx = Context::open("prime")?;
    let id = target::issue(&ctx, args.issue.clone())?;
    let brief = prime::brief(&ctx, &id, args.role, args.limit)?;
    if speech.json {
        let value = serde_json::json!({
            "issue": id.as_str(), "role": brief.role, "phase": brief.phase.name(),
            "task": brief.task, "bytes": brief.text.len(), "shortened": brief.shortened,
            "text": brief.text,
        });
        speech.out.json("brief", &value);
    } else {
        speech.out.answer(brief.text.trim_end());
    }
    Ok(())
}
