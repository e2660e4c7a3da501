//! The rules of git-orch, and nothing else.
//!
//! Everything here is pure: no files, no clock, no git, no serialisation. A function gets facts
//! and returns a decision, so each rule can be tested by giving it facts. Nothing in `domain`
//! imports another layer of this crate.

pub mod agents;
pub mod catalog;
pub mod diagram;
pub mod evidence;
pub mod gate;
pub mod ids;
pub mod issue;
pub mod lane;
pub mod learning;
pub mod names;
pub mod pattern;
pub mod phase;
pub mod policy;
pub mod receipt;
pub mod refusal;
pub mod session;
pub mod signal;
pub mod spec;
pub mod task;
pub mod tidy;
pub mod time;
pub mod transition;
pub mod wall;
