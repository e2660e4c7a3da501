//! The target may be half filled, or may not be fillable.

use std::fs;

use git_orch::git::materialise::MaterialiseError;

use crate::world::{World, copied};

fn files(count: usize) -> World {
    let world = World::new();
    for n in 0..count {
        world.write(&format!("{}/{n}", n % 5), format!("{n}\n"));
    }
    world.commit();
    world
}

#[test]
fn filling_again_finishes_a_half_filled_worktree() {
    for count in [20, 900] {
        let world = files(count);
        let target = world.register("target", "HEAD");
        world.fill(&world.main(), &target).unwrap();
        for n in 0..count / 4 {
            let path = target.join(format!("{}/{n}", n % 5));
            match n % 4 {
                0 => fs::remove_file(path).unwrap(),
                1 => fs::write(path, "half").unwrap(),
                2 => fs::write(path, "").unwrap(),
                _ => {}
            }
        }
        fs::remove_file(world.git_dir(&target).join("index")).unwrap();
        world.fill(&world.main(), &target).unwrap();
        world.compare(&target, "HEAD");
    }
}

#[test]
fn filling_twice_changes_nothing() {
    let world = files(20);
    let target = world.register("target", "HEAD");
    world.fill(&world.main(), &target).unwrap();
    assert_eq!(world.fill(&world.main(), &target).unwrap(), copied(0, 20));
    world.compare(&target, "HEAD");
}

#[test]
fn a_link_in_the_target_is_not_followed() {
    let world = files(20);
    let target = world.register("target", "HEAD");
    let elsewhere = world.beside("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, target.join("1")).unwrap();
    std::os::unix::fs::symlink(elsewhere.join("new"), target.join("2")).unwrap();
    world.fill(&world.main(), &target).unwrap();
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
    world.compare(&target, "HEAD");
}

#[test]
fn a_locked_index_is_an_error() {
    let world = files(3);
    let target = world.register("target", "HEAD");
    let lock = world.git_dir(&target).join("index.lock");
    fs::write(&lock, "").unwrap();
    let error = world.fill(&world.main(), &target).unwrap_err();
    assert!(matches!(error, MaterialiseError::Index { .. }), "{error}");
    assert!(lock.exists(), "the lock of somebody else was removed");
}

#[test]
fn a_missing_source_is_left_to_git() {
    let world = files(3);
    let target = world.register("target", "HEAD");
    for n in 0..3 {
        fs::remove_dir_all(world.main().join(format!("{n}"))).unwrap();
    }
    assert_eq!(world.fill(&world.main(), &target).unwrap(), copied(0, 3));
    world.compare(&target, "HEAD");
}
