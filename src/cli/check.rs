//! `git orch check`: the wall's judgement of commits, for servers, CI and whoever wants to know
//! first.

use std::io::Read;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::speech::Speech;
use crate::context::Context;
use crate::domain::names::counted;
use crate::domain::refusal::Refusal;
use crate::domain::wall::{Arrival, Coming};
use crate::error::{Error, exit};
use crate::git::hook_input::ref_lines;
use crate::ops::check::{self, Question, Report, Wall, event, pre_receive};
use crate::ui::{explain, findings};

/// Judge commits on their way onto a protected branch, by receipts, and change nothing
///
/// Each commit has to be covered by the receipt of its issue. Where the policy's scope is strict,
/// or with --strict, commits of no issue need a line `Orch-No-Issue: reason` or an author whom the
/// policy lets in.
#[derive(Debug, Args)]
pub struct Check {
    /// The commits, as A..B [default: what HEAD has beyond the branch]
    #[arg(long, value_name = "A..B")]
    range: Option<String>,
    /// The protected branch they are to come onto [default: the one that work lands on]
    #[arg(long, value_name = "BRANCH")]
    onto: Option<String>,
    /// As git runs it on a server before a push is let in, with lines of refs on standard input
    #[arg(long, conflicts_with_all = ["range", "onto", "github_event"])]
    pre_receive: bool,
    /// What the event that started this GitHub workflow brings
    #[arg(long, conflicts_with_all = ["range", "onto"])]
    github_event: bool,
    /// Let every commit answer, whatever the policy's scope
    #[arg(long)]
    strict: bool,
    /// How to answer [default: github with --github-event, else text]
    #[arg(long, value_enum)]
    format: Option<Format>,
}

/// A form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// As with --json
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
}

/// Runs the verb.
pub fn run(args: Check, speech: &mut Speech) -> Result<ExitCode, Error> {
    let ctx = Context::open("check")?;
    if args.pre_receive {
        return Ok(received(ctx, args.strict, speech));
    }
    let usual = if args.github_event { Format::Github } else { Format::Text };
    let format = match args.format {
        Some(format) => format,
        None if speech.json => Format::Json,
        None => usual,
    };
    speech.json |= format == Format::Json;
    let judged = if args.github_event {
        event::run(ctx, args.strict)?
    } else {
        let asked = Question { range: args.range, onto: args.onto, strict: args.strict };
        Some(check::range(ctx, &asked)?)
    };
    let Some((report, wall)) = judged else {
        speech.out.note("nothing comes onto a protected branch");
        return Ok(ExitCode::SUCCESS);
    };
    tell(&report, &wall, format, speech)?;
    Ok(ExitCode::from(if report.refusal.is_some() { exit::REFUSED } else { exit::DONE }))
}

fn tell(report: &Report, wall: &Wall, format: Format, speech: &Speech) -> Result<(), Error> {
    match format {
        Format::Json => speech.out.json("check", &document(report)),
        Format::Sarif => {
            let places = wall.places(report)?;
            speech.out.answer(&format!("{:#}", findings::sarif(report, &places)));
        }
        Format::Github => {
            if let Some(line) = findings::annotation(report) {
                speech.out.answer(&line);
            }
            words(report, speech);
        }
        Format::Text => words(report, speech),
    }
    Ok(())
}

fn words(report: &Report, speech: &Speech) {
    if let Some(trouble) = &report.trouble {
        let held = "the policy cannot be read, so its strictest reading holds";
        speech.out.alert(&format!("note: {held}: {trouble}"));
    }
    for (arrival, coming) in report.judged.iter().filter(|_| report.warns) {
        if *coming == Coming::Direct {
            speech.out.alert(&format!("note: commit {} belongs to no issue", arrival.id.short()));
        }
    }
    if let Some(refusal) = &report.refusal {
        speech.out.alert(&explain::refusal(refusal));
        return;
    }
    let commits = counted(report.judged.len(), "commit", "commits");
    speech.out.answer(&format!("{commits} may come onto {}", report.onto));
}

/// What git's `pre-receive` answers with: nothing, or a refusal, which git takes to whoever pushes.
fn received(ctx: Context, strict: bool, speech: &Speech) -> ExitCode {
    let mut input = Vec::new();
    // git may close its end at any time; what came counts.
    let _ = std::io::stdin().lock().read_to_end(&mut input);
    let lines = ref_lines(&String::from_utf8_lossy(&input));
    let answer = match pre_receive::run(ctx, &lines, strict) {
        Ok(answer) => answer,
        // Whoever pushes must read it, and nothing may come in unjudged.
        Err(e) => {
            speech.out.alert(&explain::refusal(&unjudged(&e)));
            return ExitCode::from(exit::REFUSED);
        }
    };
    for report in &answer.reports {
        if let Some(trouble) = &report.trouble {
            speech.out.alert(&format!("note: the policy here cannot be read: {trouble}"));
        }
    }
    let Some(refusal) = &answer.refusal else { return ExitCode::SUCCESS };
    speech.out.alert(&explain::refusal(refusal));
    ExitCode::from(exit::REFUSED)
}

fn unjudged(e: &Error) -> Refusal {
    let fix = "git orch doctor --fix   # on the server";
    Refusal::one("unjudged", "this push", format!("the wall could not judge it: {e}"), fix)
}

fn document(report: &Report) -> Value {
    json!({
        "verdict": if report.refusal.is_some() { "refuse" } else { "pass" },
        "onto": report.onto,
        "from": report.from.as_ref().map(crate::domain::ids::CommitId::as_str),
        "to": report.to.as_str(),
        "commits": report.judged.iter().map(|(a, c)| commit(a, c)).collect::<Vec<_>>(),
        "refusal": report.refusal.as_ref().map(explain::refusal_json),
        "policy_trouble": report.trouble,
    })
}

fn commit(arrival: &Arrival, coming: &Coming) -> Value {
    json!({
        "commit": arrival.id.as_str(),
        "subject": arrival.subject,
        "author": arrival.author,
        "how": coming.name(),
        "issue": coming.issue().map(crate::domain::ids::IssueId::as_str),
        "refused": coming.is_refusal(),
    })
}
