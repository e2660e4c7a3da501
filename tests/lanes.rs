//! `git orch lanes`: many issues at once, each landed with green checks or untouched.
#![expect(clippy::disallowed_methods, reason = "tests start programs and change files")]

mod harness;

#[path = "lanes/broken.rs"]
mod broken;
#[path = "lanes/critic.rs"]
mod critic;
#[path = "lanes/hunt.rs"]
mod hunt;
#[path = "lanes/plain.rs"]
mod plain;
#[path = "lanes/plan.rs"]
mod plan;
#[path = "lanes/scene.rs"]
mod scene;
#[path = "lanes/shell.rs"]
mod shell;
#[path = "lanes/signals.rs"]
mod signals;
#[path = "lanes/told.rs"]
mod told;
