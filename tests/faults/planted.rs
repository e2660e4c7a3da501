//! Programs that somebody planted: in git's hooks, in configuration, in what is to be checked.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::harness::{SPEC, World};

/// A script that leaves a trace when something runs it.
fn trap(world: &World) -> (PathBuf, PathBuf) {
    let (script, trace) = (world.root().join("trap"), world.root().join("trace"));
    let text = format!("#!/bin/sh\necho \"$0 $*\" >> {}\n", trace.display());
    world.write_in(&world.root(), "trap", &text);
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).expect("mode");
    (script, trace)
}

/// Puts the script under the name of each hook that is not there yet.
fn plant(script: &Path, folder: &Path) {
    std::fs::create_dir_all(folder).expect("folder");
    for name in [
        "applypatch-msg",
        "commit-msg",
        "fsmonitor-watchman",
        "post-applypatch",
        "post-checkout",
        "post-commit",
        "post-index-change",
        "post-merge",
        "post-rewrite",
        "post-update",
        "pre-auto-gc",
        "pre-commit",
        "pre-merge-commit",
        "pre-push",
        "pre-rebase",
        "prepare-commit-msg",
        "reference-transaction",
        "update",
    ] {
        let hook = folder.join(name);
        if !hook.exists() {
            std::fs::copy(script, hook).expect("a hook");
        }
    }
}

/// Whatever git-orch does by itself; landing and pushing are git's work, with the user's hooks.
const OURS: [&[&str]; 15] = [
    &["status"],
    &["doctor"],
    &["task", "add", "--issue", "81", "one"],
    &["task", "done", "--issue", "81", "1"],
    &["next", "81"],
    &["validate", "81"],
    &["show", "81"],
    &["new-issue", "82", "--yes"],
    &["undo", "82"],
    &["abandon", "81", "--reason", "not needed"],
    &["salvage", "list"],
    &["undo", "81"],
    &["abandon", "81", "--reason", "not needed"],
    &["archive", "restore", "81"],
    &["salvage", "restore", "81"],
];

fn nothing_runs(world: &World, trace: &Path) {
    for args in OURS {
        let _ = world.orch(args);
        let ran = std::fs::read_to_string(trace).unwrap_or_default();
        assert_eq!(ran, "", "{args:?}");
    }
}

#[test]
fn hooks_of_others_do_not_run_for_what_git_orch_does() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "typed.txt", "by hand\n");
    let (script, trace) = trap(&world);
    plant(&script, &world.repo.join(".git/hooks"));
    nothing_runs(&world, &trace);
    // They would have: git runs them.
    world.git(&["checkout", "-q", "-b", "other"]).ok();
    assert!(trace.exists());
}

#[test]
fn a_hooks_path_that_leads_elsewhere_runs_nothing_for_what_git_orch_does() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "typed.txt", "by hand\n");
    let (script, trace) = trap(&world);
    let folder = world.root().join("hooks");
    plant(&script, &folder);
    let path = folder.display().to_string();
    std::fs::remove_file(&trace).unwrap_or_default();
    world.run(&world.repo, "git", ["config", "core.hooksPath", path.as_str()]).ok();
    std::fs::remove_file(&trace).unwrap_or_default();
    nothing_runs(&world, &trace);
    world.git(&["checkout", "-q", "-b", "other"]).ok();
    assert!(trace.exists());
}

#[test]
fn commands_that_nobody_approved_do_not_run() {
    let world = World::ready();
    let (script, trace) = trap(&world);
    let worktree = world.in_execute("81");
    let ran = || std::fs::read_to_string(&trace).unwrap_or_default();
    let config = format!("[[validator]]\nname = 'evil'\ncommand = '{}'\n", script.display());
    // On the branch itself: what counts is what stands on main.
    world.write_in(&worktree, ".orchestration/config.toml", &config);
    world.write_in(&worktree, "work.txt", "one\ntwo\n");
    world.git_in(&worktree, &["add", "--force", ".orchestration/config.toml"]).ok();
    world.commit(&worktree, "Work");
    // In the specification, after it was made final: what counts is what was frozen.
    let changed = SPEC.replace("verify: true", &format!("verify: {}", script.display()));
    world.write_in(&worktree, ".context/spec.md", &changed);
    world.orch(&["next", "81"]).ok();
    world.orch(&["validate", "81"]).ok();
    assert_eq!(ran(), "");
    // In a catalogue: a person reads its commands first.
    let verify = script.display().to_string();
    let add = ["catalog", "add", "--lane", "E", "--title", "One", "--severity", "5", "--verify"];
    world.orch(&[&add[..], &[&verify]].concat()).ok();
    assert_ne!(world.orch(&["catalog", "verify", "E-01"]).code, 0);
    assert_eq!(ran(), "");
    // On main, where it counts, and comes with the repository.
    world.write(".orchestration/config.toml", &config);
    world.git(&["add", "--force", ".orchestration/config.toml"]).ok();
    world.git(&["commit", "-qm", "Configure", ".orchestration/config.toml"]).ok();
    let refused = world.orch(&["validate", "81"]).code(1);
    assert!(refused.stderr.contains("git orch trust"), "{}", refused.stderr);
    assert_eq!(ran(), "");
}
