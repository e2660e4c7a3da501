//! Is the gate in force here? What `status`, `doctor` and `new-issue` say when it is not: a hook
//! that git does not run, and moves of protected branches that nobody judged.

use super::gate::rules;
use super::gate::tripwire::{self, Unseen};
use super::hooks;
use crate::context::Context;
use crate::domain::names::HEADS;
use crate::error::Error;
use crate::git::hooks_dir::Hook;
use crate::store::manifest;

/// Something that weakens the gate, and the command that looks into it or mends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What is so, one line.
    pub what: String,
    /// The command.
    pub fix: String,
}

/// Everything that weakens the gate in this repository; nothing where git-orch is not set up.
pub fn notices(ctx: &Context) -> Result<Vec<Notice>, Error> {
    let mut list = switched_off(ctx)?;
    for moved in unseen(ctx)? {
        list.push(Notice { what: moved.to_string(), fix: look(&moved) });
    }
    Ok(list)
}

/// The hooks that git does not run, in one notice.
pub fn switched_off(ctx: &Context) -> Result<Vec<Notice>, Error> {
    let installed = manifest::read(&ctx.repo.own_folder())?;
    // A server has one hook, and nobody works there; `doctor` looks after it.
    let Some(installed) = installed.filter(|installed| installed.server.is_none()) else {
        return Ok(Vec::new());
    };
    let seen = match hooks::inspect(ctx, &installed.base) {
        Ok(seen) => seen,
        // Whoever asks for a list of issues gets it, whatever is wrong with the hooks.
        Err(e) => {
            let what = format!("it cannot be told whether git runs our hooks: {e}");
            return Ok(vec![Notice { what, fix: "git orch doctor".to_owned() }]);
        }
    };
    let names: Vec<&str> =
        seen.hooks.iter().filter(|(_, state)| !state.runs()).map(|(hook, _)| hook.name()).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let lock = Hook::ReferenceTransaction;
    let effect = if !names.contains(&lock.name()) {
        ""
    } else if hooks::guarded(ctx)?.contains(&lock) {
        "; the guards in git's configuration judge what lands"
    } else {
        ": what lands is not judged"
    };
    let folder = seen.folder.display();
    let what = format!("git does not run our {} in {folder}{effect}", names.join(", "));
    Ok(vec![Notice { what, fix: "git orch init".to_owned() }])
}

/// Every move of a protected branch that nobody judged and no remote has published since.
pub fn unseen(ctx: &Context) -> Result<Vec<Unseen>, Error> {
    let mut list = Vec::new();
    for branch in protected(ctx)? {
        list.extend(tripwire::unseen(&ctx.repo, &branch)?);
    }
    Ok(list)
}

/// Keeps where the protected branches stand that were never looked at, so that the first move
/// that nobody judges is noticed too.
pub fn begin(ctx: &Context) -> Result<(), Error> {
    for branch in protected(ctx)? {
        if tripwire::value(&ctx.repo, &branch)?.is_none()
            && let Some(now) = ctx.repo.branch_tip(&branch)?
        {
            tripwire::keep(&ctx.repo, &branch, &now)?;
        }
    }
    Ok(())
}

/// The protected branches that are there.
fn protected(ctx: &Context) -> Result<Vec<String>, Error> {
    let rules = rules::load(&ctx.repo)?;
    let all = ctx.repo.objects.refs(HEADS)?.into_iter();
    let names = all.filter_map(|(name, _)| name.strip_prefix(HEADS).map(str::to_owned));
    Ok(names.filter(|branch| rules.protects(branch)).collect())
}

/// The command that shows what came.
pub fn look(moved: &Unseen) -> String {
    format!("git log --oneline {}..{}", moved.from.short(), moved.to.short())
}
