//! Changes by libgit2: no process, and content only where it is asked for.

use std::collections::{BTreeMap, BTreeSet};

use git2::{
    Commit, Delta, Diff, DiffFile, DiffLineType, DiffOptions, Oid, Patch, Repository, Tree,
};

use super::build::{self, FileBuilder, Line, Side};
use super::change::{Change, FileChange, Pair, SIZE_LIMIT};
use super::trees;
use crate::domain::ids::{BlobId, CommitId};
use crate::git::exec::GitError;

/// Most paths that are named to libgit2; beyond, it looks at all of them.
const NAMED: usize = 1_000;

/// The settings under which libgit2 and the program give the same diffs.
fn options() -> DiffOptions {
    let mut options = DiffOptions::new();
    options.context_lines(3).indent_heuristic(true).max_size(i64::from(SIZE_LIMIT));
    options
}

pub fn changes(
    lib: &Repository,
    commits: &[CommitId],
) -> Result<BTreeMap<CommitId, Change>, GitError> {
    let mut all = BTreeMap::new();
    for id in commits {
        let commit = find(lib, id)?;
        let change = match commit.parent_count() {
            0 | 1 => {
                let parent = commit.parents().next().map(|parent| parent.tree()).transpose()?;
                build::change(files(&diff(lib, parent.as_ref(), &commit.tree()?)?, None)?)
            }
            _ => merged(lib, &commit)?,
        };
        all.insert(id.clone(), change);
    }
    Ok(all)
}

/// Everything between two commits as one change, with so many lines of context.
pub fn whole(
    lib: &Repository,
    from: &CommitId,
    to: &CommitId,
    context: u32,
) -> Result<Change, GitError> {
    let (from, to) = (find(lib, from)?.tree()?, find(lib, to)?.tree()?);
    let options = &mut options();
    options.context_lines(context);
    let diff = lib.diff_tree_to_tree(Some(&from), Some(&to), Some(options))?;
    Ok(build::change(files(&diff, None)?))
}

pub fn touched(
    lib: &Repository,
    commits: &[CommitId],
) -> Result<BTreeMap<CommitId, Vec<Pair>>, GitError> {
    let mut all = BTreeMap::new();
    for id in commits {
        let commit = find(lib, id)?;
        let tree = commit.tree()?;
        let mut pairs: Option<BTreeSet<Pair>> = None;
        for parent in parents(&commit)? {
            let here: BTreeSet<Pair> = trees::differences(lib, parent.as_ref(), Some(&tree))?
                .into_iter()
                .filter_map(|one| {
                    let blob = one.new?.to_string().parse().ok()?;
                    Some((String::from_utf8_lossy(&one.path).into_owned(), blob))
                })
                .collect();
            pairs = Some(match pairs {
                None => here,
                Some(before) => before.intersection(&here).cloned().collect(),
            });
        }
        all.insert(id.clone(), pairs.unwrap_or_default().into_iter().collect());
    }
    Ok(all)
}

/// Every path at which one of the commits differs from its first parent.
pub fn paths(lib: &Repository, commits: &[CommitId]) -> Result<BTreeSet<Vec<u8>>, GitError> {
    let mut all = BTreeSet::new();
    for id in commits {
        let commit = find(lib, id)?;
        let parent = commit.parents().next().map(|parent| parent.tree()).transpose()?;
        let found = trees::differences(lib, parent.as_ref(), Some(&commit.tree()?))?;
        all.extend(found.into_iter().map(|one| one.path));
    }
    Ok(all)
}

pub fn lines_of<'a>(
    lib: &Repository,
    blobs: impl Iterator<Item = &'a BlobId>,
) -> Result<BTreeSet<u64>, GitError> {
    let mut lines = BTreeSet::new();
    for id in blobs {
        let Ok(blob) = lib.find_blob(Oid::from_str(id.as_str())?) else { continue };
        if u32::try_from(blob.size()).is_ok_and(|size| size <= SIZE_LIMIT) && !blob.is_binary() {
            for line in String::from_utf8_lossy(blob.content()).lines() {
                lines.extend(build::telling(line));
            }
        }
    }
    Ok(lines)
}

fn find<'r>(lib: &'r Repository, id: &CommitId) -> Result<Commit<'r>, GitError> {
    Ok(lib.find_commit(Oid::from_str(id.as_str())?)?)
}

/// The trees of the parents; nothing for a commit without any, which adds everything.
fn parents<'r>(commit: &Commit<'r>) -> Result<Vec<Option<Tree<'r>>>, GitError> {
    if commit.parent_count() == 0 {
        return Ok(vec![None]);
    }
    commit.parents().map(|parent| Ok(Some(parent.tree()?))).collect()
}

