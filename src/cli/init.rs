//! `git orch init` and `git orch uninit`.

use clap::Args;
use dialoguer::Confirm;

use super::speech::{Speech, no_answer};
use crate::context::Context;
use crate::error::Error;
use crate::ops::install::{self, Options, Step};
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
}

/// Take out exactly what init put in
#[derive(Debug, Args)]
pub struct Uninit {
    /// List what would be undone, and undo nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs `init`.
pub fn run(args: Init, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("init")?;
    let first = manifest::read(&ctx.repo.own_folder())?.is_none();
    let plan =
        install::init(&ctx, &Options { base: args.base.clone(), dry_run: true }, &mut speech.out)?;
    if args.dry_run {
        tell(&plan.steps, "would ", speech);
        return Ok(());
    }
    if first && !args.yes && Out::has_person() && !agreed(&plan.steps, &plan.base, speech)? {
        speech.out.note("nothing was changed");
        return Ok(());
    }
    let done = install::init(&ctx, &Options { base: args.base, dry_run: false }, &mut speech.out)?;
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
    let ctx = Context::open("uninit")?;
    let steps = install::uninit(&ctx, args.dry_run, &mut speech.out)?;
    tell(&steps, if args.dry_run { "would " } else { "" }, speech);
    Ok(())
}
