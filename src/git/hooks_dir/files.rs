#![expect(clippy::disallowed_methods, reason = "hooks folders are git's, outside our own store")]
//! Reads and changes single files of a hooks folder; the only file here that touches the disk.
//!
//! A file is built beside its place with its mode, synced, renamed, and its folder synced. A
//! hook is moved by name only, so it keeps its content, mode, time and, where the file system
//! can, its inode.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::error::HooksDirError;

/// Longest file that is looked at whole; no shim of ours comes near.
const READ: u64 = 1 << 20;

/// What stands under a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// What a reader sees, at most [`READ`] bytes; nothing for a dangling link.
    pub content: Vec<u8>,
    /// Whether that is all of it.
    pub whole: bool,
    /// Whether git would run it.
    pub runs: bool,
    /// Whether it is a symbolic link.
    pub link: bool,
}

/// Looks at the file `path`; `None` when nothing is there.
pub(super) fn look(path: &Path) -> Result<Option<Found>, HooksDirError> {
    let wrong = |e| HooksDirError::file(path, e);
    let link = match fs::symlink_metadata(path) {
        Ok(meta) => meta.is_symlink(),
        Err(e) if absent(&e) => return Ok(None),
        Err(e) => return Err(wrong(e)),
    };
    let dangling = || Found { content: Vec::new(), whole: true, runs: false, link: true };
    let meta = match fs::metadata(path) {
        Ok(meta) => meta,
        Err(e) if link && e.kind() == io::ErrorKind::NotFound => return Ok(Some(dangling())),
        Err(e) => return Err(wrong(e)),
    };
    if !meta.is_file() {
        return Err(HooksDirError::NotAFile(path.to_owned()));
    }
    let mut content = Vec::new();
    match File::open(path).and_then(|file| file.take(READ).read_to_end(&mut content)) {
        // A program that may be run and not read is somebody's all the same.
        Err(e) if e.kind() != io::ErrorKind::PermissionDenied => return Err(wrong(e)),
        _ => {}
    }
    let whole = meta.len() == content.len() as u64;
    Ok(Some(Found { content, whole, runs: meta.mode() & 0o111 != 0, link }))
}

/// Whether a name is taken, by whatever.
pub(super) fn taken(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether two names are one file, or two that cannot be told apart.
pub(super) fn same(one: &Path, other: &Path) -> Result<bool, HooksDirError> {
    let inode = |path: &Path| {
        let meta = fs::symlink_metadata(path).map_err(|e| HooksDirError::file(path, e))?;
        Ok((meta.dev(), meta.ino()))
    };
    let target = |path: &Path| fs::read_link(path).ok();
    let (Some(first), Some(second)) = (look(one)?, look(other)?) else { return Ok(false) };
    let equal = first.whole && first == second && target(one) == target(other);
    Ok(equal || inode(one)? == inode(other)?)
}

/// Writes an executable file whole; its folder is the caller's to sync.
pub(super) fn write(path: &Path, content: &[u8]) -> Result<(), HooksDirError> {
    put(path, content, 0o755)
}

/// Writes a plain file whole.
pub(super) fn note(path: &Path, content: &[u8]) -> Result<(), HooksDirError> {
    put(path, content, 0o644)?;
    sync_folder_of(path)
}

fn put(path: &Path, content: &[u8], mode: u32) -> Result<(), HooksDirError> {
    let part = beside(path);
    remove(&part)?;
    let built = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&part)?;
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.write_all(content)?;
        file.sync_all()
    };
    if let Err(e) = built() {
        remove(&part)?;
        return Err(HooksDirError::file(&part, e));
    }
    fs::rename(&part, path).map_err(|e| HooksDirError::file(path, e))
}

/// The name a file is built under.
pub(super) fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.tmp"))
}

/// Gives the file `path` the second name `kept`, which must be free: by hard link, or by copy
/// where there are none.
pub(super) fn keep(path: &Path, kept: &Path) -> Result<(), HooksDirError> {
    match fs::hard_link(path, kept) {
        Ok(()) => {}
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            return Err(HooksDirError::file(kept, e));
        }
        Err(_) => copy(path, kept).map_err(|e| HooksDirError::file(kept, e))?,
    }
    sync_folder_of(kept)
}

/// The copy is built under another name, so that it is never there in part.
fn copy(path: &Path, kept: &Path) -> io::Result<()> {
    let meta = fs::symlink_metadata(path)?;
    if meta.is_symlink() {
        return std::os::unix::fs::symlink(fs::read_link(path)?, kept);
    }
    let part = beside(kept);
    if taken(&part) {
        fs::remove_file(&part)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(&part)?;
    io::copy(&mut File::open(path)?, &mut file)?;
    file.set_permissions(meta.permissions())?;
    file.set_modified(meta.modified()?)?;
    file.sync_all()?;
    fs::rename(&part, kept)
}

/// Renames, replacing what is there, and syncs the folder.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), HooksDirError> {
    fs::rename(from, to).map_err(|e| HooksDirError::file(from, e))?;
    // Two names of one file: POSIX lets a rename do nothing then.
    remove(from)?;
    sync_folder_of(to)
}

/// Removes a file; nothing happens when it is not there. Its folder is the caller's to sync.
pub(super) fn remove(path: &Path) -> Result<(), HooksDirError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(e) if absent(&e) => Ok(()),
        Err(e) => Err(HooksDirError::file(path, e)),
    }
}

/// Makes a folder and the ones above it.
pub(super) fn make_folder(path: &Path) -> Result<(), HooksDirError> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent() {
        make_folder(above)?;
    }
    match fs::create_dir(path) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(HooksDirError::file(path, e)),
        _ => sync_folder_of(path),
    }
}

/// Whether `path` is a folder with nothing in it.
pub(super) fn is_empty_folder(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// Removes a folder if it is empty.
pub(super) fn remove_folder(path: &Path) -> Result<(), HooksDirError> {
    match fs::remove_dir(path) {
        Ok(()) => sync_folder_of(path),
        Err(e) if absent(&e) || e.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
        Err(e) => Err(HooksDirError::file(path, e)),
    }
}

/// Makes the names in a folder durable: a run before this one may have been stopped just short.
pub(super) fn sync_folder(path: &Path) -> Result<(), HooksDirError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(|e| HooksDirError::file(path, e))
}

fn sync_folder_of(path: &Path) -> Result<(), HooksDirError> {
    path.parent().map_or(Ok(()), sync_folder)
}

fn absent(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
