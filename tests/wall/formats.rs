//! The wall in repositories that libgit2 cannot open: with reftable, with SHA-256.

use crate::harness::World;
use crate::scene::{commit_unseen, configure, origin_of, push, refusal, there, unfinished};

/// Refused before, taken after; by either carrier, strict or not.
fn holds(options: &[&str]) {
    for carrier in ["ref", "tree"] {
        let world = World::named("repo", &[&["-b", "main"], options].concat());
        world.orch(&["init", "--yes"]).ok();
        configure(&world, &format!("[gate]\nscope = 'strict'\n[receipt]\ncarrier = '{carrier}'\n"));
        let bare = origin_of(&world, options);
        world.orch(&["init", "--server", bare.to_str().expect("text")]).ok();
        let worktree = unfinished(&world, "81");
        let before = there(&world, &bare, "main");
        let ended = push(&world, &worktree, &["HEAD:main"]).code(1);
        let said = refusal(&world, &ended);
        assert!(said.contains("is of issue 81, whose receipt is not here"), "{said}");
        assert_eq!(there(&world, &bare, "main"), before);
        world.orch(&["next", "81"]).ok();
        world.orch(&["validate", "81"]).ok();
        let reason = "the change was mechanical and met no surprise";
        world.orch(&["learn", "none", "81", "--reason", reason]).ok();
        world.orch(&["compact", "81", "--push"]).ok();
        world.git(&["merge", "-q", "--squash", "issue/81"]).ok();
        world.git(&["commit", "-q", "--no-edit"]).ok();
        push(&world, &world.repo, &["main"]).ok();
        let tip = world.git(&["rev-parse", "main"]).ok().line();
        assert_eq!(there(&world, &bare, "main"), tip);
        world.write("own.txt", "a person's change of no issue\n");
        commit_unseen(&world, "Own");
        push(&world, &world.repo, &["main"]).code(1);
        world.orch(&["uninit", "--server", bare.to_str().expect("text")]).ok();
        push(&world, &world.repo, &["main"]).ok();
    }
}

/// Whether this git knows the option.
fn knows(option: &str) -> bool {
    let world = World::new();
    let folder = world.root().join("try");
    world.git(&["init", "-q", option, folder.to_str().expect("text")]).code == 0
}

#[test]
fn with_sha256() {
    holds(&["--object-format=sha256"]);
}

#[test]
fn with_reftable() {
    // Known since git 2.45.
    if knows("--ref-format=reftable") {
        holds(&["--ref-format=reftable"]);
    }
}
