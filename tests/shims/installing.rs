#![expect(clippy::disallowed_methods, reason = "tests write files and run git themselves")]
//! Installation, inspection and removal in the folders git looks in.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use git_orch::git::hooks_dir::{self, Change, Hook, HooksDirError, Manager, State};

use super::world::{World, script, tree};

const OURS: State = State::Ours { current: true };

fn states(world: &World) -> Vec<State> {
    world.inspect().hooks.into_iter().map(|(_, state)| state).collect()
}

#[test]
fn twice_is_once_and_removal_leaves_nothing() {
    let world = World::new();
    script(&world.hooks().join("pre-push"), "#!/bin/sh\nexit 0\n");
    fs::write(world.hooks().join("pre-rebase"), "not executable, kept all the same\n").unwrap();
    std::os::unix::fs::symlink("../../first", world.hooks().join("prepare-commit-msg")).unwrap();
    let inode = fs::metadata(world.hooks().join("pre-push")).unwrap().ino();
    let before = tree(&world.repo());

    let shown = hooks_dir::plan(&world.lookup(), &world.settings()).unwrap();
    assert_eq!(tree(&world.repo()), before);
    assert_eq!(states(&world)[0], State::Missing);
    assert_eq!(states(&world)[1], State::Foreign(Manager::Unknown));
    assert_eq!(world.install(), shown);
    assert_eq!(shown.iter().filter(|c| matches!(c, Change::Write { .. })).count(), 5);
    assert_eq!(shown.iter().filter(|c| matches!(c, Change::Keep { .. })).count(), 3);
    assert_eq!(states(&world), [OURS; 5]);

    let installed = tree(&world.repo());
    assert_eq!(world.install(), []);
    assert_eq!(tree(&world.repo()), installed);

    assert_ne!(world.uninstall(), []);
    assert_eq!(tree(&world.repo()), before);
    assert_eq!(fs::metadata(world.hooks().join("pre-push")).unwrap().ino(), inode);
    assert_eq!(world.uninstall(), []);
}

#[test]
fn a_folder_that_was_not_there_goes_again() {
    let world = World::new();
    fs::remove_dir_all(world.hooks()).unwrap();
    let before = tree(&world.repo());
    world.install();
    assert_eq!(world.install(), []);
    world.uninstall();
    assert_eq!(tree(&world.repo()), before);
    // Unless somebody else has come to use it.
    world.install();
    script(&world.hooks().join("post-merge"), "#!/bin/sh\n");
    world.uninstall();
    assert_eq!(fs::read_dir(world.hooks()).unwrap().count(), 1);
    assert!(!world.repo().join(".git/git-orch").exists());
}

#[test]
fn what_is_out_of_date_is_replaced_and_what_is_broken_is_seen() {
    let world = World::new();
    world.install();
    let file = world.hooks().join("pre-push");
    script(&file, "#!/bin/sh\n# git-orch shim v0\nold\n");
    assert_eq!(states(&world)[1], State::Ours { current: false });
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(states(&world)[1], State::NotExecutable);
    assert_eq!(world.install().len(), 1);
    assert_eq!(states(&world), [OURS; 5]);
    assert!(!world.hooks().join("pre-push.before-orch").exists());
    fs::remove_file(&file).unwrap();
    assert_eq!(states(&world)[1], State::Missing);
    world.install();
    assert_eq!(states(&world), [OURS; 5]);
}

#[test]
fn fewer_hooks_are_taken_back() {
    let world = World::new();
    let foreign = "#!/bin/sh\n# mine\n";
    script(&world.hooks().join("pre-push"), foreign);
    world.install();
    let mut settings = world.settings();
    settings.hooks = vec![Hook::PreMergeCommit];
    world.try_install(&settings).unwrap();
    assert_eq!(fs::read_to_string(world.hooks().join("pre-push")).unwrap(), foreign);
    assert!(!world.hooks().join("reference-transaction").exists());
    assert!(world.hooks().join("pre-merge-commit").exists());
    assert_eq!(world.try_install(&settings).unwrap(), []);
}

