//! The level `standard`: without the hook that every change of a ref waits for. What it still
//! refuses, what slips past, and that the push and `status` catch that.

use crate::scene::{Form, Place, Scene};

const ORIGIN: &str = "git init -q --bare -b main \"$TOP/origin.git\" && \
    git remote add origin \"$TOP/origin.git\" && git push -q -u origin main";

fn standard(form: Form) -> Option<Scene> {
    let scene = Scene::with(Place::Main, form)?;
    scene.sh(ORIGIN).ok();
    scene.sh("git orch init --yes --level standard").ok();
    scene.sh("test ! -e .git/hooks/reference-transaction").ok();
    Some(scene)
}

#[test]
fn what_it_refuses() {
    for form in [Form::Files, Form::Reftable] {
        let Some(scene) = standard(form) else { continue };
        let main = scene.main();
        for attempt in [
            "git merge --no-ff -m Land issue/81",
            "git rebase issue/81",
            "git push origin issue/81:main",
            "git push origin issue/81",
        ] {
            let before = scene.snapshot();
            let ended = scene.sh(attempt);
            assert_ne!(ended.code, 0, "{attempt}");
            assert!(ended.stderr.contains("refused: "), "{attempt}: {}", ended.stderr);
            if let Some(undo) = ended.stderr.lines().find_map(|line| line.split_once("undo: ")) {
                scene.sh(undo.1).ok();
            }
            assert_eq!(scene.snapshot(), before, "{attempt}: {}", ended.stderr);
        }
        assert_eq!(scene.main(), main);
    }
}

#[test]
fn what_slips_past_is_caught_at_the_push() {
    for form in [Form::Files, Form::Reftable] {
        for hole in [
            "git merge -q --ff-only issue/81",
            "git merge -q --squash issue/81 && git commit -qm Land",
            "git cherry-pick main..issue/81",
            "git reset -q --hard issue/81",
            "git checkout -q --detach && git branch -f main issue/81 && git checkout -q main",
        ] {
            let Some(scene) = standard(form) else { continue };
            scene.sh(hole).ok();
            let said = scene.sh("git orch status").ok().stderr;
            assert!(said.contains("came onto main without being judged"), "{hole}: {said}");
            let push = scene.sh("git push origin main");
            assert_eq!(push.code, 1, "{hole}: {}", push.stderr);
            assert!(push.stderr.contains("refused: pushing issue 81"), "{hole}: {}", push.stderr);
        }
    }
}

#[test]
fn it_stays_until_it_is_changed() {
    let Some(scene) = standard(Form::Files) else { return };
    let said = scene.sh("git orch init --yes").ok().stderr;
    assert!(said.contains("nothing to change"), "{said}");
    scene.sh("git orch doctor --selftest").ok();
    assert!(scene.sh("git orch doctor").ok().stdout.contains("standard"));
    scene.sh("git orch init --yes --level full && test -x .git/hooks/reference-transaction").ok();
    assert_ne!(scene.sh("git merge --ff-only issue/81").code, 0);
    assert!(!scene.sh("git orch doctor").ok().stdout.contains("standard"));
}

#[test]
fn a_foreign_hook_of_that_name_goes_on() {
    let scene = Scene::new(Place::Main);
    let theirs = ".git/hooks/reference-transaction.before-orch";
    scene.sh(&format!("printf '#!/bin/sh\\necho theirs >&2\\n' >{theirs}; chmod +x {theirs}")).ok();
    assert!(scene.sh("git tag one").ok().stderr.contains("theirs"));
    scene.sh("git orch init --yes --level standard").ok();
    assert!(scene.sh("git tag two").ok().stderr.contains("theirs"));
}
