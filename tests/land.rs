//! `git orch land`: what goes in, what does not, and what is left alone.
#![expect(clippy::disallowed_methods, reason = "tests start programs and change files")]

mod harness;

#[path = "land/clean.rs"]
mod clean;
#[path = "land/killed.rs"]
mod killed;
#[path = "land/refused.rs"]
mod refused;
