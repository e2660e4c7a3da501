//! `trust`: the commands that come with a repository run only after a person has read them.
//!
//! This keeps a clone from running what its authors like. It is no fence against programs that
//! run as the user: those could run the commands themselves.

use super::agents::{self, Listed};
use super::{Narrator, policy, record};
use crate::context::Context;
use crate::domain::policy::Validator;
use crate::domain::refusal::{Refusal, Unmet};
use crate::error::Error;
use crate::store::layout;
use crate::store::trust::{self, Approval, Identity};

/// A command of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What it is for.
    pub kind: Kind,
    /// The validator's name, or the role of the agent.
    pub name: String,
    /// What runs, in full.
    pub text: String,
}

/// What a command is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It checks.
    Validator,
    /// It works.
    Agent,
}

impl Kind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Validator => "validator",
            Self::Agent => "agent",
        }
    }
}

impl Command {
    /// A validator's.
    fn of_validator(validator: &Validator) -> Self {
        let (name, text) = (validator.name.clone(), validator.command.clone());
        Self { kind: Kind::Validator, name, text }
    }

    /// An agent's.
    fn of_agent(agent: Listed) -> Self {
        Self { kind: Kind::Agent, name: agent.name, text: agent.text }
    }

    /// The name that its approval is kept under. No validator's name holds a colon.
    fn key(&self) -> String {
        match self.kind {
            Kind::Validator => self.name.clone(),
            Kind::Agent => format!("agent:{}", self.name),
        }
    }

    /// What it is, in two words.
    pub fn title(&self) -> String {
        format!("{} {}", self.kind.word(), self.name)
    }
}

/// A command, and whether it may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The command, as the protected branch has it.
    pub command: Command,
    /// Whether exactly this command was approved.
    pub approved: bool,
    /// The command that was approved under the same name, when it is another one.
    pub earlier: Option<String>,
}

/// What there is to be approved, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// The file and branch the commands come from.
    pub source: String,
    /// Each command.
    pub commands: Vec<Standing>,
}

/// Every command of the configuration in force.
pub fn survey(ctx: &Context) -> Result<Survey, Error> {
    let validators = policy::in_force(ctx)?.validators;
    let mut commands: Vec<Command> = validators.iter().map(Command::of_validator).collect();
    commands.extend(agents::listed(ctx)?.into_iter().map(Command::of_agent));
    let base = policy::base_branch(&ctx.repo)?.unwrap_or_default();
    let source = format!("{} on {base}", layout::CONFIG);
    Ok(Survey { source, commands: judged(ctx, commands)? })
}

fn judged(ctx: &Context, commands: Vec<Command>) -> Result<Vec<Standing>, Error> {
    if commands.is_empty() {
        return Ok(Vec::new());
    }
    // Without a place to keep approvals there is none.
    let approvals = match ctx.around.state_folder() {
        Some(folder) => trust::read(&folder, &identity(ctx)?)?,
        None => Vec::new(),
    };
    let standing = |command: Command| {
        let key = command.key();
        let approved = approvals.iter().any(|a| a.covers(&key, &command.text));
        let earlier = approvals.iter().rev().find(|a| a.name == key);
        let earlier = earlier.filter(|_| !approved).map(|a| a.command.clone());
        Standing { command, approved, earlier }
    };
    Ok(commands.into_iter().map(standing).collect())
}

/// Refuses when a command among `validators` was not approved; `what` says what it was to run for.
pub fn require(ctx: &Context, validators: &[Validator], what: &str) -> Result<(), Error> {
    require_all(ctx, validators.iter().map(Command::of_validator).collect(), what)
}

/// Refuses when the agent of the configuration for `role` was not approved.
pub fn require_agent(ctx: &Context, role: &str, what: &str) -> Result<(), Error> {
    let agent = agents::listed_for(ctx, role)?;
    require_all(ctx, agent.into_iter().map(Command::of_agent).collect(), what)
}

fn require_all(ctx: &Context, commands: Vec<Command>, what: &str) -> Result<(), Error> {
    let open: Vec<Standing> = judged(ctx, commands)?.into_iter().filter(|s| !s.approved).collect();
    let word = open.first().map_or("", |standing| standing.command.kind.word());
    let named = |changed: bool| {
        let chosen = open.iter().filter(|s| s.earlier.is_some() == changed);
        chosen.map(|s| s.command.name.as_str()).collect::<Vec<_>>()
    };
    let because = |names: Vec<&str>, one: &str, several: &str| {
        let why = match names.as_slice() {
            [] => return None,
            [only] => format!("{word} {only} {one}"),
            all => format!("{word}s {} {several}", all.join(", ")),
        };
        Some(Unmet::new("untrusted", why, "git orch trust"))
    };
    let new = because(
        named(false),
        "comes with the repository and nobody here has read it",
        "come with the repository and nobody here has read them",
    );
    let changed = because(
        named(true),
        "has another command than was approved",
        "have other commands than were approved",
    );
    let unmet: Vec<Unmet> = new.into_iter().chain(changed).collect();
    if unmet.is_empty() {
        return Ok(());
    }
    Err(Refusal::many("untrusted", what, unmet).into())
}

/// Approves `command` exactly as it was shown.
pub fn approve(ctx: &Context, command: &Command, narrator: &mut dyn Narrator) -> Result<(), Error> {
    let folder = ctx.around.state_folder().ok_or_else(|| {
        Error::surroundings(
            "there is no place to remember it: neither HOME nor XDG_STATE_HOME is set",
            "HOME=/your/home git orch trust",
        )
    })?;
    let _lock = record::lock_repository(ctx, narrator)?;
    let identity = identity(ctx)?;
    let mut approvals = trust::read(&folder, &identity)?;
    approvals.retain(|a| a.name != command.key());
    approvals.push(Approval::new(&command.key(), &command.text, ctx.now.to_string()));
    Ok(trust::write(&folder, &identity, approvals)?)
}

/// Takes every approval for this repository back. Returns how many there were.
pub fn revoke(ctx: &Context, narrator: &mut dyn Narrator) -> Result<usize, Error> {
    let Some(folder) = ctx.around.state_folder() else { return Ok(0) };
    let _lock = record::lock_repository(ctx, narrator)?;
    let identity = identity(ctx)?;
    let count = trust::read(&folder, &identity)?.len();
    trust::forget(&folder, &identity)?;
    Ok(count)
}

/// Where the repository is, and how it began. The first commit is found along first parents: a
/// history that was merged in later does not make it another repository.
fn identity(ctx: &Context) -> Result<Identity, Error> {
    let repo = &ctx.repo;
    let mut root = String::new();
    if let Some(base) = policy::base_branch(repo)? {
        for name in [format!("refs/heads/{base}"), format!("refs/remotes/origin/{base}")] {
            let Some(tip) = repo.objects.read_ref(&name)? else { continue };
            root = repo
                .git
                .in_repository(&repo.common_dir, None)
                .args(["rev-list", "--first-parent", "--max-parents=0", tip.as_str()])
                .text()?;
            break;
        }
    }
    Ok(Identity { common_dir: repo.common_dir.to_string_lossy().into_owned(), root })
}
