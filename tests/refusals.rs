//! Every refusal of the walk, as it is printed; and following what is printed leads there.
//!
//! `follow` runs a command and, for as long as it is refused, the first remedy that was printed,
//! in the state it was printed in.
#![expect(clippy::disallowed_methods, reason = "tests write and remove what a user might")]

mod harness;

#[path = "refusals/endings.rs"]
mod endings;
#[path = "refusals/gate.rs"]
mod gate;
#[path = "refusals/phases.rs"]
mod phases;
#[path = "refusals/table.rs"]
mod table;
#[path = "refusals/verbs.rs"]
mod verbs;
#[path = "refusals/wall.rs"]
mod wall;
