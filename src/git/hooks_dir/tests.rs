#![expect(clippy::disallowed_methods, reason = "tests write and read files themselves")]
//! Stops installation and removal after each of their steps and goes on either way from there.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

/// A common directory, with what git would say of `core.hooksPath` kept in a value.
struct World {
    top: tempfile::TempDir,
    hooks_path: Option<PathBuf>,
}

impl World {
    fn new(setup: impl Fn(&Path), hooks_path: Option<&str>) -> Self {
        let top = tempfile::tempdir().unwrap();
        setup(top.path());
        Self { top, hooks_path: hooks_path.map(PathBuf::from) }
    }

    fn lookup(&self) -> Lookup {
        let setting = |path: &PathBuf| Setting {
            scope: Scope::Local,
            raw: path.clone().into_os_string(),
            path: path.clone(),
        };
        let common_dir = self.top.path().canonicalize().unwrap();
        Lookup { common_dir, top: None, settings: self.hooks_path.iter().map(setting).collect() }
    }

    /// Performs the first `count` of `changes`, all if there are fewer.
    fn perform(&mut self, changes: &[Change], count: usize) {
        let mut value = self.hooks_path.clone();
        let mut set = |new: Option<&OsStr>| {
            value = new.map(PathBuf::from);
            Ok(())
        };
        change::perform(&changes[..count.min(changes.len())], &mut set).unwrap();
        self.hooks_path = value;
    }

    fn install(&mut self, count: usize) -> usize {
        let changes = plan(&self.lookup(), &settings()).unwrap();
        self.perform(&changes, count);
        changes.len()
    }

    fn uninstall(&mut self, count: usize) -> usize {
        let changes = plan_removal(&self.lookup()).unwrap();
        self.perform(&changes, count);
        changes.len()
    }

    /// Every file with its content, and the setting.
    fn all(&self) -> (Vec<(PathBuf, Vec<u8>)>, Option<PathBuf>) {
        let mut files = Vec::new();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(self.top.path().join(&folder)).unwrap() {
                let entry = entry.unwrap();
                let name = folder.join(entry.file_name());
                if entry.file_type().unwrap().is_dir() {
                    folders.push(name.clone());
                    files.push((name, Vec::new()));
                } else {
                    files.push((name, fs::read(entry.path()).unwrap()));
                }
            }
        }
        files.sort();
        (files, self.hooks_path.clone())
    }

    fn stands(&self) -> bool {
        let found = inspect(&self.lookup(), &settings()).unwrap();
        let current = State::Ours { current: true };
        found.outdated.is_empty() && found.hooks.iter().all(|(_, state)| *state == current)
    }
}

fn settings() -> ShimSettings {
    ShimSettings {
        program: "/usr/bin/git-orch".into(),
        issue_prefix: "issue/".into(),
        protected: vec!["main".into()],
        ignore_case: false,
        hooks: Hook::ALL.to_vec(),
    }
}

#[test]
fn every_step_can_be_the_last() {
    let empty = |_: &Path| {};
    let mine = |top: &Path| {
        fs::create_dir(top.join("hooks")).unwrap();
        fs::write(top.join("hooks/pre-push"), "mine").unwrap();
    };
    let theirs = |top: &Path| {
        mine(top);
        fs::create_dir(top.join("theirs")).unwrap();
        fs::write(top.join("theirs/push-to-checkout"), "theirs").unwrap();
    };
    stop_everywhere(|| World::new(empty, None));
    stop_everywhere(|| World::new(mine, None));
    stop_everywhere(|| World::new(theirs, Some("theirs")));
    // Another folder since the first installation.
    stop_everywhere(|| {
        let mut world = World::new(theirs, None);
        world.install(usize::MAX);
        world.hooks_path = Some("theirs".into());
        world
    });
}

/// Each step, but of the many equal writes in the middle only some: each takes two syncs.
fn stop_everywhere(fresh: impl Fn() -> World) {
    let most = fresh().install(0).max({
        let mut world = fresh();
        world.install(usize::MAX);
        world.uninstall(0)
    });
    let worth = |stop: &usize| *stop < 6 || *stop + 8 > most || stop.is_multiple_of(7);
    for stop in (0..=most).filter(worth) {
        stop_after(stop, &fresh);
    }
}

fn stop_after(stop: usize, fresh: &impl Fn() -> World) {
    let mut world = fresh();
    world.uninstall(usize::MAX);
    let before = world.all();

    let mut world = fresh();
    world.install(stop);
    world.uninstall(usize::MAX);
    assert_eq!(world.all(), before, "undone after {stop} steps");

    let mut world = fresh();
    world.install(stop);
    world.install(usize::MAX);
    assert!(world.stands(), "finished after {stop} steps");
    assert_eq!(world.install(0), 0);

    let whole = world.all();
    world.uninstall(stop);
    if world.uninstall(0) > 0 {
        world.install(usize::MAX);
        assert_eq!(world.all(), whole, "put back after {stop} steps of removal");
        world.uninstall(stop);
    }
    world.uninstall(usize::MAX);
    assert_eq!(world.all(), before, "removed after {stop} steps of removal");
}

#[test]
fn a_path_that_is_not_absolute_is_refused() {
    let world = World::new(|_| {}, None);
    let relative = ShimSettings { program: "git-orch".into(), ..settings() };
    assert!(matches!(plan(&world.lookup(), &relative), Err(HooksDirError::NotAbsolute(_))));
}

#[test]
fn a_write_that_was_cut_off_is_cleaned_up() {
    for cut in [0, 5, 12, 2000] {
        let mut world = World::new(|top| fs::create_dir(top.join("hooks")).unwrap(), None);
        let before = world.all();
        world.install(usize::MAX);
        let hooks = world.lookup().common();
        let whole = fs::read(hooks.join("pre-push")).unwrap();
        fs::write(hooks.join(".pre-push.tmp"), &whole[..cut]).unwrap();
        fs::write(hooks.join(".pre-rebase.before-orch.tmp"), "cut").unwrap();
        world.uninstall(usize::MAX);
        assert_eq!(world.all(), before, "cut after {cut} bytes");
    }
    // A file that only has the name.
    let mut world = World::new(|top| fs::create_dir(top.join("hooks")).unwrap(), None);
    fs::write(world.lookup().common().join(".pre-push.tmp"), "somebody's").unwrap();
    world.uninstall(usize::MAX);
    assert!(world.lookup().common().join(".pre-push.tmp").exists());
}
