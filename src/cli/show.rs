//! `git orch show`: everything about one issue.

use clap::Args;
use serde_json::{Value, json};

use super::speech::Speech;
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::learning::{Learning, learning_id};
use crate::domain::session::{Ending, Session};
use crate::domain::spec::Check;
use crate::domain::time::span;
use crate::error::Error;
use crate::ops::survey::{self, Whole, task_word};
use crate::ops::target;
use crate::ui::style::{self, paint};

/// Show everything about an issue, open or archived
#[derive(Debug, Args)]
pub struct Show {
    /// The issue [default: the one of this worktree]
    issue: Option<IssueId>,
    /// Print the kept output of this piece of evidence
    #[arg(long, value_name = "NUMBER")]
    evidence: Option<u32>,
}

/// Runs the verb.
pub fn run(args: Show, speech: &Speech) -> Result<(), Error> {
    let ctx = Context::open("show")?;
    let id = target::issue(&ctx, args.issue)?;
    let whole = survey::show(&ctx, &id)?;
    if let Some(number) = args.evidence {
        speech.out.answer(survey::evidence_output(&ctx, &whole.chain, number)?.trim_end());
    } else if speech.json {
        speech.out.json("issue", &whole_json(&whole));
    } else {
        speech.out.answer(&words(&ctx, &whole));
    }
    Ok(())
}

fn words(ctx: &Context, whole: &Whole) -> String {
    let session = &whole.chain.session;
    let mut text =
        format!("{}  {}\n", paint(style::HEAD, &session.issue), paint(style::HEAD, &session.title));
    let mut line = |name: &str, value: String| text.push_str(&format!("  {name:<9} {value}\n"));
    line("phase", phase_words(ctx, whole));
    if let Some(reason) = &whole.stale {
        line("stale", reason.clone());
    }
    if let Some(parked) = &whole.parked {
        line("parked", format!("{}, since {}", parked.why, parked.at));
    }
    match session.end.as_ref().map(|end| (&end.how, end.at)) {
        Some((Ending::Landed { into }, at)) => line("ended", format!("landed in {into}, {at}")),
        Some((Ending::Abandoned { reason, salvage }, at)) => {
            line("ended", format!("abandoned, {at}: {reason}"));
            line("salvage", salvage.clone());
        }
        None => {
            line(
                "branch",
                format!("{} from {} ({})", session.branch, session.base, session.fork.short()),
            );
            line("worktree", session.worktree.clone());
        }
    }
    if let Some(seal) = &session.seal {
        line("receipt", format!("sealed to {} on {}", seal.tip.short(), seal.at));
    }
    if let Some(reason) = session.waived() {
        line("waived", reason.to_owned());
    }
    text.push_str(&lists(session));
    for unmet in &whole.unmet {
        text.push_str(&format!(
            "  to do: {}\n    {}\n",
            unmet.why,
            paint(style::COMMAND, &unmet.fix)
        ));
    }
    text.trim_end().to_owned()
}

fn phase_words(ctx: &Context, whole: &Whole) -> String {
    let session = &whole.chain.session;
    if whole.archived {
        return "archived".to_owned();
    }
    format!(
        "{} for {} ({})",
        whole.phase,
        span(ctx.now.since(session.entered())),
        whole.phase.role()
    )
}

fn lists(session: &Session) -> String {
    let mut text = String::new();
    for criterion in session.spec.iter().flat_map(|frozen| &frozen.spec.criteria) {
        let how = match &criterion.check {
            Check::Command(command) => format!("`{command}`"),
            Check::Manual | Check::Missing => "manual".to_owned(),
        };
        text.push_str(&format!("  criterion {}: {} ({how})\n", criterion.number, criterion.text));
    }
    for task in &session.tasks {
        text.push_str(&format!(
            "  task {} {}: {}\n",
            task.number,
            task_word(&task.state),
            task.text
        ));
    }
    for run in &session.evidence {
        text.push_str(&format!(
            "  evidence {}: {} {} ({} ms) at {}\n",
            run.number,
            run.subject,
            run.outcome.words(),
            run.millis,
            run.commit.short()
        ));
    }
    for learning in &session.learnings {
        let id = learning_id(&session.issue, learning.number);
        text.push_str(&format!("  learned {id} {}: {}\n", learning.kind, learning.lesson));
    }
    if let Some(reason) = &session.none_learned {
        text.push_str(&format!("  learned nothing: {reason}\n"));
    }
    text
}

fn whole_json(whole: &Whole) -> Value {
    let session = &whole.chain.session;
    json!({
        "issue": session.issue.as_str(),
        "title": session.title,
        "source": session.source,
        "phase": whole.phase.name(),
        "recorded_phase": session.phase.name(),
        "stale": whole.stale,
        "parked": whole.parked,
        "archived": whole.archived,
        "end": session.end.as_ref().map(|end| match &end.how {
            Ending::Landed { into } => json!({ "how": "landed", "into": into, "at": end.at.to_string() }),
            Ending::Abandoned { reason, salvage } => json!({
                "how": "abandoned", "reason": reason, "salvage": salvage, "at": end.at.to_string(),
            }),
        }),
        "branch": session.branch.as_str(),
        "base": session.base,
        "fork": session.fork.as_str(),
        "tip": whole.tip.as_ref().map(crate::domain::ids::CommitId::as_str),
        "worktree": session.worktree,
        "receipt": session.seal.as_ref().map(|seal| json!({
            "digest": seal.receipt.to_string(), "tip": seal.tip.as_str(), "at": seal.at.to_string(),
        })),
        "criteria": session.spec.iter().flat_map(|f| &f.spec.criteria).map(|c| json!({
            "number": c.number, "text": c.text,
            "verify": match &c.check { Check::Command(command) => Some(command), _ => None },
        })).collect::<Vec<_>>(),
        "tasks": session.tasks.iter().map(|t| json!({
            "number": t.number, "text": t.text, "verify": t.verify, "state": task_word(&t.state),
        })).collect::<Vec<_>>(),
        "evidence": session.evidence.iter().map(|e| json!({
            "number": e.number, "subject": e.subject.to_string(), "command": e.command,
            "green": e.outcome.is_green(), "outcome": e.outcome.words(), "commit": e.commit.as_str(),
            "tree": e.tree.as_str(), "millis": e.millis, "tests": e.tests, "at": e.started.to_string(),
        })).collect::<Vec<_>>(),
        "learnings": session.learnings.iter().map(|l| learning_json(&session.issue, l)).collect::<Vec<_>>(),
        "none_learned": session.none_learned,
        "waived": session.waived(),
        "unmet": whole.unmet.iter().map(|u| json!({
            "code": u.code, "why": u.why, "fix": u.fix,
        })).collect::<Vec<_>>(),
    })
}

/// A learning as JSON.
pub fn learning_json(issue: &IssueId, learning: &Learning) -> Value {
    json!({
        "id": learning_id(issue, learning.number),
        "kind": learning.kind.name(),
        "when": learning.when(),
        "words": learning.trigger,
        "error": learning.error,
        "paths": learning.paths,
        "lesson": learning.lesson,
        "evidence": learning.evidence,
        "anchor": {
            "commit": learning.anchor.commit.as_ref().map(crate::domain::ids::CommitId::as_str),
            "file": learning.anchor.file,
            "symbol": learning.anchor.symbol,
            "check": learning.anchor.check,
            "criterion": learning.anchor.criterion,
            "task": learning.anchor.task,
        },
        "role": learning.author,
        "at": learning.at.to_string(),
        "expires": learning.expires.map(|at| at.to_string()),
    })
}
