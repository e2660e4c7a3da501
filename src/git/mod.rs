//! Everything that speaks to git.
//!
//! [`hooks_dir`] knows where git looks for hooks and puts ours there beside those of others.
//! Nothing here decides anything.

pub mod hooks_dir;
