//! A repository that git takes for none, because `core.worktree` names a folder that is gone.
//!
//! Tools that run `git init` inside a hook write it. No command of git's works then, so this is
//! looked for before a repository is opened.

use std::path::{Path, PathBuf};

use super::finding::{Finding, Level, Mend};
use crate::clock;
use crate::context::Surroundings;
use crate::error::Error;
use crate::git::open::OWN_FOLDER;
use crate::git::{Git, config};
use crate::ops::heal;
use crate::store::{intent, lock};

/// The config file around us that names a folder which is gone.
pub fn find(around: &Surroundings) -> Option<PathBuf> {
    let git = Git::find().ok()?;
    let file =
        around.folder.ancestors().map(|above| above.join(".git/config")).find(|f| f.is_file())?;
    let named = config::in_file(&git, &file, "core.worktree").ok()??;
    (!file.parent()?.join(Path::new(&named)).exists()).then_some(file)
}

/// What there is to say of it.
pub fn finding(file: &Path) -> Finding {
    Finding {
        code: "bare",
        level: Level::Bad,
        what: format!("core.worktree in {} names a folder that is gone", file.display()),
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
    let path = common.join("config.lock");
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
