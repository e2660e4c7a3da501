//! Bringing kept work back: into the worktree of an open issue, or as a branch.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::capture::{Captured, capture, conflicts, intended, is_index};
use super::checkpoint;
use super::ignored::{self, BEFORE, File, Form};
use super::shelf::{Item, parsed};

use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::HEADS;
use crate::domain::refusal::{Refusal, Unmet};
use crate::domain::session::Session;
use crate::error::Error;
use crate::git::{RefChange, status};
use crate::ops::{Narrator, ground, heal, obstacles, record};
use crate::store::atomic::Folder;
use crate::store::intent::{self, Kind as IntentKind};
use crate::store::{StoreError, chain, layout};

/// The kind of intent that bringing work back leaves.
const INTENT: &str = "salvage";

/// What came of bringing work back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Restored {
    /// It lies uncommitted in the issue's worktree again.
    Worktree(PathBuf),
    /// It is a branch of this name now.
    Branch(String),
}

/// Brings work back: into the issue's worktree as it lay there, where that stands as it did, or as
/// a branch. `branch` asks for a branch of that name.
pub fn restore(
    ctx: &Context,
    item: &Item,
    branch: Option<&str>,
    narrator: &mut dyn Narrator,
) -> Result<Restored, Error> {
    let open = match (branch, item.issue.parse::<IssueId>()) {
        (None, Ok(id)) if chain::open(&ctx.repo, &id)?.is_some() => Some(id),
        _ => None,
    };
    if let Some(id) = open {
        let _checks = record::lock_checks(ctx, &id, narrator)?;
        let held = record::hold(ctx, &id, narrator)?;
        return into_worktree(ctx, &held, item, narrator).map(Restored::Worktree);
    }
    let wanted = branch.map_or_else(|| format!("{}-again", item.issue), str::to_owned);
    let name: crate::domain::names::BranchName =
        wanted.parse().map_err(|e| Error::usage(format!("{e}"), "git orch salvage restore -h"))?;
    let commit = parsed(&item.commit)?;
    match ctx.repo.branch_tip(name.as_str())? {
        Some(there) if there == commit => {}
        Some(_) => {
            return Err(Refusal::one(
                "branch-taken",
                format!("bringing {} back", item.short),
                format!("there is a branch {name} already"),
                format!("git orch salvage restore {} --branch {name}-2", item.short),
            )
            .into());
        }
        None => {
            let new = RefChange { name: format!("{HEADS}{name}"), old: None, new: Some(commit) };
            ctx.repo.move_refs(&ctx.repo.git, &[new])?;
        }
    }
    Ok(Restored::Branch(name.to_string()))
}

