//! What a killed git leaves behind, ours and others', and what `doctor` says of it.

use std::path::Path;

use insta::assert_snapshot;

use crate::harness::World;

/// The lines that doctor has for findings.
pub fn findings(world: &World) -> String {
    let said = world.orch(&["doctor"]).stdout;
    let from = said.lines().position(|line| line.contains("wrong:") || line.contains("care:"));
    let lines = said.lines().skip(from.unwrap_or(usize::MAX));
    let lines: Vec<&str> = lines.take_while(|line| !line.contains(" note:")).collect();
    world.plain(&lines.join("\n"))
}

/// Every word of the steps that doctor prints is harmless when an agent runs it.
pub fn harmless(text: &str) {
    for step in text.lines().filter_map(|line| line.trim().strip_prefix("fix: ")) {
        for bad in ["rm ", "--hard", "-D ", "prune", "--force", "clean -"] {
            assert!(!step.contains(bad), "{step:?} destroys something");
        }
    }
}

fn locked(path: &Path) {
    std::fs::create_dir_all(path.parent().expect("parent")).expect("folder");
    std::fs::write(path, "").expect("lock");
}

#[test]
fn a_lock_on_a_ref_of_ours_is_a_leftover() {
    let world = World::ready();
    world.in_execute("81");
    locked(&world.repo.join(".git/refs/git-orch/issues/81.lock"));
    world.orch(&["task", "add", "--issue", "81", "one"]).ok();
    assert!(!world.repo.join(".git/refs/git-orch/issues/81.lock").exists());
}

#[test]
fn locks_of_others_are_reported_and_left() {
    let world = World::ready();
    world.in_execute("81");
    for name in ["index.lock", "worktrees/81/index.lock", "refs/heads/main.lock"] {
        let path = world.repo.join(".git").join(name);
        locked(&path);
        let said = findings(&world);
        assert!(said.contains(name), "{said}");
        harmless(&said);
        let _ = world.orch(&["doctor", "--fix"]);
        assert!(path.exists(), "{name} was taken away");
        std::fs::remove_file(&path).expect("removed");
    }
}

