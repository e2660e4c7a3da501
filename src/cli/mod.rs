//! The command line: one file a verb, each its arguments and one call.

mod hook;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::{EXIT_CODES, Error, exit};
use crate::ui::{Out, explain};

/// Every issue in its own worktree, through five phases, with a gate at the end.
#[derive(Debug, Parser)]
#[command(
    name = "git-orch",
    bin_name = "git orch",
    version,
    after_help = EXIT_CODES,
    propagate_version = true,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// Say only what must be said
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Answer as JSON, with a schema number
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What a git hook runs; not for people
    #[command(hide = true)]
    Hook(hook::Hook),
}

/// How a verb answers.
#[derive(Debug)]
pub struct Speech {
    /// The streams.
    pub out: Out,
    /// Whether the answer is JSON.
    pub json: bool,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            // Help and version come this way too, with code 0.
            let code = if e.use_stderr() { exit::USAGE } else { exit::DONE };
            let _ = e.print();
            return ExitCode::from(code);
        }
    };
    let mut speech = Speech { out: Out::new(cli.quiet), json: cli.json };
    match run(cli.command, &mut speech) {
        Ok(code) => code,
        Err(e) => {
            if speech.json {
                speech.out.json("error", &explain::error_json(&e));
            }
            speech.out.alert(&explain::error(&e));
            ExitCode::from(e.code())
        }
    }
}

fn run(command: Command, _speech: &mut Speech) -> Result<ExitCode, Error> {
    match command {
        Command::Hook(args) => return Ok(hook::run(&args)),
    }
    #[expect(unreachable_code, reason = "until the first verb stands here")]
    Ok(ExitCode::SUCCESS)
}
