//! `git orch adopt`.

use clap::Args;

use super::speech::Speech;
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::error::Error;
use crate::ops::adopt;

/// Take a commit that came unseen, or a worktree that somebody made, under an issue
///
/// The issue is opened when it is not open yet. A commit that is adopted has to be validated and
/// compacted before it leaves, as all work of an issue; one that has not landed comes onto the
/// issue's branch.
#[derive(Debug, Args)]
pub struct Adopt {
    /// The commit, or the folder of the worktree
    what: String,
    /// The issue it becomes part of
    #[arg(long)]
    issue: IssueId,
}

/// Runs the verb.
pub fn run(args: &Adopt, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("adopt")?;
    let id = &args.issue;
    let report = adopt::run(&ctx, id, &args.what, &mut speech.out)?;
    if speech.json {
        let value = serde_json::json!({
            "issue": id.as_str(), "adopted": report.what, "already": report.already,
            "worktree": report.worktree.display().to_string(),
        });
        speech.out.json("adopted", &value);
        return Ok(());
    }
    let verb = if report.already { "belongs already to" } else { "belongs now to" };
    speech.out.done(&format!("{} {verb} issue {id}", report.what));
    speech.out.answer(&report.worktree.display().to_string());
    speech.out.next(&format!("git orch show {id}"));
    Ok(())
}
