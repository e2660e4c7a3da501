//! git at work beside us: collecting garbage at once, pruning worktrees, packing refs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::harness::{World, binary};
use crate::{count, start};

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

/// Takes away what nothing named when the collector began, as one does that is slow.
fn sweep(world: &World, new: &str, old: &str) {
    let objects = world.git(&["rev-list", "--objects", new, &format!("^{old}")]).ok().stdout;
    let ids: Vec<&str> = objects.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(!ids.is_empty());
    for id in ids {
        let path = world.repo.join(".git/objects").join(&id[..2]).join(&id[2..]);
        std::fs::remove_file(path).expect("a loose object");
    }
}

#[test]
fn what_is_written_while_somebody_collects_has_a_ref_of_its_own_until_he_is_done() {
    let world = World::ready();
    world.in_execute("81");
    let git = world.repo.join(".git");
    let tip = || world.git(&["rev-parse", "refs/git-orch/issues/81"]).ok().line();
    let old = tip();
    // To everybody he is a `git gc --prune=now` that has looked, and has not taken yet.
    let (going, writing) = (world.root().join("going"), git.join("refs/git-orch/writing/81"));
    std::fs::write(&going, "").expect("file");
    let mut command = world.command(&world.root(), "sh");
    command.args(["-c", "while [ -e going ]; do sleep 0.02; done", "git gc --prune=now"]);
    let mut collector = start(command);
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    std::fs::write(git.join("gc.pid"), format!("{} {host}", collector.id())).expect("gc.pid");
    let mut command = world.command(&world.repo, &binary());
    command.args(["task", "add", "--issue", "81", "one"]);
    let mut adding = start(command);
    let begin = Instant::now();
    while !writing.exists() && begin.elapsed() < Duration::from_secs(60) {
        assert_eq!(tip(), old, "the record leads to what may be taken away this moment");
        std::thread::sleep(Duration::from_millis(5));
    }
    let new = world.git(&["rev-parse", "refs/git-orch/writing/81"]).ok().line();
    assert_eq!(tip(), old, "the record leads to what may be taken away this moment");
    sweep(&world, &new, &old);
    std::fs::remove_file(&going).expect("removed");
    collector.wait().expect("its end");
    std::fs::remove_file(git.join("gc.pid")).expect("removed");
    assert!(adding.wait().expect("its end").success());
    assert_ne!(tip(), old);
    assert!(!writing.exists(), "it is over");
    world.git(&["fsck", "--strict", "--no-dangling"]).ok();
    assert_eq!(
        world.orch(&["task", "list", "--issue", "81"]).ok().stdout.matches("one").count(),
        1
    );
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
