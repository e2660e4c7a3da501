//! The commands as a user runs them: the real binary, real git, real files.

mod harness;

#[path = "cli/walk.rs"]
mod walk;
