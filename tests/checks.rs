//! Checks as a user meets them: validators and criteria that run, tasks that are ticked, commands
//! that are approved. The real binary, real git, real processes; where a person answers, a real
//! terminal.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod harness;

#[path = "checks/killed.rs"]
mod killed;
#[path = "checks/manual.rs"]
mod manual;
#[path = "checks/scene.rs"]
mod scene;
#[path = "checks/task.rs"]
mod task;
#[path = "checks/trust.rs"]
mod trust;
#[path = "checks/untidy.rs"]
mod untidy;
#[path = "checks/validate.rs"]
mod validate;
