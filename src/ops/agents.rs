//! Which command an agent is: chosen from the command line, the user's or the team's
//! configuration, and put together from a preset, a script or plain words.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::policy;
use crate::agent::presets::{self, SCRIPTED};
use crate::agent::scripted::Script;
use crate::agent::supervise;
use crate::context::Context;
use crate::domain::agents::{AgentCommand, Agents};
use crate::domain::ids::IssueId;
use crate::error::Error;
use crate::git::config;
use crate::store::{StoreError, runs};

/// Where the script of the scripted agent is when nobody says.
pub const SCRIPT: &str = ".orchestration/agent-script.toml";
/// The user's own choice, in `git config`.
const KEY: &str = "orch.agent";

/// An agent, and who chose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The command.
    pub command: AgentCommand,
    /// Where it comes from.
    pub by: By,
}

/// Who chose an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Who typed the command, or set `git config orch.agent`.
    User,
    /// The repository's configuration, which comes with a clone.
    Team,
}

/// An agent of the repository's configuration, as it is to be approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The role, or `default` for all that have none of their own.
    pub name: String,
    /// What runs, with the script when there is one.
    pub text: String,
}

/// The agent for `role`: the one given on the command line, the user's own, or the team's.
pub fn choose(
    ctx: &Context,
    given: Option<&AgentCommand>,
    agents: &Agents,
    role: &str,
) -> Result<Chosen, Error> {
    let user = |command| Ok(Chosen { command, by: By::User });
    if let Some(command) = given {
        return user(command.clone());
    }
    if let Some(value) = config::value(&ctx.repo, KEY)?.filter(|value| !value.trim().is_empty()) {
        return user(spoken(value.trim()));
    }
    match agents.command(role) {
        Some(command) => Ok(Chosen { command: command.clone(), by: By::Team }),
        None => Err(Error::surroundings(
            format!("no agent is configured for the {role} of an issue"),
            format!("git config {KEY} claude   # known: {}; docs/agents.md", presets::names()),
        )),
    }
}

/// A choice in one text: the name of an agent, or a line of shell that reads the prompt on stdin.
fn spoken(value: &str) -> AgentCommand {
    if value == SCRIPTED || presets::find(value).is_some() {
        return AgentCommand::Named { name: value.to_owned(), script: None };
    }
    AgentCommand::Words(["sh", "-c", value].map(str::to_owned).to_vec())
}

/// Every agent that the configuration in force names.
pub fn listed(ctx: &Context) -> Result<Vec<Listed>, Error> {
    let agents = policy::in_force(ctx)?.agents;
    let mut all = Vec::new();
    if let Some(command) = &agents.command {
        all.push(Listed { name: "default".to_owned(), text: text(ctx, command)? });
    }
    let lanes = policy::in_force(ctx)?.lanes;
    if let Some(critic) = &lanes.critic {
        all.push(Listed { name: "critic".to_owned(), text: text(ctx, &critic.command)? });
    }
    for (lane, own) in &lanes.lanes {
        for (kind, command) in [("lane", &own.command), ("hunter", &own.hunter)] {
            if let Some(command) = command {
                all.push(Listed { name: format!("{kind} {lane}"), text: text(ctx, command)? });
            }
        }
    }
    for (role, own) in &agents.roles {
        if let Some(command) = &own.command {
            all.push(Listed { name: role.clone(), text: text(ctx, command)? });
        }
    }
    Ok(all)
}

/// The agent of the configuration that `role` runs with.
pub fn listed_for(ctx: &Context, role: &str) -> Result<Option<Listed>, Error> {
    let all = listed(ctx)?;
    let own = all.iter().find(|one| one.name == role);
    Ok(own.or_else(|| all.iter().find(|one| one.name == "default")).cloned())
}

/// What a command means in full: a preset with its flags, a script with its steps.
fn text(ctx: &Context, command: &AgentCommand) -> Result<String, Error> {
    match command {
        AgentCommand::Named { name, script } if name == SCRIPTED => {
            let steps = script_text(ctx, script.as_deref(), By::Team)?.unwrap_or_default();
            Ok(format!("{command}\n{steps}"))
        }
        AgentCommand::Named { .. } => Ok(AgentCommand::Words(words(command)?).to_string()),
        AgentCommand::Words(_) => Ok(command.to_string()),
    }
}

