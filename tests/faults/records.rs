//! A record is one ref, and a ref is one small file. What happens when that is empty, holds
//! something else or is gone: the work stays closed to landing, and the record comes back.

use std::fs;
use std::path::PathBuf;

use crate::harness::World;

/// Every way a ref is lost, as a line of shell in the repository; `$R` is the ref.
const WAYS: [(&str, &str); 5] = [
    ("empty", ": >.git/$R"),
    ("garbage", "echo junk >.git/$R"),
    ("zeroes", "head -c 41 /dev/zero >.git/$R"),
    ("gone", "rm .git/$R"),
    ("deleted", "git -c core.hooksPath=/dev/null update-ref -d $R"),
];

/// An issue with a commit and two tasks; the ref of its record.
fn begun(world: &World) -> String {
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "work.txt", "the work of 81, a line of it\n");
    world.commit(&worktree, "Work");
    world.orch(&["task", "add", "--issue", "81", "one"]).ok();
    world.git(&["pack-refs", "--all"]).ok();
    world.orch(&["task", "add", "--issue", "81", "two"]).ok();
    "refs/git-orch/issues/81".to_owned()
}

fn lose(world: &World, name: &str, way: &str) {
    world.sh(&world.repo, &format!("R={name}; {way}")).ok();
}

fn main_of(world: &World) -> String {
    world.git(&["rev-parse", "main"]).ok().line()
}

fn file(world: &World, name: &str) -> PathBuf {
    world.repo.join(".git").join(name)
}

#[test]
fn work_whose_record_is_lost_does_not_land_and_the_record_comes_back() {
    for (what, way) in WAYS {
        let world = World::ready();
        let name = begun(&world);
        let tip = world.git(&["rev-parse", &name]).ok().line();
        let before = main_of(&world);
        // What is packed under the name is older; it must not be taken for the record.
        lose(&world, &name, way);
        for line in ["git merge issue/81", "git cherry-pick issue/81", "git reset --hard issue/81"]
        {
            let refused = world.sh(&world.repo, line);
            assert_ne!(refused.code, 0, "{what}: {line}");
            let (why, fix) =
                ("the record of issue 81 cannot be read", "fix: git orch doctor --fix");
            assert!(refused.stderr.contains("refused: "), "{what}: {}", refused.stderr);
            // What is packed says all that is needed to keep it closed.
            if what != "gone" {
                assert!(refused.stderr.contains(why), "{what}: {}", refused.stderr);
                assert!(refused.stderr.contains(fix), "{what}: {}", refused.stderr);
            }
            assert_eq!(main_of(&world), before, "{what}: {line}");
            let _ =
                world.sh(&world.repo, "git cherry-pick --abort 2>/dev/null; git reset -q --merge");
        }
        // Everybody else goes on.
        world.git(&["commit", "-q", "--allow-empty", "-m", "Somebody's own"]).ok();
        world.orch(&["new-issue", "82"]).ok();
        let said = world.orch(&["status"]).ok();
        assert!(said.stdout.contains("DAMAGED"), "{what}: {}", said.stdout);
        let refused = world.orch(&["new-issue", "81"]).code(4);
        assert!(refused.stderr.contains("git orch doctor"), "{what}: {}", refused.stderr);
        let mended = world.orch(&["doctor", "--fix"]).ok();
        assert!(mended.stderr.contains("last whole state"), "{what}: {}", mended.stderr);
        assert_eq!(world.git(&["rev-parse", &name]).ok().line(), tip, "{what}");
        world.orch(&["task", "done", "--issue", "81", "2"]).ok();
        world.git(&["fsck"]).ok();
        let refused = world.git(&["merge", "issue/81"]);
        assert!(refused.stderr.contains("compaction is missing"), "{what}: {}", refused.stderr);
    }
}

#[test]
fn a_record_of_which_nothing_was_noted_is_closed_by_its_births() {
    let world = World::ready();
    let name = begun(&world);
    fs::remove_dir_all(file(&world, "git-orch/tips")).expect("the notes");
    lose(&world, &name, "git -c core.hooksPath=/dev/null update-ref -d $R");
    let refused = world.git(&["merge", "issue/81"]);
    assert!(refused.stderr.contains("fix: git orch doctor --fix"), "{}", refused.stderr);
    assert!(world.orch(&["status"]).ok().stdout.contains("DAMAGED"));
    world.orch(&["doctor", "--fix"]).ok();
    assert!(world.orch(&["show", "81"]).ok().stdout.contains("task 2 open: two"));
}

