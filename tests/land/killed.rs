//! A landing that is killed anywhere is carried to its end by running it again.

use std::process::Stdio;
use std::time::Duration;

use super::clean::no_bench;
use crate::harness::{World, binary};

/// Kills a landing after `wait`, then runs it again.
fn killed_after(wait: Duration) {
    let world = World::ready();
    world.sealed("81");
    world.write("README.md", "# Edited, not committed\n");
    let mut child = world
        .command(&world.repo, &binary())
        .args(["land", "81"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a landing");
    std::thread::sleep(wait);
    let _ = child.kill();
    child.wait().expect("its end");
    world.orch(&["land", "81"]).ok();
    let status = world.git(&["status", "--porcelain"]).ok().stdout;
    assert_eq!(
        status.lines().filter(|line| !line.starts_with("??")).collect::<Vec<_>>(),
        [" M README.md"]
    );
    assert!(world.repo.join("work-81.txt").exists());
    let merges = world.git(&["rev-list", "--merges", "--count", "main"]).ok().line();
    assert_eq!(merges, "1", "it landed exactly once");
    no_bench(&world);
}

#[test]
fn at_any_moment() {
    for millis in [2, 15, 30, 45, 60, 80, 100, 130, 170] {
        killed_after(Duration::from_millis(millis));
    }
}

#[test]
fn between_the_move_and_the_worktree() {
    let world = World::ready();
    let worktree = world.sealed("81");
    // The state of a landing that was killed right after it had moved the base, with one file
    // written already.
    let from = world.git(&["rev-parse", "main"]).ok().line();
    let to = world.git_in(&worktree, &["rev-parse", "HEAD"]).ok().line();
    world.git(&["update-ref", "refs/heads/main", &to, &from]).ok();
    std::fs::copy(worktree.join("work-81.txt"), world.repo.join("work-81.txt")).unwrap();
    let intent = serde_json::json!({
        "branch": "main", "from": from, "to": to, "worktrees": [world.repo],
    });
    let folder = world.repo.join(".git/git-orch/intents");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("landing.json"), intent.to_string()).unwrap();
    world.orch(&["land", "81"]).ok();
    assert_eq!(world.git(&["status", "--porcelain", "--untracked-files=no"]).ok().stdout, "");
    assert!(!folder.join("landing.json").exists());
    world.orch(&["archive", "81"]).ok();
}