#[test]
fn an_installation_that_was_stopped_is_finished_or_undone() {
    for undo in [false, true] {
        let world = World::new();
        let foreign = "#!/bin/sh\n# mine\n";
        let file = world.hooks().join("pre-push");
        script(&file, foreign);
        let before = tree(&world.repo());
        // Stopped after the link, and in the middle of the write.
        fs::hard_link(&file, world.hooks().join("pre-push.before-orch")).unwrap();
        script(&world.hooks().join(".pre-push.tmp"), "#!/bin/sh\n# git-orch shim v1\n");
        if !undo {
            world.install();
            assert_eq!(states(&world), [OURS; 5]);
            assert_eq!(
                fs::read_to_string(world.hooks().join("pre-push.before-orch")).unwrap(),
                foreign
            );
            assert_eq!(world.install(), []);
        }
        world.uninstall();
        assert_eq!(tree(&world.repo()), before);
    }
}

#[test]
fn two_earlier_hooks_are_a_question_for_their_owner() {
    let world = World::new();
    let file = world.hooks().join("pre-push");
    script(&file, "#!/bin/sh\n# mine\n");
    world.install();
    script(&file, "#!/bin/sh\n# newer\n");
    let before = tree(&world.repo());
    let error = world.try_install(&world.settings()).unwrap_err();
    assert!(matches!(error, HooksDirError::TwoEarlier { hook, .. } if hook == file));
    assert_eq!(tree(&world.repo()), before);
    // Removal leaves both to them.
    world.uninstall();
    assert_eq!(fs::read_to_string(&file).unwrap(), "#!/bin/sh\n# newer\n");
    assert!(world.hooks().join("pre-push.before-orch").exists());
}

#[test]
fn a_relative_folder_gets_ours_before_it() {
    let world = World::new();
    let theirs = world.repo().join(".githooks");
    fs::create_dir(&theirs).unwrap();
    let log = world.root().join("log");
    for hook in ["pre-commit", "pre-push", "post-commit", "reference-transaction"] {
        let text = format!("#!/bin/sh\necho \"{hook} $* $(pwd)\" >>\"{}\"\n", log.display());
        script(&theirs.join(hook), &text);
    }
    world.ok(&["add", "."]);
    world.ok(&["commit", "-q", "-m", "hooks"]);
    world.ok(&["worktree", "add", "-q", "-b", "issue/1", "../linked"]);
    world.ok(&["config", "core.hooksPath", ".githooks"]);
    let settled = || {
        let config = fs::read(world.repo().join(".git/config")).unwrap();
        (tree(&theirs), tree(&world.hooks()), config)
    };
    let before = settled();

    world.install();
    assert_eq!(world.install(), []);
    assert_eq!(states(&world), [OURS; 5]);
    assert_eq!(world.inspect().before.unwrap().to_str(), Some(".githooks"));
    assert_eq!(world.inspect().outdated, [] as [std::path::PathBuf; 0]);

    let linked = world.root().join("linked");
    world.ok_in(&linked, &["commit", "-q", "--allow-empty", "-m", "x"]);
    let called = world.called();
    assert!(called[0].starts_with("hook prepare-commit-msg "), "{called:?}");
    assert_eq!(called[1..], ["hook reference-transaction committed"]);
    let ran = fs::read_to_string(&log).unwrap();
    let top = linked.canonicalize().unwrap();
    let hooks: Vec<_> = ran.lines().filter(|l| !l.starts_with("reference")).collect();
    let line = |hook: &str| format!("{hook}  {}", top.display());
    assert_eq!(hooks, [line("pre-commit"), line("post-commit")], "{ran}");
    assert!(ran.contains("reference-transaction committed"), "{ran}");

    world.uninstall();
    assert_eq!(settled(), before);
    assert!(!world.repo().join(".git/git-orch").exists());
}

#[test]
fn removal_restores_the_config_byte_for_byte() {
    let world = World::new();
    world.ok(&["config", "core.hooksPath", ".husky/_"]);
    let before = tree(&world.repo());
    world.install();
    world.uninstall();
    assert_eq!(tree(&world.repo()), before);
}

