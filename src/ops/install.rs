//! `init` and `uninit`: what git-orch puts into a repository, and taking exactly that out again.
//!
//! Both are lists of changes, made from what is there: a dry run shows the list, a run performs
//! it, a second run finds it empty.

use std::path::PathBuf;

use super::{Narrator, heal, hooks, policy, record, templates, watch};
use crate::context::Context;
use crate::domain::ids::Digest;
use crate::domain::refusal::{Refusal, Unmet};
use crate::error::Error;
use crate::git::open::DURABLE_CONFIG;
use crate::store::intent::{self, Kind};
use crate::store::manifest::{self, Manifest};
use crate::store::{atomic::Folder, chain, exclude, layout, trash};

/// What is asked of `init`.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The branch that work lands on; guessed when missing.
    pub base: Option<String>,
    /// Show what would be done and do nothing.
    pub dry_run: bool,
    /// Whether every change of a ref is to be judged; as it was, at first so, when not said.
    pub lock: Option<bool>,
}

/// One change, done or to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The change in one line, with the path it touches.
    pub words: String,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The branch that work lands on.
    pub base: String,
    /// The changes; empty when everything was as it should be.
    pub steps: Vec<Step>,
    /// Whether the configuration is new and wants to be committed.
    pub new_config: bool,
}

/// The kinds of intent these operations leave. They hold no choice: the manifest does. They are
/// the proof that a lock on git's configuration may be ours.
const INTENT: &str = "init";
const UNDO_INTENT: &str = "uninit";

const SETTINGS: &str = "# Read by git-orch alone: makes libgit2 sync what it writes.\n\
    [core]\n\tfsyncObjectFiles = true\n";

/// Sets git-orch up, or mends what is missing of it.
pub fn init(
    ctx: &Context,
    options: &Options,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let lock = if options.dry_run { None } else { Some(record::lock_repository(ctx, narrator)?) };
    let base = base(ctx, options)?;
    let own = ctx.repo.own_folder();
    let before = manifest::read(&own)?;
    refuse_server(ctx, before.as_ref())?;
    let lines = exclude::missing(&ctx.repo.common_dir, &layout::EXCLUDED)?;
    let config = new_config(ctx, &base)?;
    let wanted = wanted(ctx, &base, before.as_ref(), &lines, config.as_deref())?;
    let without_lock = before.as_ref().is_some_and(|before| before.without_lock);
    let lock_refs = options.lock.unwrap_or(!without_lock);
    let wanted = Manifest { without_lock: !lock_refs, ..wanted };
    let mut steps = Vec::new();
    let mut step = |words: String| steps.push(Step { words });
    if before.as_ref() != Some(&wanted) {
        step(format!("write {}", own.join(layout::own::MANIFEST).display()));
    }
    if !own.join(DURABLE_CONFIG).exists() {
        step(format!("write {}", own.join(DURABLE_CONFIG).display()));
    }
    if !lines.is_empty() {
        let file = ctx.repo.common_dir.join("info").join("exclude");
        step(format!("add to {}: {}", file.display(), lines.join(" ")));
    }
    if let (Some(_), Some(main)) = (&config, &ctx.repo.main_worktree) {
        step(format!("write {}", main.join(layout::CONFIG).display()));
    }
    let new_config = config.is_some();
    if options.dry_run {
        let hooks = hooks::plan(ctx, &base, lock_refs)?;
        steps.extend(hooks.into_iter().map(|words| Step { words }));
        return Ok(Report { base, steps, new_config });
    }
    // The manifest first: whatever is done after it can be undone by it.
    manifest::write(&own, &wanted)?;
    Folder::create(&own, "")?.write(DURABLE_CONFIG, SETTINGS.as_bytes())?;
    exclude::add(&ctx.repo.common_dir, &lines)?;
    if let (Some(text), Some(main)) = (config, &ctx.repo.main_worktree) {
        Folder::create(main, layout::ORCHESTRATION)?.write("config.toml", text.as_bytes())?;
    }
    watch::begin(ctx)?;
    heal::shared(ctx, Kind::of_repository(INTENT), &["config"])?;
    if hooks::plan(ctx, &base, lock_refs)?.is_empty() {
        intent::clear(&own, Kind::of_repository(INTENT))?;
        return Ok(Report { base, steps, new_config });
    }
    intent::write(&own, Kind::of_repository(INTENT), &wanted.base)?;
    let hooks = hooks::install(ctx, &base, lock_refs)?;
    heal::shared(ctx, Kind::of_repository(INTENT), &["config"])?;
    make_durable(ctx)?;
    intent::clear(&own, Kind::of_repository(INTENT))?;
    steps.extend(hooks.into_iter().map(|words| Step { words }));
    drop(lock);
    Ok(Report { base, steps, new_config })
}

