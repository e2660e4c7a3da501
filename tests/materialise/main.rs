#![expect(clippy::disallowed_methods, reason = "tests build repositories with the real git")]
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]
//! Filling a new worktree by copying gives what `git worktree add` gives, whatever the state of
//! the worktree copied from.

mod contents;
mod formats;
mod settings;
mod source_state;
mod target_state;
mod world;
