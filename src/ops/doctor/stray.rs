//! A repository that git takes for none, because `core.worktree` names a folder that is gone.
//!
//! Tools that run `git init` inside a hook write it. No command of git's works then, so this is
//! looked for before a repository is opened.

use std::path::{Path, PathBuf};

use super::finding::{Finding, Level, Mend};
use crate::context::Surroundings;
use crate::error::Error;
use crate::git::{Git, config};

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

/// Unsets it.
pub fn fix(file: &Path) -> Result<(), Error> {
    Ok(config::set_in_file(&Git::find()?, file, "core.worktree", None)?)
}
