//! The command that restores what git had already changed when a move was refused.

use super::merge;
use super::repository::Gate;
use crate::context::Surroundings;
use crate::domain::gate::undo;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::git::hook_input::{RefLine, Value};
use crate::git::leftover;

/// `refusal` of a transaction, with the command that puts the worktree around us back. Nothing is
/// named when nothing was touched: while a merge only announces itself, and for a ref that moves
/// elsewhere.
pub fn name(
    gate: &Gate,
    around: &Surroundings,
    lines: &[RefLine],
    refusal: Refusal,
) -> Result<Refusal, Error> {
    if refusal.restore.is_some() {
        return Ok(refusal);
    }
    let rules = gate.rules()?;
    let protected = |line: &&RefLine| line.branch().is_some_and(|branch| rules.protects(branch));
    let Some(line) = lines.iter().find(protected) else { return Ok(refusal) };
    let (Some(branch), Value::Object(new)) = (line.branch(), &line.new) else {
        return Ok(refusal);
    };
    let left = leftover::gather(&gate.repo, new, around.committing)?;
    // While patches are rebased the worktree is on no branch; otherwise its own one is at stake.
    let home = merge::head_branch(&gate.repo)?.unwrap_or_else(|| branch.to_owned());
    Ok(refusal.restored_by(undo::command(&left, &home)))
}
