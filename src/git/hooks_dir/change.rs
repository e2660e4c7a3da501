//! One step of an installation or removal: shown first, then performed.
//!
//! A step performed twice does the same as once.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use super::error::HooksDirError;
use super::files;
use super::record::{self, Record};

/// Sets `core.hooksPath` in the repository's own config; `None` removes it from there.
pub type SetHooksPath<'a> =
    dyn FnMut(Option<&OsStr>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> + 'a;

/// One change of a hooks folder or of what leads git there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// What is about to be replaced is written down in the common directory.
    Remember {
        /// The common directory.
        common_dir: PathBuf,
        /// What is written.
        record: Record,
    },
    /// A folder is made.
    MakeFolder(PathBuf),
    /// A hook of somebody else gets a second name, under which it will be run.
    Keep {
        /// The hook.
        hook: PathBuf,
        /// Its second name.
        kept: PathBuf,
    },
    /// A shim is written.
    Write {
        /// Its place.
        path: PathBuf,
        /// Its text.
        content: Vec<u8>,
    },
    /// `core.hooksPath` of the repository changes.
    SetHooksPath {
        /// The value before.
        from: Option<OsString>,
        /// The value after.
        to: Option<OsString>,
    },
    /// A kept hook gets its name back.
    PutBack {
        /// The name it was kept under.
        kept: PathBuf,
        /// Its own name.
        hook: PathBuf,
    },
    /// A file of ours is removed.
    Remove(PathBuf),
    /// A folder of ours is removed, if nothing else is in it.
    RemoveFolder(PathBuf),
}

/// Performs the steps in order. Neighbours that write or remove files of one folder share its sync:
/// none of them leans on the one before.
pub(super) fn perform(changes: &[Change], set: &mut SetHooksPath<'_>) -> Result<(), HooksDirError> {
    for (i, change) in changes.iter().enumerate() {
        change.perform(set)?;
        let next = changes.get(i + 1).and_then(Change::leaves_unsynced);
        if let Some(folder) = change.leaves_unsynced().filter(|folder| next != Some(*folder)) {
            files::sync_folder(folder)?;
        }
    }
    Ok(())
}

impl Change {
    fn leaves_unsynced(&self) -> Option<&Path> {
        match self {
            Self::Write { path, .. } | Self::Remove(path) => path.parent(),
            _ => None,
        }
    }

    /// Whether it takes a file or folder out of `folder`.
    pub(super) fn is_in(&self, folder: &Path) -> bool {
        match self {
            Self::Remove(path) | Self::RemoveFolder(path) => path.parent() == Some(folder),
            _ => false,
        }
    }

    fn perform(&self, set: &mut SetHooksPath<'_>) -> Result<(), HooksDirError> {
        match self {
            Self::Remember { common_dir, record } => record.save(common_dir),
            Self::MakeFolder(path) => files::make_folder(path),
            Self::Keep { hook, kept } => files::keep(hook, kept),
            Self::Write { path, content } => files::write(path, content),
            Self::SetHooksPath { to, .. } => set(to.as_deref()).map_err(HooksDirError::Config),
            Self::PutBack { kept, hook } => files::rename(kept, hook),
            Self::Remove(path) => files::remove(path),
            Self::RemoveFolder(path) => files::remove_folder(path),
        }
    }
}

impl fmt::Display for Change {
    /// One line without its end, for a list of what would be or was done.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<OsString>| {
            value.as_ref().map_or_else(|| "unset".to_owned(), |v| v.display().to_string())
        };
        match self {
            Self::Remember { common_dir, .. } => {
                write!(f, "remember what was there in {}", record::file(common_dir).display())
            }
            Self::MakeFolder(path) => write!(f, "make {}", path.display()),
            Self::Keep { hook, kept } => {
                write!(f, "keep {} as {}, to be run first", hook.display(), kept.display())
            }
            Self::Write { path, .. } => write!(f, "write {}", path.display()),
            Self::SetHooksPath { from, to } => {
                write!(f, "set core.hooksPath to {} (was {})", shown(to), shown(from))
            }
            Self::PutBack { kept, hook } => {
                write!(f, "put {} back as {}", kept.display(), hook.display())
            }
            Self::Remove(path) => write!(f, "remove {}", path.display()),
            Self::RemoveFolder(path) => write!(f, "remove {} if it is empty", path.display()),
        }
    }
}
