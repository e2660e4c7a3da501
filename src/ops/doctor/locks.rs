//! Lock files of git's. Those of others are reported and never removed, since an editor in
//! `git commit` holds one for as long as a person thinks. On refs that only git-orch writes one is
//! a leftover as soon as nobody has it any more.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::aside::{free, word};
use super::finding::{Finding, Level, Mend};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::names::{LEARNINGS, one_line};
use crate::error::Error;
use crate::git::entry::Entry;
use crate::git::{running, worktrees};
use crate::ops::{Narrator, heal, record};
use crate::store::lock;

/// Where the refs are that only git-orch writes.
const OWN: &str = "refs/git-orch";
/// How long one of ours is held at most while a ref is written.
const MOMENT: Duration = Duration::from_millis(100);

/// Every lock file that is there.
pub(super) fn examine(ctx: &Context) -> Result<Vec<Finding>, Error> {
    let common = &ctx.repo.common_dir;
    let shared = ["index", "HEAD", "packed-refs", "config", "config.worktree", "shallow"];
    let mut found: Vec<PathBuf> = shared.map(|n| common.join(format!("{n}.lock"))).into();
    found.push(common.join("reftable/tables.list.lock"));
    let mut folders = vec![common.clone()];
    folders.extend(worktrees::list(&ctx.repo)?.into_iter().map(|worktree| worktree.path));
    for entry in Entry::all(common) {
        // What is half-made goes as a whole.
        if !entry.is_half_made() {
            found.extend(["index.lock", "HEAD.lock"].map(|name| entry.path.join(name)));
        }
        folders.extend(entry.worktree);
    }
    for prefix in ["refs/heads", "refs/tags", "refs/remotes"] {
        below(&common.join(prefix), &mut found);
    }
    found.retain(|path| path.symlink_metadata().is_ok());
    found.sort();
    found.dedup();
    let mut findings: Vec<Finding> =
        found.iter().map(|path| of_others(ctx, path, &folders)).collect();
    findings.extend(ours(ctx));
    Ok(findings)
}

fn of_others(ctx: &Context, path: &Path, folders: &[PathBuf]) -> Finding {
    let owners = running::owners(path, folders);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = free(&ctx.repo.common_dir.join(format!("{name}.left")));
    let away = format!("mv {} {}", word(path), word(&aside));
    let (who, step) = match owners.as_deref() {
        None => (
            "who made it cannot be told".to_owned(),
            format!("{away}   # once no git and no editor of a commit is running"),
        ),
        Some([]) => ("no process that could have made it is alive".to_owned(), away),
        Some([owner, ..]) => (
            format!("{} (pid {}) may hold it", one_line(&owner.name), owner.pid),
            format!("git orch doctor   # again, when pid {} has ended", owner.pid),
        ),
    };
    Finding {
        code: "lock",
        level: Level::Care,
        what: format!("{} is there; {who}", one_line(&path.display().to_string())),
        why: "git commands that need it fail until it is gone; it is not ours".to_owned(),
        step,
        mend: Mend::Person,
    }
}

/// Locks on refs of ours that nobody has only for a moment.
fn ours(ctx: &Context) -> Vec<Finding> {
    let common = &ctx.repo.common_dir;
    let mut found = Vec::new();
    below(&common.join(OWN), &mut found);
    if found.is_empty() {
        return Vec::new();
    }
    std::thread::sleep(MOMENT);
    found.sort();
    let name = |path: &PathBuf| {
        let path = path.symlink_metadata().is_ok().then(|| path.strip_prefix(common).ok())??;
        path.to_str()?.strip_suffix(".lock").map(str::to_owned)
    };
    let finding = |name: String| Finding {
        code: "lock",
        level: Level::Care,
        what: format!("{}.lock is there, and only git-orch writes that ref", one_line(&name)),
        why: "a run that was killed left it; what writes that ref has to wait for it".to_owned(),
        step: "git orch doctor --fix".to_owned(),
        mend: Mend::Lock(name),
    };
    found.iter().filter_map(name).map(finding).collect()
}

/// Every lock file below a folder.
fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            below(&path, found);
        } else if path.extension().is_some_and(|end| end == "lock") {
            found.push(path);
        }
    }
}

/// Takes the lock on a ref of ours away, when nobody who could have made it is at work.
pub(super) fn heal(ctx: &Context, name: &str, narrator: &mut dyn Narrator) -> Result<(), Error> {
    if name == LEARNINGS {
        let held = lock::ledger(&ctx.repo.own_folder(), &ctx.owner(), &mut |l| narrator.say(l))?;
        heal::own_ref(ctx, name)?;
        drop(held);
        return Ok(());
    }
    // refs/git-orch/<what>/<issue>[/<which>]
    let id = name.split('/').nth(3).and_then(|id| id.parse::<IssueId>().ok());
    let issue = id.map(|id| record::lock_issue(ctx, &id, narrator)).transpose()?;
    let repository = record::lock_repository(ctx, narrator)?;
    heal::own_ref(ctx, name)?;
    drop((repository, issue));
    Ok(())
}
