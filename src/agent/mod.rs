//! Child processes that do work: checks and agents. Never decides what their end means.
//!
//! [`spawn`] runs one command to its end; [`group`] is the process group it runs in, which dies
//! with us; [`output`] keeps what it prints, bounded. [`tool`] runs the programs of others.

pub mod group;
pub mod output;
pub mod scripted;
pub mod spawn;
pub mod tool;

pub use spawn::{Check, End, Ran, check};
