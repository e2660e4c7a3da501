//! What can go wrong with a hooks folder.
//!
//! The two that are refusals in truth ([`HooksDirError::OneWorktree`] and
//! [`HooksDirError::TwoEarlier`]) are found while planning, before anything is touched.

use std::io;
use std::path::{Path, PathBuf};

/// Why a hooks folder could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum HooksDirError {
    /// A file or folder could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `core.hooksPath` is set for one worktree alone, so no folder serves the whole repository.
    #[error("core.hooksPath is set for one worktree alone, to {value:?}")]
    OneWorktree {
        /// Its value.
        value: PathBuf,
    },
    /// Another hook was written over ours while the one from before is still kept: which of the
    /// two is to run cannot be told.
    #[error("{hook} was written over git-orch's while an earlier one is still kept as {kept}")]
    TwoEarlier {
        /// The hook that stands there now.
        hook: PathBuf,
        /// The one that was kept.
        kept: PathBuf,
    },
    /// A folder or device stands where a hook belongs.
    #[error("{0} is not a file")]
    NotAFile(PathBuf),
    /// A path that git or the shell would look up from wherever they run.
    #[error("{0} is not an absolute path")]
    NotAbsolute(PathBuf),
    /// Configuration could not be changed.
    #[error("core.hooksPath could not be set: {0}")]
    Config(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl HooksDirError {
    /// What the system said about `path`.
    pub(super) fn file(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }
}
