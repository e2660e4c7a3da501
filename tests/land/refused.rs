//! Landings that do not go in, and the command that makes each go in.

use insta::assert_snapshot;

use super::clean::no_bench;
use crate::harness::{Ended, World};

fn fix(said: &Ended) -> String {
    let line = said.stderr.lines().find_map(|line| line.trim().strip_prefix("fix: "));
    line.expect("a fix").to_owned()
}

/// Nothing moved, nothing is left behind.
fn untouched(world: &World, main: &str) {
    assert_eq!(world.git(&["rev-parse", "main"]).ok().line(), main);
    no_bench(world);
}

fn tip(world: &World) -> String {
    world.git(&["rev-parse", "main"]).ok().line()
}

#[test]
fn work_that_is_not_compacted_stays_out() {
    let world = World::ready();
    world.validated("81");
    let main = tip(&world);
    let said = world.orch(&["land", "81"]).code(1);
    assert_snapshot!(world.plain(said.stderr.trim_end()), @r"
    refused: landing issue 81
        why: it is in VALIDATE, compaction is missing
        fix: git orch next 81
    ");
    world.sh(&world.repo, &fix(&said)).ok();
    untouched(&world, &main);
}

#[test]
fn a_late_commit_makes_it_stale() {
    let world = World::ready();
    let worktree = world.sealed("81");
    world.write_in(&worktree, "late.txt", "an afterthought\n");
    world.commit(&worktree, "Think again");
    let main = tip(&world);
    let said = world.orch(&["land", "81"]).code(1);
    assert!(said.stderr.contains("it is in VALIDATE"), "{}", said.stderr);
    untouched(&world, &main);
}

#[test]
fn uncommitted_changes_in_the_way_are_named() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "README.md", "# Rewritten by the issue\n");
    world.write_in(&worktree, "docs/new.md", "A page.\n");
    world.commit(&worktree, "Rewrite");
    for verb in [
        &["next", "81"][..],
        &["validate", "81"],
        &["learn", "none", "81", "--reason", "the change was mechanical and met no surprise"],
        &["compact", "81"],
    ] {
        world.orch(verb).ok();
    }
    world.write("README.md", "# Being edited\n");
    world.write("docs/new.md", "Mine.\n");
    let main = tip(&world);
    let said = world.orch(&["land", "81"]).code(1);
    assert_snapshot!(world.plain(said.stderr.trim_end()), @r"
    refused: landing issue 81
        why: [TOP]/repo has uncommitted changes that it would write over: README.md, docs/new.md
        fix: git -C [TOP]/repo add -A && git -C [TOP]/repo commit
    ");
    untouched(&world, &main);
    assert_eq!(std::fs::read_to_string(world.repo.join("README.md")).unwrap(), "# Being edited\n");
    assert_eq!(std::fs::read_to_string(world.repo.join("docs/new.md")).unwrap(), "Mine.\n");
    // Taking the work elsewhere is as good as committing it.
    world.git(&["checkout", "-q", "README.md"]).ok();
    std::fs::remove_file(world.repo.join("docs/new.md")).unwrap();
    world.orch(&["land", "81"]).ok();
}

#[test]
fn a_merge_under_way_on_the_base_is_named() {
    let world = World::ready();
    world.sealed("81");
    world.git(&["switch", "-qc", "side"]).ok();
    world.write("README.md", "side\n");
    world.commit(&world.repo, "Side");
    world.git(&["switch", "-q", "main"]).ok();
    world.write("README.md", "main\n");
    world.commit(&world.repo, "Main");
    world.git(&["merge", "-q", "side"]).code(1);
    let said = world.orch(&["land", "81"]).code(1);
    assert!(said.stderr.contains("a merge is under way in"), "{}", said.stderr);
    assert!(!said.stderr.contains("--abort"), "{}", said.stderr);
    world.write("README.md", "both\n");
    world.git(&["add", "README.md"]).ok();
    world.sh(&world.repo, &format!("export GIT_EDITOR=true; {}", fix(&said))).ok();
    world.orch(&["land", "81"]).ok();
}

#[test]
fn a_conflict_parks_the_issue_and_names_the_way_on() {
    let world = World::ready();
    let worktree = world.sealed("81");
    world.write("work-81.txt", "somebody else had the same idea, with other words\n");
    world.commit(&world.repo, "Go on");
    let main = tip(&world);
    let said = world.orch(&["land", "81"]).code(1);
    assert_snapshot!(world.plain(said.stderr.trim_end()), @r"
    refused: landing issue 81
        why: main [SHORT] and issue 81 at [SHORT] conflict in work-81.txt
        fix: git -C [TOP]/repo.worktrees/81 merge main
    ");
    untouched(&world, &main);
    let status = world.orch(&["status"]).ok().stderr;
    assert!(status.contains("issue 81 is parked: main"), "{status}");
    world.sh(&world.repo, &fix(&said)).code(1);
    world.write_in(&worktree, "work-81.txt", "both ideas\n");
    world.commit(&worktree, "Merge main");
    for verb in [&["validate", "81"][..], &["compact", "81"], &["land", "81"], &["archive", "81"]] {
        world.orch(verb).ok();
    }
    assert_eq!(std::fs::read_to_string(world.repo.join("work-81.txt")).unwrap(), "both ideas\n");
}

#[test]
fn what_is_red_only_together_stays_out() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "a.txt", "one\n");
    world.commit(&worktree, "One");
    let spec = "# Work\n\n## Goal\n\nOne.\n\n## Acceptance criteria\n\n- [ ] There is one only\n  verify: test $(ls ?.txt | wc -l) -eq 1\n";
    let worktree = {
        let other = std::path::PathBuf::from(world.orch(&["new-issue", "82", "--yes"]).ok().line());
        world.write_in(&other, ".context/spec.md", spec);
        world.orch(&["spec", "finalise", "82"]).ok();
        world.orch(&["next", "82"]).ok();
        world.write_in(&other, "b.txt", "the other\n");
        world.commit(&other, "The other");
        for verb in [
            &["next", "82"][..],
            &["validate", "82"],
            &["learn", "none", "82", "--reason", "the change was mechanical and met no surprise"],
            &["compact", "82"],
        ] {
            world.orch(verb).ok();
        }
        let _ = worktree;
        other
    };
    world.write("c.txt", "and a third\n");
    world.commit(&world.repo, "Go on");
    let main = tip(&world);
    let said = world.orch(&["land", "82"]).code(5);
    assert!(said.stderr.contains("criterion 1 (There is one only)"), "{}", said.stderr);
    assert_eq!(tip(&world), main);
    let status = world.orch(&["status"]).ok().stderr;
    assert!(status.contains("issue 82 is parked: red on main"), "{status}");
    world.sh(&world.repo, &fix(&said)).ok();
    assert!(worktree.join("c.txt").exists());
}
