//! Every refusal of the walk, as it is printed; and following what is printed leads there.
//!
//! `follow` runs a command and, for as long as it is refused, the first remedy that was printed,
//! in the state it was printed in.
#![expect(clippy::disallowed_methods, reason = "tests write and remove what a user might")]

mod harness;

#[path = "refusals/endings.rs"]
mod endings;
#[path = "refusals/follow.rs"]
mod follow;
#[path = "refusals/phases.rs"]
mod phases;
#[path = "refusals/verbs.rs"]
mod verbs;
