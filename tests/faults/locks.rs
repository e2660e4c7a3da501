//! git's lock files of others: looked for before anything is begun, named with the step that helps,
//! and never taken from somebody who is alive.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{Ended, World};

/// A lock that was left behind a while ago by somebody who is gone.
fn left(world: &World, name: &str) -> PathBuf {
    let path = world.repo.join(".git").join(name);
    fs::create_dir_all(path.parent().expect("parent")).expect("folder");
    fs::write(&path, "").expect("lock");
    world.sh(&world.repo, &format!("touch -d '1 minute ago' '{}'", path.display())).ok();
    path
}

fn intents(world: &World) -> usize {
    fs::read_dir(world.repo.join(".git/git-orch/intents")).map_or(0, Iterator::count)
}

/// Carries out the step that was printed.
fn follow(world: &World, refused: &Ended) {
    let fix = refused.stderr.lines().find_map(|line| line.trim().strip_prefix("fix: "));
    world.sh(&world.repo, fix.expect("a step")).ok();
}

#[test]
fn an_ending_that_somebodys_lock_would_stop_is_not_begun() {
    for name in ["refs/heads/issue/81.lock", "packed-refs.lock"] {
        let world = World::ready();
        let worktree = world.in_execute("81");
        let lock = left(&world, name);
        let ending = ["abandon", "81", "--reason", "not needed"];
        let refused = world.orch(&ending).code(4);
        assert!(refused.stderr.contains(name), "{}", refused.stderr);
        assert!(lock.exists() && worktree.join(".git").exists(), "{name}");
        assert_eq!(intents(&world), 0, "{name}: nothing was begun");
        follow(&world, &refused);
        world.orch(&ending).ok();
        assert!(!worktree.exists());
        world.git(&["fsck"]).ok();
        assert!(!world.git(&["branch", "--list", "issue/81"]).ok().stdout.contains("issue/81"));
    }
}

#[test]
fn an_opening_that_somebodys_lock_would_stop_is_not_begun() {
    for name in ["refs/heads/issue/81.lock", "packed-refs.lock"] {
        let world = World::ready();
        left(&world, name);
        let refused = world.orch(&["new-issue", "81"]).code(4);
        assert!(refused.stderr.contains(name), "{}", refused.stderr);
        assert_eq!(intents(&world), 0, "{name}: nothing was begun");
        follow(&world, &refused);
        world.orch(&["new-issue", "81"]).ok();
    }
}

#[test]
fn bringing_salvage_back_that_somebodys_lock_would_stop_is_not_begun() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.orch(&["task", "add", "--issue", "81", "one"]).ok();
    world.write_in(&worktree, "typed.txt", "by hand\n");
    world.orch(&["task", "done", "--issue", "81", "1"]).ok();
    fs::remove_file(worktree.join("typed.txt")).expect("removed");
    let lock = left(&world, "worktrees/81/index.lock");
    let refused = world.orch(&["salvage", "restore", "81"]).code(4);
    assert!(refused.stderr.contains("index.lock"), "{}", refused.stderr);
    assert!(lock.exists());
    assert_eq!(intents(&world), 0);
    follow(&world, &refused);
    world.orch(&["salvage", "restore", "81"]).ok();
    assert!(worktree.join("typed.txt").exists());
}

#[test]
fn what_was_begun_ends_in_spite_of_an_older_lock_on_its_own_branch() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    let lock = left(&world, "refs/heads/issue/81.lock");
    fork(&world, &worktree);
    world.orch(&["new-issue", "81"]).ok();
    assert!(!lock.exists());
    assert_eq!(intents(&world), 0);
}

/// The intent of the opening, as it is left when the last step does not come.
fn fork(world: &World, worktree: &Path) {
    let at = world.git(&["rev-parse", "main"]).ok().line();
    let text = format!(
        r#"{{"id":"81","session":"s","title":"t","body":"","source":null,"base":"main","fork":"{at}",
        "start":"{at}","branch":"issue/81","worktree":"{}","at":1700000000,"spec":null,
        "adopt_worktree":false,"filling":false,"done":"created"}}"#,
        worktree.display()
    );
    let folder = world.repo.join(".git/git-orch/intents");
    fs::create_dir_all(&folder).expect("folder");
    fs::write(folder.join("open-81.json"), text).expect("intent");
}

#[test]
fn a_lock_on_a_ref_of_ours_stays_with_the_process_that_has_it_open() {
    let world = World::ready();
    world.in_execute("81");
    let lock = world.repo.join(".git/refs/git-orch/issues/81.lock");
    let held = world.root().join("held");
    let script =
        "exec 9>\"$1\"; : >\"$2.begun\"; sleep 2; [ ! -e \"$1\" ] || : >\"$2\"; rm -f \"$1\"";
    let mut command = world.command(&world.root(), "sh");
    command.args(["-c", script, "sh"]).args([&lock, &held]);
    let mut child = command.spawn().expect("sh");
    while !world.root().join("held.begun").exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    world.orch(&["task", "add", "--issue", "81", "one"]).ok();
    child.wait().expect("ended");
    assert!(held.exists(), "the lock was taken from a process that is alive");
    assert!(world.orch(&["show", "81"]).ok().stdout.contains("one"));
}
