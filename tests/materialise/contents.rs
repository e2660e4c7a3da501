//! What a tree may hold.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use crate::world::{World, copied};

#[test]
fn plain_files_are_copied() {
    let world = World::new();
    world.write("a", "one\n");
    world.write("b", "two\n");
    world.commit();
    assert_eq!(world.check("HEAD"), copied(2, 0));
}

#[test]
fn an_empty_tree_is_nothing_to_do() {
    let world = World::new();
    world.commit();
    assert_eq!(world.check("HEAD"), copied(0, 0));
}

#[test]
fn programs_stay_executable() {
    let world = World::new();
    world.write("run", "#!/bin/sh\n");
    world.write("plain", "#!/bin/sh\n");
    world.make_executable("run");
    world.commit();
    assert_eq!(world.check("HEAD"), copied(2, 0));
}

#[test]
fn links_stay_links() {
    let world = World::new();
    world.write("folder/file", "x");
    world.link("to-file", "folder/file");
    world.link("to-folder", "folder");
    world.link("to-nothing", "nowhere/at all");
    world.link("outside", "/etc/passwd");
    world.commit();
    assert_eq!(world.check("HEAD"), copied(5, 0));
}

#[test]
fn empty_files_are_copied() {
    let world = World::new();
    world.write("empty", "");
    world.write("folder/empty", "");
    world.commit();
    assert_eq!(world.check("HEAD"), copied(2, 0));
}

#[test]
fn folders_in_folders_are_made() {
    let world = World::new();
    // Names that sort between a folder and what is in it.
    for path in ["a/b/c/d/e/f", "a/b-x", "a/b/c", "a.b", "a-/x", "a0/b/c/d", "z/y/x", "z/y.x"] {
        if path != "a/b/c" {
            world.write(path, path);
        }
    }
    world.commit();
    assert_eq!(world.check("HEAD"), copied(7, 0));
}

#[test]
fn a_folder_of_many_files_is_shared_out() {
    let world = World::new();
    for n in 0..700 {
        world.write(&format!("many/{n}"), format!("{n}\n"));
        world.write(&format!("deep/{}/{}/{n}", n % 7, n % 3), format!("{n}\n"));
    }
    world.commit();
    assert_eq!(world.check("HEAD"), copied(1400, 0));
}

#[test]
fn names_may_hold_any_bytes() {
    let world = World::new();
    for path in ["with space", "ä/ö ü", "日本", "quo\"te", "back\\slash", "line\nbreak", "-dash"]
    {
        world.write(path, path);
    }
    fs::write(world.main().join(OsStr::from_bytes(b"latin-\xe4")), "x").unwrap();
    world.write(&format!("long/{}", "n".repeat(250)), "x");
    world.commit();
    assert_eq!(world.check("HEAD"), copied(9, 0));
}

#[test]
fn a_name_longer_than_an_entry_can_count_is_read() {
    let world = World::new();
    world.write("a", "x");
    world.write("z", "x");
    world.commit();
    let blob = world.git(&["rev-parse", "HEAD:a"]);
    // The flags of an entry hold lengths up to 4095.
    for length in [4094, 4095, 4096, 5000] {
        let name = format!("{}x", "d/".repeat(length / 2 - 1));
        let name = format!("{name:n<length$}");
        let info = format!("100644,{},{name}", blob.trim_end());
        world.git(&["update-index", "--add", "--cacheinfo", &info]);
    }
    assert_eq!(world.check("HEAD"), copied(2, 0));
}

#[test]
fn large_files_are_copied() {
    let world = World::new();
    let bytes: Vec<u8> = (0..700_000_u32).flat_map(|n| (n % 251).to_le_bytes()).collect();
    for (name, size) in [("under", 131_071), ("at", 131_072), ("over", 131_073), ("far", 2_800_000)]
    {
        world.write(&format!("large/{name}"), &bytes[..size]);
    }
    world.write("small", "x");
    world.commit();
    assert_eq!(world.check("HEAD"), copied(5, 0));
}

#[test]
fn a_submodule_is_an_empty_folder() {
    let inner = World::new();
    inner.write("inside", "x");
    inner.commit();
    let world = World::new();
    world.write("a", "x");
    let path = inner.main().to_string_lossy().into_owned();
    world.git(&["submodule", "--quiet", "add", &path, "folder/sub"]);
    world.commit();
    // Neither may this setting fill it: `git worktree add` does not.
    world.git(&["config", "submodule.recurse", "true"]);
    assert_eq!(world.check("HEAD"), copied(3, 0));
    assert_eq!(fs::read_dir(world.beside("target/folder/sub")).unwrap().count(), 0);
}
