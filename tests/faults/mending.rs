//! What `doctor` says of issues, intents and settings that something else spoilt, and what `--fix`
//! makes of it: mended is what a second look does not find any more.

use std::path::Path;

use crate::entries::follow;
use crate::harness::World;
use crate::leftovers::{findings, harmless};

/// Mends, and what was said of it; nothing is left to find.
#[track_caller]
fn mend(world: &World) -> String {
    harmless(&findings(world));
    let said = world.orch(&["doctor", "--fix"]).ok().stderr;
    let left = findings(world);
    assert!(left.is_empty(), "{said}\n{left}");
    said
}

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The names in the `.context/` of a worktree that were set aside.
fn set_aside(worktree: &Path) -> Vec<String> {
    let all = std::fs::read_dir(worktree.join(".context")).expect("folder").flatten();
    let names = all.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.contains(".edited-")).collect()
}

#[test]
fn a_worktree_that_lost_its_entry_gets_it_back_around_its_files() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.orch(&["task", "add", "--issue", "81", "one"]).ok();
    world.write_in(&worktree, "README.md", "typed by hand\n");
    world.write_in(&worktree, "new.txt", "new\n");
    std::fs::remove_dir_all(world.repo.join(".git/worktrees/81")).expect("removed");
    let said = findings(&world);
    assert!(said.contains("has lost git's entry for it"), "{said}");
    assert!(said.contains("every file stays"), "{said}");
    mend(&world);
    let status = world.git_in(&worktree, &["status", "--porcelain"]).ok().stdout;
    assert_eq!(status, " M README.md\n?? new.txt\n");
    assert_eq!(world.git_in(&worktree, &["branch", "--show-current"]).ok().line(), "issue/81");
    world.orch(&["task", "done", "--issue", "81", "1"]).ok();
    let kept = world.git(&["show", "refs/git-orch/checkpoints/81/0:README.md"]).ok();
    assert_eq!(kept.stdout, "typed by hand\n");
    world.git(&["fsck"]).ok();
}

#[test]
fn an_entry_of_an_issue_that_a_power_cut_spoilt_is_made_again_and_what_was_staged_stays() {
    for (file, content) in [("HEAD", "\0\0\0\0"), ("commondir", ""), ("gitdir", ""), ("index", "")]
    {
        let world = World::ready();
        let worktree = world.in_execute("81");
        world.write_in(&worktree, "new.txt", "new\n");
        world.git_in(&worktree, &["add", "new.txt"]).ok();
        std::fs::write(world.repo.join(".git/worktrees/81").join(file), content).expect("file");
        let said = findings(&world);
        assert!(said.contains("makes git's entry for it again"), "{file}: {said}");
        mend(&world);
        let status = world.git_in(&worktree, &["status", "--porcelain"]).ok().stdout;
        assert_eq!(status, if file == "index" { "?? new.txt\n" } else { "A  new.txt\n" }, "{file}");
        assert!(world.repo.join(".git/81.half-made").exists(), "the old one is not kept");
        world.git(&["fsck", "--no-dangling"]).ok();
    }
}

#[test]
fn a_worktree_whose_way_to_the_repository_is_missing_or_another_is_found() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "new.txt", "new\n");
    std::fs::remove_file(worktree.join(".git")).expect("removed");
    assert!(findings(&world).contains("has lost git's entry"));
    mend(&world);
    // It leads to another repository.
    let other = World::new();
    let line = format!("gitdir: {}\n", other.repo.join(".git").display());
    std::fs::write(worktree.join(".git"), line).expect("file");
    let said = findings(&world);
    assert!(said.contains("leads to another repository"), "{said}");
    world.orch(&["doctor", "--fix"]).code(4);
    follow(&world);
    assert_eq!(findings(&world), "");
    // And its entry is gone as well.
    std::fs::write(worktree.join(".git"), "gitdir: /nowhere\n").expect("file");
    std::fs::remove_dir_all(world.repo.join(".git/worktrees/81")).expect("removed");
    follow(&world);
    assert_eq!(findings(&world), "");
    let aside = world.root().join("repo.worktrees/81.set-aside");
    assert_eq!(read(aside.join("new.txt")), "new\n");
}

