//! `git orch doctor`.

use std::process::ExitCode;

use clap::Args;

use super::speech::Speech;
use crate::context::{Context, Surroundings};
use crate::error::{Error, exit};
use crate::ops::doctor::{self, Finding, Level, Report, stray};
use crate::ui::style::{self, paint};

/// Say what is installed and what is wrong; exit with 4 when something is, or cannot be mended
#[derive(Debug, Args)]
pub struct Doctor {
    /// Mend what is mechanical
    #[arg(long)]
    fix: bool,
    /// Make git run each hook, in a scratch worktree, and say which did
    #[arg(long, conflicts_with = "fix")]
    selftest: bool,
}

/// How often `--fix` looks again.
const ROUNDS: usize = 3;

/// Runs the verb.
pub fn run(args: &Doctor, speech: &mut Speech) -> Result<ExitCode, Error> {
    if let Some(file) = stray::find(&Surroundings::read()) {
        let finding = stray::finding(&file);
        if !args.fix {
            let report = Report { facts: Vec::new(), findings: vec![finding] };
            return Ok(told(&report, speech));
        }
        stray::fix(&file)?;
        speech.out.note(&format!("mended: {}", finding.what));
    }
    let ctx = Context::open("doctor")?;
    if args.selftest {
        return selftest(&ctx, speech);
    }
    let mut report = doctor::examine(&ctx)?;
    // What was mended is told by looking again, not by what was meant; and what is mended first
    // may bring to light what was hidden.
    for _ in 0..ROUNDS {
        if !args.fix || !report.findings.iter().any(mechanical) {
            break;
        }
        let before = report;
        let ctx = Context::open("doctor")?;
        let tried = doctor::fix(&ctx, &before.findings, &mut speech.out);
        report = doctor::examine(&Context::open("doctor")?)?;
        for finding in tried {
            let word = if report.findings.contains(&finding) { "is still there" } else { "mended" };
            speech.out.note(&format!("{word}: {}", finding.what));
        }
        if report.findings == before.findings {
            break;
        }
    }
    let told = told(&report, speech);
    let left = args.fix && report.findings.iter().any(mechanical);
    Ok(if left { ExitCode::from(exit::STATE) } else { told })
}

/// Whether `--fix` does something about it.
fn mechanical(finding: &Finding) -> bool {
    finding.mend != doctor::Mend::Person
}

fn told(report: &Report, speech: &Speech) -> ExitCode {
    if speech.json {
        speech.out.json("doctor", report);
    } else {
        tell(report, speech);
    }
    let bad = report.findings.iter().any(|finding| finding.level == Level::Bad);
    ExitCode::from(if bad { exit::STATE } else { exit::DONE })
}

fn selftest(ctx: &Context, speech: &Speech) -> Result<ExitCode, Error> {
    let list = doctor::selftest::run(ctx)?;
    if speech.json {
        speech.out.json("selftest", &list);
    } else {
        for one in &list {
            let (style, word) =
                if one.fired { (style::GOOD, "ran") } else { (style::BAD, "did not run") };
            speech.out.answer(&format!("{:<22} {}", one.hook, paint(style, word)));
        }
    }
    if list.iter().all(|one| one.fired) {
        return Ok(ExitCode::from(exit::DONE));
    }
    speech.out.next("git orch doctor --fix");
    Ok(ExitCode::from(exit::STATE))
}

fn tell(report: &Report, speech: &Speech) {
    for (name, value) in &report.facts {
        speech.out.answer(&format!("{} {value}", paint(style::FAINT, format!("{name:<10}"))));
    }
    if report.findings.is_empty() {
        speech.out.done("nothing is wrong");
    }
    for finding in &report.findings {
        speech.out.answer(&lines(finding));
    }
    if report.findings.iter().any(mechanical) {
        speech.out.next("git orch doctor --fix");
    }
}

fn lines(finding: &Finding) -> String {
    let (style, word) = match finding.level {
        Level::Bad => (style::BAD, "wrong:"),
        Level::Care => (style::CARE, " care:"),
        Level::Info => (style::FAINT, " note:"),
    };
    format!(
        "{} {}\n  why: {}\n  fix: {}\n  with --fix: {}",
        paint(style, word),
        finding.what,
        finding.why,
        paint(style::COMMAND, &finding.step),
        finding.mend.words()
    )
}
