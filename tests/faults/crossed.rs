//! A command is killed, and it is another one that runs next.

use std::process::Stdio;

use crate::harness::{SPEC, World, binary};
use crate::killed::tracer;

/// Runs a command that is killed just before its `call`-th call that changes a file; returns
/// whether it was. `None` where that cannot be done here.
fn killed(world: &World, args: &[&str], call: u32) -> Option<bool> {
    let mut command = world.command(&world.repo, tracer()?.to_str().expect("a path"));
    command.args(["-n", &call.to_string(), "--", &binary()]).args(args);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("it ran");
    Some(!status.success())
}

fn is_there(world: &World, name: &str) -> bool {
    world.git(&["rev-parse", "-q", "--verify", name]).code == 0
}

/// The issue is open, or finished, or was never there: never two of these.
fn one_of_them(world: &World) {
    let both =
        is_there(world, "refs/git-orch/issues/81") && is_there(world, "refs/git-orch/archive/81");
    assert!(!both, "it is open and archived");
}

fn nothing_begun(world: &World) {
    let left = std::fs::read_dir(world.repo.join(".git/git-orch/intents"));
    let left: Vec<_> = left.into_iter().flatten().flatten().map(|e| e.file_name()).collect();
    assert!(left.is_empty(), "left over: {left:?}");
}

/// Calls all through a command: every `step`-th, until it comes to its end before.
fn points(step: usize) -> impl Iterator<Item = u32> {
    (1..2000).step_by(step)
}

#[test]
fn an_ending_that_was_killed_lets_nothing_else_happen_to_the_issue() {
    let mut refused = 0;
    for call in points(23) {
        let world = World::ready();
        world.in_execute("81");
        let Some(killed) = killed(&world, &["abandon", "81", "--reason", "given up"], call) else {
            return;
        };
        let open = is_there(&world, "refs/git-orch/issues/81");
        let begun = world.repo.join(".git/git-orch/intents/archive-81.json").exists();
        for other in [
            &["task", "add", "--issue", "81", "late"][..],
            &["new-issue", "81"],
            &["undo", "81"],
            &["next", "81"],
        ] {
            if !(open && begun) {
                break;
            }
            let said = world.orch(other).code(1).stderr;
            let why = "why: it is being archived, and that was interrupted";
            assert!(said.contains(why), "{other:?} at {call}: {said}");
            assert!(said.contains("fix: git orch archive 81\n"), "{said}");
            refused += 1;
        }
        if begun {
            world.orch(&["archive", "81"]).ok();
        } else if open {
            world.orch(&["abandon", "81", "--reason", "given up"]).ok();
        }
        one_of_them(&world);
        nothing_begun(&world);
        assert!(!world.worktree("81").exists());
        assert!(is_there(&world, "refs/git-orch/archive/81"), "killed at {call}");
        if !killed {
            break;
        }
    }
    assert!(refused > 8, "it was never killed between its intent and the move of the record");
}

#[test]
fn work_that_came_after_an_ending_was_killed_opens_everything_again() {
    for call in points(29) {
        let world = World::ready();
        let worktree = world.sealed("81");
        world.git(&["merge", "-q", "issue/81"]).ok();
        let Some(killed) = killed(&world, &["archive", "81"], call) else { return };
        if !killed {
            return;
        }
        if !worktree.join(".git").exists() || !is_there(&world, "refs/git-orch/issues/81") {
            continue;
        }
        world.write_in(&worktree, "late.txt", "late\n");
        let dirty = world.orch(&["archive", "81"]).code(1).stderr;
        assert!(dirty.contains("late.txt"), "{dirty}");
        world.commit(&worktree, "Something came late");
        let said = world.orch(&["archive", "81"]).code(1).stderr;
        assert!(said.contains("fix: "), "{said}");
        assert!(worktree.join("late.txt").exists());
        nothing_begun(&world);
        // And the whole walk is open to it again.
        world.orch(&["task", "add", "--issue", "81", "one more"]).ok();
        world.orch(&["task", "done", "--issue", "81", "1"]).ok();
        one_of_them(&world);
    }
}

#[test]
fn an_opening_that_was_killed_is_finished_before_its_issue_ends() {
    for (end, ended) in [
        (&["abandon", "81", "--reason", "given up"][..], "refs/git-orch/archive/81"),
        (&["undo", "81"], "refs/git-orch/undone/81"),
    ] {
        for call in points(19) {
            let world = World::ready();
            let Some(killed) = killed(&world, &["new-issue", "81", "--yes"], call) else { return };
            let open = is_there(&world, "refs/git-orch/issues/81");
            let said = world.orch(end);
            assert_eq!(said.code == 0, open, "at {call}: {}", said.stderr);
            if open {
                nothing_begun(&world);
                one_of_them(&world);
                assert!(!world.worktree("81").exists(), "killed at {call}");
                assert!(!is_there(&world, "refs/heads/issue/81"), "killed at {call}");
                let kept = world.git(&["for-each-ref", ended]).ok().stdout;
                assert_eq!(kept.lines().count(), 1, "{kept}");
            }
            world.orch(&["doctor", "--fix"]).ok();
            assert!(!open || !is_there(&world, "refs/git-orch/issues/81"), "it is open again");
            if !killed {
                break;
            }
        }
    }
}

#[test]
fn an_archive_that_was_opened_again_half_way_can_end() {
    for call in points(17) {
        let world = World::ready();
        world.in_execute("81");
        world.orch(&["abandon", "81", "--reason", "given up"]).ok();
        let Some(killed) = killed(&world, &["archive", "restore", "81"], call) else { return };
        let open = is_there(&world, "refs/git-orch/issues/81");
        world.orch(&["abandon", "81", "--reason", "really"]).ok();
        if open {
            nothing_begun(&world);
        }
        one_of_them(&world);
        assert!(!world.worktree("81").exists(), "killed at {call}");
        world.orch(&["archive", "restore", "81"]).ok();
        assert!(world.worktree("81").exists());
        one_of_them(&world);
        nothing_begun(&world);
        if !killed {
            break;
        }
    }
}

#[test]
fn a_step_that_was_killed_is_not_taken_for_a_later_one() {
    let mut recorded = 0;
    for call in points(7) {
        let world = World::ready();
        world.orch(&["new-issue", "81", "--yes"]).ok();
        world.write_in(&world.worktree("81"), ".context/spec.md", SPEC);
        world.orch(&["spec", "finalise", "81"]).ok();
        let Some(killed) = killed(&world, &["next", "81"], call) else { return };
        let phase = world.orch(&["show", "81", "--json"]).ok().stdout;
        if killed && phase.contains(r#""phase": "execute""#) {
            recorded += 1;
            world.orch(&["task", "add", "--issue", "81", "one"]).ok();
            let said = world.orch(&["next", "81"]).code(1).stderr;
            assert!(said.contains("task 1"), "{said}");
        }
        if !killed {
            break;
        }
    }
    assert!(recorded > 0, "it was never killed after its step");
}
