//! Where git looks for hooks, and our shims there beside those of others.
//!
//! Without `core.hooksPath` the shims stand in `hooks/` of the common directory, and a hook that
//! was there is kept as `<hook>.before-orch` and run first. With `core.hooksPath` that folder
//! belongs to somebody else (a tracked folder, a hook manager, all repositories of a user), and a
//! relative one is found only where the worktree happens to hold it. Then a folder of our own,
//! `git-orch/hooks` in the common directory, becomes the repository's `core.hooksPath`; it has a
//! file for every hook git knows, and each runs the hook of the folder it stands before, found as
//! git would find it.
//!
//! [`plan`] says what [`install`] would change and [`plan_removal`] what [`uninstall`] would;
//! [`inspect`] says what stands there now. All inputs are explicit, configuration is set through
//! a closure, every write is durable, every operation can be run again. Never touched: a file
//! that carries neither our marker nor the name we kept it under.

mod change;
mod error;
mod files;
pub mod guard;
mod inspect;
mod install;
mod lookup;
mod manager;
mod names;
mod record;
mod shim;
mod standing;
mod uninstall;
pub mod wall;

pub use change::{Change, SetHooksPath};
pub use error::HooksDirError;
pub use inspect::{Inspection, State, inspect};
pub use install::{install, plan};
pub use lookup::{Lookup, Scope, Setting};
pub use manager::Manager;
pub use shim::{Hook, ShimSettings};
pub use uninstall::{plan_removal, uninstall};

#[cfg(test)]
mod tests;
