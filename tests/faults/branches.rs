//! Branches whose file is broken, as a power cut leaves one: only their own issue is hindered, the
//! rest goes on, and each comes back by what is printed.

use std::fs;

use crate::harness::World;

/// Every way a branch is broken.
const WAYS: [&str; 3] = ["", "junk\n", "\0\0\0\0\0\0\0\0"];

fn tip(world: &World, branch: &str) -> String {
    world.git(&["rev-parse", &format!("refs/heads/{branch}")]).ok().line()
}

fn spoil(world: &World, branch: &str, text: &str) {
    fs::write(world.repo.join(".git/refs/heads").join(branch), text).expect("branch");
}

#[test]
fn the_broken_branch_of_an_issue_hinders_it_alone_and_comes_back() {
    for text in WAYS {
        let world = World::ready();
        let worktree = world.in_execute("81");
        world.in_execute("82");
        world.git(&["pack-refs", "--all"]).ok();
        world.write_in(&worktree, "work.txt", "work\n");
        world.commit(&worktree, "Work");
        let before = tip(&world, "issue/81");
        spoil(&world, "issue/81", text);
        let said = world.orch(&["status"]).ok();
        assert!(said.stderr.contains("its branch issue/81 is broken"), "{}", said.stderr);
        world.orch(&["task", "add", "--issue", "82", "one"]).ok();
        world.orch(&["new-issue", "83"]).ok();
        world.git(&["commit", "-q", "--allow-empty", "-m", "Somebody's own"]).ok();
        for args in [&["next", "81"][..], &["abandon", "81", "--reason", "not needed"]] {
            let refused = world.orch(args).code(1);
            assert!(refused.stderr.contains("fix: git orch doctor --fix"), "{}", refused.stderr);
        }
        let said = world.orch(&["doctor"]).stdout;
        assert!(said.contains("branch issue/81 of issue 81 is broken"), "{said}");
        assert!(said.contains("git gc and git fsck fail"), "{said}");
        let mended = world.orch(&["doctor", "--fix"]).ok();
        assert!(mended.stderr.contains("is back where it stood"), "{}", mended.stderr);
        assert_eq!(tip(&world, "issue/81"), before, "not what is packed: that is older");
        world.git(&["fsck"]).ok();
        world.git_in(&worktree, &["status", "--porcelain"]).ok();
        assert!(!world.orch(&["doctor"]).stdout.contains("broken"));
        world.orch(&["abandon", "81", "--reason", "not needed"]).ok();
    }
}

#[test]
fn a_branch_that_lost_its_file_comes_back_too() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "work.txt", "work\n");
    world.commit(&worktree, "Work");
    let before = tip(&world, "issue/81");
    fs::remove_file(world.repo.join(".git/refs/heads/issue/81")).expect("branch");
    world.orch(&["doctor", "--fix"]).ok();
    assert_eq!(tip(&world, "issue/81"), before);
}

#[test]
fn of_another_broken_ref_the_step_is_named_and_works() {
    let world = World::ready();
    world.in_execute("81");
    world.git(&["branch", "topic/a"]).ok();
    for branch in ["topic/a", "main"] {
        let before = tip(&world, branch);
        spoil(&world, branch, "");
        let said = world.orch(&["doctor"]).stdout;
        let at = said.find(&format!("refs/heads/{branch} is broken")).expect("a finding");
        let fix = said[at..].lines().find_map(|line| line.trim().strip_prefix("fix: "));
        world.orch(&["task", "add", "--issue", "81", branch]).ok();
        world.sh(&world.repo, fix.expect("a step")).ok();
        assert_eq!(tip(&world, branch), before);
    }
    world.git(&["fsck"]).ok();
    assert!(!world.orch(&["doctor"]).stdout.contains("broken"));
}
