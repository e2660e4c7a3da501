//! Where things of an issue go: its worktree, its archive.

use std::path::{Component, Path, PathBuf};

use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::policy::Policy;
use crate::store::layout;

/// The folder for the issue's worktree, absolute.
pub fn worktree(ctx: &Context, policy: &Policy, id: &IssueId) -> PathBuf {
    let pattern = policy.worktree.replace("{repo}", &ctx.repo.name()).replace("{id}", id.as_str());
    flattened(&anchor(ctx).join(pattern))
}

/// The folder for the throw-away worktree in which an issue's landing is made. No issue's id
/// begins with an underscore.
pub fn landing(ctx: &Context, policy: &Policy, name: &str) -> PathBuf {
    let name = format!("_landing-{name}");
    let pattern = policy.worktree.replace("{repo}", &ctx.repo.name()).replace("{id}", &name);
    flattened(&anchor(ctx).join(pattern))
}

/// The folder that a relative pattern starts from: the main worktree, or the repository itself
/// when it is bare. A submodule starts from its superproject, so that its worktrees do not
/// become untracked files of that.
fn anchor(ctx: &Context) -> PathBuf {
    let home = ctx.repo.home();
    let common = ctx.repo.common_dir.to_string_lossy();
    match common.split_once("/.git/modules/") {
        Some((superproject, _)) => PathBuf::from(superproject),
        None => home.to_owned(),
    }
}

/// The path with `..` taken out by its text, since not all of it exists yet.
fn flattened(path: &Path) -> PathBuf {
    let mut flat = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                flat.pop();
            }
            Component::CurDir => {}
            other => flat.push(other),
        }
    }
    flat
}

/// The root and the folder below it that hold the issue's archive.
pub fn archive(ctx: &Context, id: &IssueId) -> (PathBuf, String) {
    match &ctx.repo.main_worktree {
        Some(main) => (main.clone(), format!("{}/{id}", layout::SESSIONS)),
        None => (ctx.repo.own_folder(), format!("archived-sessions/{id}")),
    }
}
