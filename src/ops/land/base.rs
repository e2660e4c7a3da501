//! The base: what stands in the way of moving it, and bringing worktrees along that have it
//! checked out. Nothing is stashed, and what people have not committed is never written over.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::domain::ids::CommitId;
use crate::domain::refusal::{Refusal, Unmet};
use crate::domain::tidy::{self, quoted};
use crate::error::Error;
use crate::git::landing::{self, Place};
use crate::git::worktrees::{self, Worktree};
use crate::git::{Git, status};
use crate::ops::gate::permit::MergePermit;
use crate::ops::ground::some_of;
use crate::ops::{Silence, heal, record};
use crate::store::StoreError;
use crate::store::atomic::Folder;
use crate::store::intent::{self, Kind};

/// The kind of intent that a move of a base leaves.
pub const INTENT: &str = "landing";

fn kind() -> Kind<'static> {
    Kind::of_repository(INTENT)
}

/// A move of a base, with the worktrees that are to follow.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Intent {
    branch: String,
    /// Where it stands and where it is to stand; nothing as long as that is being made.
    from: Option<String>,
    to: Option<String>,
    worktrees: Vec<PathBuf>,
}

impl Intent {
    fn of(ctx: &Context, branch: &str) -> Result<Self, Error> {
        let followers = checked_out(ctx, branch)?;
        let worktrees = followers.into_iter().map(|w| w.path).collect();
        Ok(Self { branch: branch.to_owned(), from: None, to: None, worktrees })
    }

    /// What git may have locked for it, below the common directory.
    fn locks(&self, ctx: &Context) -> Result<Vec<String>, Error> {
        let mut names = vec![
            format!("refs/heads/{}", self.branch),
            "packed-refs".to_owned(),
            "reftable/tables.list".to_owned(),
            "HEAD".to_owned(),
        ];
        for worktree in worktrees::list(&ctx.repo)? {
            let own = worktree.git_dir.strip_prefix(&ctx.repo.common_dir);
            if let Ok(own) = own
                && self.worktrees.contains(&worktree.path)
            {
                names.extend(["index", "HEAD"].map(|name| own.join(name).display().to_string()));
            }
        }
        Ok(names)
    }
}

/// A landing under way: that it is, is written down as long as this lives, so that the next one
/// knows the locks of a killed one for what they are.
#[derive(Debug)]
pub struct Underway {
    own: PathBuf,
}

impl Drop for Underway {
    fn drop(&mut self) {
        // One that was decided is carried to its end by whoever finds it.
        if let Ok(Some(Intent { to: None, .. })) = intent::read(&self.own, kind()) {
            let _ = intent::forget(&self.own, kind());
        }
    }
}

/// Writes down that something is about to be brought onto `branch`.
pub fn prepare(ctx: &Context, branch: &str) -> Result<Underway, Error> {
    let own = ctx.repo.own_folder();
    intent::write(&own, kind(), &Intent::of(ctx, branch)?)?;
    Ok(Underway { own })
}

/// What came of a try to move the base.
#[derive(Debug, PartialEq, Eq)]
pub enum Moved {
    /// It is there.
    Yes,
    /// Somebody else moved it meanwhile.
    Overtaken,
}

/// Worktrees with the branch checked out.
fn checked_out(ctx: &Context, branch: &str) -> Result<Vec<Worktree>, Error> {
    let mut all = worktrees::list(&ctx.repo)?;
    all.retain(|w| w.present && (w.branch.as_deref() == Some(branch) || is_rebasing(w, branch)));
    Ok(all)
}

/// A rebase of the branch is under way there: git will put it elsewhere when it ends.
fn is_rebasing(worktree: &Worktree, branch: &str) -> bool {
    ["rebase-merge", "rebase-apply"].iter().any(|folder| {
        let name = worktree.git_dir.join(folder).join("head-name");
        let text = std::fs::read_to_string(name).unwrap_or_default();
        text.trim() == format!("refs/heads/{branch}")
    })
}

/// What keeps the branch from being moved from `from` to `to` under whoever has it checked out.
pub fn obstacles(
    ctx: &Context,
    branch: &str,
    from: &CommitId,
    to: &CommitId,
) -> Result<Vec<Unmet>, Error> {
    let touched = landing::touched(&ctx.repo, from, to)?;
    let mut unmet = Vec::new();
    for worktree in checked_out(ctx, branch)? {
        unmet.extend(obstacle(ctx, branch, &worktree, &touched, from, to)?);
    }
    Ok(unmet)
}

