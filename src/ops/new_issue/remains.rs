//! What an earlier opening left in a worktree's folder, told from what somebody put there since.
//!
//! A half-filled folder is thrown away and filled anew. But whoever finds one may have worked in it
//! before anybody looks again, so what is not as the filling left it is moved aside, never away.

use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::domain::ids::CommitId;
use crate::error::Error;
use crate::git::{GitError, worktrees};
use crate::store::atomic::Folder;
use crate::store::layout::{CONTEXT, SESSION_LOG};

/// What git calls a worktree that it is still making.
const INITIALIZING: &str = "initializing";

/// Whether git's entry `git_dir` is that of a worktree whose making did not come to its end.
pub fn is_half_made(git_dir: &Path) -> bool {
    let locked = std::fs::read_to_string(git_dir.join("locked")).unwrap_or_default();
    locked.trim_end() == INITIALIZING || !git_dir.join("index").exists()
}

/// Whether git is still making that worktree, or was killed at it.
pub fn is_being_made(worktree: &worktrees::Worktree) -> bool {
    worktree.locked.as_deref().map(str::trim_end) == Some(INITIALIZING)
}

/// Whether the folder holds anything that filling it with `commit` did not put there: a file that
/// git does not track and does not ignore, or one with other content than a part of what it was to
/// get.
pub fn holds_work(ctx: &Context, folder: &Path, commit: &CommitId) -> Result<bool, Error> {
    // Written after all files: from then on none is cut short.
    let filled = folder.join(CONTEXT).join(SESSION_LOG).exists();
    let wrong = |source| GitError::File { path: folder.to_owned(), source };
    let place = tempfile::tempdir().map_err(wrong)?;
    let index = place.path().join("index");
    let call = || {
        let call = ctx.repo.git.in_repository(&ctx.repo.common_dir, Some(folder)).quiet();
        let call = call.args(["-c", "core.fsmonitor=false", "-c", "core.splitIndex=false"]);
        call.args(["-c", "core.sparseCheckout=false"]).var("GIT_INDEX_FILE", &index)
    };
    call().args(["read-tree", commit.as_str()]).done()?;
    let others = ["ls-files", "-z", "--others", "--exclude-standard", "--", ":/"];
    let found = call().args(others).done()?.stdout;
    let ours = format!("{CONTEXT}/");
    let mut others = found.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    if others.any(|path| !path.starts_with(ours.as_bytes())) {
        return Ok(true);
    }
    let changed = ["diff-files", "-z", "--name-only", "--diff-filter=d", "--", ":/"];
    // Without what is known of the files as they lie there, each is compared by its content.
    let _ = call().args(["update-index", "-q", "--refresh"]).run()?;
    let changed = call().args(changed).done()?.stdout;
    for path in changed.split(|byte| *byte == 0).filter(|path| !path.is_empty()) {
        let Ok(path) = std::str::from_utf8(path) else { return Ok(true) };
        let wanted = call().args(["cat-file", "--filters", &format!("{commit}:{path}")]).run()?;
        let there = content(&folder.join(path));
        let as_left =
            if filled { there == wanted.stdout } else { wanted.stdout.starts_with(&there) };
        if wanted.code != 0 || !as_left {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a file holds, or where a link leads. What cannot be read is nothing that was typed.
fn content(path: &Path) -> Vec<u8> {
    match std::fs::read_link(path) {
        Ok(target) => target.into_os_string().into_encoded_bytes(),
        Err(_) => std::fs::read(path).unwrap_or_default(),
    }
}

/// Moves the folder aside with all that it holds; returns where it is now. What made it a worktree
/// goes by another name first: the place of its entry is taken by the next.
pub fn move_aside(ctx: &Context, folder: &Path) -> Result<PathBuf, Error> {
    let (Some(parent), Some(name)) = (folder.parent(), folder.file_name()) else {
        return Ok(folder.to_owned());
    };
    let name = name.to_string_lossy().into_owned();
    let here = Folder::create(folder, "")?;
    if here.has(".git") {
        here.move_to(".git", &here, ".git.left")?;
    }
    let above = Folder::create(parent, "")?;
    let stem = format!("{name}.left-{}", ctx.now.compact());
    let mut free = stem.clone();
    for count in 2.. {
        if !above.has(&free) {
            break;
        }
        free = format!("{stem}-{count}");
    }
    above.move_to(&name, &above, &free)?;
    Ok(parent.join(free))
}
