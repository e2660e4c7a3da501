//! `init --ci`: the workflow by which a forge judges what lands.

use std::path::{Path, PathBuf};

use super::{policy, templates};
use crate::context::Context;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::store::atomic::Folder;

/// Where GitHub looks for workflows.
const FOLDER: &str = ".github/workflows";
/// The workflow.
const FILE: &str = "git-orch.yml";
/// How every workflow of ours begins.
const MARK: &str = "# Written by `git orch init --ci github`";

/// Writes the workflow into the worktree around us, or mends it. Returns where it is, and whether
/// anything changed.
pub fn github(ctx: &Context, dry_run: bool) -> Result<(PathBuf, bool), Error> {
    let top = ctx.repo.worktree.as_deref().ok_or_else(|| {
        Error::usage(
            "a workflow is written into a worktree, and this is none",
            "cd into a worktree",
        )
    })?;
    let mut branches = policy::load(&ctx.repo)?.protected;
    branches.dedup();
    let text = templates::github_workflow(&branches)?;
    let path = top.join(FOLDER).join(FILE);
    let there = match Folder::open(top, FOLDER)? {
        Some(folder) => folder.read(FILE)?,
        None => None,
    };
    match there {
        Some(bytes) if bytes == text.as_bytes() => return Ok((path, false)),
        Some(bytes) if !bytes.starts_with(MARK.as_bytes()) => return Err(taken(&path).into()),
        _ => {}
    }
    if !dry_run {
        Folder::create(top, FOLDER)?.write(FILE, text.as_bytes())?;
    }
    Ok((path, true))
}

fn taken(path: &Path) -> Refusal {
    Refusal::one(
        "place-taken",
        format!("writing {}", path.display()),
        "another file stands there, and git-orch did not write it",
        format!("git mv {FOLDER}/{FILE} {FOLDER}/git-orch-own.yml"),
    )
}
