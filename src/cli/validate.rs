//! `git orch validate`.

use clap::Args;
use serde_json::{Value, json};

use super::speech::{Speech, agreed};
use crate::context::Context;
use crate::domain::evidence::Subject;
use crate::domain::ids::IssueId;
use crate::domain::names::counted;
use crate::error::Error;
use crate::ops::confirm::{self, Confirmation};
use crate::ops::evidence::Run;
use crate::ops::target;
use crate::ops::validate::{self, Checked, Finding, Options, Report};
use crate::ui::progress::Progress;
use crate::ui::{Out, explain};

/// Run every criterion's command and every validator for the branch tip, and keep evidence
#[derive(Debug, Args)]
pub struct Validate {
    /// The issue [default: the one of this worktree]
    issue: Option<IssueId>,
    /// Run also what is green already for this tree
    #[arg(long)]
    again: bool,
    /// Only this check: criterion:2 or validator:tests; may be given several times
    #[arg(long, value_name = "CHECK", value_parser = subject)]
    only: Vec<Subject>,
    /// Confirm that manual criterion N holds
    #[arg(long, value_name = "N", requires = "note", conflicts_with = "only")]
    confirm: Option<u32>,
    /// What was seen, for --confirm
    #[arg(long, value_name = "TEXT", requires = "confirm")]
    note: Option<String>,
}

fn subject(text: &str) -> Result<Subject, String> {
    let wrong = || format!("{text:?} is no check such as criterion:2 or validator:tests");
    match text.split_once(':') {
        Some(("criterion", number)) => number.parse().map(Subject::Criterion).map_err(|_| wrong()),
        Some(("validator", name)) if !name.is_empty() => Ok(Subject::Validator(name.to_owned())),
        _ => Err(wrong()),
    }
}

/// Runs the verb.
pub fn run(args: Validate, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("validate")?;
    let id = target::issue(&ctx, args.issue)?;
    if let (Some(number), Some(note)) = (args.confirm, args.note) {
        return confirm(&ctx, &id, number, note, args.again, speech);
    }
    let options = Options { again: args.again, only: args.only };
    let mut progress = Progress::new(&speech.out, !speech.json);
    let report = validate::run(&ctx, &id, &options, &mut progress)?;
    drop(progress);
    if speech.json {
        speech.out.json("validation", &report_json(&report));
    }
    conclude(&report, speech)
}

/// What is left to say once every check has its line.
fn conclude(report: &Report, speech: &Speech) -> Result<(), Error> {
    let id = &report.issue;
    let red = report.red();
    for check in &red {
        if let Finding::Ran(run) = &check.finding {
            speech.out.alert(&shown(id, &check.name(), run));
        }
    }
    if let Some(refusal) = &report.stopped {
        speech.out.alert(&explain::refusal(refusal));
    }
    let tip = report.tip.short();
    let all = report.checks.len();
    if !red.is_empty() || report.stopped.is_some() {
        let green = report.checks.iter().filter(|c| c.is_green()).count();
        let all = counted(all, "check", "checks");
        return Err(Error::Red(format!("issue {id} at {tip}: {green} of {all} green")));
    }
    if report.is_green() {
        speech.out.done(&format!("issue {id} at {tip}: {} green", counted(all, "check", "checks")));
        speech.out.next(&format!("git orch next {id}"));
    }
    for fix in report.checks.iter().filter_map(|check| check.fix(id)) {
        speech.out.next(&fix);
    }
    Ok(())
}

/// The end of what a red check printed, and where the whole is.
pub fn shown(id: &IssueId, name: &str, run: &Run) -> String {
    let mut text = format!("{name}: {}", run.words());
    if run.last_lines.is_empty() {
        text.push_str("\n    (it printed nothing)");
    }
    for line in &run.last_lines {
        text.push_str(format!("\n    | {line}").trim_end());
    }
    let number = run.evidence.number;
    text.push_str(&format!("\n  all of it: git orch show {id} --evidence {number}"));
    text
}

fn confirm(
    ctx: &Context,
    id: &IssueId,
    number: u32,
    note: String,
    again: bool,
    speech: &mut Speech,
) -> Result<(), Error> {
    let mut given = Confirmation { number, note, person: false, seen: None, again };
    if let Some(question) = confirm::question(ctx, id, number, again)?
        && question.person
    {
        if !Out::has_person() {
            return Err(confirm::needs_person(id, number).into());
        }
        speech.out.alert(&format!("criterion {number} at {}:", question.tip.short()));
        speech.out.alert(&format!("    {}", question.text));
        if !agreed("Did you look, and does it hold?")? {
            return Err(confirm::declined(id, number).into());
        }
        given.person = true;
        given.seen = Some(question.tip);
    }
    let report = confirm::run(ctx, id, &given, &mut speech.out)?;
    if speech.json {
        let value = json!({
            "issue": id.as_str(), "criterion": number, "evidence": report.evidence.number,
            "tree": report.evidence.tree.as_str(), "confirmed": report.evidence.confirmed,
            "already": report.already,
        });
        speech.out.json("confirmation", &value);
        return Ok(());
    }
    let verb = if report.already { "was confirmed" } else { "confirmed" };
    let tip = report.evidence.commit.short();
    speech.out.done(&format!("criterion {number} of issue {id} {verb} at {tip}"));
    speech.out.next(&format!("git orch validate {id}"));
    Ok(())
}

fn report_json(report: &Report) -> Value {
    json!({
        "issue": report.issue.as_str(),
        "tip": report.tip.as_str(),
        "tree": report.tree.as_str(),
        "green": report.is_green(),
        "checks": report.checks.iter().map(|check| check_json(&report.issue, check)).collect::<Vec<_>>(),
        "stopped": report.stopped.as_ref().map(explain::refusal_json),
    })
}

fn check_json(id: &IssueId, check: &Checked) -> Value {
    let (state, evidence, last_lines) = match &check.finding {
        Finding::Ran(run) => ("ran", Some(&run.evidence), Some(&run.last_lines)),
        Finding::Before(evidence) => ("passed-before", Some(evidence), None),
        Finding::Waits => ("waits", None, None),
        Finding::Void => ("void", None, None),
        Finding::NotRun => ("not-run", None, None),
    };
    json!({
        "check": check.subject.to_string(),
        "text": check.text,
        "command": check.command,
        "state": state,
        "green": check.is_green(),
        "outcome": evidence.map(|e| e.outcome.words()),
        "evidence": evidence.map(|e| e.number),
        "millis": evidence.map(|e| e.millis),
        "tests": evidence.and_then(|e| e.tests),
        "last_lines": last_lines,
        "fix": check.fix(id),
    })
}
