//! The state of a worktree as a tree: tracked and untracked files as they are, ignored ones not.
//!
//! Built in an index of its own, so that the user's index is not touched; git itself adds the
//! files, so that filters and line endings are honoured.
//! A tree that is to be kept goes into the repository; one whose id alone counts does not.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use super::exec::{Call, Git, GitError};
use super::hidden;
use crate::domain::ids::{CommitId, TreeId};
use crate::domain::time::Moment;

/// The tree of what lies in the worktree now.
///
/// Also those that git was told not to look at: what is to be kept is what lies there.
pub fn tree(git: &Git, worktree: &Path, git_dir: &Path) -> Result<TreeId, GitError> {
    let calls = || git.in_repository(git_dir, Some(worktree)).quiet();
    let unhide = |index: &Path| unhide(git, worktree, git_dir, index);
    build(&calls, git_dir, &unhide)
}

/// Makes git look at every file of the index that is there or ought to be; returns whether there
/// was one to which it would not.
fn unhide(git: &Git, worktree: &Path, git_dir: &Path, index: &Path) -> Result<bool, GitError> {
    let entries = hidden::entries(git, git_dir, Some(index))?;
    let edited = hidden::edited(git, worktree, git_dir, &entries)?;
    if edited.is_empty() {
        return Ok(false);
    }
    let list = format!("{}\0", edited.join("\0"));
    for option in ["--no-assume-unchanged", "--no-skip-worktree"] {
        let call = git.in_repository(git_dir, Some(worktree)).quiet();
        let call = call.args(["-c", "core.splitIndex=false"]).var("GIT_INDEX_FILE", index);
        call.args(["update-index", option, "-z", "--stdin"]).input(list.as_str()).done()?;
    }
    Ok(true)
}

/// The id of that tree alone: nothing is added to the repository, so nothing has to be durable
/// and nothing is left over.
pub fn tree_id(
    git: &Git,
    worktree: &Path,
    git_dir: &Path,
    common_dir: &Path,
) -> Result<TreeId, GitError> {
    let wrong = |source| GitError::File { path: git_dir.to_owned(), source };
    let objects = tempfile::tempdir().map_err(wrong)?;
    let known = quoted(&common_dir.join("objects"));
    let calls = || {
        git.in_repository(git_dir, Some(worktree))
            .quiet()
            .args(["-c", "core.fsync=none"])
            .var("GIT_OBJECT_DIRECTORY", objects.path())
            .var("GIT_ALTERNATE_OBJECT_DIRECTORIES", &known)
    };
    build(&calls, git_dir, &|_| Ok(false))
}

/// A path in a list that colons separate: in quotes it may hold one.
fn quoted(path: &Path) -> OsString {
    let mut text = vec![b'"'];
    for &byte in path.as_os_str().as_bytes() {
        if matches!(byte, b'"' | b'\\') {
            text.push(b'\\');
        }
        text.push(byte);
    }
    text.push(b'"');
    OsString::from_vec(text)
}

fn build<'a>(
    calls: &dyn Fn() -> Call<'a>,
    git_dir: &Path,
    unhide: &dyn Fn(&Path) -> Result<bool, GitError>,
) -> Result<TreeId, GitError> {
    let wrong = |source| GitError::File { path: git_dir.to_owned(), source };
    let folder = tempfile::tempdir().map_err(wrong)?;
    let index = folder.path().join("index");
    // Beginning with the user's index spares reading every file that did not change.
    if git_dir.join("index").exists() {
        std::fs::copy(git_dir.join("index"), &index).map_err(wrong)?;
    }
    // A split index would put a part of itself beside the user's.
    let call = || calls().args(["-c", "core.splitIndex=false"]).var("GIT_INDEX_FILE", &index);
    let sparse = unhide(&index)?.then_some("--sparse");
    let add = || call().args(["add", "--all"]).args(sparse).args(["--", ":/"]);
    let added = add().run()?;
    if added.code != 0 {
        // A repository without a commit is nothing that a tree could hold.
        let empty = without_commits(&call)?;
        if empty.is_empty() {
            return Err(GitError::Failed {
                command: "add --all -- :/".to_owned(),
                code: added.code,
                stderr: added.complaint(),
            });
        }
        add().args(empty).done()?;
    }
    written(&call().arg("write-tree").text()?)
}

