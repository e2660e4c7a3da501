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

fn walk(world: &World, from: &std::path::Path) {
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
    let before = world.git(&["rev-parse", "main"]).ok().line();
    let refused = world.git(&["merge", "issue/81"]);
    assert_ne!(refused.code, 0);
    assert!(refused.stderr.contains("refused: "), "{}", refused.stderr);
    world.sh(&worktree, "touch .context/compaction-complete.flag").ok();
    assert_ne!(world.git(&["merge", "issue/81"]).code, 0);
    assert_eq!(world.git(&["rev-parse", "main"]).ok().line(), before, "main has not moved");
    assert_eq!(world.git(&["status", "--porcelain"]).ok().stdout, "?? .orchestration/\n");

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
    let folder = orch(&["archive", "81"]).ok().line();
    assert!(std::path::Path::new(&folder).join("session-log.xml").exists());
    assert!(!worktree.exists(), "the worktree is gone");
    world.git(&["rev-parse", "--verify", "-q", "issue/81"]).code(1);
    assert_eq!(orch(&["archive", "81"]).ok().line(), folder, "the same answer again");
    orch(&["show", "81"]).ok();
    orch(&["log", "81"]).ok();
    assert!(orch(&["status"]).ok().stderr.contains("no open issue"));
}
