//! What commits change, independent of where they stand: patch ids, contents, lines.
//!
//! libgit2 answers where it can open the repository, the program elsewhere, and both answers are
//! put together here, so that they are the same. `git patch-id` is not asked: what it says of
//! modes and binary files changed with git 2.39. A merge changes only what differs from all its
//! parents. Lines are kept as hashes of what they say, spacing aside; the hashes are fixed ones,
//! because they are kept in files.

mod build;
mod by_command;
mod by_lib;
mod change;
mod trees;

use std::collections::{BTreeMap, BTreeSet};

pub use build::is_receipt;
pub use change::{Change, FileChange, Kind, Pair};

use super::exec::GitError;
use super::open::Repo;
use crate::domain::ids::{BlobId, CommitId, PatchId};

/// Lines around a change that count as part of it, as git shows them.
const CONTEXT: u32 = 3;

/// Patch ids of `commits`; merges and empty commits have none.
pub fn patch_ids(
    repo: &Repo,
    commits: &[CommitId],
) -> Result<BTreeMap<CommitId, PatchId>, GitError> {
    let all = changes(repo, commits)?;
    Ok(all.into_iter().filter_map(|(commit, change)| Some((commit, change.patch?))).collect())
}

/// The patch id of everything between two commits as one change; `None` when nothing changed.
pub fn whole_patch_id(
    repo: &Repo,
    from: &CommitId,
    to: &CommitId,
) -> Result<Option<PatchId>, GitError> {
    Ok(whole(repo, from, to)?.patch)
}

/// Everything between two commits as one change.
pub fn whole(repo: &Repo, from: &CommitId, to: &CommitId) -> Result<Change, GitError> {
    match repo.objects.lib() {
        Some(lib) => by_lib::whole(lib, from, to, CONTEXT),
        None => by_command::whole(repo, from, to, CONTEXT),
    }
}

/// The patch id of everything between two commits without any lines around: a squash of an issue
/// has that of the issue, even where what stood around it has changed.
pub fn lean_patch_id(
    repo: &Repo,
    from: &CommitId,
    to: &CommitId,
) -> Result<Option<PatchId>, GitError> {
    let change = match repo.objects.lib() {
        Some(lib) => by_lib::whole(lib, from, to, 0)?,
        None => by_command::whole(repo, from, to, 0)?,
    };
    Ok(change.patch)
}

/// What each of `commits` changes.
pub fn changes(repo: &Repo, commits: &[CommitId]) -> Result<BTreeMap<CommitId, Change>, GitError> {
    match repo.objects.lib() {
        Some(lib) => by_lib::changes(lib, commits),
        None => by_command::changes(repo, commits),
    }
}

/// The paths each of `commits` gives content to, with that content: cheaper than [`changes`],
/// because no content is read.
pub fn touched(
    repo: &Repo,
    commits: &[CommitId],
) -> Result<BTreeMap<CommitId, Vec<Pair>>, GitError> {
    match repo.objects.lib() {
        Some(lib) => by_lib::touched(lib, commits),
        None => by_command::touched(repo, commits),
    }
}

/// Whether no path is changed by commits of both lists; `false` also where telling is as dear as
/// asking for the changes themselves.
pub fn are_apart(repo: &Repo, some: &[CommitId], others: &[CommitId]) -> Result<bool, GitError> {
    let Some(lib) = repo.objects.lib() else { return Ok(false) };
    let (some, others) = (by_lib::paths(lib, some)?, by_lib::paths(lib, others)?);
    Ok(some.is_disjoint(&others))
}

/// Hashes of all lines of these contents that say something; `None` when that is as dear as
/// asking for the changes themselves.
pub fn lines_of<'a>(
    repo: &Repo,
    blobs: impl Iterator<Item = &'a BlobId>,
) -> Result<Option<BTreeSet<u64>>, GitError> {
    repo.objects.lib().map(|lib| by_lib::lines_of(lib, blobs)).transpose()
}