#[test]
fn a_worktree_that_another_repository_works_in_is_left_to_it() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    let clone = world.root().join("clone");
    let (from, to) = (world.repo.display().to_string(), clone.display().to_string());
    world.git(&["clone", "-q", &from, &to]).ok();
    let records = ["fetch", "-q", "origin", "refs/git-orch/*:refs/git-orch/*"];
    world.git_in(&clone, &records).ok();
    world.git_in(&clone, &["branch", "-q", "issue/81", "origin/issue/81"]).ok();
    world.orch_in(&clone, &["init", "--yes"]).ok();
    let said = world.orch_in(&clone, &["doctor"]).stdout;
    assert!(said.contains("is one of another repository"), "{said}");
    let step = said.lines().find_map(|line| line.trim().strip_prefix("fix: git -C "));
    assert!(step.expect("a step").ends_with(" worktree list"), "{said}");
    let _ = world.orch_in(&clone, &["doctor", "--fix"]);
    assert!(worktree.join("README.md").exists());
    assert_eq!(findings(&world), "");
    // A server has records and no place where anybody works.
    let server = world.root().join("server.git").display().to_string();
    world.git(&["clone", "-q", "--bare", &from, &server]).ok();
    world.orch(&["init", "--server", &server]).ok();
    let server = world.root().join("server.git");
    world.git_in(&server, &["fetch", "-q", &from, "refs/git-orch/*:refs/git-orch/*"]).ok();
    world.orch_in(&server, &["doctor"]).ok();
    assert!(!world.orch_in(&server, &["doctor", "--fix"]).ok().stdout.contains("81"));
}

#[test]
fn a_worktree_that_an_opening_of_ours_has_half_filled_is_filled_to_the_end() {
    let Some(tracer) = crate::killed::tracer() else { return };
    // Killed while files are written: git does not know of the worktree yet.
    for call in ["50", "54"] {
        let world = World::ready();
        world.write("src/a.txt", "a\n");
        world.write("src/b.txt", "b\n");
        world.commit(&world.repo, "Files");
        world.in_execute("81");
        std::fs::remove_dir_all(world.worktree("81")).expect("removed");
        let mut command = world.command(&world.repo, tracer.to_str().expect("a path"));
        command.args(["-n", call, "--", &crate::harness::binary(), "doctor", "--fix"]);
        crate::start(command).wait().expect("its end");
        mend(&world);
        let worktree = world.worktree("81");
        assert_eq!(world.git_in(&worktree, &["status", "--porcelain"]).ok().stdout, "", "{call}");
        assert_eq!(read(worktree.join("src/b.txt")), "b\n");
    }
}

#[test]
fn another_branch_in_the_worktree_of_an_issue_is_told_and_the_step_leads_back() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.git_in(&worktree, &["switch", "-qc", "other"]).ok();
    let said = findings(&world);
    assert!(said.contains("has branch other checked out, not issue/81"), "{said}");
    follow(&world);
    assert_eq!(findings(&world), "");
    // No branch at all, with a commit that only HEAD leads to.
    world.git_in(&worktree, &["switch", "-q", "--detach"]).ok();
    world.write_in(&worktree, "loose.txt", "loose\n");
    let loose = world.commit(&worktree, "Loose");
    let said = follow(&world);
    assert!(said.contains("a commit that no branch holds"), "{said}");
    assert_eq!(findings(&world), "");
    assert_eq!(world.git(&["rev-parse", "81-loose"]).ok().line(), loose);
    // In the middle of a rebase git has taken the branch off by itself.
    world.write_in(&worktree, "more.txt", "more\n");
    world.commit(&worktree, "More");
    let edit = ["-c", "sequence.editor=sed -i s/pick/edit/", "rebase", "-qi", "--root"];
    world.git_in(&worktree, &edit).ok();
    assert!(!findings(&world).contains("checked out"));
}

#[test]
fn a_worktree_that_was_moved_is_followed() {
    let world = World::ready();
    world.in_execute("81");
    let from = world.worktree("81").display().to_string();
    world.git(&["worktree", "move", &from, "../m"]).ok();
    let said = findings(&world);
    assert!(said.contains("the worktree of issue 81 is at [TOP]/m"), "{said}");
    let said = mend(&world);
    assert_eq!(said.matches("mended: ").count(), 1, "{said}");
    world.orch_in(&world.root().join("m"), &["task", "add", "one"]).ok();
    assert!(world.orch(&["show", "81"]).ok().stdout.contains("/m"));
}

