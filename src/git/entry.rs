//! One of git's entries for worktrees, `<common>/worktrees/<name>`, read from its files: what git
//! itself says of a half-made one is an error, also about all the others.

use std::fs;
use std::path::{Path, PathBuf};

use super::open::real;

/// What of an entry git cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Where the repository is (`commondir`).
    Common,
    /// What is checked out (`HEAD`).
    Head,
    /// Where the worktree is (`gitdir`).
    Place,
    /// What is staged (`index`): it may be missing, and must not be empty.
    Index,
}

/// An entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it is.
    pub path: PathBuf,
    /// Its name among the others.
    pub name: String,
    /// The worktree it is for, when it says so.
    pub worktree: Option<PathBuf>,
    /// The branch checked out, without `refs/heads/`, when it says so.
    pub branch: Option<String>,
    begun: bool,
}

impl Entry {
    /// All of them, in the order of their names.
    pub fn all(common_dir: &Path) -> Vec<Self> {
        let folder = fs::read_dir(common_dir.join("worktrees")).into_iter().flatten().flatten();
        let mut all: Vec<Self> = folder
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| Self::read(entry.path()))
            .collect();
        all.sort_by(|a, b| a.path.cmp(&b.path));
        all
    }

    /// The one at `path`.
    pub fn read(path: PathBuf) -> Self {
        let text = |name: &str| fs::read_to_string(path.join(name)).unwrap_or_default();
        let link = text("gitdir");
        let dot_git = Some(link.trim_end()).filter(|link| !link.is_empty() && !link.contains('\0'));
        let worktree = dot_git.and_then(|link| path.join(link).parent().map(Path::to_owned));
        let head = text("HEAD");
        let branch = head.trim_end().strip_prefix("ref: refs/heads/").map(str::to_owned);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let begun = text("locked").trim_end() == "initializing";
        Self { path, name, worktree, branch, begun }
    }

    /// Whether git began to make it and did not come to the end.
    pub fn is_begun(&self) -> bool {
        self.begun
    }

    /// What of it cannot be used, the worst first.
    pub fn broken(&self) -> Option<Part> {
        let common = fs::read_to_string(self.path.join("commondir")).unwrap_or_default();
        let head = fs::read_to_string(self.path.join("HEAD")).unwrap_or_default();
        if common.trim_end().is_empty() || common.contains('\0') {
            Some(Part::Common)
        } else if !is_value(&head) {
            Some(Part::Head)
        } else if self.worktree.is_none() {
            Some(Part::Place)
        } else {
            is_spoilt_index(&self.path.join("index")).then_some(Part::Index)
        }
    }

    /// Whether there is nothing to keep of it but the files of its worktree: it was not made to the
    /// end, or cannot be used, and more than its index is missing.
    pub fn is_half_made(&self) -> bool {
        match self.broken() {
            None => self.begun && !(self.leads_back() && self.has_index()),
            Some(Part::Index) => self.begun || !self.leads_back(),
            Some(_) => true,
        }
    }

    /// Whether there is an index that can be used.
    pub fn has_index(&self) -> bool {
        let index = self.path.join("index");
        index.exists() && !is_spoilt_index(&index)
    }

    /// Whether its worktree leads back to it.
    pub fn leads_back(&self) -> bool {
        let Some(place) = &self.worktree else { return false };
        named_by(place).is_some_and(|named| real(&named) == real(&self.path))
    }

    /// Whether the folder of its worktree is one that was made with it: it leads back, or has come
    /// no further than the empty file that was to say so.
    pub fn made_folder(&self) -> bool {
        let empty = |place: &PathBuf| {
            place.join(".git").metadata().is_ok_and(|meta| meta.is_file() && meta.len() == 0)
        };
        self.leads_back() || self.worktree.as_ref().is_some_and(empty)
    }
}

/// The git directory that the `.git` file of a worktree names.
pub fn named_by(worktree: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(worktree.join(".git")).ok()?;
    text.trim_end().strip_prefix("gitdir: ").map(|named| worktree.join(named))
}

/// Whether an index is there without its first word.
pub fn is_spoilt_index(path: &Path) -> bool {
    use std::io::Read as _;
    let Ok(file) = fs::File::open(path) else { return false };
    let mut begin = Vec::new();
    file.take(4).read_to_end(&mut begin).is_ok() && begin != b"DIRC"
}

/// Whether this is what git writes for a ref: a name, or a commit.
pub fn is_value(text: &str) -> bool {
    let text = text.trim_end_matches('\n');
    if let Some(name) = text.strip_prefix("ref: ") {
        return !name.trim().is_empty() && !name.contains('\0');
    }
    matches!(text.len(), 40 | 64)
        && text.bytes().all(|b| b.is_ascii_hexdigit())
        && text.bytes().any(|b| b != b'0')
}
