//! Where git looks for hooks in a repository, and where ours are to stand.
//!
//! Computed from what the caller found out; only links are looked at on disk.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::error::HooksDirError;
use super::record::{Previous, Record};

/// Where a setting comes from, as `git config --show-scope` names it; later ones win.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole machine.
    System,
    /// The user.
    Global,
    /// The repository.
    Local,
    /// One worktree of it.
    Worktree,
}

impl Scope {
    /// The scope by git's name for it; `None` for `command` and what is unknown, which do not
    /// outlive a call.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "system" => Some(Self::System),
            "global" => Some(Self::Global),
            "local" => Some(Self::Local),
            "worktree" => Some(Self::Worktree),
            _ => None,
        }
    }
}

/// One value of `core.hooksPath`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Where it is set.
    pub scope: Scope,
    /// The value as written, to be restored.
    pub raw: OsString,
    /// The folder it means, `~` expanded (`git config --type=path`), relative if it was.
    pub path: PathBuf,
}

/// What decides where git looks for the hooks of a repository.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// The repository's common directory, absolute.
    pub common_dir: PathBuf,
    /// The top of the worktree we are in, absolute; `None` in a bare repository.
    pub top: Option<PathBuf>,
    /// Every value of `core.hooksPath`, in the order `git config --show-scope --get-all` prints.
    pub settings: Vec<Setting>,
}

/// Where ours are to stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the common directory's `hooks/`.
    Common,
    /// In our own folder, before the hooks of `previous`.
    Own {
        /// The folder git would look in otherwise, relative if its setting is.
        previous: PathBuf,
    },
}

impl Lookup {
    /// The common directory's `hooks/`.
    pub(super) fn common(&self) -> PathBuf {
        self.common_dir.join("hooks")
    }

    /// The folder of our own.
    pub(super) fn own(&self) -> PathBuf {
        self.common_dir.join("git-orch").join("hooks")
    }

    /// The folder git looks in now, seen from this worktree.
    pub(super) fn effective(&self) -> PathBuf {
        let base = self.top.as_ref().unwrap_or(&self.common_dir);
        self.settings.last().map_or_else(|| self.common(), |setting| base.join(&setting.path))
    }

    /// The repository's own setting, if it has one.
    pub(super) fn local(&self) -> Option<&Setting> {
        self.settings.iter().rfind(|setting| setting.scope == Scope::Local)
    }

    /// Whether the repository's own setting is ours. A repository that was moved holds the old
    /// place of our folder.
    pub(super) fn points_to_us(&self) -> bool {
        self.local().is_some_and(|setting| setting.path.ends_with("git-orch/hooks"))
    }

    /// The own setting that was there before ours.
    pub(super) fn previous(&self, record: &Record) -> Option<Previous> {
        if self.points_to_us() {
            return record.previous.clone();
        }
        self.local().map(|s| Previous { raw: s.raw.clone(), path: s.path.clone() })
    }

    /// Where ours are to stand.
    pub(super) fn place(&self, record: &Record) -> Result<Place, HooksDirError> {
        if let Some(alone) = self.settings.iter().find(|s| s.scope == Scope::Worktree) {
            return Err(HooksDirError::OneWorktree { value: alone.path.clone() });
        }
        let shared = |s: &&Setting| matches!(s.scope, Scope::System | Scope::Global);
        let beneath = self
            .previous(record)
            .map(|previous| previous.path)
            .or_else(|| self.settings.iter().rfind(shared).map(|setting| setting.path.clone()));
        let previous = beneath.unwrap_or_else(|| self.common());
        let at_home = previous.is_absolute() && self.is_common(&previous);
        Ok(if at_home { Place::Common } else { Place::Own { previous } })
    }

    /// Whether `folder` is the common directory's `hooks/`, and that is no link to elsewhere.
    fn is_common(&self, folder: &Path) -> bool {
        let Ok(root) = self.common_dir.canonicalize() else { return false };
        match folder.canonicalize() {
            Ok(real) => real == root.join("hooks"),
            Err(_) => folder == self.common(),
        }
    }
}
