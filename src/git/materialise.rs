//! Fills a new worktree by copying unchanged files from one that exists, several times faster than
//! a checkout; what cannot be copied git writes.
//!
//! The result is what `git read-tree -u` would give: same bytes, same modes, an index whose stat
//! data fit the new files. Copied is only what provably equals the stored blob, and only where git
//! would write the blob as it is stored; neither the state of the source worktree nor a change to
//! it meanwhile can show in the new one. Owns the files below the target and its `index`. Does not
//! register worktrees, does not spawn git (the caller hands in how), does not repair: whoever
//! calls trashes a half-filled worktree, though calling again finishes it too.

mod calls;
mod conversion;
mod copy;
mod file;
mod hash;
mod index;
mod plan;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, openat, renameat, unlinkat};

pub use self::calls::{GitCall, GitFailure, RunGit};
use self::conversion::Settings;
use self::copy::Copying;
use self::file::{SMALL, Seen};
use self::hash::ObjectFormat;
use self::index::{Index, Kind, Stamp, Unusable};
use self::plan::Folder;
use crate::domain::ids::TreeId;

/// A worktree to be filled.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The worktree to copy from.
    pub source_worktree: &'a Path,
    /// Its own git directory, where its `index` lies.
    pub source_git_dir: &'a Path,
    /// The new worktree: registered, its folder there, nothing checked out.
    pub target_worktree: &'a Path,
    /// Its own git directory.
    pub target_git_dir: &'a Path,
    /// What is to be checked out.
    pub tree: &'a TreeId,
    /// The output of `git config -z --list`, when the caller has it already.
    pub settings: Option<&'a [u8]>,
    /// Whether attributes may be set elsewhere than in the tree: for the repository, the user or
    /// the machine.
    pub attributes_outside: bool,
    /// Threads that copy; 0 counts as 1.
    pub threads: usize,
}

/// How a worktree was filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// Partly or wholly by copying.
    Copied {
        /// Paths that were copied.
        copied: usize,
        /// Paths that git wrote.
        written: usize,
    },
    /// By git alone.
    Written {
        /// Why nothing could be copied.
        obstacle: &'static str,
    },
}

