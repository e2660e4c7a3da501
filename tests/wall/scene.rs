//! Scenes of the wall: a configured repository, a bare one on the other side.

use std::path::PathBuf;

use crate::harness::{Ended, World};

/// Puts a configuration on the protected branch.
pub fn configure(world: &World, text: &str) {
    world.write(".orchestration/config.toml", text);
    world.commit(&world.repo, "Configure");
}

/// A bare repository on the other side, as the remote `origin`, with what is here on `main`.
pub fn origin(world: &World) -> PathBuf {
    let bare = world.root().join("origin.git");
    let path = bare.to_str().expect("text");
    world.git(&["init", "-q", "--bare", "-b", "main", path]).ok();
    world.git(&["remote", "add", "origin", path]).ok();
    world.git(&["push", "-q", "-u", "origin", "main"]).ok();
    bare
}

/// An open issue with work that is not finished.
pub fn unfinished(world: &World, id: &str) -> PathBuf {
    let worktree = world.in_execute(id);
    let text = format!("work of {id}, first line of it\nwork of {id}, second line of it\n");
    world.write_in(&worktree, &format!("work-{id}.txt"), &text);
    world.commit(&worktree, &format!("Do the work of {id}"));
    worktree
}

/// The refusal among what git and git-orch said, without what git puts before or after it.
pub fn refusal(world: &World, ended: &Ended) -> String {
    let words = ["refused: ", "why: ", "fix: ", "undo: "];
    let lines = ended.stderr.lines().map(|line| line.strip_prefix("remote: ").unwrap_or(line));
    let kept = lines.filter(|line| words.iter().any(|word| line.trim_start().starts_with(word)));
    world.plain(&kept.map(str::trim_end).collect::<Vec<_>>().join("\n"))
}
