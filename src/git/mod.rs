//! Everything that speaks to git.
//!
//! libgit2 reads, the `git` program changes. Filling a new worktree is the one change made
//! without it, for speed, and [`materialise`] says how that stays safe.

pub mod materialise;
