//! Commits and refs by libgit2.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use git2::{ErrorCode, FileMode, ObjectType, Oid, Repository, Signature, Sort, Time};

use super::ref_files::{RefFiles, Unsure};
use super::{CommitData, NewCommit, OURS, Objects, RefChange, broken, durable, id, tips};
use crate::domain::ids::CommitId;
use crate::domain::time::Moment;
use crate::git::exec::GitError;

/// Longest wait for a lock on packed refs.
const MOMENT: Duration = Duration::from_secs(2);

/// A repository opened by libgit2.
pub struct LibObjects {
    repository: Repository,
    refs: RefFiles,
    /// Whether libgit2 syncs what it writes.
    syncs: bool,
}

impl std::fmt::Debug for LibObjects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("LibObjects").field(&self.repository.path()).finish()
    }
}

impl LibObjects {
    /// Serves `repository`. `durable` names a config file that switches libgit2's syncing on; it
    /// has no other setting for it that safe Rust can reach.
    pub fn new(repository: Repository, durable: &Path) -> Result<Self, GitError> {
        let syncs = durable.exists();
        if syncs {
            repository.config()?.add_file(durable, git2::ConfigLevel::App, true)?;
        }
        let refs = RefFiles::new(repository.commondir());
        Ok(Self { repository, refs, syncs })
    }

    fn oid(id: &CommitId) -> Result<Oid, GitError> {
        Ok(Oid::from_str(id.as_str())?)
    }

    fn tree_of(&self, commit: &CommitId) -> Result<git2::Tree<'_>, GitError> {
        Ok(self.repository.find_commit(Self::oid(commit)?)?.tree()?)
    }

    /// The commit that `object` is, or that it speaks of when it is a tag.
    fn commit_at(&self, object: Oid) -> Result<git2::Commit<'_>, git2::Error> {
        self.repository.find_object(object, None)?.peel_to_commit()
    }

    /// The refs below `prefix` by name, each with the object it leads to.
    fn targets(&self, prefix: &str) -> Result<BTreeMap<String, Oid>, GitError> {
        if let Ok(all) = self.refs.list(prefix) {
            return Ok(all);
        }
        let mut all = BTreeMap::new();
        for reference in self.repository.references_glob(&format!("{prefix}*"))? {
            let reference = reference?;
            let target = reference.resolve().ok().and_then(|end| end.target());
            if let (Ok(name), Some(target)) = (reference.name(), target) {
                all.insert(name.to_owned(), target);
            }
        }
        Ok(all)
    }

    fn build_tree(&self, new: &NewCommit) -> Result<Oid, GitError> {
        let base = match new.parents.first() {
            Some(parent) => self.tree_of(parent)?,
            None if new.files.iter().all(|(path, _)| !path.contains('/')) => {
                return self.first_tree(new);
            }
            None => {
                let empty = self.repository.treebuilder(None)?.write()?;
                self.repository.find_tree(empty)?
            }
        };
        let mut update = git2::build::TreeUpdateBuilder::new();
        for (path, bytes) in &new.files {
            update.upsert(path.as_str(), self.repository.blob(bytes)?, FileMode::Blob);
        }
        Ok(update.create_updated(&self.repository, &base)?)
    }

    /// A tree of files alone, without the empty one that libgit2 would begin from.
    fn first_tree(&self, new: &NewCommit) -> Result<Oid, GitError> {
        let mut builder = self.repository.treebuilder(None)?;
        for (path, bytes) in &new.files {
            builder.insert(path, self.repository.blob(bytes)?, FileMode::Blob.into())?;
        }
        Ok(builder.write()?)
    }
}

/// Whether a ref leads nowhere: to an object that is not there, or to a ref that is broken.
fn is_nowhere(e: &git2::Error) -> bool {
    e.code() == ErrorCode::NotFound || e.class() == git2::ErrorClass::Reference
}

/// `None` instead of libgit2's "not found".
fn found<T>(result: Result<T, git2::Error>) -> Result<Option<T>, GitError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(e) if e.code() == ErrorCode::NotFound => Ok(None),
        Err(e) => Err(e.into()),
    }
}

