//! `git orch run`, and the scripted agent that it can start.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::next::first_step;
use super::speech::Speech;
use crate::agent::presets::{self, SCRIPTED};
use crate::agent::scripted::{Outcome, Watcher};
use crate::agent::stop::{self, Stop};
use crate::context::{Context, Surroundings};
use crate::domain::agents::AgentCommand;
use crate::domain::ids::IssueId;
use crate::domain::phase::Phase;
use crate::error::Error;
use crate::ops::run::{self, End, Options, Report};
use crate::ops::{script, target};
use crate::ui::Out;
use crate::ui::progress::Progress;

/// Start the agent of each phase, and resume it after any failure
///
/// What git-orch can do itself (move on, run the checks, archive) it does without an agent; what
/// an agent says of itself counts for nothing. A command given after -- is the agent for every
/// role: {prompt} in it stands for what the agent is told, which it reads on stdin otherwise.
#[derive(Debug, Args)]
pub struct Run {
    /// The issue [default: the one of this worktree]
    issue: Option<IssueId>,
    /// Stop as soon as the issue is in this phase [default: go on to the archive]
    #[arg(long, value_name = "PHASE")]
    until: Option<Phase>,
    /// The agent, by name: claude, codex, gemini, aider, opencode, copilot, scripted
    #[arg(long, value_name = "NAME", conflicts_with = "command")]
    agent: Option<String>,
    /// The script of the scripted agent
    #[arg(long, value_name = "FILE", conflicts_with = "command")]
    script: Option<PathBuf>,
    /// Take the issue over from a runner on another machine
    #[arg(long)]
    take_over: bool,
    /// The agent, as a command
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// The scripted agent itself
#[derive(Debug, Args)]
pub struct Scripted {
    /// The script
    file: PathBuf,
}

/// Runs `run`.
pub fn run(args: Run, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("run")?;
    let id = target::issue(&ctx, args.issue.clone())?;
    let ctx = Context { doing: format!("run {id}"), ..ctx };
    let options = Options {
        until: args.until,
        take_over: args.take_over,
        agent: chosen(args, &id)?,
        ..Options::default()
    };
    let stop = Stop::listen()
        .map_err(|e| Error::surroundings(format!("signals cannot be heard: {e}"), "ulimit -n"))?;
    let mut progress = Progress::new(&speech.out, !speech.json);
    let ended = run::run(&ctx, &id, &options, &stop, &mut progress);
    drop(progress);
    tell(&id, &ended?, &stop, speech);
    Ok(())
}

/// The agent of the command line, when there is one.
fn chosen(args: Run, id: &IssueId) -> Result<Option<AgentCommand>, Error> {
    named_agent(args.agent, args.script.as_deref(), args.command, &format!("run {id}"))
}

/// The agent that a command line names: by name, by its script, or as a command; `verb` is what
/// was typed before.
pub(super) fn named_agent(
    agent: Option<String>,
    script: Option<&Path>,
    command: Vec<String>,
    verb: &str,
) -> Result<Option<AgentCommand>, Error> {
    if !command.is_empty() {
        return Ok(Some(AgentCommand::Words(command)));
    }
    let script = script.map(|path| path.to_string_lossy().into_owned());
    let name = match (agent, &script) {
        (Some(name), _) => name,
        (None, Some(_)) => SCRIPTED.to_owned(),
        (None, None) => return Ok(None),
    };
    if name != SCRIPTED && script.is_some() {
        let fix = format!("git orch {verb} --agent scripted --script FILE");
        return Err(Error::usage("a script is for the scripted agent", fix));
    }
    if name != SCRIPTED && presets::find(&name).is_none() {
        return Err(Error::usage(
            format!("no agent is known as {name:?}; known are {}", presets::names()),
            format!("git orch {verb} -- {name}"),
        ));
    }
    Ok(Some(AgentCommand::Named { name, script }))
}

fn tell(id: &IssueId, report: &Report, stop: &Stop, speech: &Speech) {
    if speech.json {
        let (end, phase) = match report.end {
            End::Reached(phase) => ("reached", Some(phase.name())),
            End::Archived => ("archived", None),
            End::Interrupted(_) => ("interrupted", None),
        };
        let value = serde_json::json!({
            "issue": id.as_str(), "end": end, "phase": phase, "agents": report.agents,
        });
        speech.out.json("run", &value);
    }
    let agents = match report.agents {
        0 => "no agent was needed".to_owned(),
        1 => "1 agent ran".to_owned(),
        several => format!("{several} agents ran"),
    };
    match report.end {
        End::Reached(phase) => {
            speech.out.done(&format!("issue {id} is in {phase}; {agents}"));
            speech.out.next(&first_step(id, phase));
        }
        End::Archived => speech.out.done(&format!("issue {id} is archived; {agents}")),
        End::Interrupted(signal) => {
            speech.out.alert(&format!("issue {id}: ended by {}", stop::name(signal)));
            speech.out.next(&format!("git orch run {id}"));
            stop.obey();
        }
    }
}

/// Runs the scripted agent.
pub fn scripted(args: &Scripted, speech: &mut Speech) -> Result<ExitCode, Error> {
    let around = Surroundings::read();
    let mut plain = Plain { out: &speech.out };
    match script::play(&around, &args.file, &mut plain)? {
        Outcome::Done => Ok(ExitCode::SUCCESS),
        Outcome::With(code) => Ok(ExitCode::from(code)),
        Outcome::Killed => {
            stop::kill_self();
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Prints what the agent does, as an agent would.
struct Plain<'a> {
    out: &'a Out,
}

impl Watcher for Plain<'_> {
    fn heading(&mut self, text: &str) {
        self.out.answer(&format!("# {text}"));
    }

    fn say(&mut self, text: &str) {
        self.out.answer(text);
    }

    fn wrote(&mut self, path: &str, _text: &str) {
        self.out.answer(&format!("wrote {path}"));
    }

    fn command(&mut self, line: &str) {
        self.out.answer(&format!("$ {line}"));
    }

    fn printed(&mut self, line: &str) {
        self.out.answer(line);
    }

    fn ended(&mut self, _code: i32) {}
}