/// The words of a command, placeholders included.
fn words(command: &AgentCommand) -> Result<Vec<String>, Error> {
    match command {
        AgentCommand::Words(words) => Ok(words.clone()),
        AgentCommand::Named { name, .. } => match presets::find(name) {
            Some(preset) => Ok(preset.command.iter().map(|&word| word.to_owned()).collect()),
            None => Err(Error::usage(
                format!("no agent is known as {name:?}; known are {}", presets::names()),
                "[agent] command = [\"program\", \"its arguments\", \"{prompt}\"]",
            )),
        },
    }
}

/// The script at `path`. The team's is read from the protected branch, so that an issue cannot
/// change its own agent; the user's own from the disk.
fn script_text(ctx: &Context, path: Option<&str>, by: By) -> Result<Option<String>, Error> {
    let bytes = match by {
        By::User => {
            let path = match path {
                Some(path) => ctx.around.folder.join(path),
                None => ctx.repo.home().join(SCRIPT),
            };
            match std::fs::read(&path) {
                Ok(bytes) => Some(bytes),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
                Err(e) => return Err(StoreError::file(&path, e).into()),
            }
        }
        By::Team => policy::team_file(&ctx.repo, path.unwrap_or(SCRIPT))?,
    };
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// A command ready to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// What it reads on stdin, when it does not take the prompt as an argument.
    pub input: Option<String>,
    /// Its name for people.
    pub name: String,
}

/// What fills the placeholders of a command.
#[derive(Clone, Copy, Debug)]
pub struct Filling<'a> {
    /// The issue.
    pub id: &'a IssueId,
    /// The agent's role.
    pub role: &'a str,
    /// Where it works.
    pub worktree: &'a Path,
    /// What it is told.
    pub prompt: &'a str,
}

/// Finds the program and fills the placeholders.
pub fn ready(ctx: &Context, chosen: &Chosen, filling: &Filling<'_>) -> Result<Ready, Error> {
    if let AgentCommand::Named { name, script } = &chosen.command
        && name == SCRIPTED
    {
        return scripted(ctx, script.as_deref(), chosen.by, filling.id);
    }
    let words = words(&chosen.command)?;
    let (first, rest) = words.split_first().ok_or_else(|| {
        Error::usage("the agent's command is empty", format!("git config {KEY} claude"))
    })?;
    let program = supervise::find(first, filling.worktree).ok_or_else(|| missing(first))?;
    let asks = rest.iter().any(|word| word.contains("{prompt}"));
    let filled = |word: &String| {
        // The prompt last: what it says of braces stays as it is.
        word.replace("{issue}", filling.id.as_str())
            .replace("{role}", filling.role)
            .replace("{worktree}", &filling.worktree.to_string_lossy())
            .replace("{prompt}", filling.prompt)
            .into()
    };
    Ok(Ready {
        program,
        args: rest.iter().map(filled).collect(),
        input: (!asks).then(|| filling.prompt.to_owned()),
        name: first.clone(),
    })
}

fn missing(program: &str) -> Error {
    let fix = match presets::find(program) {
        Some(preset) => format!("install it: {}", preset.page),
        None => format!("command -v {program}"),
    };
    Error::surroundings(format!("the agent {program} was not found"), fix)
}

/// The scripted agent is this program, with the script as it is now: a step that changes the file
/// must not change what comes after it.
fn scripted(ctx: &Context, path: Option<&str>, by: By, id: &IssueId) -> Result<Ready, Error> {
    let shown = path.unwrap_or(SCRIPT);
    let text = script_text(ctx, path, by)?.ok_or_else(|| {
        let place = match by {
            By::User => String::new(),
            By::Team => " on the protected branch".to_owned(),
        };
        Error::surroundings(
            format!("there is no script {shown}{place} for the scripted agent"),
            format!("git orch run {id} --agent scripted --script FILE"),
        )
    })?;
    Script::parse(&text)
        .map_err(|e| StoreError::Config { place: shown.to_owned(), message: e.to_string() })?;
    let program = ctx.around.program.clone().ok_or_else(|| {
        Error::surroundings("the system does not say where git-orch is", "git orch --version")
    })?;
    let frozen = runs::keep_script(&ctx.repo.own_folder(), id, &text)?;
    let args = vec![OsString::from("scripted"), frozen.into_os_string()];
    Ok(Ready { program, args, input: None, name: SCRIPTED.to_owned() })
}
