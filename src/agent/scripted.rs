//! A small deterministic agent: it does what a script says, step by step, and nothing else.
//!
//! [`script`] is the form, [`play`] performs it. The demo is one; `agent = "scripted"` is another,
//! for tests and for whoever wants to see agents at work without an AI.

pub mod play;
pub mod script;

pub use play::{Failure, Outcome, Player, Watcher};
pub use script::{Script, Who};
