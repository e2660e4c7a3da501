//! What can go wrong with our own files.

use std::io;
use std::path::{Path, PathBuf};

use super::xml::ReadError;
use crate::git::GitError;

/// An accident with one of our own files.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system refused.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A link or special file stands where a plain file or folder of ours belongs.
    #[error("{path} is a link or special file; git-orch does not follow it")]
    NotPlain {
        /// The file or folder.
        path: PathBuf,
    },
    /// Somebody else has been holding the lock for too long.
    #[error("{what} is busy: held by {holder}")]
    Busy {
        /// What is locked.
        what: String,
        /// Who holds it, as far as is known.
        holder: String,
    },
    /// Somebody else left a lock file behind.
    #[error("{path} was left behind by somebody else: no process that could have made it is alive")]
    Left {
        /// The file.
        path: PathBuf,
        /// The command that puts it out of the way.
        fix: String,
    },
    /// A document cannot be read.
    #[error("{what}: {source}")]
    Document {
        /// Which one.
        what: String,
        /// What is wrong with it, and where.
        source: ReadError,
    },
    /// A record lacks a part.
    #[error("the record {name} is damaged: {reason}")]
    Damaged {
        /// The ref of the chain.
        name: String,
        /// What is missing.
        reason: String,
    },
    /// The configuration cannot be read.
    #[error("{place}: {message}")]
    Config {
        /// The file, and the commit it was read from.
        place: String,
        /// What is wrong, with line and column.
        message: String,
    },
    /// The index cannot be used; it is derived and can be built anew.
    #[error("the index {path}: {reason}")]
    Index {
        /// The file.
        path: PathBuf,
        /// What the database said.
        reason: String,
    },
    /// Archives differ from their manifests; which and how was reported.
    #[error("{count} of the archives looked at are not what their manifests say")]
    Archive {
        /// How many.
        count: usize,
        /// The command that mends the first.
        fix: String,
    },
    /// git failed.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl StoreError {
    /// An error of the system about `path`; a link met with `O_NOFOLLOW` is named as one.
    pub fn file(path: &Path, source: impl Into<io::Error>) -> Self {
        let source = source.into();
        let path = path.to_owned();
        match source.raw_os_error() {
            // ELOOP, and what O_DIRECTORY says of a link.
            Some(code) if code == rustix::io::Errno::LOOP.raw_os_error() => Self::NotPlain { path },
            _ => Self::File { path, source },
        }
    }
}
