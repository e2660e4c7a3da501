//! `doctor --selftest` says which hooks git runs, and leaves nothing behind.

use crate::scene::{Form, Place, Scene};

const HOOKS: [&str; 5] =
    ["reference-transaction", "pre-push", "pre-merge-commit", "pre-rebase", "prepare-commit-msg"];

/// Refs, worktrees, settings and files of git-orch's own.
fn all(scene: &Scene) -> String {
    scene
        .sh("git for-each-ref; git worktree list; git config --local --list; \
             cd \"$(git rev-parse --git-common-dir)\"; rmdir git-orch/trash 2>/dev/null; \
             ls . git-orch worktrees hooks")
        .ok()
        .stdout
}

/// Runs the selftest; what does not run is as said.
#[track_caller]
fn does_not_run(scene: &Scene, silent: &[&str]) {
    let (before, files) = (all(scene), scene.snapshot());
    let ended = scene.sh("git orch doctor --selftest");
    for hook in HOOKS {
        let word = if silent.contains(&hook) { "did not run" } else { "ran" };
        assert!(ended.stdout.contains(&format!("{hook:<22} {word}")), "{hook}: {}", ended.stdout);
    }
    assert_eq!(ended.code, if silent.is_empty() { 0 } else { 4 }, "{}", ended.stderr);
    assert_eq!(all(scene), before);
    assert_eq!(scene.snapshot(), files);
}

#[test]
fn every_hook_runs_where_nothing_is_wrong() {
    for place in [Place::Main, Place::Linked] {
        for form in [Form::Files, Form::Reftable] {
            let Some(scene) = Scene::with(place, form) else { continue };
            does_not_run(&scene, &[]);
            let json = scene.sh("git orch doctor --selftest --json").ok().stdout;
            assert_eq!(json.matches("\"fired\": true").count(), 5, "{json}");
        }
    }
}

#[test]
fn what_is_switched_off_does_not_run() {
    let scene = Scene::new(Place::Main);
    for hook in HOOKS {
        scene.sh(&format!("chmod -x .git/hooks/{hook}")).ok();
        does_not_run(&scene, &[hook]);
        scene.sh(&format!("chmod +x .git/hooks/{hook}")).ok();
    }
    // Found from the main worktree, but not from a linked one, where the work is done.
    scene.sh("git config core.hooksPath .git/hooks").ok();
    does_not_run(&scene, &HOOKS);
    scene.sh("git orch init --yes").ok();
    does_not_run(&scene, &[]);
}

#[test]
fn hooks_of_others_do_not_spoil_it() {
    let scene = Scene::new(Place::Main);
    for hook in ["pre-commit", "commit-msg", "post-commit", "post-checkout"] {
        scene
            .sh(&format!(
                "printf '#!/bin/sh\\nexit 1\\n' >.git/hooks/{hook}; chmod +x .git/hooks/{hook}"
            ))
            .ok();
    }
    scene.sh("git config user.useConfigOnly true; git config commit.gpgSign true").ok();
    does_not_run(&scene, &[]);
}

#[test]
fn what_a_killed_run_left_is_cleared() {
    let scene = Scene::new(Place::Main);
    let before = all(&scene);
    scene
        .sh("d=.git/git-orch/selftest; git -c \"$OFF\" worktree add -q -b issue/selftest $d/worktree && \
             git -c \"$OFF\" branch git-orch-selftest && touch $d/half")
        .ok();
    scene.sh("git orch doctor --selftest").ok();
    assert_eq!(all(&scene), before);
}
