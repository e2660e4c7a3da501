//! `pre-rebase`: an earlier word about a rebase of a protected branch, before it touches anything.

use super::deadline;
use super::speech::refuse;
use crate::context::Surroundings;
use crate::domain::gate::Verdict;
use crate::error::exit;
use crate::ops::gate::{Gate, merge};

/// Judges the rebase; `args` holds what it goes onto, and the branch when it is not the one that
/// is checked out. What cannot be judged here is left to the lock.
pub fn run(args: &[String]) -> u8 {
    let Some(upstream) = args.first().filter(|upstream| !upstream.is_empty()).cloned() else {
        return exit::DONE;
    };
    let branch = args.get(1).cloned();
    let around = Surroundings::read();
    let verdict = deadline::within(
        deadline::PATIENT,
        |_| exit::DONE,
        || merge::judge_rebase(&Gate::open(&around)?, &upstream, branch.as_deref()),
    );
    match verdict {
        Ok(Ok(Verdict::Refuse(refusal))) => refuse(&refusal),
        _ => exit::DONE,
    }
}
