//! The command line: one file a verb, each its arguments and one call.

mod adopt;
mod archive;
mod audit;
mod bug;
mod catalog;
mod check;
mod compact;
mod completions;
mod demo;
mod doctor;
mod export;
mod hook;
mod init;
mod land;
mod lanes;
mod learn;
mod man;
mod new_issue;
mod next;
mod patterns;
mod pr;
mod prime;
mod recall;
mod run;
mod salvage;
mod show;
mod signal;
mod spec;
mod speech;
mod survey;
mod task;
mod trust;
mod undo;
mod validate;
mod waive;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::error::{Error, exit, exit_codes};
use crate::ui::{Out, explain};

use speech::Speech;

/// Every issue in its own worktree, through five phases, with a gate at the end.
#[derive(Debug, Parser)]
#[command(
    name = "git-orch",
    bin_name = "git orch",
    version,
    after_help = exit_codes(),
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
    Init(init::Init),
    Uninit(init::Uninit),
    Demo(demo::Demo),
    Doctor(doctor::Doctor),
    NewIssue(new_issue::NewIssue),
    Status(survey::Status),
    Show(show::Show),
    Log(survey::Log),
    Where(survey::Where),
    Spec(spec::Spec),
    Next(next::Next),
    Prime(prime::Prime),
    Run(run::Run),
    Task(task::Tasks),
    Validate(validate::Validate),
    Trust(trust::Trust),
    Catalog(catalog::Catalog),
    Lanes(lanes::Lanes),
    Signal(signal::Signal),
    Learn(learn::Learn),
    Compact(compact::Compact),
    Recall(recall::Recall),
    Patterns(patterns::Patterns),
    Export(export::Export),
    Waive(waive::Waive),
    Check(check::Check),
    Pr(pr::Pr),
    Audit(audit::Audit),
    Adopt(adopt::Adopt),
    Land(land::Land),
    Archive(archive::Archive),
    Abandon(archive::Abandon),
    Salvage(salvage::Salvage),
    Undo(undo::Undo),
    Op(undo::Op),
    Completions(completions::Completions),
    Man(man::Man),
    /// What a git hook runs; not for people
    #[command(hide = true)]
    Hook(hook::Hook),
    /// The scripted agent; `git orch run --agent scripted` starts it
    #[command(hide = true)]
    Scripted(run::Scripted),
}

/// Runs the command line of this process. A bug of ours ends in words and a code of its own.
pub fn main() -> ExitCode {
    bug::guarded(|| {
        // git waits for its hooks: they do not wait until forty verbs are described.
        if let Some(code) = hook::direct(std::env::args_os().skip(1)) {
            return code;
        }
        completions::answer(Cli::command).unwrap_or_else(answer)
    })
}

fn answer() -> ExitCode {
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
        Ok(code) => match speech.out.lost() {
            None => code,
            Some(e) => {
                let lost = Error::surroundings(
                    format!("what was done is done, but the answer could not be written: {e}"),
                    "run the same command again, writing elsewhere",
                );
                speech.out.alert(&explain::error(&lost));
                ExitCode::from(lost.code())
            }
        },
        Err(e) => {
            // Red checks were reported already, and an answer is one document.
            if speech.json && !matches!(e, Error::Red(_)) {
                speech.out.json("error", &explain::error_json(&e));
            }
            speech.out.alert(&explain::error(&e));
            ExitCode::from(e.code())
        }
    }
}

fn run(command: Command, speech: &mut Speech) -> Result<ExitCode, Error> {
    match command {
        Command::Hook(args) => return Ok(hook::run(&args)),
        Command::Scripted(args) => return run::scripted(&args, speech),
        Command::Doctor(args) => return doctor::run(&args, speech),
        Command::Check(args) => return check::run(args, speech),
        Command::Demo(args) => demo::run(args, speech)?,
        Command::Init(args) => init::run(args, speech)?,
        Command::Uninit(args) => init::uninit(&args, speech)?,
        Command::NewIssue(args) => new_issue::run(args, speech)?,
        Command::Status(args) => survey::status(&args, speech)?,
        Command::Show(args) => show::run(args, speech)?,
        Command::Log(args) => survey::log(args, speech)?,
        Command::Where(args) => survey::locate(args, speech)?,
        Command::Spec(args) => spec::run(args, speech)?,
        Command::Run(args) => run::run(args, speech)?,
        Command::Prime(args) => prime::run(&args, speech)?,
        Command::Next(args) => next::run(args, speech)?,
        Command::Task(args) => task::run(args, speech)?,
        Command::Validate(args) => validate::run(args, speech)?,
        Command::Trust(args) => trust::run(&args, speech)?,
        Command::Lanes(args) => lanes::run(args, speech)?,
        Command::Signal(args) => signal::run(args, speech)?,
        Command::Catalog(args) => catalog::run(args, speech)?,
        Command::Learn(args) => learn::run(args, speech)?,
        Command::Patterns(args) => patterns::run(&args, speech)?,
        Command::Export(args) => export::run(&args, speech)?,
        Command::Recall(args) => recall::run(args, speech)?,
        Command::Compact(args) => compact::run(args, speech)?,
        Command::Waive(args) => waive::run(&args, speech)?,
        Command::Pr(args) => pr::run(args, speech)?,
        Command::Audit(args) => audit::run(args, speech)?,
        Command::Adopt(args) => adopt::run(&args, speech)?,
        Command::Land(args) => land::run(args, speech)?,
        Command::Archive(args) => archive::run(args, speech)?,
        Command::Abandon(args) => archive::abandon(args, speech)?,
        Command::Salvage(args) => salvage::run(args, speech)?,
        Command::Undo(args) => undo::run(args, speech)?,
        Command::Op(args) => undo::op(args, speech)?,
        Command::Completions(args) => completions::run(&args, &Cli::command(), speech)?,
        Command::Man(args) => man::run(&args, Cli::command(), speech)?,
    }
    Ok(ExitCode::SUCCESS)
}
