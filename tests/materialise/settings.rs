//! Settings and attributes under which git writes something other than the blob.

use std::fs;

use crate::world::{World, by_git_alone, copied};

/// A repository whose files were committed before `config` was set.
fn configured(config: &[(&str, &str)]) -> World {
    let world = World::new();
    world.write("unix.txt", "one\ntwo\n");
    world.write("folder/unix.txt", "three\n");
    world.commit();
    for (key, value) in config {
        world.git(&["config", key, value]);
    }
    world
}

#[test]
fn autocrlf_is_left_to_git() {
    let world = configured(&[("core.autocrlf", "true")]);
    // The source is clean and has no carriage return; a checkout has.
    assert!(by_git_alone(world.check("HEAD")));
    assert_eq!(fs::read(world.beside("target/unix.txt")).unwrap(), b"one\r\ntwo\r\n");
}

#[test]
fn carriage_returns_that_only_the_source_has_are_not_copied() {
    let world = configured(&[("core.autocrlf", "input")]);
    world.write("dos.txt", "one\r\ntwo\r\n");
    world.commit();
    assert_eq!(world.git(&["status", "--porcelain"]), "");
    assert_eq!(world.check("HEAD"), copied(2, 1));
    assert_eq!(fs::read(world.beside("target/dos.txt")).unwrap(), b"one\ntwo\n");
}

#[test]
fn line_endings_by_attribute_are_left_to_git() {
    let world = configured(&[]);
    world.write(".gitattributes", "*.bat eol=crlf\n*.txt text eol=lf\n");
    world.write("x.bat", "one\n");
    world.commit();
    assert_eq!(world.check("HEAD"), copied(3, 1));
    assert_eq!(fs::read(world.beside("target/x.bat")).unwrap(), b"one\r\n");
}

#[test]
fn the_attributes_of_the_tree_count_and_not_those_of_the_source() {
    let world = configured(&[]);
    world.write(".gitattributes", "*.txt eol=crlf\n");
    world.write("other", "x");
    world.commit();
    // Dirty on purpose: the new worktree has the committed one.
    world.write(".gitattributes", "");
    assert_eq!(world.check("HEAD"), copied(1, 3));
    let world = configured(&[]);
    world.write(".gitattributes", "*.txt eol=crlf\n");
    world.commit();
    assert_eq!(world.check("HEAD~1"), copied(2, 0));
}

#[test]
fn attributes_from_outside_the_tree_count() {
    let world = configured(&[]);
    fs::create_dir_all(world.main().join(".git/info")).unwrap();
    fs::write(world.main().join(".git/info/attributes"), "unix.txt eol=crlf\n").unwrap();
    assert_eq!(world.check("HEAD"), copied(0, 2));
    let world = configured(&[]);
    fs::create_dir_all(world.beside("home/.config/git")).unwrap();
    fs::write(world.beside("home/.config/git/attributes"), "/unix.txt eol=crlf\n").unwrap();
    assert_eq!(world.check("HEAD"), copied(1, 1));
}

#[test]
fn a_filter_is_left_to_git() {
    let world =
        configured(&[("filter.upper.clean", "tr A-Z a-z"), ("filter.upper.smudge", "tr a-z A-Z")]);
    world.write(".gitattributes", "*.up filter=upper\n*.x filter=unknown\n");
    world.write("word.up", "WORD\n");
    world.write("same.up", "123\n");
    world.write("large.up", vec![b'Q'; 300_000]);
    world.write("plain.x", "x\n");
    world.commit();
    assert_eq!(world.check("HEAD"), copied(4, 3));
    assert_eq!(fs::read(world.beside("target/word.up")).unwrap(), b"WORD\n");
}

#[test]
fn a_filter_set_later_is_applied() {
    let world = configured(&[]);
    world.write(".gitattributes", "*.txt filter=upper\n");
    world.commit();
    world.git(&["config", "filter.upper.clean", "tr A-Z a-z"]);
    world.git(&["config", "filter.upper.smudge", "tr a-z A-Z"]);
    let target = world.register("target", "HEAD");
    world.fill(&world.main(), &target).unwrap();
    assert_eq!(fs::read(target.join("unix.txt")).unwrap(), b"ONE\nTWO\n");
    world.compare(&target, "HEAD");
}

#[test]
fn many_filtered_files_are_written_in_one_go() {
    let world =
        configured(&[("filter.upper.smudge", "tr a-z A-Z"), ("filter.upper.clean", "tr A-Z a-z")]);
    world.write(".gitattributes", "*.up filter=upper\n");
    for n in 0..600 {
        world.write(&format!("f/{n}.up"), "WORD\n");
    }
    world.commit();
    assert_eq!(world.check("HEAD"), copied(3, 600));
}

#[test]
fn a_filter_that_fails_is_an_error() {
    let world = configured(&[]);
    world.write(".gitattributes", "*.txt filter=broken\n");
    world.commit();
    world.git(&["config", "filter.broken.smudge", "false"]);
    world.git(&["config", "filter.broken.required", "true"]);
    let target = world.register("target", "HEAD");
    let error = world.fill(&world.main(), &target).unwrap_err();
    assert!(error.to_string().contains("broken"), "{error}");
}

#[test]
fn ident_and_encodings_are_left_to_git() {
    let world = configured(&[]);
    world.write(".gitattributes", "id ident\nwide working-tree-encoding=UTF-16LE\n");
    world.write("id", "$Id$\n");
    world.write("wide", b"w\0i\0d\0e\0\n\0");
    world.commit();
    assert_eq!(world.check("HEAD"), copied(3, 2));
    assert_eq!(fs::read(world.beside("target/wide")).unwrap(), b"w\0i\0d\0e\0\n\0");
}

#[test]
fn links_that_are_to_be_files_are_left_to_git() {
    let world = configured(&[]);
    world.link("link", "unix.txt");
    world.commit();
    world.git(&["config", "core.symlinks", "false"]);
    assert!(by_git_alone(world.check("HEAD")));
}

#[test]
fn a_sparse_checkout_is_left_to_git() {
    let world = configured(&[]);
    world.git(&["sparse-checkout", "set", "--cone", "folder"]);
    assert!(by_git_alone(world.check("HEAD")));
    let world = configured(&[]);
    world.write("other/x", "x");
    world.commit();
    world.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "folder"]);
    assert!(by_git_alone(world.check("HEAD")));
    assert!(!world.beside("target/other").exists());
}

#[test]
fn umask_and_permissions_are_those_of_a_checkout() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let world = configured(&[]);
    let odd = fs::Permissions::from_mode(0o640);
    fs::set_permissions(world.main().join("unix.txt"), odd).unwrap();
    world.check("HEAD");
    let mode = |folder: &str| fs::metadata(world.beside(folder)).unwrap().mode();
    assert_eq!(mode("target/unix.txt"), mode("reference/unix.txt"));
    assert_eq!(mode("target/folder"), mode("reference/folder"));
}
