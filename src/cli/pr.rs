//! `git orch pr`.

use clap::Args;
use serde_json::json;

use super::speech::Speech;
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::error::Error;
use crate::ops::pr::{self, Report, Request};
use crate::ops::target;

/// Push a finished issue with its receipt, and open a pull request
///
/// The pull request is opened by `gh`, or by `glab` for a GitLab, when it is installed; run again,
/// it is brought up to date. Otherwise the address to open it at and its text are printed. The text
/// comes from .orchestration/templates/pr.md where that is there.
#[derive(Debug, Args)]
pub struct Pr {
    /// The issue [default: the one of this worktree]
    issue: Option<IssueId>,
    /// A draft; where the policy lets backups leave, of unfinished work too
    #[arg(long)]
    draft: bool,
    /// Go on in the browser
    #[arg(long)]
    web: bool,
    /// The remote [default: remote.pushDefault, the only one, or origin]
    #[arg(long, value_name = "REMOTE")]
    remote: Option<String>,
}

/// Runs the verb.
pub fn run(args: Pr, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("pr")?;
    let id = target::issue(&ctx, args.issue)?;
    let request = Request { draft: args.draft, web: args.web, remote: args.remote };
    let report = pr::run(&ctx, &id, &request, &mut speech.out)?;
    if speech.json {
        speech.out.json("pull-request", &document(&report));
        return Ok(());
    }
    let (branch, base) = (&report.branch, &report.base);
    if let Some(name) = &report.opened {
        speech.out.answer(name);
        let verb = if report.already { "brought up to date" } else { "opened" };
        speech.out.done(&format!("pull request of {branch} for {base} {verb}"));
        return Ok(());
    }
    if let Some(trouble) = &report.trouble {
        speech.out.alert(&format!("note: no pull request could be opened: {trouble}"));
    }
    match &report.compare {
        Some(address) => speech.out.answer(address),
        None => speech.out.answer(&format!("{branch} for {base}")),
    }
    speech.out.answer(&format!("\n{}\n\n{}", report.title, report.body.trim_end()));
    speech.out.note(&format!("{branch} is at {}; open the pull request there", report.remote));
    Ok(())
}

fn document(report: &Report) -> serde_json::Value {
    json!({
        "branch": report.branch,
        "base": report.base,
        "commit": report.commit.as_str(),
        "remote": report.remote,
        "opened": report.opened,
        "already": report.already,
        "compare": report.compare,
        "title": report.title,
        "body": report.body,
        "trouble": report.trouble,
    })
}
