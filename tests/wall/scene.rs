//! Scenes of the wall: a configured repository, a bare one on the other side.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::harness::{Ended, World};

/// Puts a configuration on the protected branch.
pub fn configure(world: &World, text: &str) {
    world.write(".orchestration/config.toml", text);
    world.commit(&world.repo, "Configure");
}

/// A bare repository on the other side, as the remote `origin`, with what is here on `main`.
pub fn origin(world: &World) -> PathBuf {
    origin_of(world, &[])
}

/// The same, made with these options of `git init`.
pub fn origin_of(world: &World, options: &[&str]) -> PathBuf {
    let bare = world.root().join("origin.git");
    let path = bare.to_str().expect("text");
    world.git(&[&["init", "-q", "--bare", "-b", "main"], options, &[path]].concat()).ok();
    world.git(&["remote", "add", "origin", path]).ok();
    world.git(&["push", "-q", "-u", "origin", "main"]).ok();
    bare
}

/// Commits everything in the main worktree with local hooks off.
pub fn commit_unseen(world: &World, message: &str) {
    world.git(&["add", "-A"]).ok();
    world.git(&["-c", "core.hooksPath=/dev/null", "commit", "-qm", message]).ok();
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

/// Every file below a folder with its content.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn gather(top: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).expect("folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                gather(top, &path, found);
            } else {
                let name = path.strip_prefix(top).expect("below").display().to_string();
                found.insert(name, std::fs::read(&path).expect("file"));
            }
        }
    }
    let mut found = BTreeMap::new();
    gather(folder, folder, &mut found);
    found
}

/// A push with local hooks off.
pub const OFF: [&str; 4] = ["-c", "core.hooksPath=/dev/null", "push", "-q"];

/// A repository whose server has the wall.
pub fn walled(policy: &str) -> (World, PathBuf) {
    let world = World::ready();
    if !policy.is_empty() {
        configure(&world, policy);
    }
    let bare = origin(&world);
    world.orch(&["init", "--server", bare.to_str().expect("text")]).ok();
    (world, bare)
}

pub fn push(world: &World, folder: &Path, refs: &[&str]) -> Ended {
    world.git_in(folder, &[&OFF[..], &["origin"], refs].concat())
}

/// Where a branch of the server stands.
pub fn there(world: &World, bare: &Path, name: &str) -> String {
    world.git_in(bare, &["rev-parse", "--verify", "--quiet", name]).line()
}
