//! Everything that speaks to git.
//!
//! libgit2 reads, the `git` program changes: whatever moves a branch, writes a work tree or must
//! honour hooks, filters and credentials goes through [`exec`], the one place that spawns `git`.
//! Our own objects and refs under `refs/git-orch/` may be written by libgit2. A repository that
//! libgit2 cannot open (reftable, SHA-256) is served by the program through the same [`objects`]
//! interface. Nothing here decides anything.

pub mod changes;
pub mod config;
pub mod conversions;
pub mod entry;
pub mod error;
pub mod exec;
pub mod hidden;
pub mod hook_input;
pub mod hooks_dir;
pub mod landing;
pub mod leftover;
pub mod materialise;
pub mod nested;
pub mod objects;
pub mod open;
pub mod reflog;
pub mod remotes;
pub mod running;
pub mod snapshot;
pub mod status;
pub mod walk;
pub mod worktrees;

pub use error::GitError;
pub use exec::{Git, Quarantine};
pub use objects::{CommitData, NewCommit, Objects, RefChange};
pub use open::Repo;