impl Objects for LibObjects {
    fn lib(&self) -> Option<&Repository> {
        Some(&self.repository)
    }

    fn symbolic(&self, name: &str) -> Result<Option<String>, GitError> {
        let reference = found(self.repository.find_reference(name))?;
        Ok(reference.and_then(|r| r.symbolic_target().ok().flatten().map(str::to_owned)))
    }

    fn read_ref(&self, name: &str) -> Result<Option<CommitId>, GitError> {
        let commit = match self.refs.read(name) {
            Ok(None) => return Ok(None),
            Ok(Some(object)) => self.commit_at(object),
            Err(Unsure) if self.refs.is_broken(name) => {
                return broken(name);
            }
            Err(Unsure) => match found(self.repository.find_reference(name))? {
                None => return Ok(None),
                Some(reference) => reference.peel_to_commit(),
            },
        };
        match commit {
            Ok(commit) => id(&commit.id().to_string()).map(Some),
            // A record that lost its objects is damaged; it is not as if it had never been.
            Err(e) if is_nowhere(&e) && !name.starts_with(OURS) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    fn refs(&self, prefix: &str) -> Result<Vec<(String, CommitId)>, GitError> {
        let mut list = Vec::new();
        for (name, target) in self.targets(prefix)? {
            let commit = match self.commit_at(target) {
                Ok(commit) => commit.id(),
                // Listed all the same: whoever reads it is to find the damage.
                Err(_) if name.starts_with(OURS) => target,
                Err(_) => continue,
            };
            list.push((name, id(&commit.to_string())?));
        }
        Ok(list)
    }

    fn commit(&self, commit: &CommitId) -> Result<CommitData, GitError> {
        let found = self.repository.find_commit(Self::oid(commit)?)?;
        Ok(CommitData {
            tree: id(&found.tree_id().to_string())?,
            parents: found.parent_ids().map(|p| id(&p.to_string())).collect::<Result<_, _>>()?,
            message: String::from_utf8_lossy(found.message_raw_bytes()).into_owned(),
            author: found.author().to_string(),
            time: Moment::from_seconds(found.time().seconds()),
        })
    }

    fn file(&self, commit: &CommitId, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let Some(entry) = found(self.tree_of(commit)?.get_path(Path::new(path)))? else {
            return Ok(None);
        };
        if entry.kind() != Some(ObjectType::Blob) {
            return Ok(None);
        }
        Ok(Some(self.repository.find_blob(entry.id())?.content().to_vec()))
    }

    fn list(&self, commit: &CommitId, path: &str) -> Result<Vec<String>, GitError> {
        let tree = self.tree_of(commit)?;
        let Some(entry) = found(tree.get_path(Path::new(path)))? else {
            return Ok(Vec::new());
        };
        let folder = self.repository.find_tree(entry.id())?;
        let mut list = Vec::new();
        folder.walk(git2::TreeWalkMode::PreOrder, |parent, entry| {
            if entry.kind() == Some(ObjectType::Blob) {
                let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
                list.push(format!("{path}/{parent}{name}"));
            }
            git2::TreeWalkResult::Ok
        })?;
        Ok(list)
    }

    fn resolve(&self, revision: &str) -> Result<Option<CommitId>, GitError> {
        let Ok(object) = self.repository.revparse_single(revision) else {
            return Ok(None);
        };
        match object.peel_to_commit() {
            Ok(commit) => id(&commit.id().to_string()).map(Some),
            Err(_) => Ok(None),
        }
    }

    fn history(&self, tips: &[CommitId], hidden: &[CommitId]) -> Result<Vec<CommitId>, GitError> {
        let mut walk = self.repository.revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME)?;
        for tip in tips {
            walk.push(Self::oid(tip)?)?;
        }
        for hide in hidden {
            walk.hide(Self::oid(hide)?)?;
        }
        walk.map(|oid| id(&oid?.to_string())).collect()
    }

    fn reaches(&self, newer: &CommitId, older: &CommitId) -> Result<bool, GitError> {
        Ok(newer == older
            || self.repository.graph_descendant_of(Self::oid(newer)?, Self::oid(older)?)?)
    }

    fn merge_base(&self, a: &CommitId, b: &CommitId) -> Result<Option<CommitId>, GitError> {
        match found(self.repository.merge_base(Self::oid(a)?, Self::oid(b)?))? {
            Some(oid) => id(&oid.to_string()).map(Some),
            None => Ok(None),
        }
    }

    fn write(&self, new: &NewCommit) -> Result<CommitId, GitError> {
        let tree = self.repository.find_tree(self.build_tree(new)?)?;
        let parents = new
            .parents
            .iter()
            .map(|parent| Ok(self.repository.find_commit(Self::oid(parent)?)?))
            .collect::<Result<Vec<_>, GitError>>()?;
        let (name, address) = split_author(&new.author);
        let signature = Signature::new(name, address, &Time::new(new.time.seconds(), 0))?;
        let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
        let oid =
            self.repository.commit(None, &signature, &signature, &new.message, &tree, &parents)?;
        if self.syncs {
            durable::objects(self.repository.commondir())?;
        } else {
            durable::everything(self.repository.commondir())?;
        }
        id(&oid.to_string())
    }

    fn is_whole(&self, commit: &CommitId) -> bool {
        durable::has(&self.repository, commit)
    }

    fn draft_ref(&self, change: &RefChange) -> Result<(), GitError> {
        self.swap(change)
    }

    fn move_ref(&self, change: &RefChange) -> Result<(), GitError> {
        self.swap(change)?;
        if !self.syncs {
            return durable::everything(self.repository.commondir());
        }
        match change.old {
            // libgit2 has synced the folder it stands in, and the ones above are not new.
            Some(_) => Ok(()),
            None => durable::reference(self.repository.commondir(), &change.name),
        }
    }

    fn pin(&self, name: &str, to: Option<&CommitId>) -> Result<(), GitError> {
        self.pinned(name, to)
    }
}

impl LibObjects {
    fn pinned(&self, name: &str, to: Option<&CommitId>) -> Result<(), GitError> {
        if let Some(id) = to {
            self.repository.reference(name, Self::oid(id)?, true, "git-orch")?;
            return Ok(());
        }
        // Deleting locks packed refs, which others have for a moment.
        let begin = Instant::now();
        while let Some(mut reference) = found(self.repository.find_reference(name))? {
            match reference.delete() {
                Err(e) if begin.elapsed() > MOMENT => return Err(e.into()),
                Err(_) => std::thread::sleep(MOMENT / 40),
                Ok(()) => {}
            }
        }
        Ok(())
    }

