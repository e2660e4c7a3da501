//! Is the repository itself in order: for git, and for us?

use std::path::{Path, PathBuf};

use super::finding::{Finding, Level, Mend};
use crate::context::Context;
use crate::error::Error;
use crate::store::{atomic::Folder, intent, layout::own};

/// Free space below which writing becomes a gamble, in bytes.
const DISK_FLOOR: u64 = 200 * 1024 * 1024;

/// Everything that is not as it should be.
pub fn examine(ctx: &Context) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    findings.extend(bare(ctx)?);
    findings.extend(entries(ctx)?);
    findings.extend(locks(&ctx.repo.common_dir));
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
    let is_bare = own.iter().any(|(key, value)| key == "core.bare" && value == "true");
    Ok(is_bare.then(|| Finding {
        code: "bare",
        level: Level::Bad,
        what: "core.bare is true, but this repository has a work tree".to_owned(),
        why: "git refuses to work in the main worktree; a tool that ran inside a hook often does this".to_owned(),
        step: "git config core.bare false".to_owned(),
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
/// long as a person thinks.
fn locks(common_dir: &Path) -> Vec<Finding> {
    ["index.lock", "HEAD.lock", "packed-refs.lock", "config.lock"]
        .into_iter()
        .map(|name| common_dir.join(name))
        .filter(|path| path.exists())
        .map(|path| Finding {
            code: "lock",
            level: Level::Care,
            what: format!("{} is there", path.display()),
            why: "a git command is running, or one was killed and left it".to_owned(),
            step: "look for a running git or an open editor before you move it away".to_owned(),
            mend: Mend::Person,
        })
        .collect()
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
