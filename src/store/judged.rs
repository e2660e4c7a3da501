//! Where each protected branch stood when the gate last saw it, and what came onto it unseen.
//!
//! One small file a branch below the common directory. What moved a branch behind the gate's back
//! is noticed by comparing; it is kept here until it is looked into, and never blocks anything.

use std::path::Path;

use super::atomic::Folder;
use super::error::StoreError;
use super::layout::own;
use crate::domain::ids::CommitId;

/// What is kept of one protected branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Where it stood after the last move that was judged.
    pub value: CommitId,
    /// Where it was allowed to move since. Whether it did is seen by looking.
    pub allowed: Option<CommitId>,
    /// Moves that nobody judged, oldest first: from where, to where.
    pub unseen: Vec<(CommitId, CommitId)>,
}

impl Judged {
    /// A branch that stands at `value` and was never moved unseen.
    pub fn at(value: CommitId) -> Self {
        Self { value, allowed: None, unseen: Vec::new() }
    }
}

/// What is kept of `branch`; `None` when it was never judged, or the file says nothing.
pub fn read(own_folder: &Path, branch: &str) -> Result<Option<Judged>, StoreError> {
    let Some(folder) = Folder::open(own_folder, own::JUDGED)? else { return Ok(None) };
    let bytes = folder.read(&file_name(branch))?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines();
    let Some(value) = lines.next().and_then(|line| line.parse().ok()) else { return Ok(None) };
    let pair = |line: &str| {
        let (from, to) = line.strip_prefix("unseen ")?.split_once(' ')?;
        Some((from.parse().ok()?, to.parse().ok()?))
    };
    let allowed = text.lines().find_map(|line| line.strip_prefix("allowed ")?.parse().ok());
    Ok(Some(Judged { value, allowed, unseen: lines.filter_map(pair).collect() }))
}

/// Keeps `judged` for `branch`.
pub fn write(own_folder: &Path, branch: &str, judged: &Judged) -> Result<(), StoreError> {
    let mut text = format!("{}\n", judged.value);
    if let Some(allowed) = &judged.allowed {
        text.push_str(&format!("allowed {allowed}\n"));
    }
    for (from, to) in &judged.unseen {
        text.push_str(&format!("unseen {from} {to}\n"));
    }
    let folder = Folder::create(own_folder, own::JUDGED)?;
    if judged.unseen.is_empty() {
        return folder.replace(&file_name(branch), text.as_bytes());
    }
    // What nobody judged is known from nowhere else.
    folder.write(&file_name(branch), text.as_bytes()).map(|_| ())
}

/// The name of the branch as a file name, the same for no two branches, not even where files know
/// no case.
fn file_name(branch: &str) -> String {
    let mut name = String::new();
    for byte in branch.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            _ => name.push_str(&format!("%{byte:02x}")),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_judged_reads_back_for_each_branch() {
        let top = tempfile::tempdir().unwrap();
        let commit = |digit: &str| digit.repeat(40).parse::<CommitId>().unwrap();
        let moved = Judged {
            allowed: Some(commit("e")),
            unseen: vec![(commit("b"), commit("c"))],
            ..Judged::at(commit("a"))
        };
        write(top.path(), "release/1.x", &moved).unwrap();
        write(top.path(), "Release/1.x", &Judged::at(commit("d"))).unwrap();
        assert_eq!(read(top.path(), "release/1.x").unwrap(), Some(moved));
        assert_eq!(read(top.path(), "Release/1.x").unwrap(), Some(Judged::at(commit("d"))));
        assert_eq!(read(top.path(), "main").unwrap(), None);
    }
}
