//! `trust`: the commands that come with a repository run only after a person has read them.
//!
//! This keeps a clone from running what its authors like. It is no fence against programs that
//! run as the user: those could run the commands themselves.

use std::collections::BTreeSet;

use super::agents::{self, Listed};
use super::{Narrator, policy, record};
use crate::context::Context;
use crate::domain::policy::Validator;
use crate::domain::refusal::{Refusal, Unmet};
use crate::error::Error;
use crate::store::layout;
use crate::store::trust::{self, Approval, Identity};

/// What the name of an agent's approval begins with. No validator's name holds a colon.
const AGENT: &str = "agent:";

/// A validator, and whether it may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The validator, as the protected branch has it.
    pub validator: Validator,
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
    /// Each validator.
    pub validators: Vec<Standing>,
}

/// Every command of the configuration in force.
pub fn survey(ctx: &Context) -> Result<Survey, Error> {
    let mut validators = policy::in_force(ctx)?.validators;
    validators.extend(agents::listed(ctx)?.into_iter().map(of_agent));
    let base = policy::base_branch(&ctx.repo)?.unwrap_or_default();
    let source = format!("{} on {base}", layout::CONFIG);
    Ok(Survey { source, validators: judged(ctx, validators)? })
}

/// An agent's command, to be approved like a validator's.
fn of_agent(agent: Listed) -> Validator {
    Validator { name: format!("{AGENT}{}", agent.name), command: agent.text, timeout: 0 }
}

/// What an approval of this name is for, in two words.
pub fn title(name: &str) -> String {
    match name.strip_prefix(AGENT) {
        Some(role) => format!("agent {role}"),
        None => format!("validator {name}"),
    }
}

/// Refuses when the agent that the configuration names for `role` was not approved.
pub fn require_agent(ctx: &Context, role: &str, what: &str) -> Result<(), Error> {
    let agent: Vec<_> = agents::listed_for(ctx, role)?.into_iter().map(of_agent).collect();
    require(ctx, &agent, what)
}

/// Refuses when the agent of this name among the configuration's was not approved: `lane E`.
pub fn require_named(ctx: &Context, name: &str, what: &str) -> Result<(), Error> {
    let mut agents = agents::listed(ctx)?;
    agents.retain(|agent| agent.name == name);
    require(ctx, &agents.into_iter().map(of_agent).collect::<Vec<_>>(), what)
}

/// Whether each of these commands was approved.
pub fn judged(ctx: &Context, validators: Vec<Validator>) -> Result<Vec<Standing>, Error> {
    if validators.is_empty() {
        return Ok(Vec::new());
    }
    // Without a place to keep approvals there is none.
    let approvals = match ctx.around.state_folder() {
        Some(folder) => trust::read(&folder, &identity(ctx)?)?,
        None => Vec::new(),
    };
    let standing = |validator: Validator| {
        let covered = |a: &Approval| a.covers(&validator.name, &validator.command);
        let approved = approvals.iter().any(covered);
        let earlier = approvals.iter().rev().find(|a| a.name == validator.name);
        let earlier = earlier.filter(|_| !approved).map(|a| a.command.clone());
        Standing { validator, approved, earlier }
    };
    Ok(validators.into_iter().map(standing).collect())
}

/// Refuses when a command among `validators` was not approved; `what` says what it was to run for.
pub fn require(ctx: &Context, validators: &[Validator], what: &str) -> Result<(), Error> {
    let open: Vec<Standing> =
        judged(ctx, validators.to_vec())?.into_iter().filter(|s| !s.approved).collect();
    let named = |changed: bool| {
        let chosen = open.iter().filter(|s| s.earlier.is_some() == changed);
        chosen.map(|s| s.validator.name.as_str()).collect::<Vec<_>>()
    };
    let because = |names: Vec<&str>, one: &str, several: &str| {
        let why = match names.as_slice() {
            [] => return None,
            [only] => format!("{} {one}", title(only)),
            all => format!("validators {} {several}", all.join(", ")),
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

/// Approves `validator` exactly as it was shown.
pub fn approve(
    ctx: &Context,
    validator: &Validator,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    approve_all(ctx, std::slice::from_ref(validator), narrator)
}

/// Approves each of these commands exactly as it was shown: all of them, or none.
pub fn approve_all(
    ctx: &Context,
    validators: &[Validator],
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let folder = ctx.around.state_folder().ok_or_else(|| {
        Error::surroundings(
            "there is no place to remember it: neither HOME nor XDG_STATE_HOME is set",
            "HOME=/your/home git orch trust",
        )
    })?;
    let _lock = record::lock_repository(ctx, narrator)?;
    let identity = identity(ctx)?;
    let mut approvals = trust::read(&folder, &identity)?;
    let names: BTreeSet<&str> = validators.iter().map(|v| v.name.as_str()).collect();
    approvals.retain(|a| !names.contains(a.name.as_str()));
    let at = ctx.now.to_string();
    approvals.extend(validators.iter().map(|v| Approval::new(&v.name, &v.command, at.clone())));
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