#[test]
fn a_foreign_half_made_worktree_is_named_and_the_step_works() {
    let world = World::ready();
    world.in_execute("81");
    let entry = world.repo.join(".git/worktrees/theirs");
    std::fs::create_dir_all(&entry).expect("folder");
    // As `git worktree add` leaves it when it is killed at the wrong moment.
    std::fs::write(entry.join("gitdir"), "/elsewhere/theirs/.git\n").expect("file");
    std::fs::write(entry.join("locked"), "initializing\n").expect("file");
    std::fs::write(entry.join("commondir"), "").expect("file");
    world.git(&["branch"]).code(128);
    let said = findings(&world);
    assert_snapshot!(said, @"
    wrong: git's entry for worktree theirs is half-made
      why: git commands fail in every worktree of this repository until it is gone
      fix: mv [TOP]/repo/.git/worktrees/theirs [TOP]/repo/.git/theirs.half-made
      with --fix: nothing, this is left to you
    ");
    harmless(&said);
    let fix = said.lines().find_map(|l| l.trim().strip_prefix("fix: ")).expect("a step");
    world.sh(&world.repo, &fix.replace("[TOP]", &world.root().display().to_string())).ok();
    world.git(&["branch"]).ok();
    // Ours goes on meanwhile.
    world.orch(&["task", "add", "--issue", "81", "one"]).ok();
}

#[test]
fn a_config_that_a_tool_in_a_hook_spoilt_is_mended() {
    let world = World::ready();
    world.in_execute("81");
    world.git(&["config", "core.bare", "true"]).ok();
    world.git(&["config", "core.worktree", "/nowhere/at/all"]).ok();
    let said = findings(&world);
    assert!(said.contains("core.worktree"), "{said}");
    harmless(&said);
    world.orch(&["doctor", "--fix"]).ok();
    world.git(&["status"]).ok();
    world.orch(&["doctor"]).ok();
    // By itself it keeps every command from the repository, git's own too.
    world.git(&["config", "core.worktree", "/nowhere/at/all"]).ok();
    world.git(&["status"]).code(128);
    let said = findings(&world);
    assert!(said.contains("names a folder that is gone"), "{said}");
    let said = world.orch(&["doctor", "--fix"]).ok().stderr;
    assert!(said.contains("mended: ") && !said.contains("interrupted"), "{said}");
    world.git(&["status"]).ok();
}

#[test]
fn a_lock_on_the_settings_goes_when_a_mending_of_ours_was_interrupted() {
    let world = World::ready();
    let [lock, intent] = ["config.lock", "git-orch/intents/mend.json"]
        .map(|name| world.repo.join(".git").join(name));
    for spoilt in [None, Some("core.bare"), Some("core.worktree")] {
        if let Some(key) = spoilt {
            world.git(&["config", key, if key == "core.bare" { "true" } else { "/nowhere" }]).ok();
        }
        // What git leaves when it is killed while it writes the settings for `doctor --fix`.
        locked(&intent);
        std::fs::write(&intent, "\"core.bare and core.worktree\"\n").expect("intent");
        locked(&lock);
        world.orch(&["doctor", "--fix"]).ok();
        assert!(!lock.exists() && !intent.exists(), "{spoilt:?}");
        world.git(&["status"]).ok();
        world.orch(&["doctor"]).ok();
    }
}

#[test]
fn a_lock_that_a_living_git_may_own_is_waited_for_and_left() {
    let world = World::ready();
    let [lock, intent] = ["config.lock", "git-orch/intents/mend.json"]
        .map(|name| world.repo.join(".git").join(name));
    world.git(&["config", "core.bare", "true"]).ok();
    // It works here for as long as somebody types.
    let mut command = world.command(&world.repo, "git");
    command.args(["hash-object", "--stdin"]).stdin(std::process::Stdio::piped());
    let mut living = crate::start(command);
    locked(&intent);
    std::fs::write(&intent, "\"core.bare and core.worktree\"\n").expect("intent");
    locked(&lock);
    let waited = world.orch(&["doctor", "--fix"]).code(4);
    let said = format!("{}{}", waited.stdout, waited.stderr);
    assert!(said.contains(&format!("git (pid {})", living.id())), "{said}");
    assert!(lock.exists(), "the lock of somebody who lives was taken away");
    drop(living.stdin.take());
    living.wait().expect("its end");
    world.orch(&["doctor", "--fix"]).ok();
    assert!(!lock.exists() && !intent.exists());
}

#[test]
fn work_that_came_while_an_ending_was_interrupted_is_not_removed() {
    let world = World::ready();
    let worktree = world.sealed("81");
    world.orch(&["land", "81"]).ok();
    // It comes as far as the archive, and no further.
    let archive = world.repo.join(".orchestration/archived-sessions");
    std::os::unix::fs::symlink(world.root().join("nowhere"), &archive).expect("link");
    world.orch(&["archive", "81"]).code(4);
    assert!(world.repo.join(".git/git-orch/intents").read_dir().expect("intents").count() == 1);
    std::fs::remove_file(&archive).expect("removed");
    world.write_in(&worktree, "typed.txt", "by hand\n");
    let refused = world.orch(&["archive", "81"]).code(1);
    assert!(refused.stderr.contains("typed.txt"), "{}", refused.stderr);
    assert_eq!(std::fs::read_to_string(worktree.join("typed.txt")).expect("work"), "by hand\n");
    std::fs::remove_file(worktree.join("typed.txt")).expect("removed");
    world.orch(&["archive", "81"]).ok();
    assert!(!worktree.exists());
}

#[test]
fn an_agent_is_not_stopped_by_the_locks_of_the_one_that_was_killed_before_it() {
    let world = World::ready();
    world.write(".orchestration/config.toml", "[agent.retry]\ncrash_wait = 0.01\n");
    world.git(&["add", "--force", ".orchestration/config.toml"]).ok();
    world.git(&["commit", "-qm", "Configure"]).ok();
    world.in_execute("81");
    let step = "version = 1\n[[step]]\nrole = \"implement\"\nrun = \"if [ -e ../tried ]; then echo a > \
                a.txt; git add a.txt && git commit -qm a; else touch ../tried \
                $(git rev-parse --git-path index.lock); exit 1; fi\"\n";
    world.write("script.toml", step);
    world.orch(&["run", "81", "--script", "script.toml", "--until", "validate"]).ok();
    assert!(world.worktree("81").join("a.txt").exists());
}

#[test]
fn a_record_that_lost_its_objects_goes_back_to_the_last_whole_state_loudly() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.orch(&["task", "add", "--issue", "81", "one"]).ok();
    let tip = world.git(&["rev-parse", "refs/git-orch/issues/81"]).ok().line();
    let object = world.repo.join(".git/objects").join(&tip[..2]).join(&tip[2..]);
    std::fs::remove_file(object).expect("the newest state");
    world.orch(&["task", "add", "--issue", "81", "two"]).code(4);
    let said = findings(&world);
    assert!(said.contains("the record of issue 81 cannot be read"), "{said}");
    harmless(&said);
    let mended = world.orch(&["doctor", "--fix"]);
    assert!(mended.stderr.contains("last whole state"), "{}", mended.stderr);
    assert!(world.orch(&["show", "81"]).ok().stdout.contains("EXECUTE"));
    // What was said after it is kept beside, and can be read.
    let kept = std::fs::read_dir(worktree.join(".context")).expect("folder");
    assert!(kept.flatten().any(|e| e.file_name().to_string_lossy().contains("edited")));
    world.orch(&["task", "add", "--issue", "81", "one"]).ok();
    world.git(&["fsck", "--no-dangling"]).ok();
}

