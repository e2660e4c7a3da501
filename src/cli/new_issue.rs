//! `git orch new-issue`.

use std::path::PathBuf;

use clap::Args;
use dialoguer::Input;

use super::speech::{Speech, no_answer, read_input};
use super::survey::weakened;
use crate::agent::tool;
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::error::Error;
use crate::git::exec::local_variables;
use crate::ops::new_issue::{self, Request};
use crate::ops::prime::learned;
use crate::ui::Out;

/// Open an issue: its branch, its worktree, its record; prints the worktree's path
///
/// Run again, it prints the same path and changes nothing: cd "$(git orch new-issue 81)".
#[derive(Debug, Args)]
pub struct NewIssue {
    /// The issue: 81, '#81', GH-81, E-01
    issue: IssueId,
    /// What it is about, one line
    #[arg(long, short)]
    title: Option<String>,
    /// Branch or commit to start from [default: the branch that init recorded]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Begin with this specification
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// Take title and text from GitHub through gh
    #[arg(long)]
    from_github: bool,
    /// Ask nothing, take the defaults
    #[arg(long, short)]
    yes: bool,
}

/// Runs the verb.
pub fn run(args: NewIssue, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open(&format!("new-issue {}", args.issue))?;
    let mut request = Request { title: args.title, base: args.base, ..Request::default() };
    if let Some(path) = &args.spec {
        request.spec = Some(read_input(path)?);
    }
    if args.from_github {
        from_github(&ctx, &args.issue, &mut request)?;
    }
    let known = ctx.repo.objects.read_ref(&crate::domain::names::issue_ref(&args.issue))?.is_some();
    if request.title.is_none() && !args.yes && !known && Out::has_person() {
        request.title = ask_title(&args.issue)?;
    }
    let report = new_issue::run(&ctx, &args.issue, &request, &mut speech.out)?;
    // What was learned before helps, and nothing stands or falls with it.
    let learned = learned::for_issue(&ctx, &args.issue).unwrap_or_default();
    weakened(&ctx, speech)?;
    if speech.json {
        let mut value = serde_json::json!(report);
        value["learned"] = serde_json::json!(learned);
        speech.out.json("issue", &value);
        return Ok(());
    }
    let id = &args.issue;
    for one in &learned {
        speech.out.note(&format!("  learned before: {}: {} ({})", one.when, one.lesson, one.id));
    }
    if report.done != "present" {
        speech.out.done(&format!("issue {id} {} on branch {}", report.done, report.branch));
        speech.out.next(&format!("git orch spec edit {id}"));
    }
    speech.out.answer(&report.worktree.display().to_string());
    Ok(())
}

fn ask_title(id: &IssueId) -> Result<Option<String>, Error> {
    Input::<String>::new()
        .with_prompt("Title")
        .default(format!("Issue {id}"))
        .interact_text()
        .map(Some)
        .map_err(|e| no_answer(&e))
}

/// Title, text and address of the issue on GitHub. Only a number is one there.
fn from_github(ctx: &Context, id: &IssueId, request: &mut Request) -> Result<(), Error> {
    let number = id.as_str().trim_start_matches("GH-");
    if number.parse::<u64>().is_err() {
        return Err(Error::usage(
            format!("{id} is no number of a GitHub issue"),
            format!("git orch new-issue {id} --title '…'"),
        ));
    }
    let Some(gh) = tool::find("gh") else {
        return Err(Error::surroundings(
            "--from-github needs gh, which is not on PATH",
            format!("git orch new-issue {id} --title '…'"),
        ));
    };
    let args = ["issue", "view", number, "--json", "title,body,url"];
    let output = tool::capture(&gh, &args, ctx.repo.home(), local_variables()).map_err(|e| {
        Error::surroundings(format!("gh could not be started: {e}"), "gh --version")
    })?;
    if output.code != 0 {
        return Err(Error::surroundings(
            format!("gh could not read issue {number}: {}", output.stderr),
            format!("gh issue view {number}"),
        ));
    }
    let wrong = || {
        Error::surroundings("gh printed something unexpected", format!("gh issue view {number}"))
    };
    let data: serde_json::Value = serde_json::from_str(&output.stdout).map_err(|_| wrong())?;
    let text = |key: &str| data.get(key).and_then(serde_json::Value::as_str).map(str::to_owned);
    request.title = request.title.take().or_else(|| text("title"));
    request.body = text("body");
    request.source = text("url");
    Ok(())
}
