//! The commands as a user runs them: the real binary, real git, real files.
#![expect(clippy::disallowed_methods, reason = "tests remove what a user might remove")]

mod harness;

#[path = "cli/endings.rs"]
mod endings;
#[path = "cli/install.rs"]
mod install;
#[path = "cli/kept.rs"]
mod kept;
#[path = "cli/new_issue.rs"]
mod new_issue;
#[path = "cli/removal.rs"]
mod removal;
#[path = "cli/salvage.rs"]
mod salvage;
#[path = "cli/streams.rs"]
mod streams;
#[path = "cli/undo.rs"]
mod undo;
#[path = "cli/walk.rs"]
mod walk;
