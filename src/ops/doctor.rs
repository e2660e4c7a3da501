//! `doctor`: what is installed, what is wrong, and mending what is mechanical.
//!
//! Each finding says what, why it matters, and what mends it. `--fix` does only what cannot lose
//! anything; for the rest the finding names the step for a person.

mod aside;
mod broken;
mod enter;
mod entries;
mod finding;
mod foreign;
mod intents;
mod issues;
mod kept;
mod locks;
mod rebuild;
mod repository;
pub mod selftest;
mod setup;
pub mod stray;
mod worktree;

use serde::Serialize;

pub use finding::{Finding, Level, Mend};

use super::{Narrator, archive, heal, install, new_issue, record, salvage};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::error::Error;
use crate::git::config;
use crate::store::intent;
use crate::store::{trash, working_copy};

/// What is installed, a line each, and what was noticed.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What is installed.
    pub facts: Vec<(String, String)>,
    /// What was noticed, worst first.
    pub findings: Vec<Finding>,
}

/// Looks at everything; changes nothing.
pub fn examine(ctx: &Context) -> Result<Report, Error> {
    let foreign = foreign::examine(ctx);
    if !foreign.is_empty() {
        // Whatever else is looked at may need it.
        return Ok(Report { facts: Vec::new(), findings: foreign });
    }
    let (facts, mut findings) = setup::examine(ctx)?;
    findings.extend(repository::examine(ctx)?);
    findings.extend(broken::examine(ctx)?);
    findings.extend(issues::examine(ctx)?);
    findings.extend(kept::examine(ctx)?);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    Ok(Report { facts, findings })
}

/// Mends what is mechanical. Returns what was done without an error: whether it is mended is told
/// by looking again.
pub fn fix(ctx: &Context, findings: &[Finding], narrator: &mut dyn Narrator) -> Vec<Finding> {
    let mut installed = false;
    let mut tried = Vec::new();
    // While git takes the repository for bare nothing else about it can be told rightly.
    let bare: Vec<&Finding> = findings.iter().filter(|f| f.mend == Mend::NotBare).collect();
    let findings = if bare.is_empty() { findings.iter().collect() } else { bare };
    for finding in findings {
        let done = match &finding.mend {
            Mend::Person => continue,
            // One installation sets up all that is missing.
            Mend::Install if installed => Ok(()),
            Mend::Install => {
                installed = true;
                install::init(ctx, &install::Options::default(), narrator).map(drop)
            }
            Mend::Open(id) => reopen(ctx, id, narrator),
            Mend::Archive(id) => named(id).and_then(|id| archive::go_on(ctx, &id, narrator)),
            Mend::Restore(id) => {
                named(id).and_then(|id| archive::restore::run(ctx, &id, narrator).map(drop))
            }
            Mend::Copy(id) => copy(ctx, id, narrator),
            Mend::Trash => {
                trash::empty(&ctx.repo.own_folder());
                Ok(())
            }
            Mend::NotBare => not_bare(ctx, narrator),
            Mend::Record(id) => named(id).and_then(|id| rebuild::record(ctx, &id, narrator)),
            Mend::Foreign(name) => foreign::set_aside(ctx, name),
            Mend::Checkpoints => {
                salvage::expired(ctx).and_then(|gone| salvage::discard(ctx, &gone, narrator))
            }
            Mend::Finish(kind) => intents::finish(ctx, kind, narrator),
            Mend::Intent(name) => intents::set_aside(ctx, name, narrator),
            Mend::Lock(name) => locks::heal(ctx, name, narrator),
            Mend::Entry(id) => named(id).and_then(|id| enter::again(ctx, &id, narrator)),
            Mend::Moved(id) => named(id).and_then(|id| enter::follow(ctx, &id, narrator)),
        };
        match done {
            Ok(()) => tried.push(finding.clone()),
            Err(e) => narrator.say(&format!("could not mend: {}: {e}", finding.what)),
        }
    }
    tried
}

/// A git that is killed while it writes the settings leaves its lock on them. The intent says that
/// it is ours; whoever comes after takes it away, see `ops::heal`.
fn not_bare(ctx: &Context, narrator: &mut dyn Narrator) -> Result<(), Error> {
    let own = ctx.repo.own_folder();
    let lock = record::lock_repository(ctx, narrator)?;
    heal::shared(ctx, stray::bareness(), &["config", stray::OWN_SETTINGS])?;
    if !intent::is_open(&own, stray::bareness()) {
        intent::write(&own, stray::bareness(), &"core.bare and core.worktree")?;
    }
    let git = ctx.repo.git.holding(&lock.file);
    for file in stray::settings(&git, &ctx.repo.common_dir) {
        for key in ["core.worktree", "core.bare"] {
            if config::in_file(&git, &file, key)?.is_some() {
                let value = (key == "core.bare").then_some("false");
                config::set_in_file(&git, &file, key, value)?;
            }
        }
    }
    heal::shared(ctx, stray::bareness(), &["config", stray::OWN_SETTINGS])?;
    Ok(intent::clear(&own, stray::bareness())?)
}

fn named(id: &str) -> Result<IssueId, Error> {
    id.parse().map_err(|e| Error::usage(format!("{e}"), "git orch status"))
}

fn reopen(ctx: &Context, id: &str, narrator: &mut dyn Narrator) -> Result<(), Error> {
    let id = named(id)?;
    new_issue::run(ctx, &id, &new_issue::Request::default(), narrator).map(drop)
}

fn copy(ctx: &Context, id: &str, narrator: &mut dyn Narrator) -> Result<(), Error> {
    let chain = record::require(ctx, &named(id)?)?;
    for name in working_copy::sync(&ctx.repo, &chain, ctx.now)?.set_aside {
        narrator.say(&format!("the edited file is kept as .context/{name}"));
    }
    Ok(())
}