    fn swap(&self, change: &RefChange) -> Result<(), GitError> {
        let common = self.repository.commondir();
        tips::going(common, change)?;
        let done = self.swap_ref(change);
        tips::gone(common, change, done.is_ok());
        done
    }

    fn swap_ref(&self, change: &RefChange) -> Result<(), GitError> {
        let moved = |e: git2::Error| match e.code() {
            ErrorCode::Modified | ErrorCode::Exists | ErrorCode::NotFound => {
                GitError::Moved(change.name.clone())
            }
            _ => GitError::Lib(e),
        };
        match (&change.old, &change.new) {
            (Some(old), Some(new)) => self
                .repository
                .reference_matching(
                    &change.name,
                    Self::oid(new)?,
                    true,
                    Self::oid(old)?,
                    "git-orch",
                )
                .map(drop)
                .map_err(moved),
            (None, Some(new)) => self
                .repository
                .reference(&change.name, Self::oid(new)?, false, "git-orch")
                .map(drop)
                .map_err(moved),
            (Some(old), None) => {
                let mut reference = self.repository.find_reference(&change.name).map_err(moved)?;
                if reference.target() != Some(Self::oid(old)?) {
                    return Err(GitError::Moved(change.name.clone()));
                }
                // libgit2 compares with the value it read, under the ref's lock.
                reference.delete().map_err(moved)
            }
            (None, None) => Ok(()),
        }
    }
}

/// `Name <address>` in its two parts.
pub fn split_author(author: &str) -> (&str, &str) {
    author
        .split_once(" <")
        .map_or((author, "unknown"), |(name, address)| (name, address.trim_end_matches('>')))
}
