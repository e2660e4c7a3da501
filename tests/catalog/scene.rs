//! The real catalogue, and commands about it.

use std::path::PathBuf;

use serde_json::Value;

use crate::harness::World;
pub use crate::harness::seed::{PAGE, approve, seeded};

/// Runs `git orch catalog --catalog PAGE …`.
pub fn catalog(world: &World, args: &[&str]) -> crate::harness::Ended {
    world.orch(&[&["catalog", "--catalog", PAGE], args].concat())
}

/// The file at `path` of the repository.
pub fn read(world: &World, path: &str) -> String {
    std::fs::read_to_string(world.repo.join(path)).expect(path)
}

/// The one JSON document in a file, or on stdout.
pub fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("one JSON document")
}

/// An issue file of the catalogue.
pub fn issue_file(id: &str) -> String {
    let lane = id.split('-').next().expect("lane");
    format!("examples/minimal_demo/issues/{lane}/{id}.md")
}

/// Where a command's answer lies.
pub fn answered(ended: &crate::harness::Ended) -> PathBuf {
    PathBuf::from(ended.line())
}