/// Why a worktree could not be filled.
#[derive(Debug, thiserror::Error)]
pub enum MaterialiseError {
    /// git failed, most often because a filter did.
    #[error("git could not fill the worktree: {0}")]
    Git(#[from] GitFailure),
    /// The index could not be written.
    #[error("{path}: {source}")]
    Index {
        /// Its lock file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Most paths that are named to git one by one; beyond, git looks at all of them.
const NAMED: usize = 512;

/// Puts the files of `job.tree` into the target worktree and writes its index.
pub fn materialise(job: &Job<'_>, git: &RunGit<'_>) -> Result<Report, MaterialiseError> {
    let outcome = match wanted(job, git)? {
        Ok(wanted) => fill(job, git, &wanted)?,
        Err(obstacle) => Err(obstacle),
    };
    match outcome {
        Ok(report) => Ok(report),
        Err(Unusable(obstacle)) => {
            calls::write_tree(git, job.tree.as_str())?;
            Ok(Report::Written { obstacle })
        }
    }
}

/// What the new worktree is to hold.
struct Wanted {
    /// Its index, stat data aside.
    index: Index,
    /// What is known of the source of each path.
    seen: Vec<Option<Seen>>,
    /// Where the paths of which something is known go, the small ones and the large.
    small: Vec<Folder>,
    large: Vec<Folder>,
}

impl Wanted {
    fn new(index: Index, seen: Vec<Option<Seen>>) -> Result<Self, Unusable> {
        let plan = |large: bool| {
            plan::folders(&index, |place| {
                seen[place].is_some_and(|(size, _)| (size > SMALL) == large)
            })
        };
        let (small, large) = (plan(false)?, plan(true)?);
        Ok(Self { index, seen, small, large })
    }
}

/// Finds out what the new worktree is to hold, and writes that as its index without stat data.
fn wanted(job: &Job<'_>, git: &RunGit<'_>) -> Result<Result<Wanted, Unusable>, MaterialiseError> {
    // Without this file the setting has no effect; with it, a copy would put too much in place.
    if job.target_git_dir.join("info/sparse-checkout").exists() {
        return Ok(Err(Unusable("it has a sparse checkout")));
    }
    let source = match read_index(job.source_git_dir, job.tree) {
        Ok(source) => source,
        Err(obstacle) => return Ok(Err(obstacle)),
    };
    if source.is_exactly(job.tree.as_str()) {
        let seen = source.entries().iter().map(|entry| Some(source.seen(entry))).collect();
        let wanted = Wanted::new(source, seen);
        if let Ok(wanted) = &wanted {
            write_index(job.target_git_dir, &wanted.index.stamped(&[]))?;
        }
        return Ok(wanted);
    }
    calls::write_index_of(git, job.tree.as_str())?;
    Ok(read_index(job.target_git_dir, job.tree).and_then(|index| {
        let seen = known(&index, &source);
        Wanted::new(index, seen)
    }))
}

/// For each path of `index` what `source` knows of it, where both name the same blob.
fn known(index: &Index, source: &Index) -> Vec<Option<Seen>> {
    let mut others = source.entries().iter().peekable();
    let seen = |entry: &index::Entry| {
        let name = index.name(entry);
        while others.next_if(|other| source.name(other) < name).is_some() {}
        let same = others.next_if(|other| source.name(other) == name)?;
        let equal = same.kind == entry.kind && source.id(same) == index.id(entry);
        equal.then(|| source.seen(same))
    };
    index.entries().iter().map(seen).collect()
}

/// Copies what can be copied, writes the index and has git write the rest.
fn fill(
    job: &Job<'_>,
    git: &RunGit<'_>,
    wanted: &Wanted,
) -> Result<Result<Report, Unusable>, MaterialiseError> {
    let index = &wanted.index;
    let small = Copying::new(index, &wanted.seen, &wanted.small);
    let (copied, converted) = std::thread::scope(|scope| {
        let copied =
            scope.spawn(|| small.run(job.source_worktree, job.target_worktree, job.threads));
        let converted = converted(job, git, wanted);
        if !matches!(converted, Ok(Ok(_))) {
            small.stop();
        }
        (copied.join().unwrap_or_default(), converted)
    });
    let converted = match converted? {
        Ok(converted) => converted,
        Err(obstacle) => return Ok(Err(obstacle)),
    };
    let mut stamps: Vec<Option<Stamp>> = vec![None; wanted.seen.len()];
    for (place, stamp) in copied {
        stamps[place] = Some(stamp).filter(|_| !converted[place]);
    }
    // Large files wait for the attributes: reading one that a filter made is time lost.
    let plain = wanted.seen.iter().zip(&converted);
    let plain: Vec<_> = plain.map(|(seen, converted)| seen.filter(|_| !converted)).collect();
    let large = Copying::new(index, &plain, &wanted.large);
    for (place, stamp) in large.run(job.source_worktree, job.target_worktree, job.threads) {
        stamps[place] = Some(stamp);
    }
    write_index(job.target_git_dir, &index.stamped(&stamps))?;
    let left: Vec<usize> = (0..stamps.len()).filter(|place| stamps[*place].is_none()).collect();
    write_left(job, git, index, &left)?;
    Ok(Ok(Report::Copied { copied: stamps.len() - left.len(), written: left.len() }))
}

/// For each path whether git changes its content on writing.
fn converted(
    job: &Job<'_>,
    git: &RunGit<'_>,
    wanted: &Wanted,
) -> Result<Result<Vec<bool>, Unusable>, MaterialiseError> {
    let settings = match job.settings {
        Some(settings) => Settings::read(settings),
        None => Settings::read(&calls::settings(git)?),
    };
    if let Some(obstacle) = settings.obstacle {
        return Ok(Err(Unusable(obstacle)));
    }
    let index = &wanted.index;
    let in_tree = || {
        let names = index.entries().iter().map(|entry| index.name(entry));
        names.into_iter().any(|name| name.ends_with(b".gitattributes"))
    };
    if !job.attributes_outside && !in_tree() {
        return Ok(Ok(vec![false; wanted.seen.len()]));
    }
    let asked: Vec<usize> = (0..wanted.seen.len())
        .filter(|place| wanted.seen[*place].is_some())
        .filter(|place| matches!(index.entries()[*place].kind, Kind::File { .. }))
        .collect();
    let names = || asked.iter().map(|place| index.name(&index.entries()[*place]));
    let output = calls::attributes(git, ended_by_zeros(names()))?;
    let answers = conversion::converted(&settings, &output, names());
    // Were the answer not to be understood, git would write every file.
    let mut converted = vec![answers.is_none(); wanted.seen.len()];
    for (place, answer) in asked.into_iter().zip(answers.into_iter().flatten()) {
        converted[place] = answer;
    }
    Ok(Ok(converted))
}

/// Has git write the paths at `left`, whose index entries have no stat data.
fn write_left(
    job: &Job<'_>,
    git: &RunGit<'_>,
    index: &Index,
    left: &[usize],
) -> Result<(), MaterialiseError> {
    let names = left.iter().map(|place| index.name(&index.entries()[*place]));
    match left.len() {
        0 => {}
        1..=NAMED => calls::write_files(git, ended_by_zeros(names))?,
        _ => calls::write_tree(git, job.tree.as_str())?,
    }
    Ok(())
}

fn ended_by_zeros<'a>(names: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for name in names {
        bytes.extend_from_slice(name);
        bytes.push(0);
    }
    bytes
}

fn read_index(git_dir: &Path, tree: &TreeId) -> Result<Index, Unusable> {
    let format = if tree.as_str().len() == 40 { ObjectFormat::Sha1 } else { ObjectFormat::Sha256 };
    let bytes =
        fs::read(git_dir.join("index")).map_err(|_| Unusable("its index could not be read"))?;
    Index::parse(bytes, format)
}

/// Puts an index in place as git does: written beside as `index.lock`, then renamed.
fn write_index(git_dir: &Path, bytes: &[u8]) -> Result<(), MaterialiseError> {
    let lock = git_dir.join("index.lock");
    let failed = |error: rustix::io::Errno| MaterialiseError::Index {
        path: lock.clone(),
        source: error.into(),
    };
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let file = openat(CWD, &lock, flags, Mode::from_raw_mode(0o666)).map_err(failed)?;
    file::write_whole(&file, bytes)
        .and_then(|()| renameat(CWD, &lock, CWD, git_dir.join("index")))
        .map_err(|error| {
            // Ours: made just above with O_EXCL.
            let _ = unlinkat(CWD, &lock, AtFlags::empty());
            failed(error)
        })
}