#[test]
fn a_record_that_is_gone_comes_back_and_is_not_begun_anew() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.orch(&["task", "add", "--issue", "81", "one"]).ok();
    let tip = world.git(&["rev-parse", "refs/git-orch/issues/81"]).ok().line();
    let gone = ["-c", "core.hooksPath=/dev/null", "update-ref", "-d", "refs/git-orch/issues/81"];
    world.git(&gone).ok();
    for args in [&["next", "81"][..], &["new-issue", "81", "--yes"]] {
        let refused = world.orch(args).code(4);
        assert!(refused.stderr.contains("git orch doctor"), "{}", refused.stderr);
    }
    let said = findings(&world);
    assert!(said.contains("the record of issue 81 is gone"), "{said}");
    harmless(&said);
    let mended = world.orch(&["doctor", "--fix"]);
    assert!(mended.stderr.contains("last whole state"), "{}", mended.stderr);
    assert_eq!(world.git(&["rev-parse", "refs/git-orch/issues/81"]).ok().line(), tip);
    world.orch(&["task", "done", "--issue", "81", "1"]).ok();
    // Where no state is left either, the copy is kept aside and the issue can be opened anew.
    world.git(&gone).ok();
    world.git(&["reflog", "expire", "--expire=now", "--all"]).ok();
    world.git(&["gc", "-q", "--prune=now"]).ok();
    let mended = world.orch(&["doctor", "--fix"]);
    assert!(mended.stderr.contains("no state of issue 81 is left"), "{}", mended.stderr);
    world.orch(&["new-issue", "81", "--yes"]).ok();
    let kept = std::fs::read_dir(worktree.join(".context")).expect("folder");
    assert!(kept.flatten().any(|e| e.file_name().to_string_lossy().contains("edited")));
}

