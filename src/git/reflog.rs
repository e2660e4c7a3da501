//! What git wrote down of a ref's moves.
//!
//! Read from the file where refs are files; a repository with another form is asked through the
//! program, which tells no old values.

use std::fs;

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
}

/// The moves of the ref `name`, oldest first; `None` when no log is kept of it.
pub fn entries(repo: &Repo, name: &str) -> Result<Option<Vec<Entry>>, GitError> {
    if repo.common_dir.join("reftable").is_dir() {
        return by_command(repo, name);
    }
    let Ok(bytes) = fs::read(repo.common_dir.join("logs").join(name)) else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes);
    Ok(Some(text.lines().filter_map(entry).collect()))
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
    })
}

fn by_command(repo: &Repo, name: &str) -> Result<Option<Vec<Entry>>, GitError> {
    let output = repo
        .git
        .in_repository(&repo.common_dir, None)
        .quiet()
        .args(["log", "--walk-reflogs", "--no-show-signature", "--format=%H%x00%gs", name, "--"])
        .run()?;
    // A ref without a log makes git walk nothing, or complain.
    if output.code != 0 || output.stdout.is_empty() {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut list: Vec<Entry> = text
        .lines()
        .filter_map(|line| {
            let (new, message) = line.split_once('\0')?;
            Some(Entry { old: None, new: new.parse().ok(), message: message.to_owned() })
        })
        .collect();
    list.reverse();
    for at in 1..list.len() {
        let before = list[at - 1].new.clone();
        list[at].old = before;
    }
    Ok(Some(list))
}