/// Puts kept files into the worktree of an open issue. Every choice is in the item itself, so the
/// intent only says that what lies there half-written is ours.
pub fn into_worktree(
    ctx: &Context,
    held: &record::Held,
    item: &Item,
    narrator: &mut dyn Narrator,
) -> Result<PathBuf, Error> {
    let session = held.session();
    let id = session.issue.clone();
    let what = format!("bringing {} back", item.short);
    let own = ctx.repo.own_folder();
    let kind = IntentKind::of_issue(INTENT, &id);
    let ground = ground::find(ctx, session, &what)?;
    let going_on = intent::read::<String>(&own, kind)?.as_deref() == Some(&item.name);
    if ground.tip.as_str() != item.tip {
        let why = format!("{} has moved on since; it was at {}", session.branch, &item.tip[..10]);
        let fix = format!("git orch salvage restore {} --branch {id}-again", item.short);
        return Err(Refusal::one("moved", what, why, fix).into());
    }
    let files = kept_files(ctx, session, item, narrator)?;
    if is_there(ctx, capture(ctx, &held.git, session)?.as_ref(), item, &ground.worktree, &files)? {
        durable(&ground.worktree)?;
        intent::clear(&own, kind)?;
        return Ok(ground.worktree);
    }
    let entry = ground.git_dir.strip_prefix(&ctx.repo.common_dir).unwrap_or(&ground.git_dir);
    let index = format!("{}/index", entry.display());
    heal::in_the_way(ctx, kind, &[&index])?;
    if going_on {
        // Whatever was typed since the earlier run was killed is saved before it is written over.
        checkpoint::everything(ctx, &held.git, session)?;
    } else {
        let unmet: Vec<Unmet> = obstacles::occupied(ctx, session)?;
        if !unmet.is_empty() {
            return Err(Refusal::many("work-there", what, unmet).into());
        }
        intent::write(&own, kind, &item.name)?;
    }
    let repository = record::lock_repository(ctx, narrator)?;
    heal::shared(ctx, kind, &[&index])?;
    let git = held.git.holding(&repository.file);
    let commit = parsed(&item.commit)?;
    make_room(ctx, &ground, item, &commit, narrator)?;
    let call = || git.in_repository(&ground.git_dir, Some(&ground.worktree)).quiet();
    let source = format!("--source={}", item.commit);
    call().args(["restore", &source, "--staged", "--worktree", "--", ":/"]).done()?;
    let (staged, message) = staged(ctx, &commit)?.unwrap_or((commit, String::new()));
    call().args(["read-tree", staged.as_str()]).done()?;
    let intended = intended(&message);
    if !intended.is_empty() {
        let paths = intended.iter().map(|path| format!(":(top,literal){path}"));
        call().args(["add", "--intent-to-add", "--force", "--"]).args(paths).done()?;
    }
    let sides = conflicts(&message);
    if !sides.is_empty() {
        let input = format!("{}\0", sides.join("\0"));
        call().args(["update-index", "-z", "--index-info"]).input(input).done()?;
    }
    tell_empty(&ground.worktree, item, narrator);
    for file in &files {
        // What git just gave back in its own way is nobody's, nor is a draft that nobody wrote in.
        let replaced =
            !item.ignored.contains(&file.path) || is_template(ctx, session, &ground.worktree, file);
        put(ctx, &ground.worktree, file, replaced, narrator)?;
    }
    durable(&ground.worktree)?;
    heal::shared(ctx, kind, &[&index])?;
    intent::clear(&own, kind)?;
    Ok(ground.worktree)
}

/// git syncs no file of a worktree; what is said to be back stays back.
fn durable(worktree: &Path) -> Result<(), Error> {
    if let Some(folder) = Folder::open(worktree, "")? {
        folder.sync_file_system()?;
    }
    Ok(())
}

/// The ignored files that are to come back. A draft does not replace what was frozen since.
fn kept_files(
    ctx: &Context,
    session: &Session,
    item: &Item,
    narrator: &mut dyn Narrator,
) -> Result<Vec<File>, Error> {
    let Some(commit) = &item.ignored_commit else { return Ok(Vec::new()) };
    let mut files = ignored::read(ctx, &parsed(commit)?)?;
    let spec = ignored::spec();
    if session.spec.is_some() && files.iter().any(|file| file.path == spec) {
        files.retain(|file| file.path != spec);
        narrator.say(&format!(
            "the specification is frozen and stays; the draft: git show {commit}:{spec}"
        ));
    }
    Ok(files)
}

/// Whether all of it lies in the worktree already.
fn is_there(
    ctx: &Context,
    now: Option<&Captured>,
    item: &Item,
    worktree: &Path,
    files: &[File],
) -> Result<bool, Error> {
    let Some(now) = now else { return Ok(false) };
    let same = now.is_beside_ignored(ctx, &parsed(&item.commit)?)?;
    Ok(same && files.iter().all(|file| lies(worktree, file)))
}

/// Whether the file lies in the worktree as it was kept.
fn lies(worktree: &Path, file: &File) -> bool {
    let path = worktree.join(&file.path);
    match path.symlink_metadata() {
        Ok(meta) if meta.is_symlink() => {
            let to = fs::read_link(&path);
            file.form == Form::Link && to.is_ok_and(|to| to.as_os_str().as_bytes() == file.bytes)
        }
        Ok(meta) if meta.is_file() => {
            file.form != Form::Link && fs::read(&path).is_ok_and(|bytes| bytes == file.bytes)
        }
        _ => false,
    }
}

