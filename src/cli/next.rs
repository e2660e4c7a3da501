//! `git orch next`.

use clap::Args;

use super::speech::Speech;
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::phase::Phase;
use crate::error::Error;
use crate::ops::{next, target};

/// Move on to the next phase, or list what is not met yet
#[derive(Debug, Args)]
pub struct Next {
    /// The issue [default: the one of this worktree]
    issue: Option<IssueId>,
}

/// Runs the verb.
pub fn run(args: Next, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("next")?;
    let id = target::issue(&ctx, args.issue)?;
    let report = next::run(&ctx, &id, &mut speech.out)?;
    if speech.json {
        let value = serde_json::json!({
            "issue": id.as_str(), "from": report.from.name(), "to": report.to.name(),
            "fell_back": report.fell_back,
        });
        speech.out.json("next", &value);
        return Ok(());
    }
    speech.out.done(&format!("issue {id}: {} → {}", report.from, report.to));
    speech.out.next(&first_step(&id, report.to));
    Ok(())
}

/// What one does first in a phase.
pub fn first_step(id: &IssueId, phase: Phase) -> String {
    match phase {
        Phase::Discussion => format!("git orch spec edit {id}"),
        Phase::Execute => format!("git orch task add 'the first step' --issue {id}"),
        Phase::Validate => format!("git orch validate {id}"),
        Phase::Compact => format!("git orch learn add {id}"),
        Phase::Complete => format!("git orch land {id}, then git orch archive {id}"),
    }
}
