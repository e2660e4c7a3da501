//! `git orch land`.

use clap::Args;

use super::speech::Speech;
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::error::Error;
use crate::ops::{land, target};
use crate::ui::progress::Progress;

/// Bring a finished issue into its base: checked as it will be, without touching your work tree
///
/// The issue is merged or rebased (`land.method` in the configuration) in a throw-away worktree,
/// its criteria and the project's validators run on exactly the result, and the base is moved to
/// it. A base that is checked out is brought along when nothing uncommitted is in the way.
#[derive(Debug, Args)]
pub struct Land {
    /// The issue [default: the one of this worktree]
    issue: Option<IssueId>,
}

/// Runs the verb.
pub fn run(args: Land, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("land")?;
    let id = target::issue(&ctx, args.issue)?;
    let ctx = Context { doing: format!("land {id}"), ..ctx };
    let mut progress = Progress::new(&speech.out, !speech.json);
    let report = land::run(&ctx, &id, &mut progress);
    drop(progress);
    let report = report?;
    if speech.json {
        let text = |commit: &Option<CommitId>| commit.as_ref().map(ToString::to_string);
        let value = serde_json::json!({
            "issue": id.as_str(), "into": report.into, "from": text(&report.from),
            "to": text(&report.to), "checks": report.checks, "already": report.already,
        });
        speech.out.json("land", &value);
        return Ok(());
    }
    match &report.to {
        Some(to) => speech.out.done(&format!(
            "issue {id} landed: {} is at {}, {} green on it",
            report.into,
            to.short(),
            if report.checks == 1 {
                "1 check".to_owned()
            } else {
                format!("{} checks", report.checks)
            },
        )),
        None => speech.out.done(&format!("issue {id} landed before, in {}", report.into)),
    }
    speech.out.next(&format!("git orch archive {id}"));
    Ok(())
}