fn diff<'r>(
    lib: &'r Repository,
    old: Option<&Tree<'_>>,
    new: &Tree<'_>,
) -> Result<Diff<'r>, GitError> {
    let differences = trees::differences(lib, old, Some(new))?;
    if differences.is_empty() {
        return Ok(lib.diff_tree_to_tree(None, None, None)?);
    }
    let mut options = options();
    // Named one by one, no other folder is read.
    if differences.len() <= NAMED {
        options.disable_pathspec_match(true);
        for difference in differences {
            options.pathspec(difference.path);
        }
    }
    Ok(lib.diff_tree_to_tree(old, Some(new), Some(&mut options))?)
}

/// The path a delta is about.
fn named(delta: &git2::DiffDelta<'_>) -> String {
    let gone = delta.status() == Delta::Deleted;
    let file = if gone { delta.old_file() } else { delta.new_file() };
    String::from_utf8_lossy(file.path_bytes().unwrap_or_default()).into_owned()
}

fn side(file: &DiffFile<'_>) -> Side {
    let blob = (!file.id().is_zero()).then(|| file.id().to_string().parse().ok()).flatten();
    let mode = if blob.is_none() { 0 } else { u32::from(file.mode()) };
    Side { mode: format!("{mode:06o}"), blob }
}

/// The changes of a diff, or those at the paths `among`.
fn files(diff: &Diff<'_>, among: Option<&BTreeSet<String>>) -> Result<Vec<FileBuilder>, GitError> {
    let mut list = Vec::new();
    for at in 0..diff.deltas().len() {
        let Some(delta) = diff.get_delta(at) else { continue };
        let path = named(&delta);
        if among.is_some_and(|among| !among.contains(&path)) {
            continue;
        }
        let (old, new) = (side(&delta.old_file()), side(&delta.new_file()));
        let mut file = FileBuilder::new(path, &old, &new);
        read_lines(diff, at, &mut file, &old, &new)?;
        list.push(file);
    }
    Ok(list)
}

fn read_lines(
    diff: &Diff<'_>,
    at: usize,
    file: &mut FileBuilder,
    old: &Side,
    new: &Side,
) -> Result<(), GitError> {
    let patch = Patch::from_diff(diff, at)?;
    // Whether it is binary is known once its content was read.
    let binary = diff.get_delta(at).is_some_and(|delta| delta.flags().is_binary());
    let Some(patch) = patch.filter(|_| !binary) else {
        file.binary(old, new);
        return Ok(());
    };
    for hunk in 0..patch.num_hunks() {
        for line in 0..patch.num_lines_in_hunk(hunk)? {
            let line = patch.line_in_hunk(hunk, line)?;
            let kind = match line.origin_value() {
                DiffLineType::Addition => Line::Added,
                DiffLineType::Deletion => Line::Removed,
                DiffLineType::Context => Line::Context,
                _ => continue,
            };
            file.line(kind, &String::from_utf8_lossy(line.content()));
        }
    }
    Ok(())
}

/// What a merge changed against every one of its parents.
fn merged(lib: &Repository, commit: &Commit<'_>) -> Result<Change, GitError> {
    let tree = commit.tree()?;
    let mut diffs = Vec::new();
    for parent in parents(commit)? {
        diffs.push(diff(lib, parent.as_ref(), &tree)?);
    }
    // Content is read only where all parents differ: a merge mostly takes one side or the other.
    let mut own: Option<BTreeSet<String>> = None;
    for diff in &diffs {
        let here: BTreeSet<String> = diff.deltas().map(|delta| named(&delta)).collect();
        own = Some(match own {
            None => here,
            Some(before) => before.intersection(&here).cloned().collect(),
        });
    }
    let own = own.unwrap_or_default();
    let mut merged: Option<Change> = None;
    for diff in &diffs {
        let here = build::merge(files(diff, Some(&own))?);
        merged = Some(match merged {
            None => here,
            Some(mut before) => {
                // The same paths in the same order, since both lists are those of `own`.
                for (file, other) in before.files.iter_mut().zip(&here.files) {
                    share(file, other);
                }
                before
            }
        });
    }
    Ok(merged.unwrap_or_default())
}

fn share(file: &mut FileChange, other: &FileChange) {
    file.added.retain(|line| other.added.contains(line));
    file.removed.retain(|line| other.removed.contains(line));
}
