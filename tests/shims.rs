//! The shims and their installation, against real git.
//!
//! A small script stands for the program: it writes down how it was called, so that each test can
//! say exactly which operations start it and what it gets. Every path holds a space, a quote and
//! letters beyond ASCII. `GIT_UNDER_TEST` names another git than the one on PATH.

#[path = "shims/forwarding.rs"]
mod forwarding;
#[path = "shims/installing.rs"]
mod installing;
#[path = "shims/lines.rs"]
mod lines;
#[path = "shims/managers.rs"]
mod managers;
#[path = "shims/without_program.rs"]
mod without_program;
#[path = "shims/world.rs"]
mod world;
