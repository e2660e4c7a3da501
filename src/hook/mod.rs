//! What git runs: silent when content, three lines when not, and never in the way of what is
//! nobody's business.
//!
//! One file a hook. Each reads what git gave it, asks the gate within a time limit, and speaks on
//! stderr; stdout belongs to git's protocols.

mod deadline;
mod pre_merge_commit;
mod pre_push;
mod pre_rebase;
mod prepare_commit_msg;
mod reference_transaction;

use std::io::Read;
use std::process::ExitCode;

use crate::context::Surroundings;
use crate::domain::refusal::Refusal;
use crate::error::exit;
use crate::ui::{Out, explain};

/// Runs the hook `name` with git's arguments. A hook that we do not answer has nothing to say.
pub fn run(name: &str, args: &[String]) -> ExitCode {
    match name {
        "reference-transaction" => reference_transaction::run(args),
        "pre-push" => pre_push::run(args),
        "pre-merge-commit" => pre_merge_commit::run(),
        "pre-rebase" => pre_rebase::run(args),
        "prepare-commit-msg" => prepare_commit_msg::run(args),
        _ => ExitCode::SUCCESS,
    }
}

/// What git writes to the hook: what the shim read of it, then the rest.
fn input(around: &Surroundings) -> String {
    let mut text = around.seen.clone();
    let mut rest = Vec::new();
    // git may close its end at any time; what came counts.
    let _ = std::io::stdin().lock().read_to_end(&mut rest);
    text.push_str(&String::from_utf8_lossy(&rest));
    text
}

/// Says no, in words.
fn refuse(refusal: &Refusal) -> ExitCode {
    Out::new(false).alert(&explain::refusal(refusal));
    ExitCode::from(exit::REFUSED)
}

/// Says something that is not a refusal.
fn note(line: &str) {
    Out::new(false).alert(line);
}

/// The refusal when no judgement came about: `what` was to happen, and why it was not judged.
fn unjudged(what: String, why: &str) -> Refusal {
    Refusal::one("unjudged", what, format!("the gate could not judge it: {why}"), "git orch doctor")
}
