//! Reading commits and refs, and writing our own.
//!
//! One interface, two ways to serve it: [`lib`] by libgit2, [`command`] by the `git` program for
//! repositories that libgit2 cannot open. Both give the same answers; the program costs a process
//! a question.

pub mod command;
pub mod durable;
pub mod lib;
mod ref_files;
pub mod tips;

pub use ref_files::RefFiles;

use super::exec::GitError;
use crate::domain::ids::{CommitId, TreeId};
use crate::domain::time::Moment;

/// What a commit says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitData {
    /// Its tree.
    pub tree: TreeId,
    /// Its parents.
    pub parents: Vec<CommitId>,
    /// Its message, as text.
    pub message: String,
    /// Name and address of its author.
    pub author: String,
    /// When it was committed.
    pub time: Moment,
}

/// A commit of ours to be written: the tree of the first parent with some files changed.
#[derive(Clone, Debug)]
pub struct NewCommit {
    /// Files to set, by path with `/`.
    pub files: Vec<(String, Vec<u8>)>,
    /// Its parents; the first one's tree is the base.
    pub parents: Vec<CommitId>,
    /// Its message.
    pub message: String,
    /// Its author and committer, `Name <address>`.
    pub author: String,
    /// Its time.
    pub time: Moment,
}

/// A ref to be moved if it still stands where it is believed to stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefChange {
    /// Full name.
    pub name: String,
    /// Where it is believed to stand; `None` when it must not exist.
    pub old: Option<CommitId>,
    /// Where it is to stand; `None` to delete it.
    pub new: Option<CommitId>,
}

/// Reading commits and refs, and writing our own.
pub trait Objects: std::fmt::Debug {
    /// The repository as libgit2 has it, for questions that would cost a process each; `None`
    /// when the program serves it.
    fn lib(&self) -> Option<&git2::Repository> {
        None
    }

    /// The commit a ref stands at; `None` when there is no such ref.
    fn read_ref(&self, name: &str) -> Result<Option<CommitId>, GitError>;

    /// What the symbolic ref `name` points to, by full name; `None` when it is no symbolic ref.
    fn symbolic(&self, name: &str) -> Result<Option<String>, GitError>;

    /// Every ref below `prefix`, which ends in `/`, by full name, sorted.
    fn refs(&self, prefix: &str) -> Result<Vec<(String, CommitId)>, GitError>;

    /// What a commit says.
    fn commit(&self, id: &CommitId) -> Result<CommitData, GitError>;

    /// The content of the file at `path` in a commit; `None` when there is none.
    fn file(&self, commit: &CommitId, path: &str) -> Result<Option<Vec<u8>>, GitError>;

    /// Every path below the folder `path` of a commit.
    fn list(&self, commit: &CommitId, path: &str) -> Result<Vec<String>, GitError>;

    /// The commit a revision names; `None` when it names none.
    fn resolve(&self, revision: &str) -> Result<Option<CommitId>, GitError>;

    /// Commits reachable from `tips` and from none of `hidden`, newest first.
    fn history(&self, tips: &[CommitId], hidden: &[CommitId]) -> Result<Vec<CommitId>, GitError>;

    /// Whether `older` is reachable from `newer`.
    fn reaches(&self, newer: &CommitId, older: &CommitId) -> Result<bool, GitError>;

    /// The best common ancestor.
    fn merge_base(&self, a: &CommitId, b: &CommitId) -> Result<Option<CommitId>, GitError>;

    /// Writes a commit of ours, durably. No ref is moved.
    fn write(&self, new: &NewCommit) -> Result<CommitId, GitError>;

    /// Whether every object of a commit of ours is there, looked at anew.
    fn is_whole(&self, commit: &CommitId) -> bool;

    /// Moves one ref of ours by compare-and-swap, durably. [`GitError::Moved`] when it stood
    /// elsewhere.
    fn move_ref(&self, change: &RefChange) -> Result<(), GitError>;

    /// Sets one ref of ours, or removes it, whatever it said and whether or not that is there.
    /// Not durable.
    fn pin(&self, name: &str, to: Option<&CommitId>) -> Result<(), GitError>;

    /// The same for a caller that syncs the whole file system before it says anything.
    fn draft_ref(&self, change: &RefChange) -> Result<(), GitError> {
        self.move_ref(change)
    }
}

/// Where our own refs are.
const OURS: &str = "refs/git-orch/";

/// What a ref says whose file says nothing. A branch leads nowhere, as one does whose commit is
/// lost; a record of ours is damaged, it is not as if it had never been.
fn broken(name: &str) -> Result<Option<CommitId>, GitError> {
    if name.starts_with(OURS) { Err(GitError::Broken(name.to_owned())) } else { Ok(None) }
}

/// An object id of git, which is always well formed.
fn id<T: std::str::FromStr>(text: &str) -> Result<T, GitError> {
    text.parse().map_err(|_| GitError::Unexpected(text.to_owned()))
}