#[test]
fn orphans_are_found() {
    let world = World::ready();
    world.in_execute("81");
    // A branch and worktree in the form of ours without a record, and a worktree without entry.
    world.git(&["worktree", "add", "-q", "-b", "issue/90", "../repo.worktrees/90"]).ok();
    let said = findings(&world);
    assert!(said.contains("90"), "{said}");
    harmless(&said);
    let fix = said.lines().find_map(|l| l.trim().strip_prefix("fix: ")).expect("a step");
    world.sh(&world.repo, fix).ok();
    assert!(world.orch(&["show", "90"]).ok().stdout.contains("DISCUSSION"));
}

#[test]
fn salvage_that_nobody_came_back_for_is_told() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "typed.txt", "by hand\n");
    world.orch(&["abandon", "81", "--reason", "not needed"]).ok();
    let kept = world.git(&["for-each-ref", "--format=%(refname)", "refs/git-orch/salvage/"]).ok();
    let commit = world.git(&["rev-parse", &kept.line()]).ok().line();
    assert!(!findings(&world).contains("salvage"));
    world.git(&["update-ref", "refs/git-orch/salvage/81/20200101T000000Z", &commit]).ok();
    let said = findings(&world);
    let said = if said.is_empty() { world.orch(&["doctor"]).ok().stdout } else { said };
    assert!(said.contains("salvage/81/20200101T000000Z"), "{said}");
    harmless(&said);
    world.orch(&["doctor", "--fix"]).ok();
    world.git(&["rev-parse", "-q", "--verify", "refs/git-orch/salvage/81/20200101T000000Z"]).ok();
}

#[test]
fn checkpoints_go_when_their_two_weeks_are_over() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.orch(&["task", "add", "--issue", "81", "one"]).ok();
    world.write_in(&worktree, "typed.txt", "by hand\n");
    world.orch(&["task", "done", "--issue", "81", "1"]).ok();
    let young = "refs/git-orch/checkpoints/81/0";
    assert_eq!(world.git(&["show", &format!("{young}:typed.txt")]).ok().stdout, "by hand\n");
    assert!(!world.orch(&["doctor"]).ok().stdout.contains("checkpoint"));
    // The same, saved long ago.
    let raw = world.git(&["cat-file", "-p", young]).ok().stdout;
    let stamp = regex::Regex::new(r"(?m)^((?:author|committer) .*) \d+ \+0000$").expect("pattern");
    world.write("old", &stamp.replace_all(&raw, "$1 1500000000 +0000"));
    let old = world.git(&["hash-object", "-t", "commit", "-w", "old"]).ok().line();
    std::fs::remove_file(world.repo.join("old")).expect("removed");
    world.git(&["update-ref", "refs/git-orch/checkpoints/81/1", &old]).ok();
    let said = world.orch(&["doctor"]).stdout;
    assert!(said.contains("1 checkpoints are past their two weeks"), "{said}");
    harmless(&said);
    world.orch(&["doctor", "--fix"]).ok();
    let left = world.git(&["for-each-ref", "--format=%(refname)", "refs/git-orch/checkpoints/"]);
    assert_eq!(left.ok().line(), young);
    assert!(!world.orch(&["doctor"]).ok().stdout.contains("past their two weeks"));
}

#[test]
fn a_disk_that_is_nearly_full_is_told_before_it_is() {
    let world = World::ready();
    assert!(!world.orch(&["doctor"]).stdout.contains("MB are free"));
    // A small file system of our own; only where a person may make one.
    let script = format!(
        "mkdir -p small && mount -t tmpfs -o size=64m tmpfs small || exit 77; \
         cp -a repo small/repo && cd small/repo && '{}' doctor; exit 0",
        crate::harness::binary()
    );
    let mut command = world.command(&world.root(), "unshare");
    command.args(["-Urm", "sh", "-c", &script]);
    let Ok(said) = command.output() else {
        eprintln!("skipped: there is no unshare here");
        return;
    };
    if !said.status.success() {
        eprintln!("skipped: no file system can be mounted here");
        return;
    }
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("MB are free") && said.contains("a full disk stops"), "{said}");
    harmless(&said);
}
