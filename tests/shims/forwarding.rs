#![expect(clippy::disallowed_methods, reason = "tests write files and run git themselves")]
//! Which operations of git start the program, and what it gets.

use std::fs;
use std::path::Path;

use super::world::{World, finish, script, tree};

const PREPARED: &str = "hook reference-transaction prepared";
const COMMITTED: &str = "hook reference-transaction committed";

fn installed() -> World {
    let world = World::new();
    world.install();
    world.calls();
    world
}

#[test]
fn a_commit_on_an_issue_branch_is_recorded_and_never_judged() {
    let world = installed();
    world.ok(&["worktree", "add", "-q", "-b", "issue/81", "../w t"]);
    assert_eq!(world.called(), [COMMITTED]);
    let linked = world.root().join("w t");
    world.commit(&linked, "a");
    let message = world.repo().join(".git/worktrees/w-t/COMMIT_EDITMSG");
    let message = message.display();
    assert_eq!(
        world.called(),
        [format!("hook prepare-commit-msg {message} message"), COMMITTED.to_owned()]
    );
}

#[test]
fn a_commit_on_a_branch_with_births_is_written_down_for_later() {
    let world = installed();
    world.ok(&["worktree", "add", "-q", "-b", "issue/81", "../w t"]);
    let linked = world.root().join("w t");
    let own = world.repo().join(".git/git-orch");
    for folder in ["births", "pending"] {
        fs::create_dir_all(own.join(folder)).unwrap();
    }
    fs::write(own.join("births/81"), "").unwrap();
    let later = || fs::read_to_string(own.join("pending/81")).unwrap_or_default();
    let recorded = |world: &World| world.called().contains(&COMMITTED.to_owned());
    world.calls();
    world.commit(&linked, "a");
    assert!(!recorded(&world));
    let made = |world: &World| world.ok_in(&linked, &["rev-parse", "HEAD"]);
    assert_eq!(later(), format!("{} refs/heads/issue/81\n", made(&world)));
    let before = later();

    // What is no plain commit is the program's at once.
    world.ok_in(&linked, &["reset", "-q", "--hard", "HEAD~"]);
    assert!(recorded(&world));
    world.ok(&["worktree", "add", "-q", "-b", "issue/82", "../other"]);
    world.calls();
    world.commit(&world.root().join("other"), "b");
    assert!(recorded(&world), "an issue without births");
    fs::write(world.repo().join(".git/worktrees/w-t/MERGE_HEAD"), made(&world)).unwrap();
    let run = world.run_in(&linked, &["commit", "-q", "--allow-empty", "-m", "c"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(recorded(&world), "the end of a merge");
    assert_eq!(later(), before);

    // Where it cannot be written down the program is asked.
    fs::remove_file(own.join("pending/81")).unwrap();
    fs::create_dir(own.join("pending/81")).unwrap();
    world.commit(&linked, "d");
    assert!(recorded(&world));
}

#[test]
fn a_commit_on_another_branch_is_judged_and_recorded() {
    let world = installed();
    world.ok(&["switch", "-q", "-c", "feature"]);
    assert_eq!(world.called(), [PREPARED, COMMITTED]);
    world.commit(&world.repo(), "a");
    assert_eq!(world.called(), [PREPARED, COMMITTED]);
}

#[test]
fn tags_fetches_and_notes_do_not_start_it() {
    let world = installed();
    world.ok(&["clone", "-q", ".", "../upstream"]);
    let upstream = world.root().join("upstream");
    for i in 0..3 {
        world.ok_in(&upstream, &["branch", &format!("b{i}")]);
    }
    world.calls();
    world.ok(&["remote", "add", "origin", "../upstream"]);
    world.ok(&["fetch", "-q", "origin"]);
    world.ok(&["tag", "v1"]);
    world.ok(&["tag", "-d", "v1"]);
    world.ok(&["notes", "add", "-m", "x"]);
    world.ok(&["switch", "-q", "--detach"]);
    world.ok(&["update-ref", "refs/bisect/bad", "HEAD"]);
    assert_eq!(world.called(), [] as [&str; 0]);
    // A record that somebody moves by hand is judged.
    world.ok(&["update-ref", "refs/git-orch/issues/1", "HEAD"]);
    assert_eq!(world.called(), [PREPARED]);
}

#[test]
fn a_refused_fast_forward_touches_nothing() {
    let world = installed();
    world.ok(&["switch", "-q", "-c", "issue/81"]);
    world.commit(&world.repo(), "work");
    world.ok(&["switch", "-q", "main"]);
    fs::write(world.repo().join("first"), "dirty").unwrap();
    world.calls();
    let before = (world.ok(&["rev-parse", "HEAD"]), world.ok(&["status", "--porcelain"]));
    world.deny(PREPARED);
    let outcome = world.run(&["merge", "--ff-only", "issue/81"]);
    assert_ne!(outcome.code, 0);
    let tip = world.ok(&["rev-parse", "issue/81"]);
    let calls = world.calls();
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert!(calls[0].ends_with("ORIG_HEAD"), "{calls:?}");
    assert_eq!(before, (world.ok(&["rev-parse", "HEAD"]), world.ok(&["status", "--porcelain"])));
    assert_ne!(before.0, tip);
    assert!(!world.repo().join("work").exists());
}

#[test]
fn a_clean_merge_asks_the_lock_and_without_it_the_hook_for_merges() {
    let world = installed();
    world.ok(&["switch", "-q", "-c", "issue/81"]);
    world.commit(&world.repo(), "work");
    world.ok(&["switch", "-q", "main"]);
    world.calls();
    world.ok(&["merge", "-q", "--no-ff", "--no-edit", "issue/81"]);
    // main is no issue branch: its message is nobody's. It is protected: its move was kept already.
    assert_eq!(world.called(), [PREPARED, PREPARED]);
    world.ok(&["reset", "-q", "--hard", "HEAD~"]);
    fs::rename(world.hooks().join("reference-transaction"), world.root().join("lock")).unwrap();
    world.calls();
    world.ok(&["merge", "-q", "--no-ff", "--no-edit", "issue/81"]);
    assert_eq!(world.called(), ["hook pre-merge-commit"]);
    fs::rename(world.root().join("lock"), world.hooks().join("reference-transaction")).unwrap();
    world.deny("hook pre-rebase main");
    let outcome = world.run(&["rebase", "main", "issue/81"]);
    assert_ne!(outcome.code, 0);
    assert_eq!(world.called(), ["hook pre-rebase main issue/81"]);
}

#[test]
fn a_push_gives_its_lines() {
    let world = installed();
    world.ok(&["init", "-q", "--bare", "../r.git"]);
    world.ok(&["branch", "-q", "x"]);
    world.calls();
    world.ok(&["push", "-q", "../r.git", "main", "x:y"]);
    let tip = world.ok(&["rev-parse", "HEAD"]);
    let zeros = "0".repeat(tip.len());
    let expected = format!(
        "hook pre-push ../r.git ../r.git\n\
         rest refs/heads/main {tip} refs/heads/main {zeros}\n\
         rest refs/heads/x {tip} refs/heads/y {zeros}"
    );
    assert_eq!(world.calls(), [expected]);
    world.deny("hook pre-push ../r.git");
    assert_ne!(world.run(&["push", "-q", "../r.git", "main:z"]).code, 0);
    assert_eq!(world.ok_in(&world.root().join("r.git"), &["branch", "--list", "z"]), "");
}

#[test]
fn the_trailer_is_asked_for_where_it_may_belong() {
    let world = installed();
    let asked = |folder: &Path| {
        world.calls();
        world.ok_in(folder, &["commit", "-q", "--allow-empty", "-m", "x"]);
        world.called().iter().any(|call| call.starts_with("hook prepare-commit-msg"))
    };
    assert!(!asked(&world.repo()));
    world.ok(&["switch", "-q", "-c", "issue/1"]);
    assert!(asked(&world.repo()));
    fs::create_dir(world.repo().join("sub")).unwrap();
    assert!(asked(&world.repo().join("sub")));
    world.ok(&["switch", "-q", "--detach"]);
    assert!(!asked(&world.repo()));
    // Branches of other names, once one is adopted, from every worktree.
    world.ok(&["worktree", "add", "-q", "-b", "fix", "../linked"]);
    let linked = world.root().join("linked");
    assert!(!asked(&linked));
    fs::create_dir_all(world.repo().join(".git/git-orch")).unwrap();
    fs::write(world.repo().join(".git/git-orch/adopted"), "").unwrap();
    assert!(asked(&linked));
    assert!(asked(&world.repo()));
    // A repository whose `.git` is a file: a submodule, or init with a separate folder.
    let apart = world.root().join("apart");
    world.ok(&["init", "-q", "-b", "issue/2", "--separate-git-dir", "../apart.git", "../apart"]);
    copy_shims(&world, &world.root().join("apart.git/hooks"));
    assert!(asked(&apart));
    world.ok_in(&apart, &["switch", "-q", "-c", "other"]);
    assert!(!asked(&apart));
}

#[test]
fn a_rebase_of_an_issue_asks_for_the_trailer() {
    let world = installed();
    world.ok(&["switch", "-q", "-c", "issue/1"]);
    world.commit(&world.repo(), "a");
    world.ok(&["switch", "-q", "main"]);
    world.commit(&world.repo(), "b");
    world.ok(&["switch", "-q", "issue/1"]);
    world.calls();
    let vars = [("GIT_SEQUENCE_EDITOR", "sed -i s/pick/reword/"), ("GIT_EDITOR", "true")];
    let outcome = world.run_with(&world.repo(), &["rebase", "-q", "-i", "main"], &vars);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let called = world.called();
    assert!(called.iter().any(|call| call.starts_with("hook prepare-commit-msg")), "{called:?}");
    assert!(!called.contains(&PREPARED.to_owned()), "{called:?}");
}

#[test]
#[expect(clippy::print_stderr, reason = "a skip is to be seen")]
fn refs_that_are_no_files() {
    let world = World::empty();
    fs::create_dir(world.repo()).unwrap();
    let made = world.run(&["init", "-q", "-b", "main", "--ref-format=reftable"]);
    if made.code != 0 {
        eprintln!("skipped: this git knows no reftable");
        return;
    }
    world.commit(&world.repo(), "first");
    world.install();
    world.ok(&["switch", "-q", "-c", "issue/81"]);
    world.calls();
    world.commit(&world.repo(), "a");
    let called = world.called();
    assert!(called[0].starts_with("hook prepare-commit-msg"), "{called:?}");
    assert_eq!(called[1..], [COMMITTED]);
}

#[test]
fn nothing_around_it_is_needed() {
    let world = installed();
    for path in [Some("/nonexistent"), Some(""), None] {
        let mut command = world.command(&world.git);
        command.env_clear().current_dir(world.repo());
        command.args(["update-ref", "refs/heads/x", "HEAD"]);
        if let Some(path) = path {
            command.env("PATH", path);
        }
        let outcome = finish(&mut command, "");
        assert_eq!((outcome.code, outcome.err.as_str()), (0, ""));
        assert_eq!(world.called(), [PREPARED, COMMITTED], "{path:?}");
        world.ok(&["update-ref", "-d", "refs/heads/x"]);
        world.calls();
    }
}

#[test]
fn it_runs_wherever_git_is_started() {
    let world = installed();
    world.ok(&["worktree", "add", "-q", "--detach", "../linked"]);
    let git_dir = format!("--git-dir={}", world.repo().join(".git").display());
    let from = [
        (world.repo().join(".git"), vec![]),
        (world.repo().join(".git/worktrees"), vec![]),
        (world.root().join("linked"), vec![]),
        (world.root(), vec![git_dir.as_str()]),
    ];
    for (folder, options) in from {
        let call = |rest: &[&str]| {
            let args: Vec<_> = options.iter().copied().chain(rest.iter().copied()).collect();
            world.ok_in(&folder, &args);
            world.called()
        };
        assert_eq!(call(&["update-ref", "refs/heads/x", "HEAD"]), [PREPARED, COMMITTED]);
        assert_eq!(call(&["update-ref", "-d", "refs/heads/x"]).first().unwrap(), PREPARED);
    }
    // A bare repository.
    let bare = world.root().join("bare.git");
    world.ok(&["clone", "-q", "--bare", ".", "../bare.git"]);
    copy_shims(&world, &bare.join("hooks"));
    world.calls();
    world.ok_in(&bare, &["update-ref", "refs/heads/x", "HEAD"]);
    assert_eq!(world.called(), [PREPARED, COMMITTED]);
}

#[test]
fn the_earlier_hook_runs_first_with_the_same_input() {
    let world = World::new();
    let log = world.root().join("earlier.log");
    for hook in ["reference-transaction", "pre-push", "pre-rebase", "pre-merge-commit"] {
        let text = format!(
            "#!/bin/sh\n{{ echo \"{hook} $*\"; cat; }} >>\"{}\"\n[ ! -f \"{}/no-{hook}\" ]\n",
            log.display(),
            world.root().display(),
        );
        script(&world.hooks().join(hook), &text);
    }
    world.install();
    let earlier = || fs::read_to_string(&log).unwrap_or_default();
    world.ok(&["update-ref", "refs/heads/x", "HEAD"]);
    let tip = world.ok(&["rev-parse", "HEAD"]);
    let line = format!("{} {tip} refs/heads/x", "0".repeat(tip.len()));
    assert_eq!(
        world.calls(),
        [format!("{PREPARED}\nseen {line}"), format!("{COMMITTED}\nseen {line}")]
    );
    let both = ["prepared", "committed"].map(|s| format!("reference-transaction {s}\n{line}\n"));
    assert!(earlier().ends_with(&both.concat()), "{}", earlier());

    // It refuses: ours is not asked, and `committed` is not its to refuse.
    fs::write(world.root().join("no-reference-transaction"), "").unwrap();
    assert_ne!(world.run(&["update-ref", "refs/heads/y", "HEAD"]).code, 0);
    assert_eq!(world.called(), [] as [&str; 0]);
    assert!(
        earlier().ends_with(&format!(
            "reference-transaction aborted\n{}",
            line.replace("/x", "/y") + "\n"
        ))
    );
    fs::remove_file(world.root().join("no-reference-transaction")).unwrap();

    world.ok(&["init", "-q", "--bare", "../r.git"]);
    world.calls();
    world.ok(&["push", "-q", "../r.git", "main"]);
    let pushed = format!("refs/heads/main {tip} refs/heads/main {}", "0".repeat(tip.len()));
    assert_eq!(world.calls(), [format!("hook pre-push ../r.git ../r.git\nrest {pushed}")]);
    assert!(earlier().ends_with(&format!("pre-push ../r.git ../r.git\n{pushed}\n")));
    fs::write(world.root().join("no-pre-push"), "").unwrap();
    assert_ne!(world.run(&["push", "-q", "../r.git", "main:z"]).code, 0);
    fs::write(world.root().join("no-pre-rebase"), "").unwrap();
    assert_ne!(world.run(&["rebase", "--force-rebase", "x"]).code, 0);
    assert_eq!(world.called(), [] as [&str; 0]);
}

#[test]
fn the_exit_code_of_the_earlier_hook_counts_in_prepared_alone() {
    let world = World::new();
    script(&world.hooks().join("reference-transaction"), "#!/bin/sh\nexit 7\n");
    world.install();
    let shim = world.hooks().join("reference-transaction");
    let run = |state: &str| {
        let mut command = world.command(&shim);
        finish(command.arg(state).current_dir(world.repo()), "a b refs/heads/x\n").code
    };
    assert_eq!((run("prepared"), run("preparing")), (7, 7));
    assert_eq!(world.called(), [] as [&str; 0]);
    assert_eq!(run("committed"), 0);
    assert_eq!(world.called(), [COMMITTED]);
}

#[test]
fn the_earlier_hook_needs_no_path_either() {
    let world = World::new();
    let text = "#!/bin/sh\nwhile read -r line; do echo \"$1 $line\" >&2; done\n";
    script(&world.hooks().join("reference-transaction"), text);
    world.install();
    let mut command = world.command(&world.git);
    command.env_clear().env("PATH", "/nonexistent").current_dir(world.repo());
    let outcome = finish(command.args(["update-ref", "refs/heads/x", "HEAD"]), "");
    let tip = world.ok(&["rev-parse", "HEAD"]);
    let line = |state| format!("{state} {} {tip} refs/heads/x\n", "0".repeat(tip.len()));
    assert!(outcome.err.ends_with(&(line("prepared") + &line("committed"))), "{}", outcome.err);
    assert_eq!(world.called(), [PREPARED, COMMITTED]);
}

fn copy_shims(world: &World, hooks: &Path) {
    for (from, _, content) in tree(&world.hooks()) {
        let name = from.file_name().unwrap();
        if from.extension().is_none_or(|end| end != "sample") {
            script(&hooks.join(name), std::str::from_utf8(&content).unwrap());
        }
    }
}
