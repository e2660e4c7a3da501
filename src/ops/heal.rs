//! Lock files of git's that a killed run of ours left behind.
//!
//! Nobody else writes our own refs, so under the issue's lock a lock on one of them is a leftover
//! as soon as it is sure that no `git pack-refs` has it for a moment. What others write too is
//! healed only for an operation of ours that was interrupted, only when it is not older than
//! that operation, and only when no process that could own it is alive. Everything else is
//! waited for, and then named.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::names::{HEADS, archive_ref, issue_ref, writing_ref};
use crate::domain::session::Session;
use crate::domain::tidy::quoted;
use crate::domain::time::Moment;
use crate::error::Error;
use crate::git::{running, worktrees};
use crate::store::atomic::Folder;
use crate::store::intent::{self, Kind};
use crate::store::{StoreError, lock};

/// How long `git pack-refs` may have a lock on a single ref: it takes it, compares and unlinks.
const MOMENT: Duration = Duration::from_millis(250);
/// How long nobody must be seen who could own a lock before it is called a leftover of others.
const NOBODY: Duration = Duration::from_secs(1);
/// The same when the ref looks as it does while `git pack-refs` prunes it.
const PRUNING: Duration = Duration::from_secs(5);

/// Removes leftover locks on the refs of an issue that only git-orch writes. The issue's lock is
/// held.
pub fn own_refs(ctx: &Context, id: &IssueId) -> Result<(), Error> {
    for name in [issue_ref(id), archive_ref(id), writing_ref(id)] {
        own_ref(ctx, &name)?;
    }
    // The state it kept has its ref by now, or was never recorded and is written anew.
    let writing = writing_ref(id);
    if ctx.repo.common_dir.join(&writing).symlink_metadata().is_ok() {
        let _ = ctx.repo.objects.pin(&writing, None);
    }
    Ok(())
}