#[test]
fn what_is_still_there_was_not_mended() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    // Where the copy belongs there is a folder that cannot be replaced.
    std::fs::remove_file(worktree.join(".context/session-log.xml")).expect("removed");
    std::fs::create_dir_all(worktree.join(".context/session-log.xml/x")).expect("folder");
    let said = world.orch(&["doctor", "--fix"]).code(4);
    assert!(!said.stderr.contains("mended: "), "{}", said.stderr);
    assert!(said.stdout.contains("session-log.xml"), "{}", said.stdout);
}

#[test]
fn a_copy_that_was_edited_is_told_and_brought_back_with_the_edited_one_kept() {
    let world = World::ready();
    let worktree = world.sealed("81");
    let context = worktree.join(".context");
    let flag = read(context.join("compaction-complete.flag"));
    for (name, text) in [
        ("spec.md", "# Another goal\n".to_owned()),
        ("compaction-complete.flag", flag.replace("receipt ", "receipt 0")),
        ("session-log.xml", "<session-log/>\n".to_owned()),
    ] {
        let before = read(context.join(name));
        std::fs::write(context.join(name), &text).expect("file");
        let said = findings(&world);
        assert!(said.contains(&format!("is not what the record says: {name}")), "{said}");
        mend(&world);
        assert_eq!(read(context.join(name)), before);
        let kept = set_aside(&worktree);
        let kept = kept.iter().find(|kept| kept.starts_with(name)).expect("the edited one");
        assert_eq!(read(context.join(kept)), text);
    }
    // Made by hand before anything was sealed.
    let worktree = world.in_execute("82");
    let flag = worktree.join(".context/compaction-complete.flag");
    std::fs::write(&flag, "").expect("file");
    assert!(findings(&world).contains("compaction-complete.flag"));
    mend(&world);
    assert!(!flag.exists());
}

#[test]
fn a_damaged_intent_is_set_aside_and_the_command_works_again() {
    for text in ["", "{\n  \"before\": \"12"] {
        let world = World::ready();
        world.in_execute("81");
        let name = ".git/git-orch/intents/next-81.json";
        world.write(name, text);
        let stuck = world.orch(&["next", "81"]).code(4);
        assert!(stuck.stderr.contains("fix: git orch doctor"), "{}", stuck.stderr);
        let said = findings(&world);
        assert!(said.contains("what next of issue 81 had decided cannot be read"), "{said}");
        assert!(said.contains("with --fix: sets it aside and keeps it"), "{said}");
        mend(&world);
        let own = std::fs::read_dir(world.repo.join(".git/git-orch")).expect("folder").flatten();
        let kept: Vec<String> = own.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        let kept = kept.iter().find(|name| name.starts_with("next-81.json.set-aside-"));
        let kept = world.repo.join(".git/git-orch").join(kept.expect("it was thrown away"));
        assert_eq!(read(kept), text);
        // There is nothing to move on with yet, and that is all there is to say.
        world.orch(&["next", "81"]).code(1);
    }
}

#[test]
fn an_operation_on_the_repository_that_was_interrupted_is_named_with_what_finishes_it() {
    let world = World::ready();
    let tip = world.git(&["rev-parse", "main"]).ok().line();
    let landing = format!(r#"{{"branch":"main","from":"{tip}","to":"{tip}","worktrees":[]}}"#);
    for (name, text, step) in [
        ("init", "\"main\"", "git orch init"),
        ("drop", "[\"packed-refs\"]", "git orch doctor --fix"),
        ("landing", landing.as_str(), "git orch doctor --fix"),
        ("mend", "\"core.bare\"", "git orch doctor --fix"),
        ("uninit", "\"main\"", "git orch uninit"),
    ] {
        let intent = format!(".git/git-orch/intents/{name}.json");
        world.write(&intent, text);
        let said = findings(&world);
        assert!(said.contains("interrupted") && said.contains(step), "{name}: {said}");
        if name != "uninit" {
            mend(&world);
            assert!(!world.repo.join(&intent).exists(), "{name}");
            world.write(&intent, text);
        }
        follow(&world);
        assert!(!world.repo.join(&intent).exists(), "{name}");
    }
}

#[test]
fn the_step_of_each_interrupted_operation_finishes_it() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.orch(&["task", "add", "--issue", "81", "one"]).ok();
    world.write_in(&worktree, "typed.txt", "by hand\n");
    world.orch(&["task", "done", "--issue", "81", "1"]).ok();
    std::fs::remove_file(worktree.join("typed.txt")).expect("removed");
    let intents = world.repo.join(".git/git-orch/intents");
    let text = "\"refs/git-orch/checkpoints/81/0\"\n";
    std::fs::create_dir_all(&intents).expect("folder");
    std::fs::write(intents.join("salvage-81.json"), text).expect("file");
    let said = follow(&world);
    assert!(said.contains("salvage restore refs/git-orch/checkpoints/81/0"), "{said}");
    assert_eq!(read(worktree.join("typed.txt")), "by hand\n");
    assert_eq!(findings(&world), "");
}

