//! One way onto `main` that is refused: `main` does not move, and the command that the refusal names
//! as `undo:` (or nothing, when it names none) leaves branches, index, files and git's own state as
//! they were. What it names as `fix:` is followed, in the state it is named in, until the same way
//! is open.

use crate::harness::Ended;
use crate::harness::follow::{fixes, follow, undo};
use crate::scene::{Form, Place, Scene};

/// One way onto `main`.
pub struct Route {
    /// What the user does before, none of which is refused.
    prepare: &'static str,
    /// The attempt; its last command is refused.
    attempt: &'static str,
    /// Whether files with changes of the user lie about.
    dirty: bool,
    /// Whether the way back leads to before `prepare`, because git was half-way then.
    from_start: bool,
    /// Whether git runs no hook for it where refs are tables: [`crate::unseen`] has it then.
    files_only: bool,
}

/// A route with changes of the user about.
pub const fn route(prepare: &'static str, attempt: &'static str) -> Route {
    Route { prepare, attempt, dirty: true, from_start: false, files_only: false }
}

/// A route on a clean worktree: git asks for one, or the attempt itself overwrites changes.
pub const fn clean(prepare: &'static str, attempt: &'static str) -> Route {
    Route { dirty: false, ..route(prepare, attempt) }
}

/// A route whose first half happened before the attempt: the way back leads behind it.
pub const fn halfway(prepare: &'static str, attempt: &'static str) -> Route {
    Route { from_start: true, ..route(prepare, attempt) }
}

/// A route that is one only where each ref is a file.
pub const fn files_only(prepare: &'static str, attempt: &'static str) -> Route {
    Route { files_only: true, ..route(prepare, attempt) }
}

/// Tries the way in this scene.
pub fn refused(place: Place, form: Form, route: &Route) {
    if route.files_only && form == Form::Reftable {
        return;
    }
    let Some(scene) = Scene::with(place, form) else { return };
    if route.dirty {
        scene.world.write_in(&scene.at, "README.md", "# A project\n\nChanged and not staged.\n");
        scene.world.write_in(&scene.at, "notes.txt", "Not tracked.\n");
    }
    let start = scene.snapshot();
    let main = scene.main();
    scene.sh(route.prepare).ok();
    let before = if route.from_start { start } else { scene.snapshot() };
    let main_before = if route.from_start { main } else { scene.main() };
    let ended = scene.sh(route.attempt);
    assert_ne!(ended.code, 0, "it landed:\n{}\n{}", ended.stdout, ended.stderr);
    assert_eq!(scene.main(), main_before, "main moved:\n{}", ended.stderr);
    let said = &ended.stderr;
    assert!(said.contains("refused: "), "no refusal:\n{said}");
    assert!(said.contains("issue 81 is "), "the issue is not named:\n{said}");
    assert!(said.contains("fix: git orch "), "no remedy:\n{said}");
    // A reader may put things back first, or follow the remedy first.
    let remedy_first = (place, form) == (Place::Linked, Form::Reftable);
    let first = remedied(&scene, &ended, remedy_first);
    let after = scene.snapshot();
    assert_eq!(after, before, "not as before; git and git-orch said:\n{said}");
    if remedy_first || (place, form) == (Place::Main, Form::Files) {
        leads_on(&scene, route, &first, remedy_first);
    }
}

/// Runs what is printed as the way back and, when it is `wanted` now, the remedy before it. Returns
/// the remedy.
fn remedied(scene: &Scene, ended: &Ended, wanted: bool) -> String {
    let said = &ended.stderr;
    let fix = fixes(ended).into_iter().next().expect("a remedy");
    if wanted {
        follow(&scene.world, &scene.at, &fix);
    }
    if let Some(undo) = undo(ended) {
        let ended = scene.sh(&undo);
        assert_eq!(ended.code, 0, "undo: {undo}\n{}\nafter\n{said}", ended.stderr);
    }
    fix
}

/// Follows the remedies until the way is open, which it is once the issue is compacted.
fn leads_on(scene: &Scene, route: &Route, first: &str, followed: bool) {
    let mut told = vec![first.to_owned()];
    if !followed {
        follow(&scene.world, &scene.at, first);
    }
    for _ in 0..6 {
        if route.from_start {
            scene.sh(route.prepare).ok();
        }
        let ended = scene.sh(route.attempt);
        if ended.code == 0 {
            return;
        }
        assert!(ended.stderr.contains("refused: "), "{told:?}\n{}", ended.stderr);
        let fix = remedied(scene, &ended, followed);
        if !followed {
            follow(&scene.world, &scene.at, &fix);
        }
        told.push(fix);
    }
    panic!("the remedies lead nowhere: {told:?}");
}
