//! What git-orch does in place of an agent that knows nothing of it: ticks the task whose command
//! passes, and puts on record why nothing was learned when that stands in a file.

use std::path::Path;

use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::phase::Phase;
use crate::ops::prime::Brief;
use crate::ops::{Narrator, learn, survey, tick};
use crate::store::{layout, working_copy};

/// Everything that the agent left to us.
pub(super) fn all(
    ctx: &Context,
    id: &IssueId,
    brief: &Brief,
    worktree: &Path,
    narrator: &mut dyn Narrator,
) {
    tick_task(ctx, id, brief, narrator);
    if brief.phase == Phase::Compact {
        none_learned(ctx, id, worktree, narrator);
    }
}

/// Ticks the task that the agent was given, when its command shows that it is done. Whatever keeps
/// it from being ticked keeps it open.
fn tick_task(ctx: &Context, id: &IssueId, brief: &Brief, narrator: &mut dyn Narrator) {
    let Some(number) = brief.task else { return };
    let Ok(whole) = survey::show(ctx, id) else { return };
    let tasks = &whole.chain.session.tasks;
    let open = tasks.iter().find(|task| task.number == number && task.is_open());
    if open.is_some_and(|task| task.verify.is_some())
        && let Err(error) = tick::run(ctx, id, number, narrator)
    {
        narrator.say(&format!("task {number} stays open: {error}"));
    }
}

/// Takes the reason for having learned nothing from its file, when nothing else was said.
fn none_learned(ctx: &Context, id: &IssueId, worktree: &Path, narrator: &mut dyn Narrator) {
    let Ok(whole) = survey::show(ctx, id) else { return };
    if whole.chain.session.speaks_of_learning() {
        return;
    }
    let Ok(Some(folder)) = working_copy::folder(worktree) else { return };
    let Ok(Some(bytes)) = folder.read(layout::NONE_LEARNED) else { return };
    let reason = String::from_utf8_lossy(&bytes).trim().to_owned();
    if let Err(error) = learn::none(ctx, id, &reason, narrator) {
        narrator.say(&format!("{} does not count: {error}", layout::NONE_LEARNED));
    }
}
