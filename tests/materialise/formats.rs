//! Repositories and index files of every format.

use std::fs;

use crate::world::{World, by_git_alone, copied};

fn fill_with_files(world: &World) {
    for path in ["a", "folder/b", "folder/bc", "folder/deeper/c", "d"] {
        world.write(path, path);
    }
    world.commit();
}

#[test]
fn sha256_repositories_are_copied_too() {
    let world = World::with(&["--object-format=sha256"]);
    fill_with_files(&world);
    world.write("a", "dirty");
    assert_eq!(world.check("HEAD"), copied(4, 1));
}

#[test]
fn reftable_repositories_are_copied_too() {
    let world = World::new();
    let probe = std::panic::catch_unwind(|| World::with(&["--ref-format=reftable"]));
    drop(world);
    // git before 2.45 knows no other format than files.
    let Ok(world) = probe else { return };
    fill_with_files(&world);
    assert_eq!(world.check("HEAD"), copied(5, 0));
}

#[test]
fn every_version_of_the_index_is_read() {
    for version in ["2", "3", "4"] {
        let world = World::new();
        fill_with_files(&world);
        world.git(&["update-index", "--index-version", version]);
        assert_eq!(world.check("HEAD"), copied(5, 0), "version {version}");
        world.write("e", "x");
        world.commit();
        let target = world.register("second", "HEAD~1");
        assert_eq!(world.fill(&world.main(), &target).unwrap(), copied(5, 0));
        assert_eq!(world.git_in(&target, &["status", "--porcelain"]), "");
    }
}

#[test]
fn a_version_that_is_set_for_the_repository_is_read() {
    let world = World::new();
    world.git(&["config", "index.version", "4"]);
    fill_with_files(&world);
    world.write("e", "x");
    world.commit();
    assert_eq!(world.check("HEAD~1"), copied(5, 0));
}

#[test]
fn an_index_without_checksum_is_read() {
    let world = World::new();
    world.git(&["config", "index.skipHash", "true"]);
    fill_with_files(&world);
    assert_eq!(world.check("HEAD"), copied(5, 0));
}

#[test]
fn caches_of_the_source_are_left_behind() {
    let world = World::new();
    world.git(&["config", "core.untrackedCache", "true"]);
    world.git(&["config", "index.threads", "2"]);
    fill_with_files(&world);
    world.git(&["update-index", "--untracked-cache"]);
    world.git(&["status"]);
    assert_eq!(world.check("HEAD"), copied(5, 0));
}

#[test]
fn an_index_without_cached_trees_is_read() {
    let world = World::new();
    fill_with_files(&world);
    fs::remove_file(world.main().join(".git/index")).unwrap();
    world.git(&["add", "--all"]);
    assert_eq!(world.check("HEAD"), copied(5, 0));
}

#[test]
fn a_split_index_is_left_to_git() {
    let world = World::new();
    fill_with_files(&world);
    world.git(&["update-index", "--split-index"]);
    assert!(by_git_alone(world.check("HEAD")));
}

#[test]
fn a_setting_that_splits_every_index_is_no_obstacle() {
    let world = World::new();
    fill_with_files(&world);
    world.write("e", "x");
    world.commit();
    world.git(&["config", "core.splitIndex", "true"]);
    assert_eq!(world.check("HEAD~1"), copied(5, 0));
}

#[test]
fn a_missing_or_damaged_index_is_left_to_git() {
    for damage in 0..4 {
        let world = World::new();
        fill_with_files(&world);
        let index = world.main().join(".git/index");
        let mut bytes = fs::read(&index).unwrap();
        match damage {
            0 => bytes.truncate(bytes.len() / 2),
            1 => bytes[60] ^= 1,
            2 => bytes.clear(),
            _ => bytes[7] = 9,
        }
        fs::write(&index, bytes).unwrap();
        let target = world.register("target", "HEAD");
        assert!(by_git_alone(world.fill(&world.main(), &target).unwrap()));
        assert_eq!(world.git_in(&target, &["status", "--porcelain"]), "");
    }
}

/// Puts `new` in place of `old` in the index of the main worktree, without a checksum.
fn forge(world: &World, old: &[u8], new: &[u8]) {
    let index = world.main().join(".git/index");
    let mut bytes = fs::read(&index).unwrap();
    let at = bytes.windows(old.len()).position(|window| window == old).unwrap();
    bytes[at..at + old.len()].copy_from_slice(new);
    let end = bytes.len();
    bytes[end - 20..].fill(0);
    fs::write(&index, bytes).unwrap();
}

#[test]
fn names_that_lead_elsewhere_are_not_followed() {
    for name in [b"../x", b".git", b".GiT", b"/abc", b"a//b", b"./ab"] {
        let world = World::new();
        world.write("name", "x");
        world.write("other", "y");
        world.commit();
        let elsewhere = world.beside("x");
        fs::write(&elsewhere, "mine").unwrap();
        forge(&world, b"name", name);
        let target = world.register("target", "main");
        assert!(by_git_alone(world.fill(&world.main(), &target).unwrap()), "{name:?}");
        assert_eq!(world.git_in(&target, &["status", "--porcelain"]), "");
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "mine");
    }
}

#[test]
fn a_file_below_a_link_is_not_written_through_it() {
    let world = World::new();
    let elsewhere = world.beside("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let shown = elsewhere.to_string_lossy().into_owned();
    world.link("a", &shown);
    world.write("bx", "x");
    world.commit();
    // An index in which `a` is a link and `a/` a folder: git writes none such.
    world.write("zz/x", "x");
    world.commit();
    forge(&world, b"zz/x", b"a\x2fxx");
    let target = world.register("target", "main");
    let _ = world.fill(&world.main(), &target);
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}
