//! What a commit changes, as both ways of asking answer it.

use std::collections::BTreeSet;

use crate::domain::ids::{BlobId, PatchId};

/// What one commit changes against its parents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// A digest of the diff, line numbers and spacing aside; `None` for a merge or an empty change.
    pub patch: Option<PatchId>,
    /// Each path it changes.
    pub files: Vec<FileChange>,
}

/// What a commit changes at one path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileChange {
    /// The path.
    pub path: String,
    /// Its content afterwards; `None` when it is gone.
    pub blob: Option<BlobId>,
    /// What the content is.
    pub kind: Kind,
    /// Hashes of the added lines that say something.
    pub added: BTreeSet<u64>,
    /// The same of the removed lines.
    pub removed: BTreeSet<u64>,
}

/// What the content of a changed path is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Text of which some lines changed.
    #[default]
    Text,
    /// Nothing of its content changed, or it has none: an empty file, a mode.
    Hollow,
    /// No text.
    Binary,
    /// A submodule: a commit of another repository.
    Submodule,
}

/// A path and the content it was given.
pub type Pair = (String, BlobId);

/// Largest content that is looked into, in bytes; larger ones count as binary.
pub const SIZE_LIMIT: u32 = 8 << 20;
