//! The shims and their installation, against real git.
//!
//! A small script stands for the program: it writes down how it was called, so that each test can
//! say exactly which operations start it and what it gets. Every path holds a space, a quote and
//! letters beyond ASCII. `GIT_UNDER_TEST` names another git than the one on PATH.

#[cfg(test)]
#[path = "shims/forwarding.rs"]
mod forwarding;
#[cfg(test)]
#[path = "shims/installing.rs"]
mod installing;
#[cfg(test)]
#[path = "shims/lines.rs"]
mod lines;
#[cfg(test)]
#[path = "shims/managers.rs"]
mod managers;
#[cfg(test)]
#[path = "shims/without_program.rs"]
mod without_program;
#[cfg(test)]
#[path = "shims/world.rs"]
mod world;
