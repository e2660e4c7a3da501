//! Hostile input, a case a test: nothing is written outside, nothing is run, nothing is believed.

use std::path::{Path, PathBuf};

use crate::harness::World;

/// A script that leaves a trace when something runs it.
fn trap(world: &World) -> (String, PathBuf) {
    let (script, trace) = (world.root().join("trap"), world.root().join("trace"));
    world.sh(&world.root(), "printf '#!/bin/sh\\necho \"$0 $*\" >> %s/trace\\ncat\\n' \"$PWD\" > trap; chmod +x trap").ok();
    (script.display().to_string(), trace)
}

fn link(target: &Path, name: &Path) {
    std::os::unix::fs::symlink(target, name).expect("link");
}

/// Everything below a folder, by name.
fn names(folder: &Path) -> Vec<String> {
    let mut all: Vec<String> = std::fs::read_dir(folder)
        .expect("folder")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    all.sort();
    all
}

fn outside(world: &World) -> PathBuf {
    let folder = world.root().join("outside");
    std::fs::create_dir_all(&folder).expect("folder");
    folder
}

#[test]
fn a_context_folder_that_becomes_a_link_is_not_followed() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    let outside = outside(&world);
    std::fs::rename(worktree.join(".context"), worktree.join("moved")).expect("moved");
    link(&outside, &worktree.join(".context"));
    world.orch(&["task", "add", "--issue", "81", "one"]).code(4);
    assert_eq!(names(&outside), Vec::<String>::new());
}

#[test]
fn a_planted_temporary_file_or_copy_that_is_a_link_is_not_written_through() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    let outside = outside(&world);
    let context = worktree.join(".context");
    link(&outside.join("a"), &context.join(".session-log.xml.tmp"));
    std::fs::remove_file(context.join("session-log.xml")).expect("removed");
    link(&outside.join("b"), &context.join("session-log.xml"));
    world.orch(&["task", "add", "--issue", "81", "one"]).ok();
    assert_eq!(names(&outside), Vec::<String>::new());
    let meta = context.join("session-log.xml").symlink_metadata().expect("copy");
    assert!(meta.is_file());
}

#[test]
fn an_archive_folder_committed_as_a_link_is_not_followed() {
    let world = World::ready();
    let outside = outside(&world);
    link(&outside, &world.repo.join(".orchestration/archived-sessions"));
    world.git(&["add", "-f", ".orchestration"]).ok();
    world.git(&["commit", "-qm", "A link"]).ok();
    let worktree = world.in_execute("81");
    world.orch(&["abandon", "81", "--reason", "not needed"]).code(4);
    assert_eq!(names(&outside), Vec::<String>::new());
    assert!(worktree.exists(), "nothing is removed that was not archived");
    std::fs::remove_file(world.repo.join(".orchestration/archived-sessions")).expect("removed");
    world.orch(&["abandon", "81", "--reason", "not needed"]).ok();
}

#[test]
fn a_git_file_that_leads_to_another_repository_has_no_say() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    let (script, trace) = trap(&world);
    let evil = world.root().join("evil");
    world.run(&world.root(), "git", ["init", "-q", "evil"]).ok();
    world.git_in(&evil, &["config", "filter.f.clean", &script]).ok();
    world.git_in(&evil, &["config", "core.fsmonitor", &script]).ok();
    world.write_in(&worktree, ".gitattributes", "* filter=f\n");
    world.write_in(&worktree, ".git", &format!("gitdir: {}/.git\n", evil.display()));
    for args in [
        &["next", "81"][..],
        &["status"],
        &["doctor"],
        &["task", "add", "--issue", "81", "one"],
        &["task", "done", "--issue", "81", "1"],
        &["archive", "81"],
        &["abandon", "81", "--reason", "not needed"],
    ] {
        let _ = world.orch(args);
        assert!(!trace.exists(), "{args:?} ran a program of the other repository");
    }
    assert!(worktree.join(".gitattributes").exists(), "what is no worktree of ours is not removed");
}