/// The patch id of the reverse of `commit`: what a revert of it would have.
pub fn reverse_patch_id(repo: &Repo, commit: &CommitId) -> Result<Option<PatchId>, GitError> {
    let data = repo.objects.commit(commit)?;
    match data.parents.as_slice() {
        [parent] => whole_patch_id(repo, commit, parent),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Git;
    use crate::git::open::Repo;

    fn run(git: &Git, dir: &std::path::Path, args: &[&str]) {
        git.at(dir)
            .args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"])
            .args(args)
            .done()
            .unwrap();
    }

    /// A history with what diffs are made of: added, changed, moved, removed, emptied and binary
    /// files, modes, names with spaces, missing last line breaks, a merge that both sides feed.
    fn history(git: &Git, dir: &std::path::Path) {
        let folder = crate::store::atomic::Folder::create(dir, "").unwrap();
        let write = |name: &str, bytes: &[u8]| {
            folder.write(name, bytes).unwrap();
        };
        let numbered = |from: u32, to: u32| -> String {
            (from..to).map(|n| format!("line number {n} of the file\n")).collect()
        };
        let commit = || {
            run(git, dir, &["add", "-A"]);
            run(git, dir, &["commit", "-qm", "x"]);
        };
        run(git, dir, &["init", "-q", "-b", "main"]);
        write("a b", numbered(1, 60).as_bytes());
        write("empty", b"");
        commit();
        write(
            "a b",
            (numbered(1, 20) + "inserted between the two\n" + &numbered(25, 60)).as_bytes(),
        );
        write("bin", b"\0\x01\x02 binary");
        commit();
        run(git, dir, &["mv", "a b", "c"]);
        write("bin", b"\0\x01\x03 binary");
        write("ends", b"no line break at the end");
        commit();
        run(git, dir, &["update-index", "--chmod=+x", "ends"]);
        run(git, dir, &["commit", "-qm", "mode"]);
        run(git, dir, &["checkout", "-q", "-b", "side"]);
        write("c", (numbered(0, 20) + "of the side alone here\n").as_bytes());
        write("only", numbered(70, 80).as_bytes());
        commit();
        run(git, dir, &["checkout", "-q", "main"]);
        write("c", (numbered(5, 25) + "of the main line alone\n").as_bytes());
        commit();
        run(git, dir, &["merge", "-q", "--no-commit", "-s", "ours", "side"]);
        write("c", (numbered(5, 20) + "written by the merge itself\n").as_bytes());
        commit();
        run(git, dir, &["rm", "-q", "empty"]);
        commit();
        // Folders that stay, folders that a file takes the place of, and the other way round.
        let below = |path: &str| crate::store::atomic::Folder::create(&dir.join(path), "").unwrap();
        below("kept/inner").write("file", numbered(100, 120).as_bytes()).unwrap();
        below("turned/inner").write("file", numbered(120, 140).as_bytes()).unwrap();
        write("turning", numbered(140, 160).as_bytes());
        write("*", b"a name that is a pattern too\n");
        commit();
        run(git, dir, &["rm", "-qr", "turned", "turning"]);
        write("turned", numbered(160, 170).as_bytes());
        below("turning").write("file", numbered(170, 180).as_bytes()).unwrap();
        write("*", b"and nothing else is meant by it\n");
        commit();
    }

    #[test]
    fn the_library_and_the_program_see_the_same() {
        let top = tempfile::tempdir().unwrap();
        let git = Git::find().unwrap();
        history(&git, top.path());
        let lib = Repo::open(git, top.path(), None).unwrap();
        let tip = lib.branch_tip("main").unwrap().unwrap();
        let commits = lib.objects.history(&[tip], &[]).unwrap();
        assert_eq!(commits.len(), 10);
        let sorted = |mut all: BTreeMap<CommitId, Change>| {
            for change in all.values_mut() {
                change.files.sort_by(|a, b| a.path.cmp(&b.path));
            }
            all
        };
        let by_program = sorted(by_command::changes(&lib, &commits).unwrap());
        for (commit, change) in sorted(changes(&lib, &commits).unwrap()) {
            assert_eq!(change, by_program[&commit]);
        }
        let (first, last) = (commits.last().unwrap(), &commits[1]);
        assert_eq!(
            by_lib::whole(lib.objects.lib().unwrap(), first, last, 3).unwrap().patch,
            by_command::whole(&lib, first, last, 3).unwrap().patch
        );
        assert_eq!(
            by_lib::whole(lib.objects.lib().unwrap(), first, last, 0).unwrap().patch,
            by_command::whole(&lib, first, last, 0).unwrap().patch
        );
        let pairs = |all: BTreeMap<CommitId, Vec<Pair>>| -> Vec<BTreeSet<Pair>> {
            all.into_values().map(|list| list.into_iter().collect()).collect()
        };
        assert_eq!(
            pairs(touched(&lib, &commits).unwrap()),
            pairs(by_command::touched(&lib, &commits).unwrap())
        );
    }
}
