//! Many commands at once: none is lost, none waits for ever.

use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::harness::{World, binary};
use crate::{Dice, count, kill_after, start};

/// Longer than any command waits for another one, however busy the machine is.
const EVER: Duration = Duration::from_secs(180);

/// Runs a command until it says that it is done. Somebody else may hold the lock for too long: it
/// then ends with 4 and names whoever that is. Any other accident is one.
fn insist(world: &World, args: &[&str]) {
    for _ in 0..20 {
        let begin = Instant::now();
        let ended = world.orch(args);
        assert!(begin.elapsed() < EVER, "{args:?} hung: {ended:?}");
        match ended.code {
            0 => return,
            4 => {
                let named = ["in use by", "held by", "is locked"];
                let told = named.iter().any(|words| ended.stderr.contains(words));
                assert!(told, "{args:?} was not told for whom it waited: {ended:?}");
            }
            _ => {
                ended.ok();
            }
        }
    }
    panic!("{args:?} never came to an end");
}

/// What the filter of a busy one does: it waits for a file, and not for ever.
const WAITS: &str = "touch begun\nn=0\n\
    while [ ! -e go ] && [ $n -lt 1500 ]; do n=$((n + 1)); sleep 0.1; done\n";

/// A `task done` that holds the issue until the file it waits for is there: its worktree has a
/// filter of the user's, and somebody typed something. Returns once it does.
fn busy(world: &World, script: &str) -> (Child, PathBuf) {
    let worktree = world.in_execute("81");
    world.orch(&["task", "add", "--issue", "81", "one"]).ok();
    let root = world.root();
    let text = format!("#!/bin/sh\ncd {}\n{script}cat\n", root.display());
    world.write_in(&root, "filter", &text);
    world.sh(&root, "chmod +x filter").ok();
    let filter = root.join("filter").display().to_string();
    world.git(&["config", "filter.f.clean", &filter]).ok();
    world.write_in(&worktree, ".gitattributes", "*.txt filter=f\n");
    world.write_in(&worktree, "typed.txt", "by hand\n");
    let mut command = world.command(&world.repo, &binary());
    command.args(["task", "done", "--issue", "81", "1"]);
    let child = start(command);
    let begin = Instant::now();
    while !root.join("begun").exists() && begin.elapsed() < EVER {
        std::thread::sleep(Duration::from_millis(5));
    }
    (child, root.join("go"))
}

#[test]
fn whoever_waits_in_vain_is_told_for_whom() {
    let world = World::ready();
    let (mut holder, go) = busy(&world, WAITS);
    let before = world.git(&["rev-parse", "refs/git-orch/issues/81"]).ok().line();
    let begin = Instant::now();
    let ended = world.orch(&["task", "add", "--issue", "81", "two"]).code(4);
    assert!(begin.elapsed() < EVER, "it hung: {ended:?}");
    assert!(ended.stderr.contains(&format!("pid {}", holder.id())), "{}", ended.stderr);
    assert!(ended.stderr.contains("task done"), "{}", ended.stderr);
    assert_eq!(world.git(&["rev-parse", "refs/git-orch/issues/81"]).ok().line(), before);
    // Readers do not wait, and neither does anybody at another issue.
    world.orch(&["status"]).ok();
    world.orch(&["show", "81"]).ok();
    world.orch(&["new-issue", "82", "--yes"]).ok();
    std::fs::write(go, "").expect("file");
    assert!(holder.wait().expect("its end").success());
    world.orch(&["task", "add", "--issue", "81", "two"]).ok();
}

#[test]
fn a_git_that_outlives_its_command_keeps_the_lock() {
    let world = World::ready();
    let (mut holder, go) = busy(&world, WAITS);
    // Only the program dies; the git that it started goes on writing.
    holder.kill().expect("killed");
    holder.wait().expect("its end");
    world.orch(&["task", "add", "--issue", "81", "two"]).code(4);
    std::fs::write(go, "").expect("file");
    insist(&world, &["task", "add", "--issue", "81", "two"]);
    world.orch(&["task", "done", "--issue", "81", "1"]).ok();
    world.git(&["fsck", "--strict", "--no-dangling"]).ok();
}

#[test]
fn a_record_that_somebody_else_moved_meanwhile_is_not_written_over() {
    let world = World::ready();
    // Whoever moves it keeps to no lock of ours: a script, another program.
    let moving = "if [ ! -e begun ]; then\n\
        at=refs/git-orch/issues/81; g=\"git --git-dir=$PWD/repo/.git -c core.hooksPath=/dev/null\"\n\
        new=$($g commit-tree $at^{tree} -p $at -m \"$($g log -1 --format=%B $at)\")\n\
        $g update-ref $at $new; echo $new > moved; touch begun\nfi\n";
    let (mut holder, _) = busy(&world, moving);
    assert_eq!(holder.wait().expect("its end").code(), Some(4));
    let moved = std::fs::read_to_string(world.root().join("moved")).expect("a commit");
    let tip = world.git(&["rev-parse", "refs/git-orch/issues/81"]).ok().line();
    assert_eq!(tip, moved.trim(), "what somebody else recorded is gone");
    world.orch(&["task", "done", "--issue", "81", "1"]).ok();
    let log = world.git(&["rev-list", "refs/git-orch/issues/81"]).ok().stdout;
    assert!(log.lines().any(|commit| commit == moved.trim()));
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

#[test]
fn issues_that_land_at_once_land_one_after_the_other_each_once() {
    let world = World::ready();
    let ids: Vec<String> = (0..count(4, 12)).map(|n| format!("L-{n}")).collect();
    for id in &ids {
        world.sealed(id);
    }
    std::thread::scope(|scope| {
        for (n, id) in ids.iter().enumerate() {
            let world = &world;
            scope.spawn(move || {
                // Every third one is killed on its way.
                if n % 3 == 0 {
                    let mut command = world.command(&world.repo, &binary());
                    command.args(["land", id]);
                    let wait = Duration::from_millis(Dice(n as u64 + 1).below(300));
                    kill_after(start(command), wait);
                }
                insist(world, &["land", id]);
            });
        }
    });
    let merges = world.git(&["log", "--merges", "--first-parent", "--format=%s", "main"]).ok();
    for id in &ids {
        let line = format!("Merge issue {id} ");
        let count = merges.stdout.lines().filter(|merge| merge.starts_with(&line)).count();
        assert_eq!(count, 1, "{id}: {}", merges.stdout);
        assert!(world.repo.join(format!("work-{id}.txt")).exists(), "{id}");
    }
    assert_eq!(world.git(&["status", "--porcelain", "--untracked-files=no"]).ok().stdout, "");
    let worktrees = world.git(&["worktree", "list"]).ok().stdout;
    assert_eq!(worktrees.lines().count(), 1 + ids.len(), "{worktrees}");
    world.git(&["fsck", "--strict", "--no-dangling"]).ok();
}
