//! What a commit changes, independent of where it stands: patch id, contents, added lines.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::exec::GitError;
use super::open::Repo;
use crate::domain::ids::{BlobId, CommitId, PatchId};

/// What one commit changes against its first parent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// `git patch-id --stable` of the diff; `None` for a merge or an empty change.
    pub patch: Option<PatchId>,
    /// Each path that has content afterwards, with that content.
    pub blobs: Vec<(String, BlobId)>,
    /// Each path's added lines, hashed, those that say something.
    pub lines: BTreeMap<String, Vec<u64>>,
}

/// Fewest letters and digits that make a line say something: `}` and `return 0;` do not.
const TELLING: usize = 12;

/// Options that make a diff the same whatever the user's configuration says.
const PLAIN_DIFF: [&str; 6] =
    ["-p", "--no-ext-diff", "--no-textconv", "--full-index", "--diff-algorithm=myers", "-U3"];

/// Patch ids of `commits`, one process for all of them; merges and empty commits have none.
pub fn patch_ids(
    repo: &Repo,
    commits: &[CommitId],
) -> Result<BTreeMap<CommitId, PatchId>, GitError> {
    if commits.is_empty() {
        return Ok(BTreeMap::new());
    }
    let list: String = commits.iter().flat_map(|commit| [commit.as_str(), "\n"]).collect();
    let diffs = repo
        .git
        .in_repository(&repo.common_dir, None)
        .quiet()
        .args(["-c", "diff.noprefix=false", "diff-tree", "--stdin", "--root", "-r"])
        .args(PLAIN_DIFF)
        .input(list)
        .done()?;
    ids_of(repo, diffs.stdout)
}

/// The patch id of everything between two commits as one change; `None` when nothing changed.
pub fn whole_patch_id(
    repo: &Repo,
    from: &CommitId,
    to: &CommitId,
) -> Result<Option<PatchId>, GitError> {
    let diff = repo
        .git
        .in_repository(&repo.common_dir, None)
        .quiet()
        .args(["-c", "diff.noprefix=false", "diff-tree", "-r"])
        .args(PLAIN_DIFF)
        .args([from.as_str(), to.as_str()])
        .done()?;
    // `git patch-id` wants a commit line to attach the id to.
    let mut text = format!("commit {to}\n").into_bytes();
    text.extend(diff.stdout);
    Ok(ids_of(repo, text)?.into_values().next())
}

fn ids_of(repo: &Repo, diffs: Vec<u8>) -> Result<BTreeMap<CommitId, PatchId>, GitError> {
    let call = repo.git.in_repository(&repo.common_dir, None).args(["patch-id", "--stable"]);
    let text = call.input(diffs).text()?;
    let pair = |line: &str| {
        let (patch, commit) = line.split_once(' ')?;
        Some((commit.parse().ok()?, patch.parse().ok()?))
    };
    Ok(text.lines().filter_map(pair).collect())
}

/// What `commit` changes. Merges change nothing of their own here.
pub fn change(repo: &Repo, commit: &CommitId) -> Result<Change, GitError> {
    let output = repo
        .git
        .in_repository(&repo.common_dir, None)
        .quiet()
        .args(["diff-tree", "--root", "-r", "--raw", "-p", "--no-commit-id", "--full-index"])
        .args(["--no-ext-diff", "--no-textconv", "--no-renames", "-U0", "-z", commit.as_str()])
        .done()?;
    let mut change = Change {
        patch: patch_ids(repo, std::slice::from_ref(commit))?.remove(commit),
        ..Change::default()
    };
    read_raw_and_patch(&output.stdout, &mut change);
    Ok(change)
}

/// `-z` output: NUL-separated raw entries, then the patch as text.
fn read_raw_and_patch(bytes: &[u8], change: &mut Change) {
    let mut rest = bytes;
    while rest.first() == Some(&b':') {
        let Some((meta, after)) = split_at_nul(rest) else { return };
        let Some((path, after)) = split_at_nul(after) else { return };
        let words = String::from_utf8_lossy(meta).into_owned();
        let mut words = words.split(' ');
        if let Some(Ok(blob)) = words.nth(3).map(str::parse::<BlobId>)
            && !blob.is_zero()
        {
            change.blobs.push((String::from_utf8_lossy(path).into_owned(), blob));
        }
        rest = after;
    }
    let text = String::from_utf8_lossy(rest);
    let mut path = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("+++ ") {
            name.strip_prefix("b/").unwrap_or(name).clone_into(&mut path);
        } else if let Some(added) = line.strip_prefix('+')
            && let Some(hash) = telling(added)
        {
            change.lines.entry(path.clone()).or_default().push(hash);
        }
    }
}

fn split_at_nul(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|&b| b == 0)?;
    Some((&bytes[..at], &bytes[at + 1..]))
}

/// A hash of the line without its spacing, when it says something.
fn telling(line: &str) -> Option<u64> {
    if line.chars().filter(|c| c.is_alphanumeric()).count() < TELLING {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    for word in line.split_whitespace() {
        word.hash(&mut hasher);
    }
    Some(hasher.finish())
}
