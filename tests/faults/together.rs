//! Many commands at once: none is lost, none waits for ever.

use std::time::Duration;

use crate::harness::{World, binary};
use crate::{Dice, count, kill_after, start};

/// Runs a command until it says that it is done; somebody else may hold the lock for too long.
fn insist(world: &World, args: &[&str]) {
    for _ in 0..20 {
        let ended = world.orch(args);
        match ended.code {
            0 => return,
            4 => {}
            _ => {
                ended.ok();
            }
        }
    }
    panic!("{args:?} never came to an end");
}

#[test]
fn completions_on_one_issue_are_all_there_although_a_tenth_was_killed() {
    let world = World::ready();
    world.in_execute("81");
    let (workers, each) = (count(6, 24), count(5, 60));
    for n in 0..workers * each {
        world.orch(&["task", "add", "--issue", "81", &format!("step {n}")]).ok();
    }
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let world = &world;
            scope.spawn(move || {
                let mut dice = Dice(worker as u64 + 1);
                for n in 0..each {
                    let number = (worker * each + n + 1).to_string();
                    let args = ["task", "done", "--issue", "81", &number];
                    if dice.below(10) == 0 {
                        let mut command = world.command(&world.repo, &binary());
                        command.args(args);
                        kill_after(start(command), Duration::from_millis(dice.below(60)));
                    }
                    insist(world, &args);
                }
            });
        }
    });
    let log = world.git(&["log", "--format=%s", "refs/git-orch/issues/81"]).ok().stdout;
    for number in 1..=workers * each {
        let line = format!("Finish task {number}");
        assert_eq!(log.lines().filter(|l| *l == line).count(), 1, "{line}");
    }
    let shown = world.orch(&["show", "81", "--json"]).ok().stdout;
    assert_eq!(shown.matches(r#""state": "done""#).count(), workers * each);
    world.git(&["fsck", "--strict", "--no-dangling"]).ok();
}

#[test]
fn issues_of_their_own_walk_beside_each_other() {
    let world = World::ready();
    let workers = count(4, 16);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let world = &world;
            scope.spawn(move || {
                let id = format!("W-{worker}");
                insist(world, &["new-issue", &id, "--yes"]);
                let worktree = world.worktree(&id);
                world.write_in(&worktree, ".context/spec.md", crate::harness::SPEC);
                insist(world, &["spec", "finalise", &id]);
                insist(world, &["next", &id]);
                world.write_in(&worktree, &format!("{id}.txt"), &format!("the work of {id}\n"));
                world.commit(&worktree, &format!("Work on {id}"));
                insist(world, &["next", &id]);
                insist(world, &["validate", &id]);
                let reason = "the change was mechanical and met no surprise";
                insist(world, &["learn", "none", &id, "--reason", reason]);
                insist(world, &["compact", &id]);
            });
        }
        // People commit meanwhile.
        for n in 0..10 {
            world.write("README.md", &format!("# Edited {n}\n"));
            world.commit(&world.repo, &format!("Edit {n}"));
        }
    });
    for worker in 0..workers {
        world.git(&["merge", "-q", "--no-edit", &format!("issue/W-{worker}")]).ok();
    }
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let world = &world;
            scope.spawn(move || insist(world, &["archive", &format!("W-{worker}")]));
        }
    });
    let archived = world.git(&["for-each-ref", "refs/git-orch/archive/"]).ok().stdout;
    assert_eq!(archived.lines().count(), workers);
    assert_eq!(world.git(&["worktree", "list"]).ok().stdout.lines().count(), 1);
    assert_eq!(world.git(&["branch", "--list", "issue/*"]).ok().stdout, "");
    world.git(&["fsck", "--strict", "--no-dangling"]).ok();
}

#[test]
fn the_same_opening_and_the_same_ending_twenty_times_at_once() {
    let world = World::ready();
    let every = |args: &[&str]| {
        std::thread::scope(|scope| {
            for _ in 0..count(8, 20) {
                scope.spawn(|| insist(&world, args));
            }
        });
    };
    every(&["new-issue", "81", "--yes"]);
    assert_eq!(world.git(&["rev-list", "--count", "refs/git-orch/issues/81"]).ok().line(), "1");
    world.write_in(&world.worktree("81"), "typed.txt", "by hand\n");
    every(&["abandon", "81", "--reason", "the plan changed"]);
    assert_eq!(
        world
            .git(&["rev-list", "--first-parent", "--count", "refs/git-orch/archive/81"])
            .ok()
            .line(),
        "2"
    );
    let kept = world.git(&["for-each-ref", "refs/git-orch/salvage/"]).ok().stdout;
    assert_eq!(kept.lines().count(), 1, "{kept}");
}
