//! The walk: one issue from `new-issue` to the archive, with the refusal in the middle.

use crate::harness::World;

#[test]
fn an_issue_walks_from_opening_to_the_archive() {
    let world = World::ready();
    walk(&world, &world.repo.clone());
}

#[test]
fn the_walk_works_from_a_linked_worktree() {
    let world = World::ready();
    let linked = world.root().join("linked");
    world.git(&["worktree", "add", "-q", "-b", "side", linked.to_str().unwrap()]).ok();
    walk(&world, &linked);
}

/// A fresh clone whose default branch bears a name of its own, with a remote that takes pushes.
#[test]
fn the_walk_works_in_a_clone_and_ends_at_the_remote() {
    let mut world = World::named("origin", &["-b", "trunk"]);
    let root = world.root();
    world.git_in(&root, &["clone", "-q", "--bare", "origin", "remote.git"]).ok();
    world.git_in(&root, &["clone", "-q", "remote.git", "clone"]).ok();
    world.repo = root.join("clone");
    let world = world;
    world.orch(&["init", "--yes"]).ok();
    let worktree = walk_to(&world, &world.repo.clone(), "trunk");
    let at_remote = |name: &str| {
        world.git_in(&root.join("remote.git"), &["rev-parse", "-q", "--verify", name]).line()
    };

    // Nothing of it leaves before it is compacted, by whatever name.
    for target in ["issue/81", "issue/81:trunk", "HEAD:refs/heads/other"] {
        let refused = world.git_in(&worktree, &["push", "-q", "origin", target]);
        assert_ne!(refused.code, 0, "{target}");
        assert!(refused.stderr.contains("refused: "), "{target}: {}", refused.stderr);
    }
    assert_eq!(at_remote("issue/81"), "");
    finish(&world, &world.repo.clone(), "trunk", |world| {
        world.git(&["push", "-q", "origin", "trunk"]).ok();
    });
    assert_eq!(at_remote("trunk"), world.git(&["rev-parse", "trunk"]).ok().line());
    let seen = world.git_in(&root, &["clone", "-q", "remote.git", "again"]);
    seen.ok();
    assert!(root.join("again/greeting.txt").exists());
}

fn walk(world: &World, from: &std::path::Path) {
    walk_to(world, from, "main");
    finish(world, from, "main", |_| {});
}

/// From the opening to refused merges; returns the worktree.
fn walk_to(world: &World, from: &std::path::Path, base: &str) -> std::path::PathBuf {
    let orch = |args: &[&str]| world.orch_in(from, args);
    let path = orch(&["new-issue", "81", "--title", "Rebase agent"]).ok().line();
    assert_eq!(path, world.worktree("81").display().to_string());
    assert_eq!(orch(&["new-issue", "81"]).ok().line(), path, "the same answer again");
    let worktree = world.worktree("81");
    let in_issue = |args: &[&str]| world.orch_in(&worktree, args);

    // DISCUSSION
    in_issue(&["next"]).code(1);
    world.write_in(
        &worktree,
        ".context/spec.md",
        "# Rebase agent\n\n## Goal\nThe greeting is there.\n\n## Acceptance criteria\n\
         - [ ] The greeting says hello\n  verify: grep -q hello greeting.txt\n",
    );
    in_issue(&["spec", "check"]).ok();
    in_issue(&["spec", "finalise"]).ok();
    in_issue(&["next"]).ok();

    // EXECUTE
    in_issue(&["task", "add", "Write the greeting", "--verify", "test -s greeting.txt"]).ok();
    in_issue(&["task", "done", "1"]).code(5);
    world.write_in(&worktree, "greeting.txt", "hello, this is the greeting of the project\n");
    in_issue(&["task", "done", "1"]).ok();
    in_issue(&["next"]).code(1);
    world.commit(&worktree, "Add the greeting");
    let message = world.git_in(&worktree, &["log", "-1", "--format=%B"]).ok().stdout;
    assert!(message.contains("Orch-Issue: 81"), "{message}");
    in_issue(&["next"]).ok();

    // VALIDATE
    in_issue(&["validate"]).ok();
    let before = world.git(&["rev-parse", base]).ok().line();
    let refused = world.git(&["merge", "issue/81"]);
    assert_ne!(refused.code, 0);
    assert!(refused.stderr.contains("refused: "), "{}", refused.stderr);
    world.sh(&worktree, "touch .context/compaction-complete.flag").ok();
    assert_ne!(world.git(&["merge", "issue/81"]).code, 0);
    assert_eq!(world.git(&["rev-parse", base]).ok().line(), before, "{base} has not moved");
    assert_eq!(world.git(&["status", "--porcelain"]).ok().stdout, "?? .orchestration/\n");

    worktree
}

/// From compaction to the archive; `land` does what is to be done once it is merged.
fn finish(world: &World, from: &std::path::Path, base: &str, land: impl Fn(&World)) {
    let worktree = world.worktree("81");
    let orch = |args: &[&str]| world.orch_in(from, args);
    let in_issue = |args: &[&str]| world.orch_in(&worktree, args);
    // COMPACT
    in_issue(&["compact"]).code(1);
    in_issue(&[
        "learn",
        "add",
        "--kind",
        "pitfall",
        "--when",
        "greeting.txt",
        "--lesson",
        "The greeting must be written in lower case, the parser is case-sensitive.",
        "--evidence",
        "greeting.txt",
    ])
    .ok();
    in_issue(&["compact"]).ok();
    assert!(worktree.join(".context/compaction-complete.flag").exists());

    // COMPLETE
    in_issue(&["archive"]).code(1);
    world.git(&["merge", "issue/81"]).ok();
    land(world);
    let folder = orch(&["archive", "81"]).ok().line();
    assert!(std::path::Path::new(&folder).join("session-log.xml").exists());
    assert!(!worktree.exists(), "the worktree is gone");
    world.git(&["rev-parse", "--verify", "-q", "issue/81"]).code(1);
    assert_eq!(orch(&["archive", "81"]).ok().line(), folder, "the same answer again");
    orch(&["show", "81"]).ok();
    assert!(orch(&["log", "81"]).ok().stdout.contains(base));
    assert!(orch(&["status"]).ok().stderr.contains("no open issue"));
}
