//! Routes that no hook sees. They land; `status`, `doctor` and the next push say so, later work
//! goes on, and what was taken back is not spoken of any more.

use crate::scene::{Form, Place, Scene, git_is};

const ORIGIN: &str = "git init -q --bare -b main \"$TOP/origin.git\" && \
    git remote add origin \"$TOP/origin.git\" && git push -q -u origin main";

fn lands(scene: &Scene, route: &str) {
    scene.sh(ORIGIN).ok();
    let before = scene.main();
    scene.sh(route).ok();
    assert_ne!(scene.main(), before, "it did not land: {route}");
}

/// What each of the three says of it.
#[track_caller]
fn is_noticed(scene: &Scene) {
    let words = "came onto main without being judged";
    let said = scene.sh("git orch status").ok().stderr;
    assert!(said.contains(words), "{said}");
    let look = said.lines().find_map(|line| line.split_once("next: git log")).expect("a look").1;
    assert!(scene.sh(&format!("git log {look}")).ok().stdout.contains("of 81"), "{look}");
    let report = scene.sh("git orch doctor --json").stdout;
    assert!(report.contains("\"unseen\"") && report.contains(words), "{report}");
    let push = scene.sh("git push origin main");
    assert_eq!(push.code, 1, "{}", push.stderr);
    assert!(push.stderr.contains(words), "{}", push.stderr);
    assert!(push.stderr.contains("refused: pushing issue 81"), "{}", push.stderr);
}

fn noticed(form: Form, route: &str) {
    let Some(scene) = Scene::with(Place::Main, form) else { return };
    lands(&scene, route);
    scene.sh("git config --unset core.hooksPath; chmod +x .git/hooks/*; git orch init --yes").ok();
    scene.sh("git checkout -q -f main && git reset -q --hard").ok();
    is_noticed(&scene);
    // It never blocks what is done next, and is still known after it.
    scene.sh("echo own >own.txt && git add own.txt && git commit -qm Own").ok();
    is_noticed(&scene);
    scene.sh("git reset -q --hard origin/main && echo own >own.txt && git add own.txt && git commit -qm Own").ok();
    let said = scene.sh("git orch status").ok().stderr;
    assert!(!said.contains("without being judged"), "{said}");
    scene.sh("git push -q origin main").ok();
}

macro_rules! noticed {
    ($($name:ident: $route:expr, $($form:ident),+;)*) => {
        $(#[test] fn $name() { $(noticed(Form::$form, $route);)+ })*
    };
}

noticed! {
    hooks_off_for_one_command: "git -c \"$OFF\" merge -q issue/81", Files, Reftable;
    hooks_off_by_the_environment:
        "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=/dev/null \
         git reset -q --hard issue/81", Files, Reftable;
    hooks_off_by_the_configuration:
        "git config core.hooksPath /nowhere && git merge -q issue/81", Files, Reftable;
    hooks_that_may_not_be_executed: "chmod -x .git/hooks/* && git merge -q issue/81", Files, Reftable;
    hooks_that_are_gone:
        "rm .git/hooks/reference-transaction .git/hooks/pre-merge-commit && \
         git merge -q --no-ff -m Land issue/81", Files, Reftable;
    a_copied_branch: "git checkout -q --detach && git branch -C issue/81 main", Files, Reftable;
    a_branch_renamed_where_refs_are_tables:
        "git branch copy issue/81 && git checkout -q --detach && git branch -M copy main", Reftable;
    a_ref_written_as_a_file: "git rev-parse issue/81 >.git/refs/heads/main", Files;
    packed_refs_written_by_hand:
        "git pack-refs --all && sed -i \"s|.* refs/heads/main|$(git rev-parse issue/81) refs/heads/main|\" \
         .git/packed-refs", Files;
}

#[test]
fn a_program_that_writes_refs_by_libgit2() {
    let scene = Scene::new(Place::Main);
    // libgit2 opens no other.
    if scene.sh("git rev-parse --show-object-format").ok().line() != "sha1" {
        return;
    }
    scene.sh(ORIGIN).ok();
    let library = git2::Repository::open(&scene.at).expect("repository");
    let tip = library.revparse_single("issue/81").expect("branch").id();
    library.reference("refs/heads/main", tip, true, "a tool").expect("moved");
    scene.sh("git reset -q --hard").ok();
    is_noticed(&scene);
}

#[test]
fn a_symbolic_ref_before_git_asked_about_them() {
    if git_is(2, 46) {
        return;
    }
    let scene = Scene::new(Place::Main);
    scene
        .sh("git checkout -q --detach && git symbolic-ref refs/heads/main refs/heads/issue/81")
        .ok();
    let said = scene.sh("git orch status").ok().stderr;
    assert!(said.contains("came onto main without being judged"), "{said}");
}

/// Before any move was judged.
#[test]
fn the_very_first_move() {
    let scene = Scene::new(Place::Main);
    scene.sh("rm -r .git/git-orch/judged && git orch init --yes").ok();
    lands(&scene, "git -c \"$OFF\" merge -q issue/81");
    is_noticed(&scene);
}

#[test]
fn hooks_that_do_not_run_are_said_before_anything_lands() {
    let scene = Scene::new(Place::Main);
    let said = |command: &str| scene.sh(command).ok().stderr;
    assert!(!said("git orch status").contains("git does not run"));
    for (off, on) in [
        ("chmod -x .git/hooks/reference-transaction", "chmod +x .git/hooks/*"),
        ("mv .git/hooks .git/elsewhere", "rm -rf .git/hooks; mv .git/elsewhere .git/hooks"),
        ("git config core.hooksPath .husky/_", "git config --unset core.hooksPath"),
    ] {
        scene.sh(off).ok();
        for command in ["git orch status", "git orch status --json", "git orch new-issue 81"] {
            let said = said(command);
            assert!(
                said.contains("git does not run our reference-transaction"),
                "{command}: {said}"
            );
            assert!(said.contains("what lands is not judged"), "{command}: {said}");
            assert!(said.contains("next: git orch init"), "{command}: {said}");
        }
        scene.sh(on).ok();
        assert!(!said("git orch status").contains("git does not run"), "{off}");
    }
}
