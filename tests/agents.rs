//! `git orch run`: real agents in real worktrees, and everything that can happen to them.
#![expect(clippy::disallowed_methods, reason = "tests start programs and write files")]

mod harness;

#[path = "agents/ends.rs"]
mod ends;
#[path = "agents/owners.rs"]
mod owners;
#[path = "agents/scene.rs"]
mod scene;
#[path = "agents/walk.rs"]
mod walk;