/// The same for one ref, by its full name.
pub fn own_ref(ctx: &Context, name: &str) -> Result<(), Error> {
    let path = ctx.repo.common_dir.join(format!("{name}.lock"));
    let Some(seen) = stamp(&path) else { return Ok(()) };
    let patience = if may_be_pruned(ctx, name) { PRUNING } else { MOMENT };
    let begin = Instant::now();
    while begin.elapsed() < patience && !older_than_the_system(&path) {
        std::thread::sleep(Duration::from_millis(20));
        // Gone, or another one by now: somebody is alive.
        if stamp(&path) != Some(seen) {
            return Ok(());
        }
    }
    // Somebody who was stopped for longer than that is alive all the same.
    while !older_than_the_system(&path) {
        let owners = running::owners(&path, &folders(ctx)?);
        if stamp(&path) != Some(seen) {
            return Ok(());
        }
        if owners.as_ref().is_some_and(Vec::is_empty) {
            break;
        }
        if begin.elapsed() > lock::PATIENCE {
            return Err(busy(&path, owners).into());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    remove(&path)
}

/// The same for all refs in the folder `name`, whatever they are called: an earlier run may have
/// chosen another name than the next.
pub fn below(ctx: &Context, name: &str) -> Result<(), Error> {
    let Ok(entries) = std::fs::read_dir(ctx.repo.common_dir.join(name)) else { return Ok(()) };
    for entry in entries.flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        if let Some(stem) = file.strip_suffix(".lock") {
            own_ref(ctx, &format!("{name}/{stem}"))?;
        }
    }
    Ok(())
}

/// `git pack-refs` removes a loose ref only after it has put the same value into `packed-refs`.
fn may_be_pruned(ctx: &Context, name: &str) -> bool {
    let packed = std::fs::read_to_string(ctx.repo.common_dir.join("packed-refs"));
    let loose = std::fs::read_to_string(ctx.repo.common_dir.join(name)).unwrap_or_default();
    packed.is_ok_and(|text| {
        let mut pairs = text.lines().filter_map(|line| line.split_once(' '));
        pairs.any(|(value, held)| held == name && (loose.is_empty() || loose.trim() == value))
    })
}

/// Removes leftover locks on what others write too: `names` are paths below the common
/// directory, without `.lock`. The repository's lock is held, and `kind` is the operation under
/// way; without an intent of it nothing is touched.
pub fn shared(ctx: &Context, kind: Kind<'_>, names: &[&str]) -> Result<(), Error> {
    let Some(since) = begun(&ctx.repo.own_folder(), kind) else { return Ok(()) };
    for name in names {
        let path = ctx.repo.common_dir.join(format!("{name}.lock"));
        // Of branches, an operation on an issue moves the issue's own; it is half done, and nobody
        // else is to write that. A lock on it is a leftover however old it is.
        let since =
            if kind.is_of_issue() && name.starts_with(HEADS) { (i64::MIN, 0) } else { since };
        leftover(since, &path, &|| folders(ctx))?;
    }
    Ok(())
}

/// Looks, before an operation writes down what it sets out to do, whether somebody else locks what
/// it will need: `names` are paths below the common directory, without `.lock`. Somebody who is
/// alive is waited for. What nobody can have made who is alive is named, with the step that helps:
/// it is not ours to remove, and half-way through it would stop us.
pub fn in_the_way(ctx: &Context, kind: Kind<'_>, names: &[&str]) -> Result<(), Error> {
    if begun(&ctx.repo.own_folder(), kind).is_some() {
        return Ok(());
    }
    for name in names {
        let path = ctx.repo.common_dir.join(format!("{name}.lock"));
        leftover((i64::MAX, 0), &path, &|| folders(ctx))?;
    }
    Ok(())
}

/// The same for an operation that makes or deletes the branch `name`, by its full name.
pub fn branch_in_the_way(ctx: &Context, kind: Kind<'_>, name: &str) -> Result<(), Error> {
    in_the_way(ctx, kind, &[name, "packed-refs", "reftable/tables.list"])
}

/// Removes the locks that an agent of ours left in its worktree when it was killed: it is over, and
/// it began at `since`. What somebody else holds, or had before, stays.
pub fn after_agent(ctx: &Context, session: &Session, since: Moment) {
    let since = (since.seconds(), 0);
    let own = worktrees::git_dir_of(&ctx.repo, Path::new(&session.worktree));
    let own = own.iter().flat_map(|dir| ["index.lock", "HEAD.lock"].map(|name| dir.join(name)));
    let branch = ctx.repo.common_dir.join(format!("{}.lock", session.branch.full()));
    for path in own.chain([branch]) {
        if stamp(&path).is_some_and(|seen| seen.changed >= since) {
            let _ = leftover(since, &path, &|| folders(ctx));
        }
    }
}

/// When the operation of this kind began that is under way.
pub fn begun(own_folder: &Path, kind: Kind<'_>) -> Option<(i64, i64)> {
    let meta = intent::path(own_folder, kind).metadata().ok()?;
    Some((meta.mtime(), meta.mtime_nsec()))
}

/// The same for one lock file of an operation that began at `since`; `folders` says where a `git`
/// of this repository stands.
pub fn leftover(
    since: (i64, i64),
    path: &Path,
    folders: &dyn Fn() -> Result<Vec<PathBuf>, Error>,
) -> Result<(), Error> {
    let begin = Instant::now();
    while let Some(seen) = stamp(path) {
        let owners = running::owners(path, &folders()?);
        let ours = seen.changed >= since && owners.as_ref().is_some_and(Vec::is_empty);
        if (ours || older_than_the_system(path)) && stamp(path) == Some(seen) {
            return remove(path);
        }
        let nobody = owners.as_ref().is_some_and(Vec::is_empty);
        if nobody && begin.elapsed() > NOBODY && stamp(path) == Some(seen) {
            return Err(left(path).into());
        }
        if begin.elapsed() > lock::PATIENCE {
            return Err(busy(path, owners).into());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// A lock of others that nobody can have made who is alive. It goes where no name is a ref's.
fn left(path: &Path) -> StoreError {
    let mut top = path;
    while let Some(above) = top.parent().filter(|_| !top.join("HEAD").is_file()) {
        top = above;
    }
    let name = path.strip_prefix(top).unwrap_or(path).to_string_lossy().replace('/', "-");
    let (from, to) = (path.display().to_string(), top.join(format!("{name}.left")));
    let fix = format!("mv {} {}", quoted(&from), quoted(&to.display().to_string()));
    StoreError::Left { path: path.to_owned(), fix }
}

/// The common directory and every worktree: where a `git` of this repository stands. The main one
/// is told by its place: git lists none while `core.bare` is wrong.
fn folders(ctx: &Context) -> Result<Vec<PathBuf>, Error> {
    let common = &ctx.repo.common_dir;
    let mut all = vec![common.clone()];
    all.extend(common.parent().filter(|_| common.ends_with(".git")).map(Path::to_owned));
    all.extend(worktrees::list(&ctx.repo)?.into_iter().map(|w| w.path));
    Ok(all)
}

fn busy(path: &Path, owners: Option<Vec<running::Process>>) -> StoreError {
    let holder = match owners.unwrap_or_default().first() {
        Some(owner) => format!("{} (pid {})", owner.name, owner.pid),
        None => "nobody that can be seen; it is older than this operation".to_owned(),
    };
    StoreError::Busy { what: path.display().to_string(), holder }
}

/// Which file it is, and when it was last changed.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    changed: (i64, i64),
}

fn stamp(path: &Path) -> Option<Stamp> {
    let meta = path.symlink_metadata().ok()?;
    Some(Stamp { inode: meta.ino(), changed: (meta.mtime(), meta.mtime_nsec()) })
}

/// Whether the file was there before the system started: no process that made it is alive.
fn older_than_the_system(path: &Path) -> bool {
    let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let started = stat.lines().find_map(|line| line.strip_prefix("btime ")?.parse::<i64>().ok());
    match (started, path.symlink_metadata()) {
        // A minute for clocks that were set after the start.
        (Some(started), Ok(meta)) => meta.mtime() + 60 < started,
        _ => false,
    }
}

fn remove(path: &Path) -> Result<(), Error> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
    if let Some(folder) = Folder::open(parent, "")? {
        folder.remove(&name.to_string_lossy())?;
        folder.sync()?;
    }
    Ok(())
}