#[test]
fn a_lock_of_a_killed_run_on_a_ref_of_ours_is_told_and_taken_away() {
    let world = World::ready();
    world.in_execute("81");
    for name in ["issues/81", "archive/82", "checkpoints/81/0", "salvage/81/x", "learnings"] {
        let lock = format!(".git/refs/git-orch/{name}.lock");
        world.write(&lock, "");
        let said = findings(&world);
        assert!(said.contains(&format!("refs/git-orch/{name}.lock is there")), "{said}");
        assert!(said.contains("with --fix: takes it away"), "{said}");
        mend(&world);
        assert!(!world.repo.join(&lock).exists(), "{name}");
    }
}

#[test]
fn a_stray_work_tree_is_mended_from_wherever_one_stands() {
    for place in ["/nowhere/at/all", "../gone"] {
        for file in ["config", "config.worktree"] {
            let world = World::ready();
            let worktree = world.in_execute("81");
            world.git(&["config", "extensions.worktreeConfig", "true"]).ok();
            world.write("sub/a.txt", "a\n");
            world.write_in(&worktree, "sub/a.txt", "a\n");
            let sub = world.repo.join("sub");
            for folder in [&sub, &worktree, &worktree.join("sub"), &world.repo.join(".git")] {
                let set = ["config", "--file", &format!(".git/{file}"), "core.worktree", place];
                world.git_in(&world.repo, &set).ok();
                let said = world.orch_in(folder, &["doctor"]).code(4);
                assert!(said.stdout.contains("names a folder that is gone"), "{}", said.stdout);
                assert!(said.stdout.contains(file), "{}", said.stdout);
                world.orch_in(folder, &["doctor", "--fix"]).ok();
                world.git(&["status"]).ok();
                world.orch_in(folder, &["doctor"]).ok();
            }
        }
    }
}

#[test]
fn bareness_in_the_settings_of_the_main_worktree_alone_is_seen() {
    let world = World::ready();
    world.git(&["config", "extensions.worktreeConfig", "true"]).ok();
    world.git(&["config", "--worktree", "core.bare", "true"]).ok();
    world.git(&["status"]).code(128);
    let said = findings(&world);
    assert!(said.contains("core.bare is true in config.worktree"), "{said}");
    mend(&world);
    world.git(&["status"]).ok();
}

#[test]
fn the_advice_of_doctor_on_a_fresh_repository_leaves_it_clean() {
    for base in ["main", "trunk"] {
        let world = World::new();
        world.git(&["branch", "-m", "main", base]).ok();
        world.orch(&["init", "--yes"]).ok();
        let said = world.orch(&["doctor"]).ok().stdout;
        let advice = said.lines().find_map(|line| line.trim().strip_prefix("fix: git add "));
        world
            .sh(
                &world.repo,
                &format!(
                    "git add {}",
                    advice.expect("an advice").replace("git commit", "git commit -qm Configure")
                ),
            )
            .ok();
        assert_eq!(findings(&world), "");
        assert!(!world.orch(&["doctor"]).ok().stdout.contains("policy"));
        assert_eq!(world.orch(&["init", "--dry-run"]).ok().stdout, "");
    }
}

#[test]
fn programs_are_told_what_fix_would_do() {
    let world = World::ready();
    world.in_execute("81");
    std::fs::remove_file(world.worktree("81").join(".context/session-log.xml")).expect("removed");
    let said = world.orch(&["doctor", "--json"]).ok().stdout;
    let said: serde_json::Value = serde_json::from_str(&said).expect("an answer");
    let text = said.to_string();
    let all = text.matches("\"with_fix\":\"").count();
    assert!(all > 0 && all == text.matches("\"why\":\"").count(), "{text}");
}
