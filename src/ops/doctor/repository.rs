//! Is the repository itself in order: for git, and for us?

use std::path::{Path, PathBuf};

use super::finding::{Finding, Level, Mend};
use crate::context::Context;
use crate::error::Error;
use crate::git::open::real;
use crate::git::{running, worktrees};
use crate::store::{atomic::Folder, intent, layout::own};

/// Free space below which writing becomes a gamble, in bytes.
const DISK_FLOOR: u64 = 200 * 1024 * 1024;

/// Everything that is not as it should be.
pub fn examine(ctx: &Context) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    findings.extend(bare(ctx)?);
    findings.extend(entries(ctx)?);
    findings.extend(locks(ctx)?);
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
    let own = crate::git::config::own_section(&ctx.repo, "core")?;
    let elsewhere = |value: &str| {
        let there = common.join(value);
        common.parent().is_some_and(|home| real(&there) != real(home))
    };
    let wrong: Vec<&str> = own
        .iter()
        .filter_map(|(key, value)| match key.as_str() {
            "core.bare" if value == "true" => Some("core.bare is true"),
            "core.worktree" if elsewhere(value) => Some("core.worktree names another folder"),
            _ => None,
        })
        .collect();
    // One that was interrupted may have left git's lock on the settings.
    let interrupted = intent::is_open(&ctx.repo.own_folder(), super::stray::bareness());
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

/// git's entries for worktrees. One with an empty `commondir`, as a killed `git worktree add`
/// leaves it, stops branch, fetch, push and gc in every worktree.
fn entries(ctx: &Context) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    let Ok(folder) = std::fs::read_dir(ctx.repo.common_dir.join("worktrees")) else {
        return Ok(findings);
    };
    let opening = intent::all(&ctx.repo.own_folder())?;
    for entry in folder.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_empty =
            |file: &str| std::fs::read(path.join(file)).is_ok_and(|text| text.is_empty());
        if is_empty("commondir") || is_empty("gitdir") || is_empty("HEAD") {
            let ours = opening.iter().find(|(kind, id)| kind == "open" && id.as_str() == name);
            findings.push(Finding {
                code: "worktree-entry",
                level: Level::Bad,
                what: format!("git's entry for worktree {name} is half-made"),
                why: "git commands fail in every worktree of this repository until it is gone"
                    .to_owned(),
                step: match ours {
                    Some((_, id)) => format!("git orch new-issue {id}"),
                    None => format!("mv {} {}", path.display(), aside(ctx, &name).display()),
                },
                mend: ours.map_or(Mend::Person, |(_, id)| Mend::Open(id.to_string())),
            });
        }
    }
    Ok(findings)
}

fn aside(ctx: &Context, name: &str) -> PathBuf {
    ctx.repo.common_dir.join(format!("{name}.half-made"))
}

/// Lock files of git's: reported, never removed, since an editor in `git commit` holds one for as
/// long as a person thinks. Those on our own refs the next command heals.
fn locks(ctx: &Context) -> Result<Vec<Finding>, Error> {
    let common = &ctx.repo.common_dir;
    let mut found: Vec<PathBuf> = ["index.lock", "HEAD.lock", "packed-refs.lock", "config.lock"]
        .map(|n| common.join(n))
        .into();
    for worktree in worktrees::list(&ctx.repo)? {
        found.extend(["index.lock", "HEAD.lock"].map(|name| worktree.git_dir.join(name)));
    }
    for prefix in ["refs/heads", "refs/tags", "refs/remotes"] {
        below(&common.join(prefix), &mut found);
    }
    found.retain(|path| path.symlink_metadata().is_ok());
    found.sort();
    found.dedup();
    let mut folders = vec![common.clone()];
    folders.extend(worktrees::list(&ctx.repo)?.into_iter().map(|worktree| worktree.path));
    let finding = |path: PathBuf| {
        let owners = running::owners(&path, &folders);
        let who = match owners.as_deref() {
            None => "who made it cannot be told".to_owned(),
            Some([]) => "no process that could have made it is alive".to_owned(),
            Some([owner, ..]) => format!("{} (pid {}) may hold it", owner.name, owner.pid),
        };
        Finding {
            code: "lock",
            level: Level::Care,
            what: format!("{} is there; {who}", path.display()),
            why: "git commands that need it fail until it is gone; --fix leaves it, it is not ours"
                .to_owned(),
            step: "look for a running git or an open editor, then move the file away".to_owned(),
            mend: Mend::Person,
        }
    };
    Ok(found.into_iter().map(finding).collect())
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
