//! `refs/git-orch/issues/`: the records of the open issues.
//!
//! They say what is open, what is sealed and what was born, so whoever takes one away, puts it
//! back or puts another's in its place decides what may land. git-orch writes them without asking
//! its own hooks; a move that comes here is somebody else's.

use super::deletion::is_prune;
use super::repository::Gate;
use crate::domain::gate::Verdict;
use crate::domain::names::ISSUES;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::git::hook_input::{RefLine, Value};

/// Judges a move of the record of the issue `id`.
pub fn judge(gate: &Gate, line: &RefLine, id: &str) -> Result<Verdict, Error> {
    let name = format!("{ISSUES}{id}");
    let now = gate.repo.objects.read_ref(&name)?;
    let harmless = match (&line.new, &now) {
        (Value::Nothing, None) => true,
        (Value::Nothing, Some(now)) => is_prune(&gate.repo, &name, now),
        (Value::Object(new), now) => now.as_ref() == Some(new),
        (Value::Symbolic(_), _) => false,
    };
    if harmless {
        return Ok(Verdict::Pass);
    }
    let what = match line.new {
        Value::Nothing => format!("deleting the record of issue {id}"),
        _ => format!("writing the record of issue {id}"),
    };
    let head = gate.heads()?.iter().find(|head| head.issue.as_str() == id);
    let fix = match (head, &line.new) {
        (Some(head), _) if head.damaged => "git orch doctor --fix".to_owned(),
        (Some(_), Value::Nothing) => {
            format!("git orch abandon {id} --reason '…'   # ends the issue, keeps its work")
        }
        (Some(_), _) => format!("git orch next {id}"),
        (None, _) => format!("git orch new-issue {id}"),
    };
    let why = match head {
        Some(_) => "only git-orch writes records: they decide what may land",
        None => "only git-orch writes records, and there is no such issue",
    };
    Ok(Verdict::Refuse(Refusal::one("record", what, why, fix)))
}
