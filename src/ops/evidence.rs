//! Taking evidence: one check, run in the issue's worktree, and what came of it put on record.
//!
//! The issue is not locked while a check runs, only its worktree is: the record is read again
//! before the evidence is added. Each check is recorded by itself, so that a crash after three
//! of five costs the fourth.

use std::time::Duration;

use super::ground::Ground;
use super::{Narrator, record};
use crate::agent::{self, Check, End, Ran};
use crate::clock;
use crate::context::Context;
use crate::domain::evidence::{Evidence, Outcome, Subject, tests_collected};
use crate::domain::ids::{Digest, IssueId, TreeId};
use crate::domain::session::Session;
use crate::domain::time::span;
use crate::error::Error;
use crate::git::exec::local_variables;
use crate::store::lock::Lock;
use crate::store::{layout, redact};

/// How many lines of a red check's output are shown at once.
pub const SHOWN: usize = 15;

/// A check to be run.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What it speaks of.
    pub subject: Subject,
    /// The command.
    pub command: String,
    /// Time limit, in seconds.
    pub limit: u64,
}

/// A check that ran, not on record yet.
#[derive(Clone, Debug)]
pub struct Taken {
    /// What came of it; its number is given when it is recorded.
    pub evidence: Evidence,
    /// What it printed, bounded.
    pub output: Vec<u8>,
}

/// A check that ran and is on record.
#[derive(Clone, Debug)]
pub struct Run {
    /// The evidence, with its number.
    pub evidence: Evidence,
    /// The last lines it printed.
    pub last_lines: Vec<String>,
}

impl Run {
    /// How it ended, in words, with how long it took and how many tests it speaks of.
    pub fn words(&self) -> String {
        let evidence = &self.evidence;
        let time = took(evidence.millis);
        let words = match &evidence.outcome {
            Outcome::Green | Outcome::NoTests => {
                format!("{} in {time}", evidence.outcome.words())
            }
            Outcome::Exit(_) => format!("{} after {time}", evidence.outcome.words()),
            Outcome::TimedOut(_) | Outcome::NotStarted(_) => evidence.outcome.words(),
        };
        match evidence.tests {
            Some(1) => format!("{words}, 1 test"),
            Some(count) if count > 0 => format!("{words}, {count} tests"),
            _ => words,
        }
    }
}

/// Runs a check. `lock` is the one on the worktree; it stays held while anything of the check
/// runs, even when git-orch is killed.
pub fn take(
    session: &Session,
    ground: &Ground,
    tree: &TreeId,
    wanted: &Wanted,
    lock: &Lock,
    narrator: &mut dyn Narrator,
) -> Taken {
    let started = clock::now();
    let mut tests: Option<u64> = None;
    let with = [
        ("ORCH_ISSUE", session.issue.as_str().into()),
        ("ORCH_PHASE", session.phase.name().into()),
        ("ORCH_CONTEXT", ground.worktree.join(layout::CONTEXT).into()),
        // A question on the terminal would wait for the time limit.
        ("GIT_TERMINAL_PROMPT", "0".into()),
    ];
    let check = Check {
        command: &wanted.command,
        folder: &ground.worktree,
        without: local_variables(),
        with: &with,
        limit: Duration::from_secs(wanted.limit),
        held: Some(&lock.file),
    };
    // Counted as the lines come: what is kept of a long output may lack the one that counts.
    let ran = agent::check(&check, &mut |line| {
        if let Some(more) = tests_collected(&plain(line)) {
            tests = Some(tests.unwrap_or(0).saturating_add(more));
        }
    });
    if ran.left_running {
        narrator.say(&format!("{} left processes running; they were ended", wanted.subject));
    }
    // Before anything of it is kept or shown.
    let output = redact::bytes(&ran.output).into_owned();
    let evidence = Evidence {
        number: 0,
        subject: wanted.subject.clone(),
        command: redact::text(&wanted.command),
        commit: ground.tip.clone(),
        tree: tree.clone(),
        started,
        millis: u64::try_from(ran.took.as_millis()).unwrap_or(u64::MAX),
        outcome: outcome(&ran, wanted.limit, tests),
        tests,
        output: Digest::of(&output),
        confirmed: None,
    };
    Taken { evidence, output }
}

fn outcome(ran: &Ran, limit: u64, tests: Option<u64>) -> Outcome {
    match &ran.end {
        End::Exited(0) if tests == Some(0) => Outcome::NoTests,
        End::Exited(0) => Outcome::Green,
        End::Exited(code) => Outcome::Exit(*code),
        End::TimedOut => Outcome::TimedOut(limit),
        End::NotStarted(error) => Outcome::NotStarted(error.to_string()),
    }
}

/// Puts a check on record, together with what `also` changes in the session.
pub fn record(
    ctx: &Context,
    id: &IssueId,
    taken: Taken,
    also: impl FnOnce(&mut Session),
    narrator: &mut dyn Narrator,
) -> Result<Run, Error> {
    let mut held = record::hold(ctx, id, narrator)?;
    let mut session = held.session().clone();
    let evidence = Evidence { number: session.next_evidence(), ..taken.evidence };
    session.evidence.push(evidence.clone());
    also(&mut session);
    let subject = format!("Check {}: {}", evidence.subject, evidence.outcome.words());
    let last_lines = last_lines(&taken.output);
    let file = (layout::evidence_file(evidence.number), taken.output);
    held.record(ctx, session, vec![file], &subject)?;
    Ok(Run { evidence, last_lines })
}

/// The last lines of an output, fit for a terminal.
fn last_lines(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    let lines: Vec<String> = text.lines().map(|line| plain(line).trim_end().to_owned()).collect();
    let filled = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |at| at + 1);
    lines[filled.saturating_sub(SHOWN)..filled].to_vec()
}

/// A line without colours and other control sequences, at most 200 characters of it.
fn plain(line: &str) -> String {
    // What a terminal would have been left with after a progress bar drew over itself.
    let line = line.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default();
    let text = anstream::adapter::strip_str(line).to_string();
    text.chars()
        .map(|c| if c == '\t' { ' ' } else { c })
        .filter(|c| !c.is_control())
        .take(200)
        .collect()
}

/// A duration for people: `40 ms`, `3.4 s`, `3 min`.
fn took(millis: u64) -> String {
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        _ => span(millis / 1_000),
    }
}
