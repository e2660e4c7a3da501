//! Learnings as they are given, judged, found again and retired: the real binary, real git.
#![expect(clippy::disallowed_methods, reason = "tests damage what might be damaged")]

mod harness;

#[path = "learning/accepting.rs"]
mod accepting;
#[path = "learning/life.rs"]
mod life;
#[path = "learning/recall.rs"]
mod recall;
#[path = "learning/scene.rs"]
mod scene;
