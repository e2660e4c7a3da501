//! Makes names durable that git and libgit2 leave unsynced: both sync files, neither syncs the
//! folders that it makes.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::domain::ids::CommitId;
use crate::git::exec::GitError;

/// Makes the names of objects that were just written durable.
pub(super) fn objects(common_dir: &Path) -> Result<(), GitError> {
    folder(&common_dir.join("objects"))
}

/// Makes a ref that was just moved durable by its name: every folder from its own up to the
/// common directory, and the tables of a repository that keeps its refs in such.
pub fn reference(common_dir: &Path, name: &str) -> Result<(), GitError> {
    let path = common_dir.join(name);
    for above in path.ancestors().skip(1).take_while(|above| above.starts_with(common_dir)) {
        folder(above)?;
    }
    folder(&common_dir.join("reftable"))
}

/// Makes everything on the repository's file system durable, where it is not known what else has
/// been written.
pub(super) fn everything(common_dir: &Path) -> Result<(), GitError> {
    let wrong = |source: io::Error| GitError::File { path: common_dir.to_owned(), source };
    let folder = File::open(common_dir).map_err(wrong)?;
    #[cfg(target_os = "linux")]
    return rustix::fs::syncfs(&folder).map_err(|e| wrong(e.into()));
    #[cfg(not(target_os = "linux"))]
    {
        drop(folder);
        rustix::fs::sync();
        Ok(())
    }
}

/// Syncs a folder; one that is not there, because git packed what was in it or keeps refs in
/// tables, needs no syncing.
pub(super) fn folder(path: &Path) -> Result<(), GitError> {
    match File::open(path).and_then(|folder| folder.sync_all()) {
        Err(e) if !matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Err(GitError::File { path: path.to_owned(), source: e })
        }
        _ => Ok(()),
    }
}

/// Whether the objects of a state are all there, seen with fresh eyes: what was cached when they
/// were written counts for nothing.
pub(super) fn has(repository: &git2::Repository, commit: &CommitId) -> bool {
    let seen = || -> Result<bool, git2::Error> {
        // Of all worktrees, since the one we were started in may be gone by now.
        let fresh = git2::Repository::open(repository.commondir())?;
        let tree = fresh.find_commit(git2::Oid::from_str(commit.as_str())?)?.tree()?;
        let mut whole = true;
        let odb = fresh.odb()?;
        tree.walk(git2::TreeWalkMode::PreOrder, |_, entry| {
            // The commit of a submodule is an object of another repository.
            let elsewhere = entry.kind() == Some(git2::ObjectType::Commit);
            whole &= elsewhere || odb.exists(entry.id());
            git2::TreeWalkResult::Ok
        })?;
        Ok(whole)
    };
    seen().unwrap_or(false)
}
