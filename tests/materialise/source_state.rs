//! The worktree copied from may be in any state; none of it shows in the new one.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::world::{World, copied};

/// Three files in two folders.
fn three() -> World {
    let world = World::new();
    world.write("a", "one\n");
    world.write("folder/b", "two\n");
    world.write("folder/c", "three\n");
    world.commit();
    world
}

#[test]
fn a_changed_file_is_written_by_git() {
    let world = three();
    world.write("a", "changed, and longer\n");
    assert_eq!(world.check("HEAD"), copied(2, 1));
    assert_eq!(fs::read_to_string(world.main().join("a")).unwrap(), "changed, and longer\n");
}

#[test]
fn a_change_that_git_cannot_see_by_stat_data_is_seen() {
    let world = three();
    // Same size, same mtime: all that git would look at, the change time aside.
    let file = fs::File::open(world.main().join("a")).unwrap();
    let before = file.metadata().unwrap().modified().unwrap();
    world.write("a", "ONE\n");
    file.set_modified(before).unwrap();
    assert_eq!(world.check("HEAD"), copied(2, 1));
}

#[test]
fn a_deleted_file_or_folder_is_written_by_git() {
    let world = three();
    fs::remove_file(world.main().join("a")).unwrap();
    assert_eq!(world.check("HEAD"), copied(2, 1));
    let world = three();
    fs::remove_dir_all(world.main().join("folder")).unwrap();
    assert_eq!(world.check("HEAD"), copied(1, 2));
}

#[test]
fn a_file_that_became_something_else_is_written_by_git() {
    let world = three();
    fs::remove_file(world.main().join("a")).unwrap();
    world.link("a", "folder/b");
    fs::remove_file(world.main().join("folder/b")).unwrap();
    fs::create_dir(world.main().join("folder/b")).unwrap();
    fs::remove_file(world.main().join("folder/c")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, world.main().join("folder/c"), 0o644.into()).unwrap();
    assert_eq!(world.check("HEAD"), copied(0, 3));
}

#[test]
fn a_folder_that_became_a_link_is_not_followed() {
    let world = three();
    fs::rename(world.main().join("folder"), world.beside("elsewhere")).unwrap();
    world.link("folder", "../elsewhere");
    assert_eq!(world.check("HEAD"), copied(1, 2));
}

#[test]
fn the_executable_bit_of_the_source_has_no_say() {
    let world = three();
    world.make_executable("a");
    assert_eq!(world.check("HEAD"), copied(3, 0));
}

#[test]
fn staged_changes_stay_where_they_are() {
    let world = three();
    world.write("a", "staged\n");
    world.write("new", "staged\n");
    world.git(&["add", "a", "new"]);
    world.git(&["rm", "--quiet", "--cached", "folder/b"]);
    assert_eq!(world.check("HEAD"), copied(1, 2));
}

#[test]
fn untracked_and_ignored_files_are_not_copied() {
    let world = three();
    world.write(".gitignore", "*.log\n");
    world.commit();
    world.write("untracked", "x");
    world.write("folder/x.log", "x");
    world.write("alone/y", "x");
    assert_eq!(world.check("HEAD"), copied(4, 0));
}

#[test]
fn another_commit_takes_what_is_the_same() {
    let world = three();
    world.write("folder/b", "second\n");
    world.write("d", "new\n");
    fs::remove_file(world.main().join("a")).unwrap();
    world.write("a/now/a/folder", "x");
    world.commit();
    assert_eq!(world.check("HEAD~1"), copied(1, 2));
}

#[test]
fn a_linked_worktree_can_be_the_source() {
    let world = three();
    world.write("folder/b", "second\n");
    world.commit();
    let path = world.beside("linked").to_string_lossy().into_owned();
    world.git(&["worktree", "add", "--quiet", "--detach", &path, "HEAD~1"]);
    let target = world.register("target", "HEAD~1");
    let report = world.fill(&world.beside("linked"), &target).unwrap();
    assert_eq!(report, copied(3, 0));
    world.compare(&target, "HEAD~1");
}

#[test]
fn a_filled_worktree_can_be_the_source_of_the_next() {
    let world = three();
    let first = world.register("first", "HEAD");
    world.fill(&world.main(), &first).unwrap();
    let target = world.register("target", "HEAD");
    assert_eq!(world.fill(&first, &target).unwrap(), copied(3, 0));
    world.compare(&target, "HEAD");
}

#[test]
fn promises_about_the_source_are_not_believed() {
    let world = three();
    world.git(&["update-index", "--assume-unchanged", "a"]);
    world.git(&["update-index", "--skip-worktree", "folder/b"]);
    world.write("a", "ONE\n");
    world.write("folder/b", "TWO\n");
    assert_eq!(world.check("HEAD"), copied(1, 2));
}

#[test]
fn flags_of_the_source_are_not_copied() {
    let world = three();
    world.git(&["update-index", "--assume-unchanged", "a"]);
    assert_eq!(world.check("HEAD"), copied(3, 0));
}

#[test]
fn an_intent_to_add_is_not_copied() {
    let world = three();
    world.write("meant", "");
    world.git(&["add", "--intent-to-add", "meant"]);
    assert_eq!(world.check("HEAD"), copied(3, 0));
}

#[test]
fn a_merge_with_conflicts_stays_where_it_is() {
    let world = three();
    world.git(&["checkout", "--quiet", "-b", "other"]);
    world.write("folder/b", "theirs\n");
    world.commit();
    world.git(&["checkout", "--quiet", "main"]);
    world.write("folder/b", "ours\n");
    world.commit();
    let failed = std::panic::catch_unwind(|| world.git(&["merge", "--quiet", "other"]));
    assert!(failed.is_err(), "the merge was to conflict");
    assert_eq!(world.check("HEAD"), copied(2, 1));
}

#[test]
fn files_as_young_as_the_index_are_copied_when_they_are_right() {
    let world = three();
    // All within a second of the index, as after a clone: git itself cannot tell by stat data.
    world.write("folder/b", "TWO\n");
    world.git(&["add", "--all"]);
    world.write("folder/b", "two\n");
    assert_eq!(world.check("HEAD"), copied(2, 1));
    let world = three();
    world.git(&["add", "--all"]);
    world.write("folder/b", "TWO\n");
    assert_eq!(world.check("HEAD"), copied(2, 1));
}

#[test]
fn a_file_that_changes_meanwhile_is_never_called_clean() {
    let world = World::new();
    let (right, wrong) = (vec![b'r'; 200_000], vec![b'w'; 200_000]);
    for n in 0..20 {
        world.write(&format!("large/{n}"), &right);
        world.write(&format!("small/{n}"), &right[..3000]);
    }
    world.commit();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                for n in 0..20 {
                    for bytes in [&wrong, &right] {
                        world.write(&format!("large/{n}"), bytes);
                        world.write(&format!("small/{n}"), &bytes[..3000]);
                    }
                }
            }
        });
        let targets: Vec<_> =
            (0..5).map(|n| world.register(&format!("target{n}"), "HEAD")).collect();
        let done: Vec<_> =
            targets.iter().map(|target| world.fill(&world.main(), target).is_ok()).collect();
        over.store(true, Ordering::Relaxed);
        assert_eq!(done, [true; 5]);
    });
    for n in 0..5 {
        let target = world.beside(&format!("target{n}"));
        for file in 0..20 {
            let read = |folder| fs::read(target.join(format!("{folder}/{file}"))).unwrap();
            assert!(read("large") == right && read("small") == right[..3000], "{file}");
        }
        assert_eq!(world.git_in(&target, &["status", "--porcelain"]), "");
    }
}
