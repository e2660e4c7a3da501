//! Our shims among the repository's hooks.

mod guard;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::policy;
use crate::context::Context;
use crate::error::Error;
use crate::git::hooks_dir::{
    self, Change, Hook, HooksDirError, Inspection, Lookup, Scope, Setting, ShimSettings, State,
};
use crate::git::{GitError, Repo, config};
use crate::store::atomic::Folder;
use crate::store::layout::own;
use crate::store::manifest;

/// What an installation would change, a line each.
pub fn plan(ctx: &Context, base: &str, lock: bool) -> Result<Vec<String>, Error> {
    let (lookup, settings) = (lookup(ctx)?, settings(ctx, base, lock)?);
    let mut list = lines(&hooks_dir::plan(&lookup, &settings).map_err(|e| failed(&e))?);
    list.extend(guard::plan(ctx, &lookup, &settings)?.lines());
    Ok(list)
}

/// Installs the shims, or mends them.
pub fn install(ctx: &Context, base: &str, lock: bool) -> Result<Vec<String>, Error> {
    let (lookup, settings) = (lookup(ctx)?, settings(ctx, base, lock)?);
    let changes = hooks_dir::install(&lookup, &settings, &mut |to| set_path(&ctx.repo, to))
        .map_err(|e| failed(&e))?;
    let mut list = lines(&changes);
    list.extend(guard::install(ctx, &lookup, &settings)?);
    Ok(list)
}

/// What a removal would change, a line each.
pub fn plan_removal(ctx: &Context) -> Result<Vec<String>, Error> {
    let mut list = guard::plan_removal(ctx)?.lines();
    list.extend(lines(&hooks_dir::plan_removal(&lookup(ctx)?).map_err(|e| failed(&e))?));
    Ok(list)
}

/// Removes the shims.
pub fn remove(ctx: &Context) -> Result<Vec<String>, Error> {
    // The guards first: without its files a guard does nothing, but git would still start it.
    let mut list = guard::remove(ctx)?;
    let lookup = lookup(ctx)?;
    let changes =
        hooks_dir::uninstall(&lookup, &mut |to| set_path(&ctx.repo, to)).map_err(|e| failed(&e))?;
    list.extend(lines(&changes));
    Ok(list)
}

/// What stands in git's hooks folder now, hook by hook.
pub fn inspect(ctx: &Context, base: &str) -> Result<Inspection, Error> {
    hooks_dir::inspect(&lookup(ctx)?, &settings(ctx, base, has_lock(ctx)?)?).map_err(|e| failed(&e))
}

/// The hooks that git runs from its configuration, whatever becomes of the folder of hooks.
pub fn guarded(ctx: &Context) -> Result<Vec<Hook>, Error> {
    guard::in_force(ctx)
}

/// How the names of issue branches begin.
pub fn issue_prefix(ctx: &Context, base: &str) -> Result<String, Error> {
    Ok(settings(ctx, base, has_lock(ctx)?)?.issue_prefix)
}

/// Tells the shims of an issue's branch that they would not take for one by its name: the one for
/// commit messages leaves at once on any other branch. Called before the issue's first commit.
pub fn notice_branch(ctx: &Context, base: &str, branch: &str) -> Result<(), Error> {
    let settings = settings(ctx, base, has_lock(ctx)?)?;
    // A shim that is not there, or was filled in for another pattern, may not know the name either.
    let knows = branch.starts_with(&settings.issue_prefix)
        && inspect(ctx, base)?.hooks.iter().any(|(hook, state)| {
            *hook == Hook::PrepareCommitMsg
                && matches!(
                    state,
                    State::Ours { current: true } | State::Behind { current: true, .. }
                )
        });
    if !knows {
        Folder::create(&ctx.repo.own_folder(), "")?.write(own::ADOPTED, b"")?;
    }
    Ok(())
}

fn lines(changes: &[Change]) -> Vec<String> {
    changes.iter().map(ToString::to_string).collect()
}

fn failed(e: &HooksDirError) -> Error {
    Error::surroundings(e.to_string(), "git config --show-scope --get-all core.hooksPath")
}

fn set_path(
    repo: &Repo,
    to: Option<&OsStr>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    config::set_own(repo, "core.hooksPath", to).map_err(Into::into)
}

/// Whether the hook that every change of a ref waits for is wanted here.
fn has_lock(ctx: &Context) -> Result<bool, Error> {
    Ok(!manifest::read(&ctx.repo.own_folder())?.is_some_and(|manifest| manifest.without_lock))
}

fn settings(ctx: &Context, base: &str, lock: bool) -> Result<ShimSettings, Error> {
    let program = ctx.around.program.clone().ok_or_else(|| {
        Error::surroundings("git-orch cannot tell where its own program is", "which git-orch")
    })?;
    // A policy that cannot be read protects by its defaults; `doctor` speaks of it.
    let policy = policy::to_come(&ctx.repo, base)
        .or_else(|| policy::load(&ctx.repo).ok())
        .unwrap_or_default();
    let mut protected = policy.protected;
    if !protected.iter().any(|name| name == base) {
        protected.push(base.to_owned());
    }
    let prefix = policy.branch.split("{id}").next().unwrap_or_default();
    Ok(ShimSettings {
        program,
        issue_prefix: prefix.to_owned(),
        protected,
        ignore_case: config::ignores_case(&ctx.repo),
        hooks: Hook::ALL
            .into_iter()
            .filter(|hook| lock || *hook != Hook::ReferenceTransaction)
            .collect(),
    })
}

/// Every value of `core.hooksPath`, and where it is set.
fn lookup(ctx: &Context) -> Result<Lookup, Error> {
    let repo = &ctx.repo;
    let found = |settings| Lookup {
        common_dir: repo.common_dir.clone(),
        top: repo.worktree.clone().or_else(|| repo.main_worktree.clone()),
        settings,
    };
    if config::plainly_unset(repo, "core.hooksPath", ctx.around.committer.elsewhere) {
        return Ok(found(Vec::new()));
    }
    let ask = |typed: bool| -> Result<Vec<(OsString, OsString)>, GitError> {
        let mut call = repo.git.at(repo.home()).args(["config", "--show-scope", "-z"]);
        if typed {
            call = call.arg("--type=path");
        }
        let output = call.args(["--get-all", "core.hooksPath"]).run()?;
        let mut parts =
            output.stdout.split(|&b| b == 0).map(|part| OsString::from_vec(part.to_vec()));
        let mut pairs = Vec::new();
        while let (Some(scope), Some(value)) = (parts.next(), parts.next()) {
            pairs.push((scope, value));
        }
        Ok(pairs)
    };
    let settings = ask(false)?
        .into_iter()
        .zip(ask(true)?)
        .filter_map(|((scope, raw), (_, path))| {
            Some(Setting { scope: Scope::named(scope.to_str()?)?, raw, path: PathBuf::from(path) })
        })
        .collect();
    Ok(found(settings))
}
