//! `reference-transaction`: the lock. git runs it at every change of a ref.

use std::process::ExitCode;

use super::deadline;
use super::speech::{input, note, refuse, unjudged};
use crate::context::Surroundings;
use crate::domain::policy::Policy;
use crate::error::Error;
use crate::git::hook_input::{RefLine, ref_lines};
use crate::ops::gate::transaction::{self, Answer};
use crate::ops::gate::{Gate, undo};

/// Answers git's question; `args` holds the state of the transaction.
pub fn run(args: &[String]) -> ExitCode {
    let state = args.first().map_or("", String::as_str);
    // git 2.54 added `preparing`; other states may follow. A deletion is aborted once before it
    // is prepared, so nothing follows from `aborted`.
    if !matches!(state, "prepared" | "committed") {
        return ExitCode::SUCCESS;
    }
    let around = Surroundings::read();
    let mut lines = ref_lines(&input(&around));
    lines.retain(|line| transaction::concerns(line, &around));
    if lines.is_empty() {
        return ExitCode::SUCCESS;
    }
    if state == "committed" {
        let work = move || {
            let gate = Gate::open(&around)?;
            transaction::committed(&gate, &around, &lines)
        };
        // The refs have moved; what could not be kept is found again by looking.
        let _ = deadline::within(deadline::LOCK, work);
        return ExitCode::SUCCESS;
    }
    let asked = lines.clone();
    let answer = deadline::within(deadline::LOCK, move || judge(&around, &lines));
    match answer.map_err(|why| (why, None)).and_then(|r| r.map_err(|(e, p)| (e.to_string(), p))) {
        Ok(answer) => {
            for line in &answer.notes {
                note(line);
            }
            answer.refusal.map_or(ExitCode::SUCCESS, |refusal| refuse(&refusal))
        }
        Err((why, protected)) => closed(&asked, &why, protected.as_deref()),
    }
}

/// The answer, or what went wrong and which branches are protected as far as that was known.
fn judge(around: &Surroundings, lines: &[RefLine]) -> Result<Answer, (Error, Option<Vec<String>>)> {
    let gate = Gate::open(around).map_err(|e| (e, None))?;
    let known = |e: Error| {
        let protected = gate.rules().ok().map(|rules| {
            let branches = lines.iter().filter_map(RefLine::branch);
            branches.filter(|b| rules.protects(b)).map(str::to_owned).collect()
        });
        (e, protected)
    };
    let mut answer = transaction::prepared(&gate, around, lines).map_err(known)?;
    if let Some(refusal) = answer.refusal {
        // A refusal stands, whether or not the way back can be named.
        let named = undo::name(&gate, around, lines, refusal.clone());
        answer.refusal = Some(named.unwrap_or(refusal));
    }
    Ok(answer)
}

/// Nothing was judged: protected branches stay where they are, everything else goes on.
fn closed(lines: &[RefLine], why: &str, protected: Option<&[String]>) -> ExitCode {
    let default = Policy::default();
    let is_protected = |branch: &str| match protected {
        Some(list) => list.iter().any(|name| name == branch),
        // Unknown, so by the names that most branches have that are.
        None => default.protects(&branch.to_ascii_lowercase()),
    };
    match lines.iter().filter_map(RefLine::branch).find(|branch| is_protected(branch)) {
        Some(branch) => refuse(&unjudged(format!("moving {branch}"), why)),
        None => ExitCode::SUCCESS,
    }
}
