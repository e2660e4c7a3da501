//! `pre-rebase`: an earlier word about a rebase of a protected branch, before it touches anything.

use std::process::ExitCode;

use super::deadline;
use super::speech::refuse;
use crate::context::Surroundings;
use crate::domain::gate::Verdict;
use crate::ops::gate::{Gate, merge};

/// Judges the rebase; `args` holds what it goes onto, and the branch when it is not the one that
/// is checked out. What cannot be judged here is left to the lock.
pub fn run(args: &[String]) -> ExitCode {
    let Some(upstream) = args.first().filter(|upstream| !upstream.is_empty()).cloned() else {
        return ExitCode::SUCCESS;
    };
    let branch = args.get(1).cloned();
    let around = Surroundings::read();
    let verdict = deadline::within(deadline::PATIENT, move || {
        merge::judge_rebase(&Gate::open(&around)?, &upstream, branch.as_deref())
    });
    match verdict {
        Ok(Ok(Verdict::Refuse(refusal))) => refuse(&refusal),
        _ => ExitCode::SUCCESS,
    }
}
