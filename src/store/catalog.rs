//! The catalog as files: one Markdown page with tables, and one Markdown file an issue.
//!
//! People write these files, so they are read forgivingly and changed with care: [`page`] reads
//! the tables, [`front`] the YAML in front of an issue, [`issue_file`] the rest of it, [`sync`]
//! recomputes what can be computed and leaves every other byte alone, [`write`] makes new ones.
//! Every malformed line is a [`Complaint`] with its place; reading goes on after it.

pub mod front;
pub mod issue_file;
pub mod page;
pub mod sync;
pub mod table;
pub mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::error::StoreError;
use crate::domain::catalog::{Complaint, Entry};
use crate::domain::ids::{CommitId, IssueId};
use crate::git::Repo;
use page::Page;

/// The folder of the issue files, beside the page.
pub const ISSUES: &str = "issues";
/// Largest page or issue file that is read, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// A catalog that was read.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// The page as it stands there.
    pub text: String,
    /// What the page says.
    pub page: Page,
    /// The issues that have a file, by id.
    pub entries: BTreeMap<IssueId, Entry>,
    /// Every issue file, readable or not, by path from the folder of the page.
    pub files: BTreeSet<String>,
    /// Everything that is not as it should be, page first.
    pub complaints: Vec<Complaint>,
}

/// Where a catalog is read from.
#[derive(Debug)]
pub enum Source<'a> {
    /// A folder of the work tree, absolute.
    Folder(PathBuf),
    /// A folder of a commit, by path with `/`; empty for the top.
    Commit(&'a Repo, CommitId, String),
}

impl Source<'_> {
    /// The file at `path` below the source; `None` when it is not there.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self {
            Self::Folder(folder) => read_file(&folder.join(path)),
            Self::Commit(repo, commit, folder) => {
                Ok(repo.objects.file(commit, &joined(folder, path))?)
            }
        }
    }

    /// The issue files, as `issues/<LANE>/<ID>.md`, sorted.
    fn issue_files(&self) -> Result<Vec<String>, StoreError> {
        let mut files = match self {
            Self::Folder(folder) => below(folder)?,
            Self::Commit(repo, commit, folder) => {
                let top = joined(folder, ISSUES);
                let strip = top.len() - ISSUES.len();
                let list = repo.objects.list(commit, &top)?;
                list.into_iter().map(|path| path[strip..].to_owned()).collect()
            }
        };
        let is_issue = |path: &String| {
            path.rsplit_once('.').is_some_and(|(_, end)| end == "md")
                && path.matches('/').count() == 2
                && !path.contains("/.")
        };
        files.retain(is_issue);
        files.sort();
        Ok(files)
    }
}

fn joined(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

/// Files two levels below `issues/`, by path with `/`. Links are not followed.
fn below(folder: &Path) -> Result<Vec<String>, StoreError> {
    let mut files = Vec::new();
    for lane in names(&folder.join(ISSUES))? {
        for name in names(&folder.join(ISSUES).join(&lane))? {
            files.push(format!("{ISSUES}/{lane}/{name}"));
        }
    }
    Ok(files)
}

/// The names in a folder; none when it is no folder.
fn names(folder: &Path) -> Result<Vec<String>, StoreError> {
    if !folder.symlink_metadata().is_ok_and(|data| data.is_dir()) {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(folder).map_err(|e| StoreError::file(folder, e))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| StoreError::file(folder, e))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

/// A plain file of reasonable size; `None` when nothing is there.
fn read_file(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    use std::io::Read;
    let data = match path.symlink_metadata() {
        Ok(data) => data,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(StoreError::file(path, e)),
    };
    if !data.is_file() {
        return Err(StoreError::NotPlain { path: path.to_owned() });
    }
    let file = std::fs::File::open(path).map_err(|e| StoreError::file(path, e))?;
    let mut bytes = Vec::with_capacity(usize::try_from(data.len().min(LARGEST)).unwrap_or(0));
    file.take(LARGEST).read_to_end(&mut bytes).map_err(|e| StoreError::file(path, e))?;
    Ok(Some(bytes))
}

/// Reads the catalog whose page is called `name`; `None` when there is no such page.
pub fn read(source: &Source<'_>, name: &str) -> Result<Option<Catalog>, StoreError> {
    let Some(bytes) = source.read(name)? else { return Ok(None) };
    let mut complaints = Vec::new();
    let text = text(bytes, name, &mut complaints);
    let page = page::read(&text, name, &mut complaints);
    let mut catalog = Catalog { text, page, complaints, ..Catalog::empty() };
    read_issues(source, &mut catalog)?;
    Ok(Some(catalog))
}

/// One issue, when its file is where such files are: `issues/<LANE>/<ID>.md`. `None` says nothing;
/// the whole catalog has to be read then.
pub fn entry(source: &Source<'_>, lane: &str, id: &IssueId) -> Result<Option<Entry>, StoreError> {
    let file = format!("{ISSUES}/{lane}/{id}.md");
    let Some(bytes) = source.read(&file)? else { return Ok(None) };
    let mut complaints = Vec::new();
    let content = text(bytes, &file, &mut complaints);
    let entry = issue_file::read(&content, &file, &mut complaints);
    Ok(entry.filter(|entry| entry.id == *id))
}

/// What a folder holds that has no page yet: the issue files alone.
pub fn without_page(source: &Source<'_>) -> Result<Catalog, StoreError> {
    let mut catalog = Catalog::empty();
    read_issues(source, &mut catalog)?;
    Ok(catalog)
}

impl Catalog {
    /// A new catalog without issues.
    fn empty() -> Self {
        Self {
            text: write::empty_page().to_owned(),
            page: Page::default(),
            entries: BTreeMap::new(),
            files: BTreeSet::new(),
            complaints: Vec::new(),
        }
    }
}

fn read_issues(source: &Source<'_>, catalog: &mut Catalog) -> Result<(), StoreError> {
    let Catalog { entries, files, complaints, .. } = catalog;
    for file in source.issue_files()? {
        files.insert(file.clone());
        let bytes = match source.read(&file) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => continue,
            Err(e @ (StoreError::NotPlain { .. } | StoreError::File { .. })) => {
                complaints.push(Complaint::wrong(&file, 0, format!("it cannot be read: {e}")));
                continue;
            }
            Err(e) => return Err(e),
        };
        let content = text(bytes, &file, complaints);
        let Some(entry) = issue_file::read(&content, &file, complaints) else { continue };
        if let Some(other) = entries.get(&entry.id) {
            let what = format!("issue {} has another file too: {}", entry.id, other.file);
            complaints.push(Complaint::wrong(&file, 0, what));
        } else {
            entries.insert(entry.id.clone(), entry);
        }
    }
    Ok(())
}

/// Bytes as text; what is no UTF-8 is replaced, and said.
fn text(bytes: Vec<u8>, file: &str, complaints: &mut Vec<Complaint>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => {
            let good = e.utf8_error().valid_up_to();
            let bytes = e.into_bytes();
            let line = bytes[..good].iter().filter(|b| **b == b'\n').count() + 1;
            complaints.push(Complaint::wrong(file, line, "this is not UTF-8 text"));
            String::from_utf8_lossy(&bytes).into_owned()
        }
    }
}
