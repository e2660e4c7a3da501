//! A repository that holds the real catalogue, and a person who reads its commands.

use std::path::Path;
use std::process::Stdio;

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};

use super::{World, binary};

/// The page of the real catalogue.
pub const PAGE: &str = "examples/minimal_demo/SAF_ISSUE_CATALOG.md";

/// A repository with the real catalogue in it, committed, and git-orch set up.
pub fn seeded() -> World {
    let world = World::new();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/seed-catalog");
    copy(&from, &world.repo);
    world.commit(&world.repo, "Add the catalogue");
    world.orch(&["init", "--yes"]).ok();
    world
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("folder");
    for entry in std::fs::read_dir(from).expect("folder") {
        let entry = entry.expect("entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("file");
        }
    }
}

/// A person approves the commands of the catalogue; returns what they were shown.
pub fn approve(world: &World, page: &str) -> String {
    let mut command = world.command(&world.repo, &binary());
    command
        .args(["trust", "--catalog", page])
        .env("TERM", "xterm")
        .env("NO_COLOR", "1")
        .stdin(Stdio::inherit());
    let mut session: PtySession = spawn_command(command, Some(60_000)).expect("terminal");
    let before = session.exp_string("[y/N]").expect("a question");
    session.send_line("y").expect("answer");
    let rest = session.exp_eof().expect("end");
    match session.process().wait().expect("end") {
        WaitStatus::Exited(_, 0) => before.replace("\r\n", "\n"),
        other => panic!("{other:?}\n{rest}"),
    }
}
