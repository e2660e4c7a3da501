//! Pushes in every form: work that is not compacted leaves neither for a protected branch nor, by
//! the default policy, for any other. The other side is a bare repository without hooks.

use crate::scene::{Form, Place, Scene};

const ORIGIN: &str = "git init -q --bare -b main \"$TOP/origin.git\" && \
    git remote add origin \"$TOP/origin.git\" && git push -q -u origin main && \
    git push -q origin main:refs/heads/other";

fn scenes() -> impl Iterator<Item = Scene> {
    let all =
        [(Place::Main, Form::Files), (Place::Linked, Form::Files), (Place::Main, Form::Reftable)];
    all.into_iter().filter_map(|(place, form)| Scene::with(place, form)).inspect(|scene| {
        scene.sh(ORIGIN).ok();
    })
}

fn there(scene: &Scene) -> String {
    scene.sh("git -C \"$TOP/origin.git\" for-each-ref").ok().stdout
}

#[track_caller]
fn none_leaves(scene: &Scene, pushes: &[&str]) {
    let (before, here) = (there(scene), scene.snapshot());
    for push in pushes {
        let ended = scene.sh(push);
        assert_ne!(ended.code, 0, "{push} passed:\n{}", ended.stderr);
        assert!(ended.stderr.contains("refused: pushing issue 81"), "{push}:\n{}", ended.stderr);
        assert!(ended.stderr.contains("fix: git orch "), "{push}:\n{}", ended.stderr);
        assert_eq!(there(scene), before, "{push}");
    }
    assert_eq!(scene.snapshot(), here);
}

#[test]
fn of_the_issue_to_a_protected_branch() {
    for scene in scenes() {
        scene.sh("git tag done issue/81 && git branch copy issue/81").ok();
        none_leaves(
            &scene,
            &[
                "git push origin issue/81:main",
                "git push origin +issue/81:main",
                "git push --force origin issue/81:refs/heads/main",
                "git push --force-with-lease origin issue/81:main",
                "git push --atomic origin main:refs/heads/fine issue/81:main",
                "git push origin main:refs/heads/fine issue/81~1:main",
                "git push origin $(git rev-parse issue/81):refs/heads/main",
                "git push origin done:main",
                "git push origin copy:main",
                "git push \"$TOP/origin.git\" issue/81:main",
                "git push \"file://$TOP/origin.git\" issue/81:main",
                "git push --dry-run origin issue/81:main",
                "git push --porcelain -q origin issue/81:main",
                "git -C \"$ISSUE\" push origin HEAD:main",
                "git -C \"$ISSUE\" push origin HEAD^{/Add}:main",
                "git -C \"$ISSUE\" push --no-thin origin @:main",
            ],
        );
    }
}

#[test]
fn by_what_is_configured() {
    for scene in scenes() {
        scene.sh("git config remote.origin.push refs/heads/issue/81:refs/heads/main").ok();
        none_leaves(&scene, &["git push", "git push origin"]);
        scene
            .sh("git config --unset remote.origin.push && git config push.default upstream && \
                 git -C \"$ISSUE\" branch -q --set-upstream-to origin/main")
            .ok();
        none_leaves(&scene, &["git -C \"$ISSUE\" push", "git -C \"$ISSUE\" push origin"]);
        scene
            .sh("git config push.default simple && \
                 git config url.\"$TOP/origin.git\".insteadOf short: && \
                 git remote add second short: && \
                 git config remote.third.url \"$TOP/nowhere\" && \
                 git config remote.third.pushurl \"$TOP/origin.git\"")
            .ok();
        none_leaves(
            &scene,
            &[
                "git push second issue/81:main",
                "git push short: issue/81:main",
                "git push third issue/81:main",
            ],
        );
    }
}

#[test]
fn of_the_issue_to_any_branch() {
    for scene in scenes() {
        none_leaves(
            &scene,
            &[
                "git push origin issue/81",
                "git push origin issue/81:refs/heads/other",
                "git push origin issue/81:refs/heads/mine",
                "git push origin issue/81:refs/for/main",
                "git push origin issue/81:refs/heads/wip/81",
                "git push --all origin",
                "git push --mirror origin",
                "git push origin 'refs/heads/*:refs/heads/*'",
                "git push origin : issue/81",
                "git -C \"$ISSUE\" push -u origin HEAD",
                "git -C \"$ISSUE\" push origin HEAD~2:refs/heads/some",
            ],
        );
    }
}

#[test]
fn of_what_landed_unseen() {
    for scene in scenes() {
        scene
            .sh("git -c \"$OFF\" merge -q issue/81 && echo o >o && git add o && git commit -qm O")
            .ok();
        none_leaves(
            &scene,
            &[
                "git push",
                "git push origin main",
                "git push --force origin main",
                "git push origin HEAD:refs/heads/other",
                "git push origin HEAD:refs/heads/new",
                "git push --follow-tags origin main",
            ],
        );
        let said = scene.sh("git push origin main").stderr;
        assert!(said.contains("came onto main without being judged"), "{said}");
    }
}

#[test]
fn of_a_squash_that_landed_unseen() {
    for scene in scenes() {
        scene
            .sh("git -c \"$OFF\" merge -q --squash issue/81 && git -c \"$OFF\" commit -qm 'My own'")
            .ok();
        none_leaves(&scene, &["git push", "git push --force origin main:main"]);
    }
}

/// The log of a remote's copy can be written by anybody; what the other side says cannot.
#[test]
fn behind_a_forged_log_of_what_was_fetched() {
    for scene in scenes() {
        scene
            .sh("git update-ref -m 'fetch origin: fast-forward' refs/remotes/origin/main issue/81 && \
                 git merge -q origin/main")
            .ok();
        none_leaves(&scene, &["git push origin main", "git push --force origin issue/81:main"]);
    }
}

#[test]
fn as_a_backup_only_where_the_policy_says_so() {
    for scene in scenes() {
        scene
            .sh("sed -i 's/^issue_branches = .*/issue_branches = \"wip\"/' .orchestration/config.toml && \
                 git commit -qam 'Allow backups' && git push -q")
            .ok();
        none_leaves(&scene, &["git push origin issue/81", "git push origin +issue/81:main"]);
        scene.sh("git push -q origin issue/81:refs/heads/wip/81").ok();
        none_leaves(&scene, &["git push origin issue/81", "git -C \"$ISSUE\" push origin HEAD"]);
        scene.sh("git push -q origin :refs/heads/wip/81").ok();
        let fix = scene.sh("git -C \"$ISSUE\" push origin HEAD").stderr;
        let command = fix.split_once("or, as a backup: ").expect("a backup is offered").1;
        let command = command.lines().next().expect("a line");
        scene.sh(&format!("cd \"$ISSUE\" && {command}")).ok();
    }
}

#[test]
fn of_other_things_go_on() {
    for scene in scenes() {
        scene
            .sh("echo o >o && git add o && git commit -qm O && git push -q && git tag t && \
                 git push -q --tags && git push -q origin :refs/heads/other && \
                 git push -q origin main:refs/heads/back && git push -q --delete origin back && \
                 git notes add -m N && git push -q origin refs/notes/commits && git push -q origin :")
            .ok();
    }
}