#[test]
fn configuration_that_would_run_programs_runs_none() {
    let world = World::ready();
    let (script, trace) = trap(&world);
    let worktree = world.in_execute("81");
    for key in [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.askPass",
        "diff.external",
        "gpg.program",
        "sequence.editor",
        "credential.helper",
        "interactive.diffFilter",
        "core.alternateRefsCommand",
        "uploadpack.packObjectsHook",
    ] {
        world.git(&["config", key, &script]).ok();
    }
    world.git(&["config", "commit.gpgSign", "true"]).ok();
    world.git(&["config", "tag.gpgSign", "true"]).ok();
    world.write_in(&worktree, "typed.txt", "by hand\n");
    for args in [
        &["task", "add", "--issue", "81", "one"][..],
        &["task", "done", "--issue", "81", "1"],
        &["next", "81"],
        &["status"],
        &["show", "81"],
        &["doctor"],
        &["salvage", "list"],
        &["salvage", "show", "81"],
        &["abandon", "81", "--reason", "not needed"],
        &["undo", "81"],
        &["new-issue", "82", "--yes"],
    ] {
        let _ = world.orch(args);
        let ran = std::fs::read_to_string(&trace).unwrap_or_default();
        assert_eq!(ran, "", "{args:?}");
    }
}

#[test]
fn a_bare_repository_inside_the_tree_runs_nothing() {
    let world = World::ready();
    let (script, trace) = trap(&world);
    let inner = world.repo.join("fixtures/inner.git");
    std::fs::create_dir_all(&inner).expect("folder");
    world.run(&inner, "git", ["init", "-q", "--bare", "."]).ok();
    let config = format!(
        "[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tfsmonitor = {script}\n\tpager = {script}\n"
    );
    std::fs::write(inner.join("config"), config).expect("config");
    for args in [&["status"][..], &["doctor"], &["new-issue", "81", "--yes"]] {
        let _ = world.orch_in(&inner, args);
        assert!(!trace.exists(), "{args:?}");
    }
}

#[test]
fn refs_that_look_like_options_are_names_or_refused() {
    let world = World::ready();
    let (script, trace) = trap(&world);
    let main = world.git(&["rev-parse", "main"]).ok().line();
    world.git(&["update-ref", "refs/heads/-evil", &main]).ok();
    world.git(&["update-ref", "refs/heads/--output=owned", &main]).ok();
    let run = format!("--upload-pack={script}");
    for base in ["-evil", "--output=owned", &run, "--help", "-"] {
        let ended = world.orch(&["new-issue", "81", &format!("--base={base}"), "--yes"]);
        assert!(matches!(ended.code, 0..=2), "{base}: {ended:?}");
        if ended.code == 0 {
            world.orch(&["undo", "81"]).ok();
        }
    }
    for name in ["-evil", "--output=owned", "refs/git-orch/../../x", "../x"] {
        world.orch(&["salvage", "show", &format!("--={name}")]).code(2);
        world.orch(&["salvage", "show", "--", name]).code(2);
    }
    assert!(!trace.exists() && !world.repo.join("owned").exists());
}