/// Moves what git ignores out of the way of the files that come back: git would write over it
/// without a word.
fn make_room(
    ctx: &Context,
    ground: &ground::Ground,
    item: &Item,
    commit: &CommitId,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let top = &ground.worktree;
    let lying = status::lying(&ctx.repo.git, top, &ground.git_dir)?;
    let ignored: BTreeSet<&str> =
        lying.ignored.iter().map(|path| path.trim_end_matches('/')).collect();
    let coming = item.files.iter().filter(|path| !item.ignored.contains(path));
    for path in coming {
        // The path itself, what it would lie in, or a folder where a file is to be.
        let above =
            Path::new(path).ancestors().filter_map(Path::to_str).find(|a| ignored.contains(a));
        let Some(above) = above else {
            if top.join(path).is_dir() && ignored.iter().any(|i| Path::new(i).starts_with(path)) {
                move_aside(ctx, top, path, narrator)?;
            }
            continue;
        };
        let full = top.join(above);
        if above != path {
            if !full.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
                move_aside(ctx, top, above, narrator)?;
                continue;
            }
            if top.join(path).symlink_metadata().is_err() {
                continue;
            }
        }
        let there = fs::read(top.join(path)).ok();
        let plain = top.join(path).symlink_metadata().is_ok_and(|meta| meta.is_file());
        if !plain || there != ctx.repo.objects.file(commit, path)? {
            move_aside(ctx, top, path, narrator)?;
        }
    }
    Ok(())
}

/// Moves what lies at `path` to `.context/before-<time>/`, where it is in nobody's way.
fn move_aside(
    ctx: &Context,
    top: &Path,
    path: &str,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let full = top.join(path);
    if full.symlink_metadata().is_err() {
        return Ok(());
    }
    let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
    let Some(from) = Folder::open(top, above)? else { return Ok(()) };
    let stem = format!("{}/{BEFORE}-{}", layout::CONTEXT, ctx.now.compact());
    let mut to = stem.clone();
    for count in 2.. {
        if top.join(&to).join(path).symlink_metadata().is_err() {
            break;
        }
        to = format!("{stem}-{count}");
    }
    let folder = Folder::create(top, format!("{to}/{above}").trim_end_matches('/'))?;
    from.move_to(name, &folder, name)?;
    narrator.say(&format!("what lay at {path} is kept as {to}/{path}"));
    Ok(())
}

/// Whether a draft lies there in which nobody has written.
fn is_template(ctx: &Context, session: &Session, top: &Path, file: &File) -> bool {
    let derived = || ignored::derived_spec(ctx, session).unwrap_or_default();
    file.path == ignored::spec()
        && fs::read(top.join(&file.path)).is_ok_and(|there| derived().contains(&there))
}

/// Puts back one file as it was. Another one that lies there is moved aside first, unless it is to
/// be replaced.
fn put(
    ctx: &Context,
    top: &Path,
    file: &File,
    replaced: bool,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    if lies(top, file) {
        return Ok(());
    }
    for above in Path::new(&file.path).ancestors().filter_map(Path::to_str) {
        let is_dir = || top.join(above).symlink_metadata().is_ok_and(|meta| meta.is_dir());
        let fits = if above == file.path { replaced } else { above.is_empty() || is_dir() };
        if !fits {
            move_aside(ctx, top, above, narrator)?;
        }
    }
    let (above, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
    let folder = Folder::create(top, above)?;
    match file.form {
        Form::Plain => folder.write_with(name, &file.bytes, 0o644).map(drop)?,
        Form::Executable => folder.write_with(name, &file.bytes, 0o755).map(drop)?,
        Form::Link => {
            let to = std::ffi::OsStr::from_bytes(&file.bytes);
            rustix::fs::symlinkat(to, folder.fd(), name)
                .map_err(|e| StoreError::file(&top.join(&file.path), e))?;
        }
    }
    Ok(())
}

/// Says which of it are only names: a repository within the worktree is in no salvage.
fn tell_empty(top: &Path, item: &Item, narrator: &mut dyn Narrator) {
    for path in &item.files {
        let folder = top.join(path);
        if folder.symlink_metadata().is_ok_and(|meta| meta.is_dir())
            && !folder.join(".git").exists()
        {
            narrator.say(&format!("{path} was a repository of its own: nothing in it was kept"));
        }
    }
}

/// The commit that holds the index of what was kept, and its message.
fn staged(ctx: &Context, commit: &CommitId) -> Result<Option<(CommitId, String)>, Error> {
    for parent in ctx.repo.objects.commit(commit)?.parents.into_iter().skip(1) {
        let message = ctx.repo.objects.commit(&parent)?.message;
        if is_index(&message) {
            return Ok(Some((parent, message)));
        }
    }
    Ok(None)
}