/// The untracked repositories without a commit, as what `git add` is to leave out.
fn without_commits<'a>(call: &dyn Fn() -> Call<'a>) -> Result<Vec<String>, GitError> {
    let listed = call().args(["ls-files", "--others", "--exclude-standard", "-z"]).done()?;
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    let nested = text.split('\0').filter(|path| path.ends_with('/'));
    let mut left = Vec::new();
    for path in nested {
        let one = format!(":(top,literal){path}");
        if call().args(["add", "--dry-run", "--"]).arg(one).run()?.code != 0 {
            left.push(format!(":(top,exclude,literal){path}"));
        }
    }
    Ok(left)
}

/// What is staged in a worktree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// The tree of the index, without the paths in conflict.
    pub tree: TreeId,
    /// The sides of those, as `<mode> <object> <stage>\t<path>`.
    pub conflicts: Vec<String>,
    /// A tree of all those sides, so that they stay in the repository.
    pub sides: Option<TreeId>,
}

/// What the user's index says; `None` where there is none. Written from a copy: git would lock the
/// index to note the trees in it, and a lock that somebody left must not hide what is staged.
pub fn staged(git: &Git, git_dir: &Path) -> Result<Option<Staged>, GitError> {
    let wrong = |source| GitError::File { path: git_dir.to_owned(), source };
    if !git_dir.join("index").exists() {
        return Ok(None);
    }
    let folder = tempfile::tempdir().map_err(wrong)?;
    let index = folder.path().join("index");
    std::fs::copy(git_dir.join("index"), &index).map_err(wrong)?;
    let call = |index: &Path| {
        let call = git.in_repository(git_dir, None).quiet();
        call.args(["-c", "core.splitIndex=false"]).var("GIT_INDEX_FILE", index)
    };
    let enter = |index: &Path, lines: Vec<String>| {
        let call = call(index).args(["update-index", "-z", "--index-info"]);
        call.input(lines.concat()).done()
    };
    let listed = call(&index).args(["ls-files", "--unmerged", "-z"]).done()?;
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    let conflicts: Vec<String> =
        text.split('\0').filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let mut sides = None;
    if !conflicts.is_empty() {
        let other = folder.path().join("sides");
        enter(&other, conflicts.iter().filter_map(|line| aside(line)).collect())?;
        sides = Some(written(&call(&other).arg("write-tree").text()?)?);
        enter(&index, conflicts.iter().filter_map(|line| out(line)).collect())?;
    }
    let tree = written(&call(&index).arg("write-tree").text()?)?;
    Ok(Some(Staged { tree, conflicts, sides }))
}

/// A side of a conflict as an entry of its own, below a folder that is named after its stage.
fn aside(line: &str) -> Option<String> {
    let (head, path) = line.split_once('\t')?;
    let (object, stage) = head.rsplit_once(' ')?;
    Some(format!("{object}\t{stage}/{path}\0"))
}

/// What takes the path out of an index.
fn out(line: &str) -> Option<String> {
    let (head, path) = line.split_once('\t')?;
    let object = head.split(' ').nth(1)?;
    Some(format!("0 {}\t{path}\0", "0".repeat(object.len())))
}

/// A commit of `tree` on `parents` made at `at`, belonging to no branch.
pub fn commit(
    git: &Git,
    common_dir: &Path,
    tree: &TreeId,
    parents: &[&CommitId],
    message: &str,
    at: Moment,
) -> Result<CommitId, GitError> {
    let time = format!("{} +0000", at.seconds());
    let call = git.in_repository(common_dir, None).quiet();
    let mut call = call
        .args(["commit-tree", "--no-gpg-sign", tree.as_str()])
        .var("GIT_AUTHOR_DATE", &time)
        .var("GIT_COMMITTER_DATE", &time);
    // Work must not be lost because git knows no name.
    for role in ["AUTHOR", "COMMITTER"] {
        call = call
            .var(format!("GIT_{role}_NAME"), "git-orch")
            .var(format!("GIT_{role}_EMAIL"), "git-orch@localhost");
    }
    for parent in parents {
        call = call.args(["-p", parent.as_str()]);
    }
    let text = call.input(message.as_bytes()).text()?;
    text.parse().map_err(|_| GitError::Unexpected(text))
}

fn written(text: &str) -> Result<TreeId, GitError> {
    text.parse().map_err(|_| GitError::Unexpected(text.to_owned()))
}
