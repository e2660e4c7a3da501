//! git-orch: every issue in its own worktree, through five phases, with a gate at the end.
//!
//! *Domain decides, ops performs, cli and hook speak; store owns our files, git owns git.*
//! `docs/architecture.md` draws the layers; `tests/architecture.rs` keeps them.

pub mod agent;
pub mod assets;
pub mod cli;
pub mod clock;
pub mod context;
pub mod domain;
pub mod error;
pub mod git;
pub mod hook;
pub mod ops;
pub mod store;
pub mod ui;
