//! `git orch init` and `git orch uninit`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use dialoguer::Confirm;

use super::speech::{Speech, no_answer};
use crate::context::{Context, Surroundings};
use crate::error::Error;
use crate::ops::install::{self, Options, Step};
use crate::ops::{ci, server};
use crate::store::{layout, manifest};
use crate::ui::Out;

/// Set git-orch up in this repository: hooks, exclude lines, default configuration
///
/// Run again, it changes nothing, or mends what is missing.
#[derive(Debug, Args)]
pub struct Init {
    /// The branch that work lands on [default: the remote's, else main or master, else the present one]
    #[arg(long, value_name = "BRANCH")]
    base: Option<String>,
    /// List every file, key and hook that would be touched, and touch nothing
    #[arg(long)]
    dry_run: bool,
    /// Ask nothing
    #[arg(long, short)]
    yes: bool,
    /// How much is judged: full, or standard, which leaves out the hook that every change of a ref
    /// waits for [default: as it was, at first full]
    #[arg(long, value_name = "LEVEL", conflicts_with_all = ["server", "ci"])]
    level: Option<Level>,
    /// Build the wall in this bare repository instead: its pre-receive hook
    #[arg(long, value_name = "REPOSITORY", conflicts_with = "ci")]
    server: Option<PathBuf>,
    /// With --server: every commit has to answer, whatever the policy's scope
    #[arg(long, requires = "server")]
    strict: bool,
    /// Write the workflow by which this forge judges what lands instead
    #[arg(long, value_name = "FORGE")]
    ci: Option<Forge>,
}

/// How much is judged here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Level {
    /// Every change of a protected branch
    Full,
    /// Merges that make a commit, rebases, and everything that is pushed
    Standard,
}

/// A forge whose workflows are known.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Forge {
    /// `.github/workflows/git-orch.yml`
    Github,
}

/// Take out exactly what init put in
#[derive(Debug, Args)]
pub struct Uninit {
    /// List what would be undone, and undo nothing
    #[arg(long)]
    dry_run: bool,
    /// Take the wall out of this bare repository instead
    #[arg(long, value_name = "REPOSITORY")]
    server: Option<PathBuf>,
}

/// Runs `init`.
pub fn run(args: Init, speech: &mut Speech) -> Result<(), Error> {
    if let Some(path) = &args.server {
        return on_server(path, &args, speech);
    }
    if args.ci.is_some() {
        return for_ci(args.dry_run, speech);
    }
    let ctx = Context::open("init")?;
    let first = manifest::read(&ctx.repo.own_folder())?.is_none();
    let lock = args.level.map(|level| level == Level::Full);
    let options = Options { base: args.base, dry_run: false, lock };
    let plan = install::init(&ctx, &Options { dry_run: true, ..options.clone() }, &mut speech.out)?;
    if args.dry_run {
        tell(&plan.steps, "would ", speech);
        return Ok(());
    }
    if first && !args.yes && Out::has_person() && !agreed(&plan.steps, &plan.base, speech)? {
        speech.out.note("nothing was changed");
        return Ok(());
    }
    let done = install::init(&ctx, &options, &mut speech.out)?;
    tell(&done.steps, "", speech);
    if done.steps.is_empty() || speech.json {
        return Ok(());
    }
    speech.out.done(&format!("git-orch is set up; work lands on {}", done.base));
    if done.new_config {
        speech
            .out
            .note(&format!("  commit {} when you want to change it for the team", layout::CONFIG));
    }
    speech.out.next("git orch new-issue ID --title '…'");
    Ok(())
}

fn on_server(path: &Path, args: &Init, speech: &Speech) -> Result<(), Error> {
    let options =
        server::Options { base: args.base.clone(), strict: args.strict, dry_run: args.dry_run };
    let steps = server::init(Surroundings::read(), path, &options)?;
    tell(&steps, if args.dry_run { "would " } else { "" }, speech);
    if !args.dry_run && !steps.is_empty() && !speech.json {
        speech.out.done(&format!("{} takes finished work only", path.display()));
    }
    Ok(())
}

fn for_ci(dry_run: bool, speech: &Speech) -> Result<(), Error> {
    let ctx = Context::open("init")?;
    let (path, changed) = ci::github(&ctx, dry_run)?;
    let words = format!("write {}", path.display());
    let steps: Vec<Step> = changed.then_some(Step { words }).into_iter().collect();
    tell(&steps, if dry_run { "would " } else { "" }, speech);
    if changed && !dry_run && !speech.json {
        speech.out.next("git add .github && git commit");
    }
    Ok(())
}

fn agreed(steps: &[Step], base: &str, speech: &Speech) -> Result<bool, Error> {
    tell(steps, "would ", speech);
    Confirm::new()
        .with_prompt(format!("Set git-orch up, with {base} protected?"))
        .default(true)
        .interact()
        .map_err(|e| no_answer(&e))
}

fn tell(steps: &[Step], would: &str, speech: &Speech) {
    if speech.json {
        let lines: Vec<&str> = steps.iter().map(|step| step.words.as_str()).collect();
        speech.out.json("changes", &lines);
        return;
    }
    if steps.is_empty() {
        speech.out.note("nothing to change");
    }
    for step in steps {
        let line = format!("{would}{}", step.words);
        if would.is_empty() { speech.out.note(&line) } else { speech.out.answer(&line) }
    }
}

/// Runs `uninit`.
pub fn uninit(args: &Uninit, speech: &mut Speech) -> Result<(), Error> {
    if let Some(path) = &args.server {
        let steps = server::uninit(Surroundings::read(), path, args.dry_run)?;
        tell(&steps, if args.dry_run { "would " } else { "" }, speech);
        return Ok(());
    }
    let ctx = Context::open("uninit")?;
    let steps = install::uninit(&ctx, args.dry_run, &mut speech.out)?;
    tell(&steps, if args.dry_run { "would " } else { "" }, speech);
    Ok(())
}