#[test]
fn a_folder_of_all_repositories_is_not_ours_to_write_in() {
    let world = World::new();
    let shared = world.root().join("my hooks");
    fs::create_dir(&shared).unwrap();
    script(&shared.join("pre-commit"), "#!/bin/sh\necho shared >&2\n");
    script(&shared.join("pre-push"), "#!/bin/sh\necho shared >&2\n");
    world.ok(&["config", "--global", "core.hooksPath", "~/my hooks"]);
    let before = (tree(&world.repo()), tree(&shared));
    world.install();
    assert_eq!(world.install(), []);
    assert_eq!(before.1, tree(&shared));
    let commit = world.run(&["commit", "-q", "--allow-empty", "-m", "x"]);
    assert_eq!(commit.err, "shared\n");
    assert_eq!(world.called(), ["hook reference-transaction prepared"]);
    // The user changes their mind: the next installation follows.
    world.ok(&["config", "--global", "--unset", "core.hooksPath"]);
    assert_ne!(world.install(), []);
    assert_eq!(world.run(&["config", "core.hooksPath"]).code, 1);
    assert_eq!(states(&world), [OURS; 5]);
    assert!(!world.repo().join(".git/git-orch/hooks").exists());
    world.uninstall();
    let after: Vec<_> = tree(&world.repo().join(".git/hooks"));
    let hooks = world.hooks();
    assert_eq!(
        after,
        before.0.into_iter().filter(|f| f.0.parent() == Some(&hooks)).collect::<Vec<_>>()
    );
}

#[test]
fn an_absolute_folder_of_somebody_else_is_stood_before_too() {
    let world = World::new();
    let theirs = world.repo().join("tools");
    fs::create_dir(&theirs).unwrap();
    script(&theirs.join("update"), "#!/bin/sh\n");
    script(&theirs.join("push-to-checkout"), "#!/bin/sh\nexit 3\n");
    world.ok(&["config", "core.hooksPath", theirs.to_str().unwrap()]);
    world.install();
    assert_eq!(fs::read_dir(&theirs).unwrap().count(), 2);
    let own = world.repo().join(".git/git-orch/hooks");
    let code = |hook: &str| super::world::finish(&mut world.command(&own.join(hook)), "").code;
    assert_eq!(code("push-to-checkout"), 3);
    assert!(!own.join("proc-receive").exists());
    // A hook that acts in git's place cannot stand for nothing.
    fs::remove_file(theirs.join("push-to-checkout")).unwrap();
    assert_eq!((code("push-to-checkout"), code("post-update")), (1, 0));
    // The same folder as git's own is no other folder.
    world.uninstall();
    world.ok(&["config", "core.hooksPath", world.hooks().to_str().unwrap()]);
    world.install();
    assert!(!own.exists());
    assert_eq!(states(&world), [OURS; 5]);
}

#[test]
fn a_linked_hooks_folder_is_somebody_elses() {
    let world = World::new();
    let theirs = world.repo().join("scripts");
    fs::rename(world.hooks(), &theirs).unwrap();
    std::os::unix::fs::symlink("../scripts", world.hooks()).unwrap();
    let before = tree(&world.repo());
    world.install();
    assert_eq!(
        tree(&theirs),
        before
            .iter()
            .filter(|f| f.0.starts_with(&theirs) && f.0 != theirs)
            .cloned()
            .collect::<Vec<_>>()
    );
    assert_eq!(states(&world), [OURS; 5]);
    assert_eq!(world.install(), []);
    world.uninstall();
    assert_eq!(tree(&world.repo()), before);
}

#[test]
fn a_setting_of_one_worktree_is_refused() {
    let world = World::new();
    world.ok(&["config", "extensions.worktreeConfig", "true"]);
    world.ok(&["config", "--worktree", "core.hooksPath", "mine"]);
    let before = tree(&world.repo());
    let error = world.try_install(&world.settings()).unwrap_err();
    assert!(matches!(error, HooksDirError::OneWorktree { .. }));
    assert_eq!(tree(&world.repo()), before);
    assert_eq!(states(&world)[0], State::Missing);
}

#[test]
fn a_repository_that_was_moved_is_put_right() {
    let world = World::new();
    world.ok(&["config", "core.hooksPath", ".githooks"]);
    world.install();
    let old = world.root().join("old");
    fs::rename(world.repo(), &old).unwrap();
    fs::create_dir(world.repo()).unwrap();
    fs::rename(old.join(".git"), world.repo().join(".git")).unwrap();
    fs::rename(&old, world.root().join("gone")).unwrap();
    let text = fs::read_to_string(world.repo().join(".git/config")).unwrap();
    let elsewhere = text.replace("/repo/.git", "/before/.git");
    assert_ne!(text, elsewhere);
    fs::write(world.repo().join(".git/config"), elsewhere).unwrap();
    assert!(matches!(states(&world)[0], State::Shadowed { .. }));
    world.install();
    assert_eq!(states(&world), [OURS; 5]);
    world.uninstall();
    assert_eq!(world.ok(&["config", "core.hooksPath"]), ".githooks");
}
