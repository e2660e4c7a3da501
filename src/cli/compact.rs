//! `git orch compact`.

use clap::Args;

use super::speech::Speech;
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::learning::draft::Draft;
use crate::domain::names::counted;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::ops::{compact, publish, target};

/// Seal the receipt to the branch tip and write the flag
#[derive(Debug, Args)]
pub struct Compact {
    /// The issue [default: the one of this worktree]
    issue: Option<IssueId>,
    /// Also push the record, where a server or CI looks for the receipt; a finished issue's too
    #[arg(long, value_name = "REMOTE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    push: Option<String>,
    /// Print drafts of learnings from what happened in the session, and seal nothing
    #[arg(long, conflicts_with = "push")]
    propose: bool,
}

/// Runs the verb.
pub fn run(args: Compact, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("compact")?;
    let id = target::issue(&ctx, args.issue)?;
    if args.propose {
        return propose(&ctx, &id, speech);
    }
    if let Some(remote) = args.push {
        let named = (!remote.is_empty()).then_some(remote.as_str());
        return push(&ctx, &id, named, speech);
    }
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
        (n, _) => counted(n, "learning", "learnings"),
    };
    let verb = if report.already { "was sealed" } else { "sealed" };
    speech.out.done(&format!(
        "issue {id} {verb} to {}: {said}, {}",
        report.seal.tip.short(),
        counted(report.covered, "commit", "commits")
    ));
    speech.out.next(&super::next::first_step(&id, crate::domain::phase::Phase::Complete));
    Ok(())
}

/// Seals what is not sealed yet, and takes the record to the other side.
fn push(
    ctx: &Context,
    id: &IssueId,
    remote: Option<&str>,
    speech: &mut Speech,
) -> Result<(), Error> {
    let remote = publish::remote(ctx, remote)?;
    if !compact::is_finished(ctx, id)? {
        compact::run(ctx, id, &mut speech.out)?;
    }
    let name = publish::record(ctx, id, &remote)?;
    if speech.json {
        let value = serde_json::json!({ "issue": id.as_str(), "remote": remote, "ref": name });
        speech.out.json("pushed", &value);
    } else {
        speech.out.done(&format!("the record of issue {id} is at {remote}, as {name}"));
    }
    Ok(())
}

/// Prints what may be worth learning; nothing of it is given by itself.
fn propose(ctx: &Context, id: &IssueId, speech: &Speech) -> Result<(), Error> {
    let drafts = compact::propose::run(ctx, id)?;
    if speech.json {
        let list: Vec<_> = drafts.iter().map(draft_json).collect();
        speech.out.json("drafts", &list);
        return Ok(());
    }
    for draft in &drafts {
        speech.out.answer(&draft_lines(id.as_str(), draft));
    }
    if drafts.is_empty() {
        speech
            .out
            .note("nothing stands out: no check was red, no task dropped, no commit reverted");
        speech.out.next(&format!("git orch learn none {id} --reason 'why it taught nothing'"));
    }
    Ok(())
}

/// A draft in the form that `git orch learn add --stdin` takes.
pub fn draft_json(draft: &Draft) -> serde_json::Value {
    serde_json::json!({
        "because": draft.because, "kind": draft.kind.name(), "when": draft.trigger,
        "error": draft.error, "paths": draft.paths, "lesson": draft.lesson,
        "evidence": draft.evidence,
    })
}

/// Why it is proposed, and the command that gives it once its gap is filled.
pub fn draft_lines(id: &str, draft: &Draft) -> String {
    let mut text = format!("# {}\ngit orch learn add", draft.because);
    if !id.is_empty() {
        text.push_str(&format!(" {id}"));
    }
    text.push_str(&format!(" --kind {}", draft.kind));
    let paths = draft.paths.iter().map(|path| ("--path", path.as_str()));
    let options =
        [("--when", draft.trigger.as_str()), ("--error", draft.error.as_deref().unwrap_or(""))]
            .into_iter()
            .chain(paths)
            .chain([("--lesson", draft.lesson.as_str()), ("--evidence", draft.evidence.as_str())]);
    for (option, value) in options.filter(|(_, value)| !value.is_empty()) {
        text.push_str(&format!(" {option} {}", quoted(value)));
    }
    text
}
