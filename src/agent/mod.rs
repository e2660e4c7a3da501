//! Child processes that do work: checks and agents. Never decides what their end means.

pub mod tool;
