//! `init` and `uninit`: what is put in is exactly what is taken out.

use crate::harness::World;

/// Every file below the repository with its content and permissions, except what git itself
/// touches when it is only asked, and the words in our lock files.
fn picture(world: &World) -> String {
    let line = "find . -type f ! -name index ! -path '*/git-orch/locks/*' -exec sh -c 'for f; do stat -c \"%A %n\" \"$f\"; cksum < \"$f\"; done' _ {} + | paste - - | sort";
    world.sh(&world.repo, line).ok().stdout
}

#[test]
fn a_dry_run_touches_nothing_and_tells_what_init_does() {
    let world = World::new();
    let before = picture(&world);
    let plan = world.orch(&["init", "--dry-run"]).ok().stdout;
    assert_eq!(picture(&world), before);
    let done = world.orch(&["init", "--yes"]).ok().stderr;
    for line in plan.lines() {
        let words = line.strip_prefix("would ").expect("a plan");
        assert!(done.contains(words), "{words} was planned and not done:\n{done}");
    }
}

#[test]
fn init_twice_changes_nothing() {
    let world = World::ready();
    let before = picture(&world);
    let ended = world.orch(&["init", "--yes"]).ok();
    assert_eq!(ended.stderr.trim(), "nothing to change");
    assert_eq!(picture(&world), before);
    world.orch(&["doctor"]).ok();
}

#[test]
fn uninit_leaves_the_repository_as_it_was() {
    let world = World::new();
    world.write(".git/hooks/pre-push", "#!/bin/sh\nexit 0\n");
    world.sh(&world.repo, "chmod 755 .git/hooks/pre-push").ok();
    let before = picture(&world);
    world.orch(&["init", "--yes"]).ok();
    assert_ne!(picture(&world), before);
    world.orch(&["uninit"]).ok();
    assert_eq!(picture(&world), before);
    world.orch(&["uninit"]).ok();
}

#[test]
fn uninit_is_refused_while_an_issue_is_open_and_the_remedy_works() {
    let world = World::ready();
    world.orch(&["new-issue", "81", "--yes"]).ok();
    let ended = world.orch(&["uninit"]).code(1);
    assert!(ended.stderr.contains("issue 81 is open"), "{}", ended.stderr);
    world.orch(&["abandon", "81", "--reason", "only a try"]).ok();
    world.orch(&["uninit"]).ok();
}

#[test]
fn nothing_of_ours_is_swept_in_by_add_all() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.git_in(&worktree, &["add", "-A"]).ok();
    assert_eq!(world.git_in(&worktree, &["status", "--porcelain"]).ok().stdout, "");
}

#[test]
fn a_default_branch_of_any_name_is_protected() {
    let world = World::named("repo", &["-b", "trunk"]);
    let ended = world.orch(&["init", "--yes"]).ok();
    assert!(ended.stderr.contains("work lands on trunk"), "{}", ended.stderr);
    world.validated("81");
    assert_ne!(world.git(&["merge", "issue/81"]).code, 0);
}

#[test]
fn doctor_finds_and_mends_what_is_mechanical() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    std::fs::remove_file(world.repo.join(".git/hooks/pre-push")).expect("removed");
    std::fs::remove_dir_all(&worktree).expect("removed");
    world.git(&["config", "core.bare", "true"]).ok();
    world.orch(&["doctor"]).code(4);
    world.orch(&["doctor", "--fix"]).ok();
    assert!(worktree.join("README.md").exists());
    assert_eq!(world.git(&["config", "core.bare"]).ok().line(), "false");
    world.git(&["status"]).ok();
}
