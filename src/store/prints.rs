//! What the births of each issue change, kept so that it is worked out once.
//!
//! Derived and disposable: a file an issue below the common directory, appended to as commits are
//! born, rebuilt from the commits when it is missing, cut short, or of another version.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::atomic::Folder;
use super::error::StoreError;
use super::layout::own;
use crate::domain::ids::{CommitId, IssueId};
use crate::git::changes::{Change, FileChange, Kind};

/// The first line of each file; another one makes the file worthless.
const HEADING: &str = "git-orch prints 2\n";

/// What is kept of one birth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Print {
    /// What it changes.
    pub change: Change,
    /// Its parents, so that nobody reads all of an issue's commits to see which its branch reaches.
    pub parents: Vec<CommitId>,
}

/// What is kept for `issue`, by commit.
pub fn kept(own_folder: &Path, issue: &IssueId) -> Result<BTreeMap<CommitId, Print>, StoreError> {
    let Some(folder) = Folder::open(own_folder, own::PRINTS)? else { return Ok(BTreeMap::new()) };
    let bytes = folder.read(issue.as_str())?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let mut all = BTreeMap::new();
    for block in text.strip_prefix(HEADING).unwrap_or_default().split_inclusive("\nend\n") {
        all.extend(read(block));
    }
    Ok(all)
}

/// Keeps `prints` for `issue` besides what is kept already.
pub fn keep(
    own_folder: &Path,
    issue: &IssueId,
    prints: &BTreeMap<CommitId, Print>,
) -> Result<(), StoreError> {
    if prints.is_empty() {
        return Ok(());
    }
    let folder = Folder::create(own_folder, own::PRINTS)?;
    let mut text = String::new();
    let there = folder.read(issue.as_str())?;
    if !there.as_ref().is_some_and(|bytes| bytes.starts_with(HEADING.as_bytes())) {
        folder.remove(issue.as_str())?;
        text.push_str(HEADING);
    }
    for (commit, print) in prints {
        write(&mut text, commit, print);
    }
    folder.append(issue.as_str(), text.as_bytes())
}

fn write(text: &mut String, commit: &CommitId, Print { change, parents }: &Print) {
    let patch = change.patch.as_ref().map_or("-", |patch| patch.as_str());
    text.push_str(&format!("commit {commit} {patch}"));
    for parent in parents {
        text.push_str(&format!(" {parent}"));
    }
    text.push('\n');
    for file in &change.files {
        // A line break in a path would end the line; such a path is told by its lines alone.
        let path = file.path.replace(['\n', '\r'], "?");
        let blob = file.blob.as_ref().map_or("-", |blob| blob.as_str());
        text.push_str(&format!("file {} {blob} {path}\n", letter(file.kind)));
        for (sign, lines) in [('+', &file.added), ('-', &file.removed)] {
            if !lines.is_empty() {
                text.push(sign);
                for line in lines {
                    text.push_str(&format!(" {line:x}"));
                }
                text.push('\n');
            }
        }
    }
    text.push_str("end\n");
}

/// One commit; `None` for a block that is cut short or unknown.
fn read(block: &str) -> Option<(CommitId, Print)> {
    let mut lines = block.strip_suffix("\nend\n")?.lines();
    let mut words = lines.next()?.strip_prefix("commit ")?.split(' ');
    let commit = words.next()?.parse().ok()?;
    let mut change = Change { patch: words.next()?.parse().ok(), files: Vec::new() };
    let parents = words.map(|word| word.parse().ok()).collect::<Option<_>>()?;
    for line in lines {
        let (sign, rest) = line.split_once(' ')?;
        let hashes = || -> Option<BTreeSet<u64>> {
            rest.split(' ').map(|hash| u64::from_str_radix(hash, 16).ok()).collect()
        };
        match sign {
            "file" => {
                let mut words = rest.splitn(3, ' ');
                let (letter, blob, path) = (words.next()?, words.next()?, words.next()?);
                change.files.push(FileChange {
                    path: path.to_owned(),
                    blob: blob.parse().ok(),
                    kind: kind(letter)?,
                    ..FileChange::default()
                });
            }
            "+" => change.files.last_mut()?.added = hashes()?,
            "-" => change.files.last_mut()?.removed = hashes()?,
            _ => return None,
        }
    }
    Some((commit, Print { change, parents }))
}

fn letter(kind: Kind) -> char {
    match kind {
        Kind::Text => 't',
        Kind::Hollow => 'h',
        Kind::Binary => 'b',
        Kind::Submodule => 's',
    }
}

fn kind(letter: &str) -> Option<Kind> {
    [Kind::Text, Kind::Hollow, Kind::Binary, Kind::Submodule]
        .into_iter()
        .find(|&kind| letter.chars().eq([self::letter(kind)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print() -> (CommitId, Print) {
        let text = FileChange {
            path: "src/a b.rs".into(),
            blob: "1".repeat(40).parse().ok(),
            kind: Kind::Text,
            added: [1, u64::MAX].into(),
            removed: [7].into(),
        };
        let gone = FileChange { path: "append\nend".into(), kind: Kind::Hollow, ..text.clone() };
        let gone = FileChange { blob: None, added: BTreeSet::new(), ..gone };
        let change = Change { patch: "2".repeat(64).parse().ok(), files: vec![text, gone] };
        let parents = ["b", "c"].map(|digit| digit.repeat(40).parse().unwrap()).to_vec();
        ("a".repeat(40).parse().unwrap(), Print { change, parents })
    }

    #[test]
    fn changes_read_back_and_a_torn_end_is_left_out() {
        let top = tempfile::tempdir().unwrap();
        let id = "81".parse().unwrap();
        let (commit, mut print) = print();
        keep(top.path(), &id, &[(commit.clone(), print.clone())].into()).unwrap();
        let folder = Folder::create(top.path(), own::PRINTS).unwrap();
        folder.append("81", format!("commit {} -\nfile t", "b".repeat(40)).as_bytes()).unwrap();
        print.change.files[1].path = "append?end".into();
        assert_eq!(kept(top.path(), &id).unwrap(), [(commit, print)].into());
    }

    #[test]
    fn a_file_of_another_version_is_begun_anew() {
        let top = tempfile::tempdir().unwrap();
        let id = "81".parse().unwrap();
        let folder = Folder::create(top.path(), own::PRINTS).unwrap();
        folder.append("81", b"git-orch prints 1\nwhatever\n").unwrap();
        assert!(kept(top.path(), &id).unwrap().is_empty());
        keep(top.path(), &id, &[print()].into()).unwrap();
        assert_eq!(kept(top.path(), &id).unwrap().len(), 1);
    }
}