#[test]
fn a_branch_is_closed_of_whose_issue_only_a_broken_record_is_left() {
    let world = World::ready();
    let name = begun(&world);
    // Nothing in its message tells whose it is.
    let plain = ["-c", "core.hooksPath=/dev/null", "commit", "-q", "--amend", "-m", "Plain"];
    world.git_in(&world.worktree("81"), &plain).ok();
    for gone in ["git-orch/tips", "git-orch/births", "git-orch/pending"] {
        fs::remove_dir_all(file(&world, gone)).expect("the notes");
    }
    lose(&world, &name, ": >.git/$R");
    let before = main_of(&world);
    let refused = world.git(&["merge", "issue/81"]);
    assert!(refused.stderr.contains("fix: git orch doctor --fix"), "{}", refused.stderr);
    assert_eq!(main_of(&world), before);
}

#[test]
fn what_was_never_recorded_is_not_taken_for_the_last_state() {
    let world = World::ready();
    let name = begun(&world);
    let tip = world.git(&["rev-parse", &name]).ok().line();
    // As a run leaves it that is killed before the ref moves: a whole state, newer, named by nothing.
    let raw = world.git(&["cat-file", "-p", &tip]).ok().stdout;
    let (head, message) = raw.split_once("\n\n").expect("a message");
    let tree = head.lines().find(|line| line.starts_with("tree ")).expect("tree");
    let newer = format!(
        "{tree}\nparent {tip}\nauthor Ada <a@example.org> 4000000000 +0000\n\
         committer Ada <a@example.org> 4000000000 +0000\n\n{message}"
    );
    world.write("raw", &newer);
    world.git(&["hash-object", "-t", "commit", "-w", "raw"]).ok();
    fs::remove_file(world.repo.join("raw")).expect("removed");
    lose(&world, &name, ": >.git/$R");
    world.orch(&["doctor", "--fix"]).ok();
    assert_eq!(world.git(&["rev-parse", &name]).ok().line(), tip);
}

#[test]
fn a_state_that_the_note_missed_is_found_by_the_copy() {
    let world = World::ready();
    let name = begun(&world);
    let note = file(&world, "git-orch/tips/81");
    let before = fs::read(&note).expect("note");
    world.orch(&["task", "add", "--issue", "81", "three"]).ok();
    let tip = world.git(&["rev-parse", &name]).ok().line();
    fs::write(&note, before).expect("an older note, as after a power cut");
    lose(&world, &name, ": >.git/$R");
    world.orch(&["doctor", "--fix"]).ok();
    assert_eq!(world.git(&["rev-parse", &name]).ok().line(), tip);
}

#[test]
fn a_record_without_any_state_is_made_anew_from_the_worktree_and_opens_nothing() {
    let world = World::ready();
    let worktree = world.validated("81");
    let name = "refs/git-orch/issues/81";
    let states = world.git(&["rev-list", name]).ok().stdout;
    for state in states.lines() {
        let object = file(&world, "objects").join(&state[..2]).join(&state[2..]);
        fs::remove_file(object).expect("a state");
    }
    assert!(world.orch(&["status"]).ok().stdout.contains("DAMAGED"));
    assert_ne!(world.git(&["merge", "issue/81"]).code, 0);
    let mended = world.orch(&["doctor", "--fix"]).ok();
    assert!(mended.stderr.contains("made anew from the worktree"), "{}", mended.stderr);
    let shown = world.orch(&["show", "81"]).ok().stdout;
    assert!(shown.contains("DISCUSSION"), "{shown}");
    assert!(worktree.join(".context/spec.md").exists());
    let refused = world.git(&["merge", "issue/81"]);
    assert!(refused.stderr.contains("compaction is missing"), "{}", refused.stderr);
    world.orch(&["spec", "finalise", "81"]).ok();
    world.orch(&["next", "81"]).ok();
}

#[test]
fn the_note_goes_with_the_record() {
    let world = World::ready();
    begun(&world);
    assert!(file(&world, "git-orch/tips/81").exists());
    let note = fs::read(file(&world, "git-orch/tips/81")).expect("note");
    world.orch(&["abandon", "81", "--force", "--reason", "not needed"]).ok();
    assert!(!file(&world, "git-orch/tips/81").exists());
    // A power cut brings it back: the issue is finished all the same.
    fs::write(file(&world, "git-orch/tips/81"), note).expect("note");
    assert!(!world.orch(&["status"]).ok().stdout.contains("81"));
    world.orch(&["new-issue", "82"]).ok();
    world.orch(&["undo", "82"]).ok();
    assert!(!file(&world, "git-orch/tips/82").exists());
    assert!(!world.orch(&["status"]).ok().stdout.contains("82"));
}
