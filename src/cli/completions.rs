//! `git orch completions`, and the answers to the shell when somebody presses TAB.
//!
//! A script only registers; what can stand next is asked of the program each time, so that issues
//! and tasks of the repository are offered beside verbs and options. People type `git orch`: each
//! script serves that as well as `git-orch`. Whatever goes wrong while a shell asks, it gets no
//! answer and the person no message.

use std::process::ExitCode;

use clap::builder::PossibleValue;
use clap::{Arg, Args, Command, ValueEnum};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{Bash, CompleteEnv, Elvish, EnvCompleter, Fish, Powershell, Zsh};

use super::speech::Speech;
use crate::context::Context;
use crate::error::{Error, exit};
use crate::ops::{record, survey, target};
use crate::store::chain;

/// Set by the scripts, to the name of the shell that asks.
const VARIABLE: &str = "GIT_ORCH_COMPLETE";
/// What people have in their PATH.
const PROGRAM: &str = "git-orch";
/// Verbs that read finished issues too.
const READING: [&str; 3] = ["show", "log", "where"];

/// Print the completion script of a shell
///
/// In bash, `source <(git orch completions bash)`. For zsh, save it as _git-orch in a folder of
/// $fpath; for fish, as ~/.config/fish/conf.d/git-orch.fish. install.sh puts the three where these
/// shells look.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

/// A shell with completion.
#[derive(Clone, Copy, Debug)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Elvish,
    Powershell,
}

impl ValueEnum for Shell {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Bash, Self::Zsh, Self::Fish, Self::Elvish, Self::Powershell]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.completer().name()))
    }
}

impl Shell {
    fn completer(self) -> &'static dyn EnvCompleter {
        match self {
            Self::Bash => &Bash,
            Self::Zsh => &Zsh,
            Self::Fish => &Fish,
            Self::Elvish => &Elvish,
            Self::Powershell => &Powershell,
        }
    }

    /// What serves `git orch`; elvish and PowerShell complete git only where somebody wrote that.
    fn for_git(self) -> &'static str {
        match self {
            Self::Bash => BASH_FOR_GIT,
            Self::Zsh => ZSH_FOR_GIT,
            Self::Fish => FISH_FOR_GIT,
            Self::Elvish | Self::Powershell => "",
        }
    }
}

/// git's bash completion calls `_git_orch` with the line in `words`, `cword` and `cur`, where it
/// has put `--base=main` and `a:b` together again; bash has not, and replaces only the last part.
const BASH_FOR_GIT: &str = r#"
_git_orch() {
    local at=${__git_cmd_idx:-1} i
    local -a COMP_WORDS=("git-orch" "${words[@]:at+1}")
    local COMP_CWORD=$((cword - at))
    _clap_complete_git_orch git-orch "$cur" "$prev"
    if [[ $cur == *[=:]* ]]; then
        for i in "${!COMPREPLY[@]}"; do
            COMPREPLY[i]=${COMPREPLY[i]#"${cur%"${cur##*[=:]}"}"}
        done
    fi
}
"#;

/// zsh's git completion calls `_git-orch` with `orch` as the first word. Read from a folder of
/// fpath, the script is itself that function, called for the first time.
const ZSH_FOR_GIT: &str = r#"
_git-orch() {
    _clap_dynamic_completer_git_orch "$@"
}
if [[ "${funcstack[1]}" == _git-orch ]]; then
    _git-orch "$@"
fi
"#;

/// fish's git completion hands over to `git-orch` by itself, but not in every release; offered
/// twice, a word is shown once.
const FISH_FOR_GIT: &str = r"
function __git_orch_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l at (contains --index -- orch $words)
    or return
    set -e words[1..$at]
    VARIABLE=fish git-orch -- git-orch $words (commandline --current-token)
end
complete --keep-order --exclusive --command git --condition '__fish_git_using_command orch' --arguments '(__git_orch_complete)'
";

/// Runs the verb; `command` is the whole command line.
pub fn run(args: &Completions, command: &Command, speech: &Speech) -> Result<(), Error> {
    let mut script = Vec::new();
    let completer = args.shell.completer();
    completer
        .write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script)
        .map_err(|e| Error::surroundings(e.to_string(), "git orch completions -h"))?;
    let mut script = String::from_utf8_lossy(&script).trim_start().to_owned();
    if matches!(args.shell, Shell::Zsh) {
        // The second line is what `git <TAB>` says beside `orch`.
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        script = script.replacen('\n', &format!("\n#description {about}\n"), 1);
    }
    script.push_str(&args.shell.for_git().replace("VARIABLE", VARIABLE));
    speech.out.answer(script.trim_end());
    Ok(())
}

/// Answers the shell when it is one that asks, and says with which code to end.
pub fn answer(command: fn() -> Command) -> Option<ExitCode> {
    let asked = CompleteEnv::with_factory(|| with_candidates(command(), ""))
        .var(VARIABLE)
        .bin(PROGRAM)
        .completer(PROGRAM)
        .try_complete(std::env::args_os(), None);
    match asked {
        Ok(false) => None,
        Ok(true) => Some(ExitCode::SUCCESS),
        Err(_) => Some(ExitCode::from(exit::USAGE)),
    }
}

/// `command` with the arguments that name something of this repository knowing what there is.
fn with_candidates(command: Command, parent: &str) -> Command {
    let verb = command.get_name().to_owned();
    let argument = |arg: Arg| {
        let candidates = match (arg.get_id().as_str(), verb.as_str(), parent) {
            ("issue", verb, _) if READING.contains(&verb) => ArgValueCandidates::new(all_issues),
            ("issue", ..) => ArgValueCandidates::new(open_issues),
            ("number", "done" | "drop", "task") => ArgValueCandidates::new(open_tasks),
            ("number", "reopen", "task") => ArgValueCandidates::new(closed_tasks),
            _ => return arg,
        };
        arg.add(candidates)
    };
    let verb = verb.clone();
    command.mut_args(argument).mut_subcommands(|sub| with_candidates(sub, &verb))
}

fn open_issues() -> Vec<CompletionCandidate> {
    let Ok(ctx) = Context::open("completions") else { return Vec::new() };
    let lines = survey::status(&ctx).unwrap_or_default();
    lines
        .into_iter()
        .map(|line| candidate(&line.issue, &format!("{} · {}", line.phase, line.title)))
        .collect()
}

fn all_issues() -> Vec<CompletionCandidate> {
    let mut found = open_issues();
    let archived = Context::open("completions")
        .ok()
        .and_then(|ctx| chain::all_archived(&ctx.repo).ok())
        .unwrap_or_default();
    found.extend(archived.iter().map(|(id, _)| candidate(id.as_str(), "archived")));
    found
}

fn open_tasks() -> Vec<CompletionCandidate> {
    tasks(true)
}

fn closed_tasks() -> Vec<CompletionCandidate> {
    tasks(false)
}

/// The tasks of the issue whose worktree we are in.
fn tasks(open: bool) -> Vec<CompletionCandidate> {
    let Ok(ctx) = Context::open("completions") else { return Vec::new() };
    let Ok(Some(id)) = target::here(&ctx) else { return Vec::new() };
    let Ok(chain) = record::require(&ctx, &id) else { return Vec::new() };
    let tasks = chain.session.tasks.iter().filter(|task| task.is_open() == open);
    tasks.map(|task| candidate(&task.number.to_string(), &task.text)).collect()
}

fn candidate(value: &str, about: &str) -> CompletionCandidate {
    CompletionCandidate::new(value).help(Some(about.to_owned().into()))
}
