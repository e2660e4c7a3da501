//! What git runs: silent when content, three lines when not, and never in the way of what is
//! nobody's business.

use std::process::ExitCode;

/// Runs the hook `name` with git's arguments.
pub fn run(_name: &str, _args: &[String]) -> ExitCode {
    ExitCode::SUCCESS
}
