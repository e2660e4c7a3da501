//! Which commands of a repository's configuration a person has approved.
//!
//! Kept outside the repository, in the user's state folder, one file a repository: what comes
//! with a clone can approve nothing of itself. The file is named by where the repository is and
//! by its first commit, so that another repository put in its place starts with nothing. One that
//! cannot be read approves nothing; the next approval replaces it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::atomic::Folder;
use super::error::StoreError;
use crate::domain::ids::Digest;

/// The folder below the state folder.
const FOLDER: &str = "trust";
/// Version of the form.
const VERSION: u32 = 1;

/// Which repository is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its common directory, without links.
    pub common_dir: String,
    /// The first commit of its base branch.
    pub root: String,
}

impl Identity {
    fn file(&self) -> String {
        let digest = Digest::of(format!("{}\0{}", self.common_dir, self.root).as_bytes());
        format!("{}.json", &digest.hex()[..32])
    }
}

/// One command that was approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Name of the validator.
    pub name: String,
    /// The command, as it was shown.
    pub command: String,
    /// Digest of both.
    pub digest: String,
    /// When.
    pub at: String,
}

impl Approval {
    /// An approval of `command` under `name`.
    pub fn new(name: &str, command: &str, at: String) -> Self {
        let digest = digest(name, command);
        Self { name: name.to_owned(), command: command.to_owned(), digest, at }
    }

    /// Whether it is for exactly this command under this name.
    pub fn covers(&self, name: &str, command: &str) -> bool {
        self.digest == digest(name, command)
    }
}

fn digest(name: &str, command: &str) -> String {
    Digest::of(format!("{name}\0{command}").as_bytes()).to_string()
}

/// The file as it is written; the repository is named for people who look.
#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    repository: String,
    root: String,
    approved: Vec<Approval>,
}

/// What is approved for a repository, in the order of approval.
pub fn read(state_folder: &Path, identity: &Identity) -> Result<Vec<Approval>, StoreError> {
    let Some(folder) = Folder::open(state_folder, FOLDER)? else { return Ok(Vec::new()) };
    let Some(bytes) = folder.read(&identity.file())? else { return Ok(Vec::new()) };
    let file: Option<File> = serde_json::from_slice(&bytes).ok();
    let own = |file: &File| {
        file.version == VERSION
            && file.repository == identity.common_dir
            && file.root == identity.root
    };
    Ok(file.filter(own).map(|file| file.approved).unwrap_or_default())
}

/// Approves for a repository what `approved` lists, and nothing else.
pub fn write(
    state_folder: &Path,
    identity: &Identity,
    approved: Vec<Approval>,
) -> Result<(), StoreError> {
    std::fs::create_dir_all(state_folder).map_err(|e| StoreError::file(state_folder, e))?;
    let file = File {
        version: VERSION,
        repository: identity.common_dir.clone(),
        root: identity.root.clone(),
        approved,
    };
    let text = serde_json::to_string_pretty(&file).unwrap_or_default() + "\n";
    let folder = Folder::create(state_folder, FOLDER)?;
    folder.write_with(&identity.file(), text.as_bytes(), 0o600).map(drop)
}

/// Forgets every approval for a repository.
pub fn forget(state_folder: &Path, identity: &Identity) -> Result<(), StoreError> {
    let Some(folder) = Folder::open(state_folder, FOLDER)? else { return Ok(()) };
    folder.remove(&identity.file())?;
    folder.sync()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn approvals_hold_for_one_repository_and_one_command() {
        let top = tempfile::tempdir().unwrap();
        let state = top.path().join("not/there/yet");
        let here = Identity { common_dir: "/a/.git".into(), root: "1".into() };
        assert_eq!(read(&state, &here).unwrap(), []);
        let given = Approval::new("tests", "cargo test", "2026-01-01T00:00:00Z".into());
        write(&state, &here, vec![given.clone()]).unwrap();
        assert_eq!(read(&state, &here).unwrap(), std::slice::from_ref(&given));
        assert!(given.covers("tests", "cargo test"));
        assert!(!given.covers("tests", "cargo test "));
        assert!(!given.covers("test", "scargo test"));
        for other in [
            Identity { root: "2".into(), ..here.clone() },
            Identity { common_dir: "/b/.git".into(), ..here.clone() },
        ] {
            assert_eq!(read(&state, &other).unwrap(), []);
        }
        forget(&state, &here).unwrap();
        forget(&state, &here).unwrap();
        assert_eq!(read(&state, &here).unwrap(), []);
    }

    #[test]
    fn a_file_that_cannot_be_read_approves_nothing_and_is_replaced() {
        let top = tempfile::tempdir().unwrap();
        let here = Identity { common_dir: "/a/.git".into(), root: "1".into() };
        let given = vec![Approval::new("x", "true", String::new())];
        write(top.path(), &here, given.clone()).unwrap();
        let folder = Folder::create(top.path(), FOLDER).unwrap();
        let whole = folder.read(&here.file()).unwrap().unwrap();
        for cut in 0..whole.len() - 2 {
            folder.write(&here.file(), &whole[..cut]).unwrap();
            assert_eq!(read(top.path(), &here).unwrap(), [], "cut at {cut}");
        }
        write(top.path(), &here, given.clone()).unwrap();
        assert_eq!(read(top.path(), &here).unwrap(), given);
    }
}