#[test]
fn words_cannot_command_a_terminal_or_forge_a_line() {
    let world = World::ready();
    let evil = "a\u{1b}[2J\u{1b}]0;owned\u{7}b\u{9b}31mc\r\nPhase: complete\nSealed: 0\u{202e}d";
    world.orch(&["new-issue", "81", "--title", evil, "--yes"]).ok();
    let worktree = world.worktree("81");
    world.write_in(&worktree, ".context/spec.md", crate::harness::SPEC);
    world.orch(&["spec", "finalise", "81"]).ok();
    world.orch(&["next", "81"]).ok();
    world.orch(&["task", "add", "--issue", "81", evil]).ok();
    world.write_in(&worktree, "a\u{1b}[2Jb.txt", "by hand\n");
    world.orch(&["task", "done", "--issue", "81", "1"]).ok();
    for args in [
        &["status"][..],
        &["show", "81"],
        &["log", "81"],
        &["op", "log"],
        &["prime", "81"],
        &["next", "81"],
        &["salvage", "list"],
        &["salvage", "show", "81"],
        &["task", "list", "--issue", "81"],
    ] {
        let ended = world.orch(args);
        let text = format!("{}{}", ended.stdout, ended.stderr);
        let bad = |c: &char| c.is_control() && !matches!(c, '\n' | '\t');
        assert_eq!(text.chars().find(bad), None, "{args:?}: {text:?}");
    }
    let message = world.git(&["log", "-1", "--format=%B", "refs/git-orch/issues/81"]).ok().stdout;
    assert_eq!(message.matches("Phase: ").count(), 1, "{message}");
    let log = world.git(&["log", "--format=%B", "refs/git-orch/issues/81"]).ok().stdout;
    assert!(!log.lines().any(|line| line.starts_with("Sealed:")), "{log}");
}

#[test]
fn a_record_written_by_somebody_else_is_damage_and_not_a_record() {
    let world = World::ready();
    world.in_execute("81");
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">\
                <!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><session-log version=\"1\">&b;</session-log>";
    let deep = format!("<session-log version=\"1\">{}", "<a>".repeat(200_000));
    // A whole record, and something after it.
    let whole = world.git(&["show", "refs/git-orch/issues/81:session-log.xml"]).ok().stdout;
    let after = ["<<<<<<< theirs\n", "words\n", "<session-log version=\"1\"/>\n", &whole, "\0\n"]
        .map(|more| format!("{whole}{more}"));
    let texts = [bomb, deep.as_str(), "", "<session-log version=\"1\"/>\0", "<<<<<<< ours"];
    for text in texts.into_iter().chain(after.iter().map(String::as_str)) {
        world.write_in(&world.root().join("outside"), "log", text);
        let before = world.git(&["rev-parse", "refs/git-orch/issues/81"]).ok().line();
        let made = world.sh(
            &world.repo,
            "b=$(git hash-object -w ../outside/log) && t=$(printf '100644 blob %s\\tsession-log.xml\\n' $b | git mktree) && \
             c=$(git commit-tree $t -p refs/git-orch/issues/81 -m 'Move on') && git -c core.hooksPath=/dev/null update-ref refs/git-orch/issues/81 $c",
        );
        made.ok();
        world.orch(&["show", "81"]).code(4);
        world.orch(&["next", "81"]).code(4);
        world.orch(&["doctor"]).code(4);
        world.orch(&["status"]).ok();
        let hooks = "core.hooksPath=/dev/null";
        world.git(&["-c", hooks, "update-ref", "refs/git-orch/issues/81", &before]).ok();
    }
    world.orch(&["task", "add", "--issue", "81", "one"]).ok();
}

#[test]
fn a_text_that_could_not_be_read_back_is_refused_at_the_door() {
    let world = World::ready();
    world.orch(&["new-issue", "81", "--yes"]).ok();
    let large = format!("{}\n{}", crate::harness::SPEC, "x".repeat(9 << 20));
    let file = world.root().join("outside/spec.md");
    world.write_in(&world.root(), "outside/spec.md", &large);
    world.orch(&["spec", "new", "81", "--file", &file.display().to_string()]).code(1);
    world.write_in(&world.worktree("81"), ".context/spec.md", &large);
    let refused = world.orch(&["spec", "finalise", "81"]).code(1);
    assert!(refused.stderr.contains("more than 1048576"), "{}", refused.stderr);
    world.orch(&["show", "81"]).ok();
}

