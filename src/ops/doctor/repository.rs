//! Is the repository itself in order: for git, and for us?

use super::finding::{Finding, Level, Mend};
use super::{entries, locks, stray};
use crate::context::Context;
use crate::error::Error;
use crate::git::config;
use crate::git::open::real;
use crate::store::{atomic::Folder, intent, layout::own};

/// Free space below which writing becomes a gamble, in bytes.
const DISK_FLOOR: u64 = 200 * 1024 * 1024;

/// Everything that is not as it should be.
pub fn examine(ctx: &Context) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    findings.extend(bare(ctx)?);
    findings.extend(entries::examine(ctx)?);
    findings.extend(locks::examine(ctx)?);
    findings.extend(leftovers(ctx)?);
    findings.extend(disk(ctx));
    Ok(findings)
}

/// A tool that ran `git init` inside a hook writes `core.bare=true` into the shared config.
fn bare(ctx: &Context) -> Result<Option<Finding>, Error> {
    let common = &ctx.repo.common_dir;
    if common.file_name().is_none_or(|name| name != ".git") || !common.join("index").exists() {
        return Ok(None);
    }
    let git = &ctx.repo.git;
    let elsewhere = |value: &str| {
        let there = common.join(value);
        common.parent().is_some_and(|home| real(&there) != real(home))
    };
    let mut wrong = Vec::new();
    for file in stray::settings(git, common) {
        let value = |key| config::in_file(git, &file, key);
        let of = if file.ends_with(stray::OWN_SETTINGS) { " in config.worktree" } else { "" };
        if value("core.bare")?.is_some_and(|value| config::is_true(&value)) {
            wrong.push(format!("core.bare is true{of}"));
        }
        if value("core.worktree")?.is_some_and(|value| elsewhere(&value)) {
            wrong.push(format!("core.worktree names another folder{of}"));
        }
    }
    // One that was interrupted may have left git's lock on the settings.
    let interrupted = intent::is_open(&ctx.repo.own_folder(), stray::bareness());
    let what = match wrong.as_slice() {
        [] => "setting core.bare and core.worktree right was interrupted".to_owned(),
        wrong => format!("{}, but this repository has a work tree here", wrong.join(", and ")),
    };
    Ok((interrupted || !wrong.is_empty()).then(|| Finding {
        code: "bare",
        level: Level::Bad,
        what,
        why: "git refuses to work in the main worktree; a tool that ran inside a hook often does this".to_owned(),
        step: "git orch doctor --fix   # sets core.bare to false and unsets core.worktree".to_owned(),
        mend: Mend::NotBare,
    }))
}

fn leftovers(ctx: &Context) -> Result<Option<Finding>, Error> {
    let Some(folder) = Folder::open(&ctx.repo.own_folder(), own::TRASH)? else { return Ok(None) };
    let count = folder.names()?.len();
    Ok((count > 0).then(|| Finding {
        code: "trash",
        level: Level::Info,
        what: format!("{count} removed things wait in {}", folder.path().display()),
        why: "they only take space".to_owned(),
        step: "git orch doctor --fix".to_owned(),
        mend: Mend::Trash,
    }))
}

fn disk(ctx: &Context) -> Option<Finding> {
    let stat = rustix::fs::statvfs(&ctx.repo.common_dir).ok()?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    (free < DISK_FLOOR).then(|| Finding {
        code: "disk",
        level: Level::Care,
        what: format!("only {} MB are free", free / (1024 * 1024)),
        why: "a full disk stops every command that records something".to_owned(),
        step: "make room".to_owned(),
        mend: Mend::Person,
    })
}
