//! Learnings as they are given, judged, found again and retired: the real binary, real git.

mod harness;

#[path = "learning/accepting.rs"]
mod accepting;
#[path = "learning/scene.rs"]
mod scene;
