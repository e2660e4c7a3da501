//! `reference-transaction`: the lock. git runs it at every change of a ref.

use std::sync::{Arc, OnceLock};

use super::deadline;
use super::speech::{input, note, refuse, unjudged};
use crate::context::Surroundings;
use crate::domain::policy::Policy;
use crate::error::{Error, exit};
use crate::git::hook_input::{RefLine, ref_lines};
use crate::ops::gate::transaction::{self, Answer};
use crate::ops::gate::{Gate, undo};

/// Answers git's question; `args` holds the state of the transaction.
pub fn run(args: &[String]) -> u8 {
    let state = args.first().map_or("", String::as_str);
    // git 2.54 added `preparing`; other states may follow. A deletion is aborted once before it
    // is prepared, so nothing follows from `aborted`.
    if !matches!(state, "prepared" | "committed") {
        return exit::DONE;
    }
    let around = Surroundings::read();
    let mut lines = ref_lines(&input(&around));
    lines.retain(|line| transaction::concerns(line, &around));
    if lines.is_empty() {
        return exit::DONE;
    }
    if state == "committed" {
        let work = || {
            let gate = Gate::open(&around)?;
            transaction::committed(&gate, &around, &lines)
        };
        // The refs have moved; what could not be kept is found again by looking.
        let _ = deadline::within(deadline::LOCK, |_| exit::DONE, work);
        return exit::DONE;
    }
    let protected = Arc::new(OnceLock::new());
    let late = {
        let (lines, protected) = (lines.clone(), Arc::clone(&protected));
        move |why: &str| closed(&lines, why, protected.get())
    };
    let answer = deadline::within(deadline::LOCK, late, || judge(&around, &lines, &protected));
    match answer.and_then(|result| result.map_err(|e| e.to_string())) {
        Ok(answer) => {
            for line in &answer.notes {
                note(line);
            }
            answer.refusal.map_or(exit::DONE, |refusal| refuse(&refusal))
        }
        Err(why) => closed(&lines, &why, protected.get()),
    }
}

/// The answer. Which of the branches are `protected` is said as soon as it is known, for who has
/// to answer when nothing comes of this.
fn judge(
    around: &Surroundings,
    lines: &[RefLine],
    protected: &OnceLock<Vec<String>>,
) -> Result<Answer, Error> {
    let gate = Gate::open(around)?;
    let mut branches = lines.iter().filter_map(RefLine::branch).peekable();
    if branches.peek().is_some() {
        let rules = gate.rules()?;
        let list = branches.filter(|branch| rules.protects(branch)).map(str::to_owned).collect();
        // Nobody else sets it.
        let _ = protected.set(list);
    }
    let mut answer = transaction::prepared(&gate, around, lines)?;
    if let Some(refusal) = answer.refusal {
        // A refusal stands, whether or not the way back can be named.
        let named = undo::name(&gate, around, lines, refusal.clone());
        answer.refusal = Some(named.unwrap_or(refusal));
    }
    Ok(answer)
}

/// Nothing was judged: protected branches stay where they are, everything else goes on.
fn closed(lines: &[RefLine], why: &str, protected: Option<&Vec<String>>) -> u8 {
    let default = Policy::default();
    let is_protected = |branch: &str| match protected {
        Some(list) => list.iter().any(|name| name == branch),
        // Unknown, so by the names that most branches have that are.
        None => default.protects(&branch.to_ascii_lowercase()),
    };
    match lines.iter().filter_map(RefLine::branch).find(|branch| is_protected(branch)) {
        Some(branch) => refuse(&unjudged(format!("moving {branch}"), why)),
        None => exit::DONE,
    }
}
