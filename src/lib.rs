//! git-orch: every issue in its own worktree, through five phases, with a gate at the end.
//!
//! *Domain decides, ops performs, cli and hook speak; store owns our files, git owns git.*
//! `docs/architecture.md` draws the layers; `tests/architecture.rs` keeps them.

pub mod assets;
pub mod domain;
pub mod git;
