//! The guards in git's configuration, where other tools look after the hooks folder.

use std::ffi::OsString;

use crate::context::Context;
use crate::error::Error;
use crate::git::config;
use crate::git::exec::version_pair;
use crate::git::hooks_dir::{Change, Hook, HooksDirError, Lookup, ShimSettings, guard};

/// What is to change: files, and keys of the repository's own config.
#[derive(Debug, Default)]
pub struct Plan {
    files: Vec<Change>,
    keys: Vec<(String, Option<OsString>)>,
}

impl Plan {
    /// A line for each change.
    pub fn lines(&self) -> Vec<String> {
        let key = |(key, to): &(String, Option<OsString>)| match to {
            Some(to) => format!("set {key} to {}", to.display()),
            None => format!("unset {key}"),
        };
        let files = self.files.iter().map(ToString::to_string);
        files.chain(self.keys.iter().map(key)).collect()
    }
}

/// What an installation would change: where nobody else looks after hooks, or git is too old to run
/// them from its configuration, guards are taken away.
pub fn plan(ctx: &Context, lookup: &Lookup, settings: &ShimSettings) -> Result<Plan, Error> {
    let wanted = guard::is_wanted(lookup, settings).map_err(|e| failed(&e))?;
    if !wanted || !runs_configured(ctx)? {
        return plan_removal(ctx);
    }
    let there = config::own_section(&ctx.repo, "hook")?;
    let mut keys = Vec::new();
    for (hook, section) in guard::GUARDED {
        for (key, to) in guard::settings(&ctx.repo.common_dir, hook, section) {
            if !there.iter().any(|(name, value)| *name == key && OsString::from(value) == to) {
                keys.push((key, Some(to)));
            }
        }
    }
    let files = guard::plan(&ctx.repo.common_dir, settings).map_err(|e| failed(&e))?;
    Ok(Plan { files, keys })
}

/// The hooks that git runs from its configuration, wherever `core.hooksPath` leads. The git that is
/// asked is the one that git-orch finds; an older one runs none of them.
pub fn in_force(ctx: &Context) -> Result<Vec<Hook>, Error> {
    let there = config::own_section(&ctx.repo, "hook")?;
    let mut hooks = Vec::new();
    for (hook, section) in guard::GUARDED {
        let keys = guard::settings(&ctx.repo.common_dir, hook, section);
        let is_set = |(key, to): &(String, OsString)| {
            there.iter().any(|(name, value)| name == key && OsString::from(value) == *to)
        };
        if keys.iter().all(is_set)
            && guard::stands(&ctx.repo.common_dir, hook)
            && is_enabled(ctx, section)?
        {
            hooks.push(hook);
        }
    }
    if hooks.is_empty() || runs_configured(ctx)? { Ok(hooks) } else { Ok(Vec::new()) }
}

/// Whether nobody switched the guard off, in the configuration of whatever scope.
fn is_enabled(ctx: &Context, section: &str) -> Result<bool, Error> {
    let asked = ctx.repo.git.at(ctx.repo.home()).args(["config", "--type=bool", "--get"]);
    let output = asked.arg(format!("hook.{section}.enabled")).run()?;
    Ok(output.text().trim() != "false")
}

/// Installs the guards, or takes them away where they are not wanted.
pub fn install(
    ctx: &Context,
    lookup: &Lookup,
    settings: &ShimSettings,
) -> Result<Vec<String>, Error> {
    perform(ctx, &plan(ctx, lookup, settings)?)
}

/// What a removal would change.
pub fn plan_removal(ctx: &Context) -> Result<Plan, Error> {
    let files = guard::plan_removal(&ctx.repo.common_dir).map_err(|e| failed(&e))?;
    let there = config::own_section(&ctx.repo, "hook")?;
    let ours = |key: &str| {
        guard::GUARDED.iter().any(|(_, section)| key.starts_with(&format!("hook.{section}.")))
    };
    let keys = there.into_iter().filter(|(key, _)| ours(key)).map(|(key, _)| (key, None));
    Ok(Plan { files, keys: keys.collect() })
}

/// Takes the guards away.
pub fn remove(ctx: &Context) -> Result<Vec<String>, Error> {
    perform(ctx, &plan_removal(ctx)?)
}

/// A guard's files are there before git is told of it, and go after git has forgotten it.
fn perform(ctx: &Context, plan: &Plan) -> Result<Vec<String>, Error> {
    let files = || guard::perform(&plan.files, &ctx.repo.common_dir).map_err(|e| failed(&e));
    let keys = || {
        plan.keys.iter().try_for_each(|(key, to)| config::set_own(&ctx.repo, key, to.as_deref()))
    };
    if plan.keys.iter().any(|(_, to)| to.is_none()) {
        keys()?;
        files()?;
    } else {
        files()?;
        keys()?;
    }
    Ok(plan.lines())
}

fn runs_configured(ctx: &Context) -> Result<bool, Error> {
    let text = ctx.repo.git.at(ctx.repo.home()).args(["version"]).text()?;
    let version = text.trim_start_matches("git version ");
    Ok(version_pair(version).is_some_and(|version| version >= guard::SINCE))
}

fn failed(e: &HooksDirError) -> Error {
    Error::surroundings(e.to_string(), "git config --show-scope --get-regexp '^hook[.]'")
}
