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
mod speech;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use crate::context;
use crate::error::exit;
use crate::store::atomic::Folder;

/// Leaves a mark of the hook `name` for `doctor --selftest`, which looks for nothing else.
fn mark(folder: &Path, name: &str) {
    if let Ok(Some(folder)) = Folder::open(folder, "") {
        let _ = folder.write(name, b"");
    }
}

/// Runs the hook `name` with git's arguments. A hook that we do not answer has nothing to say.
pub fn run(name: &str, args: &[OsString]) -> ExitCode {
    // A path keeps its bytes; what else git says is text, or close enough to look at.
    let text: Vec<String> = args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    if let Some(folder) = context::marks() {
        mark(&folder, name);
    }
    ExitCode::from(answer(name, args, &text))
}

fn answer(name: &str, args: &[OsString], text: &[String]) -> u8 {
    match name {
        "reference-transaction" => reference_transaction::run(text),
        "pre-push" => pre_push::run(text),
        "pre-merge-commit" => pre_merge_commit::run(),
        "pre-rebase" => pre_rebase::run(text),
        "prepare-commit-msg" => prepare_commit_msg::run(args),
        _ => exit::DONE,
    }
}
