#![expect(clippy::disallowed_methods, reason = "this is the one place that empties the trash")]
//! The trash: what is removed is renamed into it at once and emptied later.
//!
//! A rename is whole or not at all, so that nothing half-removed is ever left behind. Only what
//! git-orch made, and what was checked to hold no work of anybody, comes here.

use std::fs;
use std::path::Path;

use rustix::io::Errno;

use super::atomic::Folder;
use super::error::StoreError;
use super::layout::own;

/// Moves the file or folder at `path` into the trash; nothing happens when it is not there.
pub fn put(own_folder: &Path, path: &Path, stamp: &str) -> Result<(), StoreError> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
    let name = name.to_string_lossy().into_owned();
    let Some(from) = Folder::open(parent, "")? else { return Ok(()) };
    if !from.has(&name) {
        return Ok(());
    }
    let trash = Folder::create(own_folder, own::TRASH)?;
    let free = free_name(&trash, &format!("{name}-{stamp}"));
    match from.move_to(&name, &trash, &free) {
        // Another file system: a folder beside it serves as well.
        Err(StoreError::File { source, .. })
            if source.raw_os_error() == Some(Errno::XDEV.raw_os_error()) =>
        {
            let free = free_name(&from, &format!(".{name}.git-orch-trash-{stamp}"));
            from.move_to(&name, &from, &free)?;
            fs::remove_dir_all(parent.join(&free)).map_err(|e| StoreError::file(path, e))
        }
        other => other,
    }
}

fn free_name(folder: &Folder, stem: &str) -> String {
    if !folder.has(stem) {
        return stem.to_owned();
    }
    (2..u32::MAX).map(|n| format!("{stem}-{n}")).find(|name| !folder.has(name)).unwrap_or_default()
}

/// Empties the trash. What cannot be removed stays for the next time.
pub fn empty(own_folder: &Path) {
    let Ok(Some(trash)) = Folder::open(own_folder, own::TRASH) else { return };
    for name in trash.names().unwrap_or_default() {
        let path = trash.path().join(&name);
        let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
    }
}

/// Removes the whole folder of ours from the common directory: renamed first, so that it is
/// there whole or not at all.
pub fn remove_own_folder(own_folder: &Path) -> Result<(), StoreError> {
    let (Some(parent), Some(name)) = (own_folder.parent(), own_folder.file_name()) else {
        return Ok(());
    };
    let Some(folder) = Folder::open(parent, "")? else { return Ok(()) };
    let name = name.to_string_lossy().into_owned();
    let gone = format!("{name}.removed");
    if folder.has(&name) {
        let _ = fs::remove_dir_all(parent.join(&gone));
        folder.move_to(&name, &folder, &gone)?;
    }
    match fs::remove_dir_all(parent.join(&gone)) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(StoreError::file(own_folder, e)),
        _ => Ok(()),
    }
}
