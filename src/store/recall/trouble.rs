//! What the index is made from, and what can go wrong with it.

use std::path::Path;

use crate::domain::ids::CommitId;
use crate::store::StoreError;

/// A record that the index is made from.
#[derive(Debug)]
pub struct Source {
    /// The ref of its chain.
    pub name: String,
    /// Its newest state.
    pub tip: CommitId,
    /// Whether the issue is finished.
    pub archived: bool,
}

/// What can go wrong while the index is brought up to date.
#[derive(Debug)]
pub enum Trouble {
    /// With the index itself.
    Index(rusqlite::Error),
    /// With what it is made from.
    Store(StoreError),
}

impl Trouble {
    /// The trouble as an error of ours, with the index at `path`.
    pub fn said(self, path: &Path) -> StoreError {
        match self {
            Self::Index(e) => StoreError::Index { path: path.to_owned(), reason: e.to_string() },
            Self::Store(e) => e,
        }
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Index(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<crate::git::GitError> for Trouble {
    fn from(error: crate::git::GitError) -> Self {
        Self::Store(error.into())
    }
}
