//! git at work beside us: collecting garbage at once, pruning worktrees, packing refs.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::count;
use crate::harness::World;

#[test]
fn garbage_is_collected_at_once_and_nothing_of_ours_is_lost() {
    let world = World::ready();
    let ids: Vec<String> = (0..count(2, 6)).map(|n| format!("G-{n}")).collect();
    for id in &ids {
        world.in_execute(id);
    }
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                // Collecting may itself fail beside others; it must not take anything of ours.
                let _ = world.git(&["gc", "-q", "--prune=now"]);
                let _ = world.git(&["worktree", "prune"]);
                let _ = world.git(&["pack-refs", "--all", "--prune"]);
            }
        });
        let walks: Vec<_> = ids
            .iter()
            .map(|id| {
                let world = &world;
                scope.spawn(move || {
                    for n in 1..=count(6, 30) {
                        let text = format!("step {n}");
                        run(world, &["task", "add", "--issue", id, &text]);
                        world.write_in(&world.worktree(id), "typed.txt", &format!("{n} of {id}\n"));
                        run(world, &["task", "done", "--issue", id, &n.to_string()]);
                    }
                    run(world, &["abandon", id, "--reason", "the plan changed"]);
                })
            })
            .collect();
        let ends: Vec<_> = walks.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        over.store(true, Ordering::Relaxed);
        assert!(ends.iter().all(Result::is_ok), "a command never came to its end");
    });
    // Whatever leads anywhere is whole. What leads nowhere need not be: objects that were swept away
    // before their commit had its ref leave a commit that nobody knows of, and were written again.
    world.git(&["rev-list", "--objects", "--quiet", "--all"]).ok();
    for id in &ids {
        let prefix = format!("refs/git-orch/salvage/{id}/");
        let kept = world.git(&["for-each-ref", "--format=%(refname)", &prefix]).ok().line();
        let typed = world.git(&["show", &format!("{kept}:typed.txt")]).ok().stdout;
        assert_eq!(typed, format!("{} of {id}\n", count(6, 30)));
        let done = world.git(&["log", "--format=%s", &format!("refs/git-orch/archive/{id}")]).ok();
        let done = done.stdout.lines().filter(|l| l.starts_with("Finish task")).count();
        assert_eq!(done, count(6, 30));
    }
}

/// Runs a command until it is done: an object that vanished under it is an error, never a loss.
fn run(world: &World, args: &[&str]) {
    let mut last = None;
    for _ in 0..15 {
        let ended = world.orch(args);
        if ended.code == 0 {
            return;
        }
        last = Some(ended);
    }
    panic!("{args:?}: {last:?}");
}
