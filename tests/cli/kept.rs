//! What was typed and git does not look at: ignored files, drafts, files that git was told to take
//! for unchanged. It is kept like everything else, and nothing is written over it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::World;

fn refs(world: &World, below: &str) -> Vec<String> {
    let said = world.git(&["for-each-ref", "--format=%(refname)", below]).ok().line();
    said.lines().map(str::to_owned).collect()
}

fn read(worktree: &Path, name: &str) -> String {
    fs::read_to_string(worktree.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// An issue in DISCUSSION, in a repository that ignores some things.
fn opened(world: &World) -> PathBuf {
    world.write(".gitignore", ".env*\n*.big\nvendor/\nrun.sh\n");
    world.commit(&world.repo, "Ignore some things");
    PathBuf::from(world.orch(&["new-issue", "7", "--yes"]).ok().line())
}

#[test]
fn a_draft_notes_and_small_ignored_files_outlive_an_abandoned_worktree() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::ready();
    let worktree = opened(&world);
    world.write_in(&worktree, ".context/spec.md", "DRAFT\n");
    world.write_in(&worktree, ".context/notes.md", "a thought\n");
    world.write_in(&worktree, ".context/plans/one.md", "a plan\n");
    world.write_in(&worktree, ".env", "KEY=typed\n");
    world.write_in(&worktree, "run.sh", "#!/bin/sh\n");
    fs::set_permissions(worktree.join("run.sh"), fs::Permissions::from_mode(0o755)).expect("mode");
    std::os::unix::fs::symlink(".env", worktree.join(".env.link")).expect("link");
    world.write_in(&worktree, "vendor/made", "made by a program\n");
    world.write_in(&worktree, "dump.big", &"x".repeat(2 << 20));
    let ended = world.orch(&["abandon", "7", "--reason", "not needed"]).ok();
    let left = "not kept, as git ignores it and it is large or a folder: dump.big, vendor/";
    assert!(ended.stderr.contains(left), "{}", ended.stderr);
    let show = world.orch(&["salvage", "show", "7"]).ok().stdout;
    assert!(show.contains("  .env  (ignored by git)"), "{show}");
    // No branch that is made of it carries them.
    let made = world.orch(&["salvage", "restore", "7", "--branch", "seven"]).ok();
    assert!(
        made.stderr.contains("files that git ignores are no part of it (6)"),
        "{}",
        made.stderr
    );
    assert!(!world.git(&["ls-tree", "-r", "--name-only", "seven"]).ok().stdout.contains(".env"));

    world.orch(&["undo", "7"]).ok();
    assert_eq!(read(&worktree, ".context/spec.md"), "DRAFT\n");
    assert_eq!(read(&worktree, ".context/notes.md"), "a thought\n");
    assert_eq!(read(&worktree, ".context/plans/one.md"), "a plan\n");
    assert_eq!(read(&worktree, ".env"), "KEY=typed\n");
    let mode = fs::metadata(worktree.join("run.sh")).expect("run.sh").permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
    assert_eq!(fs::read_link(worktree.join(".env.link")).expect("link"), Path::new(".env"));
    // The template that lay there was nobody's work.
    let names: Vec<_> = fs::read_dir(worktree.join(".context")).expect("folder").collect();
    assert_eq!(names.len(), 4, "{names:?}");
}

#[test]
fn a_template_in_which_nobody_wrote_is_not_kept() {
    let world = World::ready();
    opened(&world);
    world.orch(&["undo", "7"]).ok();
    assert_eq!(refs(&world, "refs/git-orch/salvage/"), Vec::<String>::new());
}

#[test]
fn an_opening_that_is_undone_and_an_archive_keep_ignored_files_too() {
    let world = World::ready();
    let worktree = opened(&world);
    world.write_in(&worktree, ".env", "KEY=typed\n");
    let undone = world.orch(&["undo", "7"]).ok();
    assert!(undone.stderr.contains("ignored files are kept (.env)"), "{}", undone.stderr);
    assert_eq!(refs(&world, "refs/git-orch/salvage/7/").len(), 1);
    world.orch(&["new-issue", "7", "--yes"]).ok();
    world.orch(&["salvage", "restore", "7"]).ok();
    assert_eq!(read(&worktree, ".env"), "KEY=typed\n");

    for (id, force) in [("81", &[][..]), ("82", &["--force"])] {
        let sealed = world.sealed(id);
        world.write_in(&sealed, ".env", "KEY=other\n");
        world.git(&["merge", "-q", "--no-edit", &format!("issue/{id}")]).ok();
        world.orch(&[&["archive", id], force].concat()).ok();
        let kept = refs(&world, &format!("refs/git-orch/salvage/{id}/"));
        assert_eq!(kept.len(), 1, "{kept:?}");
        let text = world.git(&["show", &format!("{}^2:.env", kept[0])]).ok().line();
        assert_eq!(text, "KEY=other");
    }
}

#[test]
fn a_checkpoint_holds_the_draft_and_is_made_at_every_change_of_a_task() {
    let world = World::ready();
    let worktree = opened(&world);
    world.write_in(&worktree, ".context/spec.md", "DRAFT\n");
    world.orch(&["task", "add", "--issue", "7", "one"]).ok();
    assert_eq!(refs(&world, "refs/git-orch/checkpoints/7/").len(), 1);
    // The same ignored files are not saved again.
    world.orch(&["task", "add", "--issue", "7", "two"]).ok();
    assert_eq!(refs(&world, "refs/git-orch/checkpoints/7/").len(), 1);
    world.write_in(&worktree, "half.txt", "half\n");
    world.orch(&["task", "drop", "--issue", "7", "1", "--reason", "not needed"]).ok();
    assert_eq!(refs(&world, "refs/git-orch/checkpoints/7/").len(), 2);
    world.write_in(&worktree, "half.txt", "more than half\n");
    world.orch(&["task", "reopen", "--issue", "7", "1"]).ok();
    assert_eq!(refs(&world, "refs/git-orch/checkpoints/7/").len(), 3);
    fs::remove_dir_all(&worktree).expect("removed");
    world.orch(&["new-issue", "7", "--yes"]).ok();
    let newest = refs(&world, "refs/git-orch/checkpoints/7/")[2].clone();
    world.orch(&["salvage", "restore", &newest]).ok();
    assert_eq!(read(&worktree, ".context/spec.md"), "DRAFT\n");
    assert_eq!(read(&worktree, "half.txt"), "more than half\n");
    // Again: it is there already.
    world.orch(&["salvage", "restore", &newest]).ok();
}

#[test]
fn what_is_too_much_for_a_checkpoint_is_said() {
    let world = World::ready();
    let worktree = opened(&world);
    large(&worktree.join("large.bin"));
    let said = world.orch(&["task", "add", "--issue", "7", "one"]).ok().stderr;
    let line = "what is uncommitted is not saved at this step: it is more than 64 MiB";
    assert!(said.contains(line), "{said}");
    assert_eq!(refs(&world, "refs/git-orch/checkpoints/"), Vec::<String>::new());
}

/// A file of 65 MiB that takes no room.
fn large(path: &Path) {
    let file = fs::File::create(path).expect("file");
    file.set_len(65 << 20).expect("length");
}

#[test]
fn ignored_files_in_the_way_of_what_comes_back_are_moved_aside() {
    let world = World::ready();
    let worktree = opened(&world);
    world.write_in(&worktree, "local.cfg", "kept\n");
    world.write_in(&worktree, ".context/notes.md", "kept notes\n");
    world.write_in(&worktree, "out/file", "kept too\n");
    world.orch(&["task", "add", "--issue", "7", "one"]).ok();
    fs::remove_dir_all(&worktree).expect("removed");
    world.orch(&["new-issue", "7", "--yes"]).ok();
    // By now they are ignored, and say something else; and where a folder was there is a file.
    let exclude = world.repo.join(".git/info/exclude");
    let before = fs::read_to_string(&exclude).expect("exclude");
    fs::write(&exclude, format!("{before}local.cfg\nout\n")).expect("exclude");
    world.write_in(&worktree, "local.cfg", "typed since\n");
    world.write_in(&worktree, "out", "typed since, a file\n");
    world.write_in(&worktree, ".context/notes.md", "notes since\n");
    let said = world.orch(&["salvage", "restore", "7"]).ok().stderr;
    assert_eq!(read(&worktree, "local.cfg"), "kept\n");
    assert_eq!(read(&worktree, "out/file"), "kept too\n");
    assert_eq!(read(&worktree, ".context/notes.md"), "kept notes\n");
    let mut aside: Vec<PathBuf> = said
        .lines()
        .filter_map(|line| line.split_once(" is kept as ").map(|(_, place)| worktree.join(place)))
        .collect();
    aside.sort();
    let texts: Vec<String> =
        aside.iter().map(|path| fs::read_to_string(path).expect("aside")).collect();
    assert_eq!(texts, ["notes since\n", "typed since\n", "typed since, a file\n"], "{said}");
}

#[test]
fn what_was_typed_since_a_restore_was_killed_is_saved_however_much_it_is() {
    let world = World::ready();
    let worktree = world.in_execute("7");
    world.write_in(&worktree, "half.txt", "half\n");
    world.orch(&["task", "add", "--issue", "7", "one"]).ok();
    fs::remove_file(worktree.join("half.txt")).expect("removed");
    let intents = world.repo.join(".git/git-orch/intents");
    fs::create_dir_all(&intents).expect("folder");
    let name = "refs/git-orch/checkpoints/7/0";
    fs::write(intents.join("salvage-7.json"), format!("\"{name}\"\n")).expect("intent");
    world.write_in(&worktree, "README.md", "typed since\n");
    large(&worktree.join("large.bin"));
    world.orch(&["salvage", "restore", name]).ok();
    assert_eq!(read(&worktree, "half.txt"), "half\n");
    let saved = refs(&world, "refs/git-orch/checkpoints/7/");
    assert_eq!(saved.len(), 2, "{saved:?}");
    assert_eq!(world.git(&["show", &format!("{}:README.md", saved[1])]).ok().line(), "typed since");
}

#[test]
fn changes_that_git_was_told_not_to_look_at_are_refused_and_kept() {
    for option in ["--assume-unchanged", "--skip-worktree"] {
        let world = World::ready();
        let worktree = opened(&world);
        world.git_in(&worktree, &["update-index", option, "README.md"]).ok();
        world.orch(&["task", "add", "--issue", "7", "one"]).ok();
        assert_eq!(refs(&world, "refs/git-orch/checkpoints/"), Vec::<String>::new());
        world.write_in(&worktree, "README.md", "typed\n");
        world.orch(&["task", "add", "--issue", "7", "two"]).ok();
        assert_eq!(refs(&world, "refs/git-orch/checkpoints/").len(), 1, "{option}");
        world.orch(&["undo", "7"]).ok();
        world.orch(&["undo", "7"]).ok();
        let refused = world.orch(&["undo", "7"]).code(1).stderr;
        assert!(refused.contains("git was told not to look at: README.md"), "{refused}");
        let fix = refused.lines().find_map(|l| l.trim().strip_prefix("fix: ")).expect("a fix");
        world.orch(&["abandon", "7", "--reason", "not needed"]).ok();
        let kept = refs(&world, "refs/git-orch/salvage/7/")[0].clone();
        assert_eq!(world.git(&["show", &format!("{kept}:README.md")]).ok().line(), "typed");
        world.orch(&["undo", "7"]).ok();
        assert_eq!(read(&worktree, "README.md"), "typed\n");
        world.sh(&world.repo, fix).ok();
    }
}

#[test]
fn line_endings_and_what_is_to_be_added_come_back_as_they_were() {
    let world = World::ready();
    world.write(".gitattributes", "* text=auto\n");
    world.commit(&world.repo, "Convert line endings");
    let worktree = opened(&world);
    world.write_in(&worktree, "README.md", "one\r\ntwo\r\n");
    world.write_in(&worktree, "new.txt", "three\r\n");
    world.write_in(&worktree, "later.txt", "four\n");
    world.git_in(&worktree, &["add", "--intent-to-add", "later.txt"]).ok();
    let before = world.git_in(&worktree, &["status", "--porcelain"]).ok().stdout;
    assert!(before.contains(" A later.txt"), "{before}");
    world.orch(&["abandon", "7", "--reason", "not needed"]).ok();
    let show = world.orch(&["salvage", "show", "7"]).ok().stdout;
    assert!(!show.contains("ignored"), "{show}");
    world.orch(&["undo", "7"]).ok();
    assert_eq!(read(&worktree, "README.md"), "one\r\ntwo\r\n");
    assert_eq!(read(&worktree, "new.txt"), "three\r\n");
    assert_eq!(world.git_in(&worktree, &["status", "--porcelain"]).ok().stdout, before);
    assert!(
        !worktree
            .join(".context")
            .read_dir()
            .expect("folder")
            .flatten()
            .any(|entry| { entry.file_name().to_string_lossy().starts_with("before") })
    );
    // Again: it is there already.
    world.orch(&["salvage", "restore", "7"]).ok();
}

#[test]
fn a_conflict_and_what_is_staged_beside_it_come_back_as_they_were() {
    let world = World::ready();
    let worktree = opened(&world);
    world.write_in(&worktree, "README.md", "stashed\n");
    world.git_in(&worktree, &["stash", "-q"]).ok();
    world.write_in(&worktree, "README.md", "committed\n");
    world.commit(&worktree, "Go another way");
    world.git_in(&worktree, &["stash", "pop", "-q"]).code(1);
    world.write_in(&worktree, "staged.txt", "staged\n");
    world.git_in(&worktree, &["add", "staged.txt"]).ok();
    world.write_in(&worktree, "staged.txt", "typed since\n");
    let look = || {
        let status = world.git_in(&worktree, &["status", "--porcelain"]).ok().stdout;
        status + &world.git_in(&worktree, &["ls-files", "--stage"]).ok().stdout
    };
    let before = look();
    assert!(before.contains("UU README.md") && before.contains("AM staged.txt"), "{before}");
    world.orch(&["abandon", "7", "--reason", "not needed"]).ok();
    world.git(&["stash", "drop", "-q"]).ok();
    world.git(&["-c", "gc.reflogExpire=now", "gc", "-q", "--prune=now"]).ok();
    world.orch(&["undo", "7"]).ok();
    assert_eq!(look(), before);
    assert!(read(&worktree, "README.md").contains("<<<<<<<"));
    assert_eq!(read(&worktree, "staged.txt"), "typed since\n");
    world.git_in(&worktree, &["show", ":3:README.md"]).ok();
    // Again: it is there already.
    world.orch(&["salvage", "restore", "7"]).ok();
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_no_change() {
    let world = World::ready();
    world.write("far/away.txt", "far\n");
    let worktree = opened(&world);
    world.git_in(&worktree, &["sparse-checkout", "set", "near"]).ok();
    assert!(!worktree.join("far").exists());
    world.write_in(&worktree, "near/half.txt", "half\n");
    world.orch(&["abandon", "7", "--reason", "not needed"]).ok();
    let kept = refs(&world, "refs/git-orch/salvage/7/")[0].clone();
    assert_eq!(world.git(&["show", &format!("{kept}:far/away.txt")]).ok().line(), "far");
    assert_eq!(world.git(&["show", &format!("{kept}:near/half.txt")]).ok().line(), "half");
}