fn base(ctx: &Context, options: &Options) -> Result<String, Error> {
    let named = match &options.base {
        Some(name) => Some(name.clone()),
        None => policy::base_branch(&ctx.repo)?,
    };
    let name = named.ok_or_else(|| {
        Error::usage("it is not clear which branch work lands on", "git orch init --base main")
    })?;
    let valid: Result<crate::domain::names::BranchName, _> = name.parse();
    valid
        .map(|name| name.to_string())
        .map_err(|e| Error::usage(e.to_string(), "git orch init --base main"))
}

/// The default configuration, where neither the work tree nor the base branch has one.
fn new_config(ctx: &Context, base: &str) -> Result<Option<String>, Error> {
    let Some(main) = &ctx.repo.main_worktree else { return Ok(None) };
    if main.join(layout::CONFIG).symlink_metadata().is_ok() {
        return Ok(None);
    }
    for name in [format!("refs/heads/{base}"), format!("refs/remotes/origin/{base}")] {
        if let Some(commit) = ctx.repo.objects.read_ref(&name)?
            && ctx.repo.objects.file(&commit, layout::CONFIG)?.is_some()
        {
            return Ok(None);
        }
    }
    templates::config(base).map(Some)
}

fn wanted(
    ctx: &Context,
    base: &str,
    before: Option<&Manifest>,
    lines: &[String],
    config: Option<&str>,
) -> Result<Manifest, Error> {
    let mut wanted =
        before.cloned().unwrap_or_else(|| Manifest { version: 1, ..Manifest::default() });
    base.clone_into(&mut wanted.base);
    if before.is_none() {
        wanted.made_exclude = !exclude::exists(&ctx.repo.common_dir)?;
    }
    for line in lines {
        if !wanted.excluded.contains(line) {
            wanted.excluded.push(line.clone());
        }
    }
    if let Some(text) = config {
        wanted.config_digest = Some(Digest::of(text.as_bytes()).to_string());
    }
    Ok(wanted)
}

/// A server has its wall, which is put there and taken out by another option.
fn refuse_server(ctx: &Context, there: Option<&Manifest>) -> Result<(), Error> {
    if there.is_none_or(|manifest| manifest.server.is_none()) {
        return Ok(());
    }
    let place = ctx.repo.common_dir.display();
    let what = format!("setting up or taking out hooks in {place}");
    let why = "it is a server with the wall, and nobody works in it";
    let fix = format!("git orch uninit --server {place}");
    Err(Refusal::one("in-use", what, why, fix).into())
}

