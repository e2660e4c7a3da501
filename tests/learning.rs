//! Learnings as they are given, judged, found again and retired: the real binary, real git.
#![expect(clippy::disallowed_methods, reason = "tests damage what might be damaged")]

mod harness;

#[path = "learning/accepting.rs"]
mod accepting;
#[path = "learning/archive.rs"]
mod archive;
#[path = "learning/hard.rs"]
mod hard;
#[path = "learning/life.rs"]
mod life;
#[path = "learning/numbers.rs"]
mod numbers;
#[path = "learning/patterns.rs"]
mod patterns;
#[path = "learning/person.rs"]
mod person;
#[path = "learning/proposing.rs"]
mod proposing;
#[path = "learning/recall.rs"]
mod recall;
#[path = "learning/relevance.rs"]
mod relevance;
#[path = "learning/scene.rs"]
mod scene;
#[path = "learning/secrets.rs"]
mod secrets;
#[path = "learning/tracked.rs"]
mod tracked;
#[path = "learning/transcripts.rs"]
mod transcripts;
