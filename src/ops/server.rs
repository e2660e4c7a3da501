//! `init --server` and `uninit --server`: the wall of a bare repository, put there and taken out.

use std::path::{Path, PathBuf};

use super::install::Step;
use super::policy;
use crate::context::{Context, Surroundings};
use crate::domain::policy::Policy;
use crate::domain::refusal::Refusal;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::hooks_dir::{Change, ShimSettings, wall};
use crate::git::worktrees;
use crate::store::manifest::{self, Manifest, Server};
use crate::store::{atomic::Folder, layout, trash};

/// What is asked of `init --server`.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The branch whose policy holds; the one that `HEAD` names when missing.
    pub base: Option<String>,
    /// Whether every commit has to answer, whatever the policy's scope.
    pub strict: bool,
    /// Show what would be done and do nothing.
    pub dry_run: bool,
}

/// Builds the wall, or mends it. Returns what was changed; nothing when it stands as it should.
pub fn init(around: Surroundings, path: &Path, options: &Options) -> Result<Vec<Step>, Error> {
    let ctx = bare(around, path, "init --server")?;
    let own = ctx.repo.own_folder();
    let before = manifest::read(&own)?;
    if before.as_ref().is_some_and(|manifest| manifest.server.is_none()) {
        return Err(in_use(path).into());
    }
    let hooks = hooks_folder(&ctx)?;
    let base = base(&ctx, options, before.as_ref())?;
    let settings = settings(&ctx, &base)?;
    let made = before.as_ref().and_then(|manifest| manifest.server.as_ref()).map(|s| s.made_hooks);
    let server = Server { strict: options.strict, made_hooks: made.unwrap_or(!hooks.is_dir()) };
    let wanted = Manifest { version: 1, base, server: Some(server), ..Manifest::default() };
    let changes = wall::plan(&hooks, &settings, options.strict).map_err(|e| failed(&e))?;
    let mut steps = Vec::new();
    if before.as_ref() != Some(&wanted) {
        steps.push(format!("write {}", own.join(layout::own::MANIFEST).display()));
    }
    steps.extend(changes.iter().map(ToString::to_string));
    if !options.dry_run {
        // The manifest first: whatever is done after it can be undone by it.
        Folder::create(&own, "")?;
        manifest::write(&own, &wanted)?;
        wall::perform(&changes, &hooks).map_err(|e| failed(&e))?;
    }
    Ok(steps.into_iter().map(|words| Step { words }).collect())
}

/// What is missing of the wall that was built here; nothing where it stands.
pub fn missing(ctx: &Context) -> Result<Vec<Step>, Error> {
    let built = manifest::read(&ctx.repo.own_folder())?;
    let Some((manifest, server)) = built.as_ref().and_then(|m| Some((m, m.server.as_ref()?)))
    else {
        return Ok(Vec::new());
    };
    let settings = settings(ctx, &manifest.base)?;
    let changes =
        wall::plan(&hooks_folder(ctx)?, &settings, server.strict).map_err(|e| failed(&e))?;
    Ok(changes.iter().map(|change| Step { words: change.to_string() }).collect())
}

/// Takes the wall out again.
pub fn uninit(around: Surroundings, path: &Path, dry_run: bool) -> Result<Vec<Step>, Error> {
    let ctx = bare(around, path, "uninit --server")?;
    let own = ctx.repo.own_folder();
    let Some(server) = manifest::read(&own)?.and_then(|manifest| manifest.server) else {
        return Ok(Vec::new());
    };
    let hooks = hooks_folder(&ctx)?;
    let mut changes = wall::plan_removal(&hooks).map_err(|e| failed(&e))?;
    if server.made_hooks {
        changes.push(Change::RemoveFolder(hooks.clone()));
    }
    let mut steps: Vec<Step> =
        changes.iter().map(|change| Step { words: change.to_string() }).collect();
    steps.push(Step { words: format!("remove {}", own.display()) });
    if !dry_run {
        wall::perform(&changes, &hooks).map_err(|e| failed(&e))?;
        trash::remove_own_folder(&own)?;
    }
    Ok(steps)
}

/// The bare repository at `path`.
fn bare(around: Surroundings, path: &Path, doing: &str) -> Result<Context, Error> {
    let folder = around.folder.join(path);
    // What git says of the repository around us says nothing of that one.
    let around = Surroundings { git_dir: None, quarantine: None, ..around };
    let ctx = Context::open_at(around, &folder, doing)?;
    if ctx.repo.main_worktree.is_some() {
        return Err(Error::usage(
            format!("{} is no bare repository: people work in it", path.display()),
            format!("git -C {} orch init", quoted(&path.display().to_string())),
        ));
    }
    Ok(ctx)
}

fn in_use(path: &Path) -> Refusal {
    let there = quoted(&format!("{}.server", path.display()));
    Refusal::one(
        "in-use",
        format!("building a wall in {}", path.display()),
        "git-orch is set up there for work, in worktrees of its own",
        format!("git init --bare {there} && git orch init --server {there}"),
    )
}

/// Where git looks for hooks of this repository, when nobody else's are there too.
fn hooks_folder(ctx: &Context) -> Result<PathBuf, Error> {
    let asked = ctx.repo.git.in_repository(&ctx.repo.common_dir, None);
    let text = asked.args(["rev-parse", "--path-format=absolute", "--git-path", "hooks"]).text()?;
    let folder = PathBuf::from(text);
    if crate::git::open::real(&folder).starts_with(&ctx.repo.common_dir) || !folder.exists() {
        return Ok(folder);
    }
    Err(Error::surroundings(
        format!("core.hooksPath leads to {}, which other repositories share", folder.display()),
        format!(
            "git -C {} config core.hooksPath hooks",
            quoted(&ctx.repo.common_dir.display().to_string())
        ),
    ))
}

fn base(ctx: &Context, options: &Options, before: Option<&Manifest>) -> Result<String, Error> {
    let named = match (&options.base, before) {
        (Some(name), _) => Some(name.clone()),
        (None, Some(manifest)) => Some(manifest.base.clone()),
        (None, None) => worktrees::checked_out(&ctx.repo, &ctx.repo.common_dir)?,
    };
    named.ok_or_else(|| {
        Error::usage(
            "it is not clear which branch work lands on",
            "git orch init --base main --server PATH",
        )
    })
}

fn settings(ctx: &Context, base: &str) -> Result<ShimSettings, Error> {
    let program = ctx.around.program.clone().ok_or_else(|| {
        Error::surroundings("git-orch cannot tell where its own program is", "which git-orch")
    })?;
    let tip = ctx.repo.branch_tip(base)?;
    // A policy that cannot be read protects by its defaults until the program reads it.
    let policy = policy::of(&ctx.repo, base, tip.as_ref()).unwrap_or_else(|_| Policy::default());
    Ok(ShimSettings {
        program,
        issue_prefix: String::new(),
        protected: policy.protected,
        ignore_case: false,
        hooks: Vec::new(),
    })
}

fn failed(e: &crate::git::hooks_dir::HooksDirError) -> Error {
    Error::surroundings(e.to_string(), "ls -l hooks   # in the bare repository")
}
