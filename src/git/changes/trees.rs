//! The paths at which two trees differ.
//!
//! libgit2's own comparison reads every folder of both trees, also where they are the same: a
//! commit in a repository of 10,000 folders would cost 10,000 reads. This one reads only folders
//! that differ.

use std::collections::BTreeMap;

use git2::{ObjectType, Oid, Repository, Tree};

use crate::git::exec::GitError;

/// A path that is not the same on both sides; folders themselves are not listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Relative to the top, byte for byte as it is stored.
    pub path: Vec<u8>,
    /// What stands there in the new tree, unless nothing does.
    pub new: Option<Oid>,
}

/// Every path at which `old` and `new` differ; `None` is a tree that holds nothing.
pub fn differences(
    lib: &Repository,
    old: Option<&Tree<'_>>,
    new: Option<&Tree<'_>>,
) -> Result<Vec<Difference>, GitError> {
    let mut found = Vec::new();
    compare(lib, old, new, &[], &mut found)?;
    Ok(found)
}

/// What stands under a name: the object, its mode, and whether it is a folder.
type Entry = (Oid, i32, bool);

fn entries(tree: Option<&Tree<'_>>) -> BTreeMap<Vec<u8>, Entry> {
    let entry = |entry: git2::TreeEntry<'_>| {
        let is_folder = entry.kind() == Some(ObjectType::Tree);
        (entry.name_bytes().to_vec(), (entry.id(), entry.filemode_raw(), is_folder))
    };
    tree.into_iter().flat_map(|tree| tree.iter().map(entry).collect::<Vec<_>>()).collect()
}

fn compare(
    lib: &Repository,
    old: Option<&Tree<'_>>,
    new: Option<&Tree<'_>>,
    folder: &[u8],
    found: &mut Vec<Difference>,
) -> Result<(), GitError> {
    if old.map(Tree::id) == new.map(Tree::id) {
        return Ok(());
    }
    let (before, after) = (entries(old), entries(new));
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    for name in after.keys().chain(gone) {
        let (was, is) = (before.get(name), after.get(name));
        if was == is {
            continue;
        }
        let mut path = folder.to_vec();
        path.extend_from_slice(name);
        let files = [was, is].into_iter().flatten().any(|(.., is_folder)| !is_folder);
        let folder_of = |side: Option<&Entry>| {
            let id = side.filter(|(.., is_folder)| *is_folder).map(|(id, ..)| *id);
            id.map(|id| lib.find_tree(id)).transpose()
        };
        let (below_old, below_new) = (folder_of(was)?, folder_of(is)?);
        if below_old.is_some() || below_new.is_some() {
            let below: Vec<u8> = [path.as_slice(), b"/"].concat();
            compare(lib, below_old.as_ref(), below_new.as_ref(), &below, found)?;
        }
        if files {
            let new = is.filter(|(.., is_folder)| !is_folder).map(|(id, ..)| *id);
            found.push(Difference { path, new });
        }
    }
    Ok(())
}
