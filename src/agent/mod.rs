//! Child processes that do work: checks and agents. Never decides what their end means.
//!
//! [`spawn`] runs one check to its end, [`supervise`] one agent; [`running`] follows either,
//! [`group`] is the process group it runs in, which dies with us, and [`output`] keeps what it
//! prints, bounded. [`stop`] hears that we are to end, [`owner`] tells whether another process is
//! still there. [`presets`] knows common agents, [`scripted`] is one. [`tool`] runs the programs
//! of others, [`worker`] those of ours that outlive us, [`watch`] tells when their files change.

pub mod backoff;
pub mod group;
pub mod output;
pub mod owner;
pub mod presets;
mod running;
pub mod scripted;
pub mod spawn;
pub mod stop;
pub mod supervise;
pub mod tool;
pub mod watch;
pub mod worker;

pub use spawn::{Check, End, Ran, check};
