//! Transactions made to be misread: names that are no text, other cases, other forms of the same
//! ref, the records of issues, replaced objects. Each is refused whole, and changes nothing.

use crate::scene::{Form, Place, Scene, git_is};

/// Runs the script, which must be refused with these words, and compares everything.
#[track_caller]
fn is_refused(scene: &Scene, script: &str, words: &str) {
    let (before, refs) = (scene.snapshot(), all_refs(scene));
    let ended = scene.sh(script);
    assert_ne!(ended.code, 0, "it passed:\n{}\n{}", ended.stdout, ended.stderr);
    assert!(ended.stderr.contains(words), "{}", ended.stderr);
    assert_eq!(scene.snapshot(), before, "{}", ended.stderr);
    assert_eq!(all_refs(scene), refs, "{}", ended.stderr);
}

fn all_refs(scene: &Scene) -> String {
    scene.sh("git for-each-ref --format='%(refname) %(objectname) %(symref)'").ok().stdout
}

fn both(test: impl Fn(Scene)) {
    for form in [Form::Files, Form::Reftable] {
        if let Some(scene) = Scene::with(Place::Main, form) {
            test(scene);
        }
    }
}

#[test]
fn a_name_that_is_no_text_hides_no_line() {
    both(|scene| {
        for names in [r"refs/heads/a\377", r"refs/heads/z\377", r"refs/tags/\303"] {
            let script = format!(
                "printf 'create {names} %s\\nupdate refs/heads/main %s\\n' $(git rev-parse main) \
                 $(git rev-parse issue/81) | git update-ref --stdin"
            );
            is_refused(&scene, &script, "bringing issue 81 onto main");
        }
        // By itself it is nobody's business.
        scene.sh(r"printf 'create refs/heads/z\377 %s\n' $(git rev-parse main) | git update-ref --stdin").ok();
        scene.sh(r#"git branch -m "$(printf 'z\377')" "$(printf 'y\376')""#).ok();
        scene.sh(r#"git branch -D "$(printf 'y\376')""#).ok();
    });
}

#[test]
fn a_fetch_with_a_name_that_is_no_text_hides_no_line() {
    let scene = Scene::new(Place::Main);
    scene.sh("git checkout -q -b elsewhere").ok();
    is_refused(
        &scene,
        r#"git fetch -q --atomic . issue/81:main "main:$(printf 'refs/heads/a\377')""#,
        "bringing issue 81 onto main",
    );
}

#[test]
fn more_lines_than_fit_into_a_variable_are_judged() {
    both(|scene| {
        is_refused(
            &scene,
            "long=$(printf '%0200d' 0); { for n in $(seq 1 400); do \
             echo \"create refs/heads/$long/$n main\"; done; \
             echo 'update refs/heads/main issue/81'; } | git update-ref --stdin",
            "bringing issue 81 onto main",
        );
    });
}

#[test]
fn what_is_already_read_cannot_be_forged() {
    both(|scene| {
        let forged = "GIT_ORCH_SEEN=\"$(git rev-parse main) $(git rev-parse main) refs/heads/main";
        let script = format!("{forged} \" git update-ref refs/heads/main issue/81");
        is_refused(&scene, &script, "bringing issue 81 onto main");
    });
}

#[test]
fn where_case_does_not_count_it_does_not_help() {
    both(|scene| {
        // Where it counts, it is another branch.
        scene.sh("git branch Main issue/81 && git branch -D Main").ok();
        scene.sh("git config core.ignoreCase true").ok();
        is_refused(&scene, "git branch Main issue/81", "bringing issue 81 onto Main");
        is_refused(&scene, "git update-ref refs/heads/MAIN issue/81", "onto MAIN");
    });
}

#[test]
fn a_protected_branch_follows_no_other() {
    // Before 2.46 git asks no hook about symbolic refs: `unseen` has that.
    if !git_is(2, 46) {
        return;
    }
    both(|scene| {
        scene.sh("git checkout -q -b elsewhere").ok();
        let words = "making main another name for refs/heads/issue/81";
        is_refused(&scene, "git symbolic-ref refs/heads/main refs/heads/issue/81", words);
        let batch = "printf 'symref-update refs/heads/main refs/heads/issue/81\\n' | \
                     git update-ref --no-deref --stdin";
        is_refused(&scene, batch, words);
        // An unprotected name for it is followed to what it means.
        scene.sh("git symbolic-ref refs/heads/trunk refs/heads/main").ok();
        is_refused(&scene, "git update-ref refs/heads/trunk issue/81", "issue 81 onto main");
        scene.sh("git symbolic-ref --delete refs/heads/trunk").ok();
    });
}

#[test]
fn protected_history_is_not_shown_otherwise() {
    both(|scene| {
        let words = "showing another object in place of";
        is_refused(&scene, "git replace main issue/81", words);
        is_refused(&scene, "git replace --graft main issue/81", words);
        is_refused(&scene, "git replace main^{tree} issue/81^{tree}", words);
        is_refused(&scene, "git replace main:src/app.py issue/81:src/app.py", words);
        is_refused(&scene, "git update-ref refs/replace/any/$(git rev-parse main) issue/81", words);
        is_refused(
            &scene,
            "git update-ref refs/replace/$(git rev-parse main | tr a-f A-F) issue/81",
            words,
        );
        scene.sh("git replace issue/81 main && git replace -d $(git rev-parse issue/81)").ok();
    });
}

#[test]
fn the_branch_of_an_open_issue_is_not_given_up() {
    both(|scene| {
        scene.sh("git checkout -q --detach; git -C \"$ISSUE\" checkout -q --detach").ok();
        let words = "deleting or renaming issue/81";
        is_refused(&scene, "git branch -D issue/81", words);
        is_refused(&scene, "git update-ref -d refs/heads/issue/81", words);
        is_refused(
            &scene,
            "printf 'delete refs/heads/issue/81\\n' | git update-ref --stdin",
            words,
        );
        is_refused(&scene, "git push -q . :issue/81", words);
    });
    // Where refs are tables git asks no hook about a rename.
    let scene = Scene::new(Place::Main);
    scene.sh("git checkout -q --detach; git -C \"$ISSUE\" checkout -q --detach").ok();
    is_refused(&scene, "git branch -m issue/81 mine", "deleting or renaming issue/81");
    is_refused(&scene, "git branch -M issue/81 main", "deleting or renaming issue/81");
}

#[test]
fn records_are_written_by_git_orch_alone() {
    both(|scene| {
        scene.open_issue("82");
        scene.seal("82");
        let record = "refs/git-orch/issues/81";
        let other = "refs/git-orch/issues/82";
        is_refused(
            &scene,
            &format!("git update-ref -d {record}"),
            "deleting the record of issue 81",
        );
        let write = "writing the record of issue 81";
        is_refused(&scene, &format!("git update-ref {record} main"), write);
        is_refused(&scene, &format!("git update-ref {record} {other}"), write);
        is_refused(&scene, &format!("git fetch -q . +{other}:{record}"), write);
        is_refused(&scene, &format!("git push -q . +{other}:{record}"), write);
        // Housekeeping moves none.
        scene.sh("git pack-refs --all --prune && git gc -q").ok();
        scene.sh(&format!("git update-ref {record} {record}")).ok();
        scene.world.orch(&["status"]).ok();
    });
}

#[test]
fn nothing_on_the_input_is_nothing_to_judge() {
    let scene = Scene::new(Place::Main);
    let program = crate::harness::binary();
    for state in ["prepared", "committed", "aborted", "preparing", "another"] {
        scene.sh(&format!("'{program}' hook reference-transaction {state} </dev/null")).ok();
    }
    scene.sh("printf 'start\\nprepare\\ncommit\\n' | git update-ref --stdin").ok();
    scene.sh("printf 'nonsense\\n\\n\\377\\n' | .git/hooks/reference-transaction prepared").ok();
}

#[test]
fn a_repository_under_a_path_that_is_no_text_works() {
    let scene = Scene::new(Place::Main);
    let script = r#"
        odd="$TOP/$(printf 'odd \377 path')" && git init -q -b main "$odd" && cd "$odd" &&
        echo one >one.txt && git add . && git commit -qm One && git orch init --yes &&
        git worktree add -q -b side "$odd/w" && cd "$odd/w" && echo two >two.txt && git add . &&
        git commit -qm Two && git -C "$odd" merge -q side"#;
    scene.sh(script).ok();
}
