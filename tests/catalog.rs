//! The catalog as a user meets it: the real binary on real files, a real person at a terminal
//! where one has to read something.

mod harness;

#[path = "catalog/add.rs"]
mod add;
#[path = "catalog/check.rs"]
mod check;
#[path = "catalog/scene.rs"]
mod scene;
#[path = "catalog/sync.rs"]
mod sync;
#[path = "catalog/verify.rs"]
mod verify;
#[path = "catalog/words.rs"]
mod words;
