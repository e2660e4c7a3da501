//! A repository that git takes for none, because `core.worktree` names a folder that is gone.
//!
//! Tools that run `git init` inside a hook write it. No command of git's works then, so this is
//! looked for before a repository is opened.

use std::path::{Path, PathBuf};

use super::finding::{Finding, Level, Mend};
use crate::clock;
use crate::context::Surroundings;
use crate::domain::names::one_line;
use crate::error::Error;
use crate::git::entry::named_by;
use crate::git::open::{OWN_FOLDER, real};
use crate::git::{Git, config};
use crate::ops::heal;
use crate::store::{intent, lock};

/// The file of settings of the main worktree alone.
pub(super) const OWN_SETTINGS: &str = "config.worktree";

/// The files of settings that the main worktree reads: its own only where worktrees have some.
pub(super) fn settings(git: &Git, common: &Path) -> Vec<PathBuf> {
    let shared = common.join("config");
    let own = common.join(OWN_SETTINGS);
    let have = config::in_file(git, &shared, "extensions.worktreeConfig").ok().flatten();
    let have = have.is_some_and(|value| config::is_true(&value)) && own.is_file();
    std::iter::once(shared).chain(have.then_some(own)).collect()
}

/// The config file around us that names a folder which is gone.
pub fn find(around: &Surroundings) -> Option<PathBuf> {
    let git = Git::find().ok()?;
    let common = common_dir(around)?;
    let gone = |file: &PathBuf| {
        let named = config::in_file(&git, file, "core.worktree").ok().flatten();
        named.is_some_and(|named| !common.join(Path::new(&named)).exists())
    };
    settings(&git, &common).into_iter().find(gone)
}

/// The directory that all worktrees of the repository around us share, told without git: it is
/// above us, or the worktree around us leads to it.
fn common_dir(around: &Surroundings) -> Option<PathBuf> {
    let place = |above: &Path| {
        // We may stand in it.
        if above.join("config").is_file() && above.join("objects").is_dir() {
            return Some(above.to_owned());
        }
        let own = above.join(".git");
        if own.is_dir() {
            return Some(own);
        }
        let git_dir = named_by(above)?;
        let common = std::fs::read_to_string(git_dir.join("commondir")).ok()?;
        Some(real(&git_dir.join(common.trim_end())))
    };
    around.folder.ancestors().find_map(place).filter(|common| common.join("config").is_file())
}

/// What there is to say of it.
pub fn finding(file: &Path) -> Finding {
    let shown = one_line(&file.display().to_string());
    Finding {
        code: "bare",
        level: Level::Bad,
        what: format!("core.worktree in {shown} names a folder that is gone"),
        why: "git takes this for no repository; a tool that ran inside a hook often does this"
            .to_owned(),
        step: "git orch doctor --fix   # unsets core.worktree".to_owned(),
        mend: Mend::NotBare,
    }
}

/// Unsets it. Where git-orch is installed, an intent says whose lock a killed git leaves there.
pub fn fix(file: &Path) -> Result<(), Error> {
    let git = Git::find()?;
    let common = file.parent().unwrap_or(file);
    let own = common.join(OWN_FOLDER);
    if !own.is_dir() {
        return Ok(config::set_in_file(&git, file, "core.worktree", None)?);
    }
    let owner = format!("pid {}, git orch doctor, since {}", std::process::id(), clock::now());
    let lock = lock::repository(&own, &owner, &mut |_| {})?;
    let kind = bareness();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let path = common.join(format!("{name}.lock"));
    match heal::begun(&own, kind) {
        Some(since) => heal::leftover(since, &path, &|| Ok(folders(common)))?,
        None => intent::write(&own, kind, &"core.worktree")?,
    }
    config::set_in_file(&git.holding(&lock.file), file, "core.worktree", None)?;
    Ok(intent::clear(&own, kind)?)
}

/// Where a `git` of this repository may stand, told without git.
fn folders(common: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten();
    let linked = entries.filter_map(|entry| {
        let file = std::fs::read_to_string(entry.path().join("gitdir")).ok()?;
        Some(Path::new(file.trim_end()).parent()?.to_owned())
    });
    [common.to_owned(), common.parent().unwrap_or(common).to_owned()]
        .into_iter()
        .chain(linked)
        .collect()
}

/// The intent of saying again that the repository has a work tree.
pub fn bareness() -> intent::Kind<'static> {
    intent::Kind::of_repository("mend")
}
