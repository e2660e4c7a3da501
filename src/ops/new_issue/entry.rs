//! git's entry for a new worktree, made where nobody looks and shown when it is whole.
//!
//! A killed `git worktree add` leaves an entry that stops branch, fetch, push and gc in every
//! worktree. Here the entry and the files of the worktree are made first, then made durable, and
//! one rename puts the entry in its place: there is a whole worktree or none. Its files are those
//! of gitrepository-layout(5). Where refs are kept in tables, git alone can make an entry.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::remains;
use crate::context::Context;
use crate::domain::ids::CommitId;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::git::{Git, config, landing, worktrees};
use crate::store::atomic::Folder;
use crate::store::trash;

/// An entry that is being made.
#[derive(Debug)]
pub struct Entry {
    /// The git directory to work with until it is shown.
    pub git_dir: PathBuf,
    /// Where it is to be shown; `None` when git itself has put it into its place.
    place: Option<PathBuf>,
    worktree: PathBuf,
}

/// What a worktree begins with.
#[derive(Clone, Copy, Debug)]
pub enum Head<'a> {
    /// This branch.
    Branch(&'a str),
    /// No branch, at this commit.
    Commit(&'a CommitId),
}

/// Whether the worktree is there, whole; `filling` says that an earlier run may not have come to
/// the end of it.
pub fn is_whole(ctx: &Context, worktree: &Path, filling: bool) -> bool {
    let Some(git_dir) = worktrees::git_dir_of(&ctx.repo, worktree) else { return false };
    // The main worktree is nobody's to make.
    git_dir == ctx.repo.common_dir
        || ((by_files(ctx) || !filling) && !remains::is_half_made(&git_dir))
}

/// Whether an entry can be made by its files.
pub fn by_files(ctx: &Context) -> bool {
    !ctx.repo.common_dir.join("reftable").exists()
}

/// Where the entry of the worktree `key` stands while it is made. Two folders below the common
/// directory, as its place is, so that the relative way back fits both.
fn stage(ctx: &Context, key: &str) -> PathBuf {
    ctx.repo.own_folder().join(format!("opening-{key}"))
}

/// Puts aside what an earlier try left: the folder, and git's entry for it. A folder that holds
/// something and does not lead to that entry is not ours. One that holds more than filling it with
/// `commit` put there is moved to where it is returned; entries without a worktree are ours when
/// they were made after `since`.
pub fn clear(
    ctx: &Context,
    worktree: &Path,
    key: &str,
    commit: &CommitId,
    since: Option<(i64, i64)>,
) -> Result<Option<PathBuf>, Error> {
    if is_ours(ctx, worktree, key) {
        let work = worktree.exists() && remains::holds_work(ctx, worktree, commit)?;
        put_aside_since(ctx, worktree, key, since)?;
        if work {
            return remains::move_aside(ctx, worktree).map(Some);
        }
        trash::put(&ctx.repo.own_folder(), worktree, &ctx.now.compact())?;
        return Ok(None);
    }
    Err(Refusal::one(
        "occupied",
        format!("making the worktree of issue {key}"),
        format!("{} holds something that git-orch did not put there", worktree.display()),
        format!("move it away, then git orch new-issue {key}"),
    )
    .into())
}

/// Puts aside git's entry for a worktree that only git-orch makes, and one that was never shown.
pub fn put_aside(ctx: &Context, worktree: &Path, key: &str) -> Result<(), Error> {
    put_aside_since(ctx, worktree, key, Some((i64::MIN, 0)))
}

fn put_aside_since(
    ctx: &Context,
    worktree: &Path,
    key: &str,
    since: Option<(i64, i64)>,
) -> Result<(), Error> {
    let own = ctx.repo.own_folder();
    let stamp = ctx.now.compact();
    // The entry first: an empty `commondir` in it stops every git command in the repository.
    let dot_git = worktree.join(".git");
    if let Ok(entries) = std::fs::read_dir(ctx.repo.common_dir.join("worktrees")) {
        for entry in entries.flatten() {
            let link = std::fs::read_to_string(entry.path().join("gitdir")).unwrap_or_default();
            // Where git makes our entries it may be killed before it says whose one is.
            let nameless = link.is_empty()
                && !by_files(ctx)
                && worktree.file_name() == Some(&entry.file_name())
                && made_since(&entry.path(), since);
            if nameless || Path::new(link.trim_end()) == dot_git {
                trash::put(&own, &entry.path(), &stamp)?;
            }
        }
    }
    Ok(trash::put(&own, &stage(ctx, key), &stamp)?)
}

fn made_since(path: &Path, since: Option<(i64, i64)>) -> bool {
    let made = path.metadata().map(|meta| (meta.mtime(), meta.mtime_nsec()));
    made.is_ok_and(|made| since.is_some_and(|since| made >= since))
}

/// Whether the folder holds nothing, or is one of ours: its first file leads to our entry, and is
/// empty after a power cut that came too early.
fn is_ours(ctx: &Context, worktree: &Path, key: &str) -> bool {
    match std::fs::read_to_string(worktree.join(".git")) {
        Ok(text) => {
            let target = text.trim_end().strip_prefix("gitdir: ").map(Path::new);
            let entries = ctx.repo.common_dir.join("worktrees");
            target.is_none_or(|dir| dir == stage(ctx, key) || dir.starts_with(entries))
                && (target.is_some() || text.is_empty())
        }
        Err(_) => match std::fs::read_dir(worktree) {
            Ok(mut entries) => entries.next().is_none(),
            Err(_) => worktree.symlink_metadata().is_err(),
        },
    }
}

/// Begins the worktree at `path` with `head` checked out: its folder, empty, and its entry.
pub fn begin(
    ctx: &Context,
    git: &Git,
    path: &Path,
    head: Head<'_>,
    key: &str,
) -> Result<Entry, Error> {
    let nowhere = || {
        let why = format!("{} is no place for a worktree", path.display());
        Error::usage(why, "mend worktree.path in .orchestration/config.toml")
    };
    let (parent, name) = path.parent().zip(path.file_name()).ok_or_else(nowhere)?;
    let parent = Folder::create(parent, "")?;
    if !by_files(ctx) {
        let common = &ctx.repo.common_dir;
        match head {
            Head::Branch(branch) => worktrees::register(git, common, path, branch)?,
            Head::Commit(commit) => landing::register(git, common, path, commit)?,
        }
        let git_dir = worktrees::git_dir_of(&ctx.repo, path).ok_or_else(|| {
            Error::surroundings(
                format!("git made no worktree at {}", path.display()),
                "git worktree list",
            )
        })?;
        return Ok(Entry { git_dir, place: None, worktree: path.to_owned() });
    }
    let git_dir = stage(ctx, key);
    let stage = git_dir.file_name().unwrap_or_default();
    let entry = Folder::create(&ctx.repo.own_folder(), "")?.draft_folder(stage)?;
    let head = match head {
        Head::Branch(branch) => format!("ref: refs/heads/{branch}\n"),
        Head::Commit(commit) => format!("{commit}\n"),
    };
    entry.draft("HEAD", head.as_bytes())?;
    entry.draft("commondir", b"../..\n")?;
    entry.draft("gitdir", line(&path.join(".git")).as_bytes())?;
    take_over(ctx, git, &entry)?;
    let top = parent.draft_folder(name)?;
    // The first file in it: by this an unfinished worktree is known for ours.
    let place = free_place(ctx, path);
    top.draft(".git", format!("gitdir: {}", line(&place)).as_bytes())?;
    Ok(Entry { git_dir, place: Some(place), worktree: path.to_owned() })
}

fn line(path: &Path) -> String {
    format!("{}\n", path.display())
}

/// What `git worktree add` takes over from the worktree around it: settings that belong to one
/// worktree, without those that say where it is, and which part of the files is wanted.
fn take_over(ctx: &Context, git: &Git, entry: &Folder) -> Result<(), Error> {
    let from = Folder::create(&ctx.repo.git_dir, "")?;
    if let Some(bytes) = from.read("config.worktree")? {
        entry.draft("config.worktree", &bytes)?;
        let file = entry.path().join("config.worktree");
        for key in ["core.bare", "core.worktree"] {
            let call = git.at(entry.path()).quiet().args(["config", "--file"]).arg(&file);
            // 5: it was not set.
            let _ = call.args(["--unset-all", key]).run()?;
        }
    }
    if let Some(info) = Folder::open(&ctx.repo.git_dir, "info")?
        && let Some(bytes) = info.read("sparse-checkout")?
        && config::value(&ctx.repo, "core.sparseCheckout")?.as_deref() == Some("true")
    {
        Folder::create(entry.path(), "info")?.draft("sparse-checkout", &bytes)?;
    }
    Ok(())
}

/// A free place among git's entries, named after the worktree's folder as git does it.
fn free_place(ctx: &Context, path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let plain = |c: char| if c.is_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = name.chars().map(plain).collect();
    let name = name.trim_start_matches('.').trim_end_matches(".lock");
    let name = if name.is_empty() { "worktree" } else { name };
    let all = ctx.repo.common_dir.join("worktrees");
    let mut place = all.join(name);
    let mut count = 0;
    while place.symlink_metadata().is_ok() {
        count += 1;
        place = all.join(format!("{name}{count}"));
    }
    place
}

impl Entry {
    /// Makes everything durable that was made so far. It may take long where others write much.
    pub fn sync(&self, ctx: &Context) -> Result<(), Error> {
        let own = Folder::create(&ctx.repo.own_folder(), "")?;
        let worktree = Folder::create(&self.worktree, "")?;
        worktree.sync_file_system()?;
        if worktree.device()? != own.device()? {
            own.sync_file_system()?;
        }
        Ok(())
    }

    /// Shows the entry: from here on git sees the worktree, whole. The repository's lock is held.
    /// Returns where the entry is now.
    pub fn show(&self, ctx: &Context) -> Result<PathBuf, Error> {
        let Some(foreseen) = &self.place else { return Ok(self.git_dir.clone()) };
        let place = free_place(ctx, &self.worktree);
        if place != *foreseen {
            // Somebody else took it while files were written.
            let text = format!("gitdir: {}", line(&place));
            Folder::create(&self.worktree, "")?.write(".git", text.as_bytes())?;
        }
        let own = Folder::create(&ctx.repo.own_folder(), "")?;
        let all = Folder::create(&ctx.repo.common_dir, "worktrees")?;
        let name =
            |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        own.move_to(&name(&self.git_dir), &all, &name(&place))?;
        Ok(place)
    }
}