/// Takes out what `init` put in. Refused while issues are open: their worktrees would be left
/// without anything that watches them.
pub fn uninit(
    ctx: &Context,
    dry_run: bool,
    narrator: &mut dyn Narrator,
) -> Result<Vec<Step>, Error> {
    let own = ctx.repo.own_folder();
    let Some(manifest) = manifest::read(&own)? else {
        // An earlier run may have been killed while it removed the rest.
        if !dry_run && !own.exists() {
            trash::remove_own_folder(&own)?;
        }
        return Ok(Vec::new());
    };
    refuse_server(ctx, Some(&manifest))?;
    refuse_open(ctx)?;
    let lock = if dry_run { None } else { Some(record::lock_repository(ctx, narrator)?) };
    let mut steps: Vec<Step> = Vec::new();
    let kind = Kind::of_repository(UNDO_INTENT);
    let hooks = if dry_run {
        hooks::plan_removal(ctx)?
    } else {
        heal::shared(ctx, kind, &["config"])?;
        intent::write(&own, kind, &manifest.base)?;
        let done = hooks::remove(ctx)?;
        heal::shared(ctx, kind, &["config"])?;
        done
    };
    steps.extend(hooks.into_iter().map(|words| Step { words }));
    if !manifest.excluded.is_empty() {
        let file = ctx.repo.common_dir.join("info").join("exclude");
        steps.push(Step {
            words: format!("take out of {}: {}", file.display(), manifest.excluded.join(" ")),
        });
    }
    let config = own_config(ctx, &manifest)?;
    if let Some(path) = &config {
        steps.push(Step { words: format!("remove {}", path.display()) });
    }
    steps.push(Step { words: format!("remove {}", own.display()) });
    if dry_run {
        return Ok(steps);
    }
    exclude::remove(&ctx.repo.common_dir, &manifest.excluded, manifest.made_exclude)?;
    if let (Some(_), Some(main)) = (&manifest.config_digest, &ctx.repo.main_worktree)
        && let Some(folder) = Folder::open(main, layout::ORCHESTRATION)?
    {
        if config.is_some() {
            folder.remove("config.toml")?;
        }
        Folder::create(main, "")?.remove_empty(layout::ORCHESTRATION)?;
    }
    drop(lock);
    // The manifest goes with the folder: until then the same command goes on from here. So what
    // it put back is on disk before it goes, and that it went before anything is said.
    make_durable(ctx)?;
    trash::remove_own_folder(&own)?;
    make_durable(ctx)?;
    Ok(steps)
}

/// Makes durable what git writes into its configuration and leaves to chance, and what was removed.
fn make_durable(ctx: &Context) -> Result<(), Error> {
    let common = Folder::create(&ctx.repo.common_dir, "")?;
    common.sync_file_system()?;
    if let Some(main) = &ctx.repo.main_worktree {
        let main = Folder::create(main, "")?;
        if main.device()? != common.device()? {
            main.sync_file_system()?;
        }
    }
    Ok(())
}

fn refuse_open(ctx: &Context) -> Result<(), Error> {
    let open = chain::all_open(&ctx.repo)?;
    let unmet: Vec<Unmet> = open
        .iter()
        .map(|(id, _)| {
            let fix = format!(
                "git orch archive {id}   # or, to give it up: git orch abandon {id} --reason '…'"
            );
            Unmet::new("issue-open", format!("issue {id} is open"), fix)
        })
        .collect();
    if unmet.is_empty() {
        return Ok(());
    }
    Err(Refusal::many("issue-open", "taking git-orch out of this repository", unmet).into())
}

/// The configuration file, when it is still the one we wrote and nobody committed it.
fn own_config(ctx: &Context, manifest: &Manifest) -> Result<Option<PathBuf>, Error> {
    let (Some(main), Some(digest)) = (&ctx.repo.main_worktree, &manifest.config_digest) else {
        return Ok(None);
    };
    let Some(folder) = Folder::open(main, layout::ORCHESTRATION)? else { return Ok(None) };
    let Some(bytes) = folder.read("config.toml")? else { return Ok(None) };
    if Digest::of(&bytes).to_string() != *digest {
        return Ok(None);
    }
    let tracked = ctx
        .repo
        .git
        .in_repository(&ctx.repo.common_dir, Some(main))
        .args(["ls-files", "--error-unmatch", "--", layout::CONFIG])
        .run()?;
    Ok((tracked.code != 0).then(|| main.join(layout::CONFIG)))
}