#[test]
fn ids_that_are_no_plain_names_are_refused_before_anything_is_touched() {
    let world = World::ready();
    let all = |world: &World| {
        let refs = world.git(&["for-each-ref"]).ok().stdout;
        (refs, names(&world.root()), names(&world.repo), names(&world.repo.join(".git/git-orch")))
    };
    let long = "a".repeat(300);
    world.orch(&["new-issue", "Twin", "--yes"]).ok();
    let before = all(&world);
    for id in [
        "../../x",
        "..",
        ".",
        "-f",
        "--exec=touch owned",
        "x;touch owned",
        "$(touch owned)",
        "`touch owned`",
        "x\ny",
        "x y",
        "x/y",
        "x\\y",
        ".lock",
        "x.lock",
        "x..y",
        "x@{1}",
        "x~1",
        "x^",
        "x:y",
        "x-",
        "HEAD",
        "con",
        "NUL",
        "\u{1b}[2J",
        "twin",
        "\u{fc}ber",
        "",
        long.as_str(),
    ] {
        let ended = world.orch(&["new-issue", "--yes", "--", id]);
        assert!(matches!(ended.code, 1 | 2), "{id:?}: {ended:?}");
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(!said.contains('\u{1b}'), "{id:?}: {said:?}");
        assert_eq!(all(&world), before, "{id:?}");
    }
}

#[test]
fn lanes_that_are_no_plain_names_are_refused() {
    let world = World::ready();
    let outside = outside(&world);
    let before = world.git(&["status", "--porcelain", "--untracked-files=all"]).ok().stdout;
    for lane in ["../../outside", "..", "-x", "a/b", "x;y", "$(touch owned)", "a\nb", "", "E\u{1b}"]
    {
        let lane = format!("--lane={lane}");
        let add =
            ["catalog", "add", &lane, "--title", "One", "--severity", "5", "--verify", "false"];
        world.orch(&add).code(2);
        let signals = format!("--signals={}", outside.display());
        world.orch(&["signal", "NORMAL", "at work", &lane, &signals]).code(2);
    }
    assert_eq!(names(&outside), Vec::<String>::new());
    let after = world.git(&["status", "--porcelain", "--untracked-files=all"]).ok().stdout;
    assert_eq!(after, before);
}

#[test]
fn a_catalogue_whose_folders_are_links_is_not_written_through() {
    let world = World::ready();
    let outside = outside(&world);
    link(&outside, &world.repo.join(".orchestration/issues"));
    let add =
        ["catalog", "add", "--lane", "E", "--title", "One", "--severity", "5", "--verify", "false"];
    let refused = world.orch(&add);
    assert_ne!(refused.code, 0, "{refused:?}");
    assert_eq!(names(&outside), Vec::<String>::new());
    std::fs::remove_file(world.repo.join(".orchestration/issues")).expect("removed");
    world.orch(&add).ok();
}

#[test]
fn a_title_is_never_a_command() {
    let world = World::ready();
    let title = "$(touch owned) `touch owned`; touch owned | touch owned & '\"\n--upload-pack=x";
    world.orch(&["new-issue", "81", "--title", title, "--yes"]).ok();
    let worktree = world.worktree("81");
    world.write_in(&worktree, ".context/spec.md", crate::harness::SPEC);
    world.orch(&["spec", "finalise", "81"]).ok();
    world.orch(&["next", "81"]).ok();
    world.orch(&["task", "add", "--issue", "81", title]).ok();
    world.write_in(&worktree, "$(touch owned).txt", "one\ntwo\n");
    world.commit(&worktree, title);
    world.orch(&["task", "done", "--issue", "81", "1"]).ok();
    world.orch(&["next", "81"]).ok();
    world.orch(&["validate", "81"]).ok();
    let reason = "the change was mechanical and met no surprise $(touch owned)";
    world.orch(&["learn", "none", "81", "--reason", reason]).ok();
    world.orch(&["compact", "81"]).ok();
    world.orch(&["land", "81"]).ok();
    world.orch(&["archive", "81"]).ok();
    for folder in [world.root(), world.repo.clone(), world.repo.join(".git")] {
        assert!(!names(&folder).contains(&"owned".to_owned()), "{}", folder.display());
    }
}