fn obstacle(
    ctx: &Context,
    branch: &str,
    worktree: &Worktree,
    touched: &[String],
    from: &CommitId,
    to: &CommitId,
) -> Result<Option<Unmet>, Error> {
    let path = &worktree.path;
    let place = quoted(&path.display().to_string());
    if let Some(word) = status::operation(&ctx.repo.git, &worktree.git_dir) {
        let why = format!("a {word} is under way in {}, where {branch} is", path.display());
        let fix = tidy::going_on(&path.display().to_string(), word);
        return Ok(Some(Unmet::new("operation", why, fix)));
    }
    let dirty = status::dirty(&ctx.repo.git, path, &worktree.git_dir)?;
    let both: Vec<String> = touched
        .iter()
        .filter(|path| dirty.contains(path) || is_in_the_way(path, &dirty, &worktree.path))
        .cloned()
        .collect();
    if !both.is_empty() {
        let why = format!(
            "{} has uncommitted changes that it would write over: {}",
            path.display(),
            some_of(&both)
        );
        let fix = format!("git -C {place} add -A && git -C {place} commit");
        return Ok(Some(Unmet::new("dirty-base", why, fix)));
    }
    let git = &ctx.repo.git;
    let there = Place { git, folder: path, git_dir: &worktree.git_dir };
    Ok(landing::obstacle(there, from, to)?.map(|words| {
        let why = format!("{} cannot be brought along: {}", path.display(), first_line(&words));
        Unmet::new("dirty-base", why, format!("git -C {place} status"))
    }))
}

/// Whether a touched path lies in a folder that git does not track, and is there.
fn is_in_the_way(path: &str, dirty: &[String], worktree: &Path) -> bool {
    dirty.iter().any(|entry| entry.ends_with('/') && path.starts_with(entry.as_str()))
        && worktree.join(path).symlink_metadata().is_ok()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Moves the base as permitted, and brings along whoever has it checked out.
pub fn bring(ctx: &Context, git: &Git, permit: &MergePermit, why: &str) -> Result<Moved, Error> {
    let (branch, from, to) = (permit.branch(), permit.from(), permit.to());
    let own = ctx.repo.own_folder();
    let (old, new) = (Some(from.to_string()), Some(to.to_string()));
    let intent = Intent { from: old, to: new, ..Intent::of(ctx, branch)? };
    intent::write(&own, kind(), &intent)?;
    sync(ctx)?;
    if let Some(words) = landing::swap(&ctx.repo, git, branch, (from, to), why)? {
        // A git that was killed, before or after it moved the branch, leaves its locks to us: after
        // this nobody would know them for ours.
        heal_locks(ctx, &intent)?;
        let now = ctx.repo.branch_tip(branch)?;
        if now.as_ref() != Some(to) {
            intent::clear(&own, kind())?;
            if now.as_ref() != Some(from) {
                return Ok(Moved::Overtaken);
            }
            return Err(crate::git::GitError::Failed {
                command: format!("update-ref refs/heads/{branch}"),
                code: 1,
                stderr: words,
            }
            .into());
        }
    }
    follow(ctx, git, &intent, (from, to), false)?;
    sync(ctx)?;
    intent::clear(&own, kind())?;
    Ok(Moved::Yes)
}

/// Carries a move to its end that was killed after the base had moved.
pub fn recover(ctx: &Context, git: &Git) -> Result<(), Error> {
    let own = ctx.repo.own_folder();
    let Some(intent) = intent::read::<Intent>(&own, kind())? else { return Ok(()) };
    heal_locks(ctx, &intent)?;
    // Not moved: nothing happened. Moved on since: whoever did that brought the worktree along, or
    // git shows what is missing.
    if let (Some(from), Some(to)) = (&intent.from, &intent.to) {
        let (from, to) = (commit(from)?, commit(to)?);
        if ctx.repo.branch_tip(&intent.branch)?.as_ref() == Some(&to) {
            follow(ctx, git, &intent, (&from, &to), true)?;
            sync(ctx)?;
        }
    }
    Ok(intent::clear(&own, kind())?)
}

/// Takes away what a killed git of this move left locked.
fn heal_locks(ctx: &Context, intent: &Intent) -> Result<(), Error> {
    let locks = intent.locks(ctx)?;
    let locks: Vec<&str> = locks.iter().map(String::as_str).collect();
    let _repository = record::lock_repository(ctx, &mut Silence)?;
    heal::shared(ctx, kind(), &locks)
}

/// git leaves the folders of objects, refs and worktrees unsynced.
fn sync(ctx: &Context) -> Result<(), Error> {
    let own = Folder::create(&ctx.repo.own_folder(), "")?;
    Ok(own.sync_file_system()?)
}

fn follow(
    ctx: &Context,
    git: &Git,
    intent: &Intent,
    (from, to): (&CommitId, &CommitId),
    again: bool,
) -> Result<(), Error> {
    let branch = &intent.branch;
    for worktree in checked_out(ctx, branch)? {
        if !intent.worktrees.contains(&worktree.path) {
            continue;
        }
        let place = Place { git, folder: &worktree.path, git_dir: &worktree.git_dir };
        if again {
            landing::take_up_written(place, from, to)?;
        }
        if let Some(words) = landing::bring_along(place, from, to)? {
            let path = quoted(&worktree.path.display().to_string());
            return Err(Refusal::one(
                "dirty-base",
                format!("bringing {} along", worktree.path.display()),
                format!("{branch} has moved to {}, and there: {}", to.short(), first_line(&words)),
                format!("git -C {path} diff HEAD   # then git orch land once more"),
            )
            .into());
        }
    }
    Ok(())
}

fn commit(text: &str) -> Result<CommitId, Error> {
    text.parse().map_err(|_| {
        StoreError::Damaged { name: "intent".to_owned(), reason: format!("{text:?} is no commit") }
            .into()
    })
}
