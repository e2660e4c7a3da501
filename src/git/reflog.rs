//! What git wrote down of a ref's moves.
//!
//! Read from the file where refs are files; a repository with another form is asked through the
//! program, which tells no old values.

use std::fs;
use std::path::Path;

use super::exec::GitError;
use super::open::Repo;
use crate::domain::ids::CommitId;

/// One move of a ref.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it stood; `None` when it was made, or when that is not known.
    pub old: Option<CommitId>,
    /// Where it stood afterwards; `None` when it was deleted.
    pub new: Option<CommitId>,
    /// What git says it was: `commit: …`, `fetch origin: fast-forward`.
    pub message: String,
    /// When it was, in seconds; `None` when that cannot be read.
    pub at: Option<i64>,
}

/// The moves of the ref `name`, oldest first; `None` when no log is kept of it.
pub fn entries(repo: &Repo, name: &str) -> Result<Option<Vec<Entry>>, GitError> {
    if has_tables(repo) {
        return by_command(repo, &repo.common_dir, name);
    }
    Ok(from_file(&repo.common_dir, name))
}

/// The last move of `HEAD` of the worktree around us; `None` when no log is kept of it.
pub fn last_of_head(repo: &Repo) -> Result<Option<Entry>, GitError> {
    Ok(of_head(repo, &repo.git_dir)?.and_then(|mut list| list.pop()))
}

/// The moves of `HEAD` of the worktree of `git_dir`, oldest first; `None` when no log is kept.
pub fn of_head(repo: &Repo, git_dir: &Path) -> Result<Option<Vec<Entry>>, GitError> {
    if has_tables(repo) {
        return by_command(repo, git_dir, "HEAD");
    }
    Ok(from_file(git_dir, "HEAD"))
}

fn from_file(git_dir: &Path, name: &str) -> Option<Vec<Entry>> {
    let bytes = fs::read(git_dir.join("logs").join(name)).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    Some(text.lines().filter_map(entry).collect())
}

/// `<old> <new> <name and address> <seconds> <zone>\t<message>`
fn entry(line: &str) -> Option<Entry> {
    let (head, message) = line.split_once('\t').unwrap_or((line, ""));
    let mut words = head.split(' ');
    let object = |text: &str| {
        let id: CommitId = text.parse().ok()?;
        Some((!id.is_zero()).then_some(id))
    };
    Some(Entry {
        old: object(words.next()?)?,
        new: object(words.next()?)?,
        message: message.to_owned(),
        at: head.rsplit(' ').nth(1).and_then(|seconds| seconds.parse().ok()),
    })
}

/// Where `git clone` put the ref whose oldest move is `first`; `None` when it did not make it. A
/// clone logs nothing of the remote's copies where refs are files; in tables it does, and without a
/// word. What it says of `HEAD` at that moment tells it from a move by hand.
pub fn cloned(repo: &Repo, first: &Entry) -> Result<Option<CommitId>, GitError> {
    const MOMENT: u64 = 2;
    if first.old.is_some() || !first.message.is_empty() || !has_tables(repo) {
        return Ok(None);
    }
    let head = by_command(repo, &repo.common_dir, "HEAD")?.unwrap_or_default();
    let Some(begun) = head.first().filter(|entry| entry.message.starts_with("clone: from ")) else {
        return Ok(None);
    };
    let near = match (begun.at, first.at) {
        (Some(begun), Some(first)) => begun.abs_diff(first) <= MOMENT,
        _ => false,
    };
    Ok(first.new.clone().filter(|_| near))
}

fn has_tables(repo: &Repo) -> bool {
    repo.common_dir.join("reftable").is_dir()
}

fn by_command(repo: &Repo, git_dir: &Path, name: &str) -> Result<Option<Vec<Entry>>, GitError> {
    let output = repo
        .git
        .in_repository(git_dir, None)
        .quiet()
        .args(["log", "--walk-reflogs", "--no-show-signature", "--date=unix"])
        .args(["--format=%H%x00%gd%x00%gs", name, "--"])
        .run()?;
    // A ref without a log makes git walk nothing, or complain.
    if output.code != 0 || output.stdout.is_empty() {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut list: Vec<Entry> = text
        .lines()
        .filter_map(|line| {
            let mut parts = line.splitn(3, '\0');
            let (new, name, message) = (parts.next()?, parts.next()?, parts.next()?);
            // `HEAD@{1700000000}`
            let at = name.rsplit_once("@{").and_then(|(_, at)| at.strip_suffix('}')?.parse().ok());
            Some(Entry { old: None, new: new.parse().ok(), message: message.to_owned(), at })
        })
        .collect();
    list.reverse();
    for at in 1..list.len() {
        let before = list[at - 1].new.clone();
        list[at].old = before;
    }
    Ok(Some(list))
}
