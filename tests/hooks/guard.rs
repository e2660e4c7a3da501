//! Where other tools look after hooks, git 2.54 and later run ours from the configuration too:
//! whatever becomes of `core.hooksPath`, work that is not compacted does not land.

use std::fs;

use crate::scene::{Place, Scene, git_is};

const HUSKY: &str = "mkdir -p .husky/_ && printf '#!/bin/sh\\necho husky ran >&2\\n' >.husky/_/pre-commit && \
    chmod +x .husky/_/pre-commit && git config core.hooksPath .husky/_";

fn config(scene: &Scene) -> Vec<u8> {
    fs::read(scene.world.repo.join(".git/config")).expect("config")
}

/// A repository whose hooks husky looks after, with git-orch set up after it.
#[expect(clippy::print_stderr, reason = "what is not checked is to be seen")]
fn scene() -> Option<Scene> {
    if !git_is(2, 54) {
        eprintln!("skipped: this git runs no hooks from its configuration");
        return None;
    }
    let scene = Scene::new(Place::Main);
    scene.sh(&format!("{HUSKY} && git orch init --yes")).ok();
    Some(scene)
}

#[track_caller]
fn refused_once(scene: &Scene, route: &str) {
    let before = scene.main();
    let ended = scene.sh(route);
    assert_ne!(ended.code, 0, "{route}");
    assert_eq!(ended.stderr.matches("refused:").count(), 1, "{route}: {}", ended.stderr);
    assert!(ended.stderr.contains("issue 81"), "{route}: {}", ended.stderr);
    assert_eq!(scene.main(), before, "{route}");
}

#[test]
fn a_hooks_folder_that_is_led_away_does_not_open_the_way() {
    let Some(scene) = scene() else { return };
    scene.sh("git init -q --bare ../origin.git && git remote add origin ../origin.git").ok();
    let routes = ["git merge -q issue/81", "git push -q origin issue/81"];
    for route in routes {
        refused_once(&scene, route);
        refused_once(&scene, &route.replacen("git", "git -c core.hooksPath=/dev/null", 1));
    }
    // husky's next installation.
    scene.sh("git config core.hooksPath .husky/_").ok();
    for route in routes {
        refused_once(&scene, route);
    }
    refused_once(&scene, "git reset -q --hard issue/81");
    scene.sh("git reset -q --merge").ok();
    // In a linked worktree husky's folder is not even there.
    let ended = scene.sh_in(&scene.issue, "git push -q . HEAD:main");
    assert_ne!(ended.code, 0);
    assert!(ended.stderr.contains("issue 81"), "{}", ended.stderr);
    // Everything else goes on, husky's hooks with it.
    let commit = "echo own >own.txt && git add own.txt && git commit -qm Own && git tag v1";
    let said = scene.sh(commit).ok().stderr;
    assert_eq!(said.matches("husky ran").count(), 1, "{said}");
}

#[test]
fn what_is_said_is_what_holds() {
    let Some(scene) = scene() else { return };
    scene.sh("git config core.hooksPath .husky/_").ok();
    let judged = "; the guards in git's configuration judge what lands";
    let not_judged = ": what lands is not judged";
    let status = || {
        let ended = scene.world.orch(&["status"]);
        ended.stdout + &ended.stderr
    };
    assert!(status().contains(judged), "{}", status());
    let doctor = scene.world.orch(&["doctor"]).stdout;
    assert!(doctor.contains("its guard in git's configuration is asked instead"), "{doctor}");
    refused_once(&scene, "git merge -q issue/81");
    // Each way in which a guard does not hold.
    for (off, on) in [
        (
            "git config hook.git-orch-lock.enabled false",
            "git config --unset hook.git-orch-lock.enabled",
        ),
        (
            "git config --global hook.git-orch-lock.enabled no",
            "git config --global --unset hook.git-orch-lock.enabled",
        ),
        (
            "chmod -x .git/git-orch/guard/reference-transaction",
            "chmod +x .git/git-orch/guard/reference-transaction",
        ),
        ("mv .git/git-orch/guard ../away", "mv ../away .git/git-orch/guard"),
        (
            "git config hook.git-orch-lock.event post-index-change",
            "git config hook.git-orch-lock.event reference-transaction",
        ),
    ] {
        scene.sh(off).ok();
        assert!(status().contains(not_judged), "{off}: {}", status());
        scene.sh(on).ok();
        assert!(status().contains(judged), "{on}: {}", status());
    }
    // The remedy puts the hooks back where git looks.
    scene.sh("git orch init").ok();
    assert!(!status().contains("git does not run our"), "{}", status());
}

#[test]
fn a_guard_whose_files_are_gone_stands_in_nobodys_way() {
    let Some(scene) = scene() else { return };
    scene.sh("git config core.hooksPath .husky/_ && rm -rf .git/git-orch/guard").ok();
    scene.sh("git commit -q --allow-empty -m Own && git tag v1 && git branch other").ok();
    scene.sh("git config core.hooksPath \"$PWD/.git/git-orch/hooks\" && git orch init --yes").ok();
    scene.sh("git config core.hooksPath .husky/_").ok();
    refused_once(&scene, "git merge -q issue/81");
}

#[test]
fn what_is_put_into_the_configuration_is_taken_out_again() {
    let Some(scene) = scene() else { return };
    scene.sh("git config alias.st status").ok();
    scene.sh("git orch abandon 81 --reason 'nothing came of it' && git orch uninit").ok();
    let before = config(&scene);
    let text = String::from_utf8_lossy(&before);
    assert!(!text.contains("[hook") && text.contains("hooksPath = .husky/_"), "{text}");
    let planned = scene.sh("git orch init --dry-run").ok();
    assert_eq!(config(&scene), before);
    assert!(planned.stdout.contains("hook.git-orch-lock.command"), "{}", planned.stdout);
    scene.sh("git orch init --yes").ok();
    let with = config(&scene);
    assert_ne!(with, before);
    scene.sh("git orch init --yes").ok();
    assert_eq!(config(&scene), with, "the second time changes nothing");
    scene.sh("git orch uninit").ok();
    assert_eq!(config(&scene), before);
}

#[test]
fn nothing_is_put_there_where_nobody_else_looks_after_hooks() {
    let scene = Scene::new(Place::Main);
    assert!(!String::from_utf8_lossy(&config(&scene)).contains("[hook"));
    assert!(!scene.world.repo.join(".git/git-orch/guard").exists());
}
