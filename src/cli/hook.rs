//! `git orch hook NAME …`: what the shims in git's hooks folder run.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;

/// The hook and what git gave it.
#[derive(Debug, Args)]
pub struct Hook {
    /// The hook's name
    name: String,
    /// Its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

/// Runs the hook.
pub fn run(hook: &Hook) -> ExitCode {
    crate::hook::run(&hook.name, &hook.args)
}
