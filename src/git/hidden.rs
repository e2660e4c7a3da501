//! What the index says of files that `git status` does not look at: those that a person told git
//! to take for unchanged, or for not there, and the commits of other repositories.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::exec::{Git, GitError};

/// An entry of the index that `git status` may be silent about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path.
    pub path: String,
    /// `git update-index --assume-unchanged`.
    pub assumed: bool,
    /// `git update-index --skip-worktree`, as a sparse checkout does.
    pub skipped: bool,
    object: String,
    mode: String,
}

impl Entry {
    /// Whether it is a commit of another repository.
    pub fn is_gitlink(&self) -> bool {
        self.mode == "160000"
    }

    fn is_link(&self) -> bool {
        self.mode == "120000"
    }
}

/// Whether an index that libgit2 can read has no file that `git status` would not look at; `false`
/// when it cannot tell. Spares a process where, as nearly always, there is none.
pub fn is_plain(index: &Path) -> bool {
    const ASSUMED: u16 = 1 << 15;
    const SKIPPED: u16 = 1 << 14;
    git2::Index::open(index).is_ok_and(|index| {
        index.iter().all(|e| e.flags & ASSUMED == 0 && e.flags_extended & SKIPPED == 0)
    })
}

/// Those entries of the index `index`, or of the worktree's own.
pub fn entries(git: &Git, git_dir: &Path, index: Option<&Path>) -> Result<Vec<Entry>, GitError> {
    let mut call = git.in_repository(git_dir, None).quiet();
    if let Some(index) = index {
        call = call.var("GIT_INDEX_FILE", index);
    }
    let output = call.args(["ls-files", "-v", "--stage", "-z"]).done()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.split('\0').filter_map(entry).collect())
}

/// `<tag> <mode> <object> <stage>\t<path>`; the tag is in small letters where it is assumed.
fn entry(line: &str) -> Option<Entry> {
    let (head, path) = line.split_once('\t')?;
    let mut words = head.split(' ');
    let (tag, mode, object) = (words.next()?, words.next()?, words.next()?);
    let entry = Entry {
        path: path.to_owned(),
        assumed: tag.chars().all(char::is_lowercase),
        skipped: tag.eq_ignore_ascii_case("s"),
        object: object.to_owned(),
        mode: mode.to_owned(),
    };
    (entry.assumed || entry.skipped || entry.is_gitlink()).then_some(entry)
}

/// The paths among `entries` whose files say something else than the index, unseen by `git
/// status`. One that a sparse checkout left out is not there, and fine.
pub fn edited(
    git: &Git,
    worktree: &Path,
    git_dir: &Path,
    entries: &[Entry],
) -> Result<Vec<String>, GitError> {
    let mut edited = Vec::new();
    let mut asked = Vec::new();
    for entry in entries.iter().filter(|entry| !entry.is_gitlink()) {
        let path = worktree.join(&entry.path);
        match path.symlink_metadata() {
            Err(_) if entry.skipped => {}
            Err(_) => edited.push(entry.path.clone()),
            Ok(meta) if meta.is_symlink() && entry.is_link() => {
                let target = std::fs::read_link(&path).unwrap_or_default();
                let call = git.in_repository(git_dir, None).quiet();
                let call = call.args(["hash-object", "--stdin"]);
                if call.input(target.as_os_str().as_bytes()).text()? != entry.object {
                    edited.push(entry.path.clone());
                }
            }
            Ok(meta) if !meta.is_file() || entry.is_link() => edited.push(entry.path.clone()),
            // It cannot be named in a list of lines; better once too often.
            Ok(_) if entry.path.contains(['\n', '"']) => edited.push(entry.path.clone()),
            Ok(_) => asked.push(entry),
        }
    }
    if !asked.is_empty() {
        let list: Vec<&str> = asked.iter().map(|entry| entry.path.as_str()).collect();
        let call = git.in_repository(git_dir, Some(worktree)).quiet();
        let call = call.args(["hash-object", "--stdin-paths"]);
        let said = call.input(format!("{}\n", list.join("\n"))).text()?;
        let both = asked.iter().zip(said.lines());
        let other = both.filter(|(entry, object)| entry.object != *object);
        edited.extend(other.map(|(entry, _)| entry.path.clone()));
    }
    Ok(edited)
}
