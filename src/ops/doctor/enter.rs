//! Makes git's entry for an issue's worktree again, and lets the record follow one that was moved.
//!
//! The files in the worktree are somebody's work: nothing here moves or changes one of them.

use std::path::{Path, PathBuf};

use super::aside::free;
use super::worktree::{by_files, holder, is_under_way, made_anew, own_place, shown};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::error::Error;
use crate::git::entry::Entry;
use crate::git::open::real;
use crate::git::{Git, GitError, status, worktrees};
use crate::ops::{Narrator, facts, record};
use crate::store::atomic::Folder;
use crate::store::trash;

/// Records where the worktree is now.
pub(super) fn follow(
    ctx: &Context,
    id: &IssueId,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let mut held = record::hold(ctx, id, narrator)?;
    let Some(holder) = holder(ctx, held.session())? else { return Ok(()) };
    let worktree = holder.path.display().to_string();
    let session = Session { worktree, ..held.session().clone() };
    held.record(ctx, session, Vec::new(), "Move the worktree")
}

/// Makes git's entry for the worktree again, around the files that are there. What is left of the
/// old one is kept in git's folder under another name.
pub(super) fn again(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<(), Error> {
    let held = record::hold(ctx, id, narrator)?;
    if is_under_way(ctx, id) {
        // It makes or removes the worktree itself, and is finished first.
        return Ok(());
    }
    let session = held.session();
    let tip = facts::require_tip(ctx, session)?;
    let worktree = PathBuf::from(&session.worktree);
    let all = Entry::all(&ctx.repo.common_dir);
    let its = all.iter().find(|e| e.worktree.as_ref().is_some_and(|w| real(w) == real(&worktree)));
    if let Some(entry) = its.filter(|entry| entry.broken().is_none())
        && worktree.join(".git").symlink_metadata().is_err()
    {
        // Only the way there is missing.
        let line = format!("gitdir: {}\n", entry.path.display());
        Folder::create(&worktree, "")?.write(".git", line.as_bytes())?;
        return Ok(());
    }
    let place = own_place(ctx, &worktree).or_else(|| its.map(|entry| entry.path.clone()));
    let (Some(place), None) = (place.filter(|_| by_files(ctx)), holder(ctx, session)?) else {
        return Err(refused(session));
    };
    if status::operation(&ctx.repo.git, &place).is_some() {
        return Err(refused(session));
    }
    let own = ctx.repo.own_folder();
    let lock = record::lock_repository(ctx, narrator)?;
    let git = held.git.holding(&lock.file);
    make(ctx, &git, session, &tip, &place)?;
    trash::empty(&own);
    match worktrees::git_dir_of(&ctx.repo, &worktree) {
        Some(_) => Ok(()),
        None => {
            Err(GitError::Unexpected(format!("git has no entry for {}", shown(&worktree))).into())
        }
    }
}

/// The entry is made where nobody looks, and shown at `place` when it is whole.
fn make(
    ctx: &Context,
    git: &Git,
    session: &Session,
    tip: &CommitId,
    place: &Path,
) -> Result<(), Error> {
    let own = ctx.repo.own_folder();
    let stage_name = format!("entering-{}", session.issue);
    let (stage, worktree) = (own.join(&stage_name), Path::new(&session.worktree));
    trash::put(&own, &stage, &ctx.now.compact())?;
    let folder = Folder::create(&own, "")?;
    let entry = folder.draft_folder(stage.file_name().unwrap_or_default())?;
    entry.draft("HEAD", format!("ref: {}\n", session.branch.full()).as_bytes())?;
    entry.draft("commondir", b"../..\n")?;
    entry.draft("gitdir", format!("{}\n", worktree.join(".git").display()).as_bytes())?;
    let call = || git.in_repository(&stage, Some(worktree)).quiet();
    if Entry::read(place.to_owned()).has_index() {
        // What was staged stays staged.
        let old = Folder::open(place, "")?.map(|old| old.read("index")).transpose()?.flatten();
        entry.draft("index", &old.unwrap_or_default())?;
    } else {
        call().args(["read-tree", tip.as_str()]).done()?;
    }
    // 1: some file differs from what is staged, and nobody promised that none does.
    let _ = call().args(["update-index", "-q", "--refresh"]).run()?;
    entry.sync_file_system()?;
    if place.symlink_metadata().is_ok() {
        set_aside(ctx, place)?;
    }
    let name = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let all = Folder::create(&ctx.repo.common_dir, "worktrees")?;
    Ok(folder.move_to(&stage_name, &all, &name)?)
}

/// Takes an entry out of the others' way and keeps it.
fn set_aside(ctx: &Context, place: &Path) -> Result<(), Error> {
    let name = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let aside = free(&ctx.repo.common_dir.join(format!("{name}.half-made")));
    let aside = aside.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let from = Folder::create(&ctx.repo.common_dir, "worktrees")?;
    Ok(from.move_to(&name, &Folder::create(&ctx.repo.common_dir, "")?, &aside)?)
}

fn refused(session: &Session) -> Error {
    let what = format!("making git's entry for the worktree of issue {} again", session.issue);
    let why = "its branch is checked out elsewhere, or git was at work in it";
    Refusal::one("worktree-gone", what, why, made_anew(session)).into()
}
