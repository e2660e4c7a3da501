//! `doctor`: what is installed, what is wrong, and mending what is mechanical.
//!
//! Each finding says what, why it matters, and what mends it. `--fix` does only what cannot lose
//! anything; for the rest the finding names the step for a person.

mod broken;
mod finding;
mod foreign;
mod issues;
mod kept;
mod rebuild;
mod repository;
pub mod selftest;
mod setup;
pub mod stray;

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

/// Mends what is mechanical and says what was done; what cannot be mended stays for the next look.
/// Returns whether all of it could be.
pub fn fix(
    ctx: &Context,
    findings: &[Finding],
    narrator: &mut dyn Narrator,
) -> Result<bool, Error> {
    let mut installed = false;
    let mut all = true;
    // While git takes the repository for bare nothing else about it can be told rightly.
    let bare: Vec<&Finding> = findings.iter().filter(|f| f.mend == Mend::NotBare).collect();
    let findings = if bare.is_empty() { findings.iter().collect() } else { bare };
    for finding in findings {
        let done = match &finding.mend {
            Mend::Person => continue,
            Mend::Install if installed => continue,
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
            Mend::Checkpoints => salvage::discard(ctx, &salvage::expired(ctx)?, narrator),
        };
        match done {
            Ok(()) => narrator.say(&format!("mended: {}", finding.what)),
            Err(e) => {
                all = false;
                narrator.say(&format!("could not mend: {}: {e}", finding.what));
            }
        }
    }
    Ok(all)
}

/// A git that is killed while it writes the settings leaves its lock on them. The intent says that
/// it is ours; whoever comes after takes it away, see `ops::heal`.
fn not_bare(ctx: &Context, narrator: &mut dyn Narrator) -> Result<(), Error> {
    let own = ctx.repo.own_folder();
    let lock = record::lock_repository(ctx, narrator)?;
    heal::shared(ctx, stray::bareness(), &["config"])?;
    if !intent::is_open(&own, stray::bareness()) {
        intent::write(&own, stray::bareness(), &"core.bare and core.worktree")?;
    }
    let git = ctx.repo.git.holding(&lock.file);
    let file = ctx.repo.common_dir.join("config");
    config::set_in_file(&git, &file, "core.worktree", None)?;
    config::set_in_file(&git, &file, "core.bare", Some("false"))?;
    heal::shared(ctx, stray::bareness(), &["config"])?;
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
