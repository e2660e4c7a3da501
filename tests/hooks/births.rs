//! What `git commit` makes on an issue's branch is written down in the hook and looked at later:
//! nothing of it may be forgotten, and nothing of others taken for the issue's.

use std::fs;

use crate::scene::{Form, Place, Scene};

fn pending(scene: &Scene) -> usize {
    let file = scene.world.repo.join(".git/git-orch/pending/81");
    fs::read_to_string(file).unwrap_or_default().lines().count()
}

/// A commit of the issue that tells whose it is by nothing but its birth.
const ANOTHER: &str = "echo odd >odd.txt && git add odd.txt && git commit -qm Odd && \
    git commit -q --amend --allow-empty -m Odd --cleanup=verbatim --no-edit";

#[test]
fn a_birth_left_for_later_counts_when_its_branch_is_gone_from_it() {
    for form in [Form::Files, Form::Reftable] {
        let Some(scene) = Scene::with(Place::Main, form) else { continue };
        assert!(pending(&scene) > 0, "the scene's later commits were looked at at once");
        scene.sh_in(&scene.issue, ANOTHER).ok();
        let lost = scene.sh_in(&scene.issue, "git rev-parse HEAD").ok().line();
        // Neither the branch nor its log remembers it.
        let forget = "git reset -q --hard HEAD~3 && git reflog expire --expire=now --all";
        scene.sh_in(&scene.issue, forget).ok();
        let before = scene.main();
        let refused = scene.sh(&format!("git merge -q {lost}"));
        assert_ne!(refused.code, 0);
        assert!(refused.stderr.contains("issue 81"), "{}", refused.stderr);
        assert_eq!(scene.main(), before);
        assert_eq!(pending(&scene), 0, "a judgement looks at all of it");
    }
}

#[test]
fn many_births_are_looked_at_before_anybody_judges() {
    let scene = Scene::new(Place::Main);
    let commits = "for n in $(seq 40); do git commit -q --allow-empty -m \"Step $n\"; done";
    scene.sh_in(&scene.issue, commits).ok();
    assert!(pending(&scene) < 20, "{}", pending(&scene));
    assert_ne!(scene.sh("git merge -q issue/81").code, 0);
    let births = scene.world.repo.join(".git/git-orch/births/81");
    let births = fs::read_to_string(births).expect("births");
    assert_eq!(births.lines().count(), 43, "{births}");
    assert_eq!(pending(&scene), 0);
}

#[test]
fn a_plain_branch_made_in_the_issues_worktree_is_nobodys() {
    let scene = Scene::new(Place::Main);
    let own = pending(&scene);
    let apart = "git switch -q -c apart main && echo apart >apart.txt && git add . && \
        git commit -qm Apart && git commit -q --allow-empty -m More";
    scene.sh_in(&scene.issue, apart).ok();
    assert_eq!(pending(&scene), own);
    scene.sh("git merge -q --no-edit apart").ok();
}

#[test]
fn what_comes_otherwise_than_by_a_plain_commit_is_looked_at_at_once() {
    let scene = Scene::new(Place::Main);
    scene.sh("echo hot >hot.txt && git add hot.txt && git commit -qm Hotfix").ok();
    scene.sh_in(&scene.issue, "git commit -q --allow-empty -m Own").ok();
    let own = pending(&scene);
    scene.sh_in(&scene.issue, "git cherry-pick main && git merge -q main -m 'Take main'").ok();
    scene.sh_in(&scene.issue, "git reset -q --hard HEAD~1").ok();
    assert_eq!(pending(&scene), own, "neither pick, merge nor reset is left for later");
    // The fix was main's: it may go on there by itself.
    scene.sh("git commit -q --allow-empty -m 'Go on' && git revert --no-edit HEAD~1").ok();
}
