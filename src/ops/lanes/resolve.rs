//! The end of an issue in its own file: `status: RESOLVED`, and a section that says how.

use std::path::Path;

use crate::clock;
use crate::context::Context;
use crate::domain::catalog::Entry;
use crate::domain::session::Session;
use crate::error::Error;
use crate::git::landing::{self, Place as GitPlace};
use crate::git::{status, worktrees};
use crate::ops::catalog::Place;
use crate::store::StoreError;
use crate::store::atomic::Folder;
use crate::store::catalog::write::{Resolution, resolved};

/// Says so in the issue's worktree, in a commit of its own, which lands with the work.
pub fn in_worktree(
    ctx: &Context,
    place: &Place,
    entry: &Entry,
    session: &Session,
    changed: &[String],
) -> Result<(), Error> {
    let worktree = Path::new(&session.worktree);
    let file = place.from_top(&entry.file);
    let written = write(worktree, &file, &resolution(entry, changed))?;
    let git_dir = worktrees::git_dir_of(&ctx.repo, worktree).ok_or_else(|| {
        Error::surroundings(
            format!("{} is no worktree any more", session.worktree),
            format!("git orch new-issue {}", session.issue),
        )
    })?;
    // A worker that was killed here before may have written it and not come to the commit.
    let waits =
        || Ok::<_, Error>(status::dirty(&ctx.repo.git, worktree, &git_dir)?.contains(&file));
    if !written && !waits()? {
        return Ok(());
    }
    let there = GitPlace { git: &ctx.repo.git, folder: worktree, git_dir: &git_dir };
    landing::commit_all(there, &format!("Resolve {}: {}", entry.id, entry.title))?;
    Ok(())
}

/// Says so in a catalog that is not tracked, after the work has landed.
pub fn in_place(place: &Place, entry: &Entry, changed: &[String]) -> Result<(), Error> {
    write(&place.folder, &entry.file, &resolution(entry, changed))?;
    Ok(())
}

fn resolution(entry: &Entry, changed: &[String]) -> Resolution {
    let checks = match entry.checks.len() {
        1 => "1 command, green".to_owned(),
        several => format!("{several} commands, green"),
    };
    Resolution {
        day: clock::day(clock::now()),
        by: format!("lane {}, git orch lanes", entry.lane),
        changed: changed.to_vec(),
        verification: format!("{checks}; run again on what landed"),
    }
}

/// Marks the file; whether it was to say something else.
fn write(root: &Path, file: &str, resolution: &Resolution) -> Result<bool, StoreError> {
    let (parent, name) = file.rsplit_once('/').unwrap_or(("", file));
    let Some(folder) = Folder::open(root, parent)? else { return Ok(false) };
    let Some(bytes) = folder.read(name)? else { return Ok(false) };
    let text = String::from_utf8_lossy(&bytes);
    match resolved(&text, resolution) {
        Some(new) if new != text => folder.write(name, new.as_bytes()),
        _ => Ok(false),
    }
}
