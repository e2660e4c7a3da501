//! `pre-merge-commit`: an earlier word about a merge, for where the lock is not installed.

use super::deadline;
use super::speech::refuse;
use crate::context::Surroundings;
use crate::domain::gate::Verdict;
use crate::error::exit;
use crate::ops::gate::{Gate, merge};

/// Judges the merge that git is about to commit. What cannot be judged here is left to the lock.
pub fn run() -> u8 {
    let around = Surroundings::read();
    if around.merge_heads.is_empty() {
        return exit::DONE;
    }
    let verdict = deadline::within(
        deadline::PATIENT,
        |_| exit::DONE,
        || merge::judge(&Gate::open(&around)?, &around.merge_heads),
    );
    match verdict {
        // git stops with the merge half done, and advises to commit it.
        Ok(Ok(Verdict::Refuse(refusal))) => {
            refuse(&refusal.restored_by(Some("git merge --abort".to_owned())))
        }
        _ => exit::DONE,
    }
}
