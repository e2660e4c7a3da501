#![expect(clippy::disallowed_methods, reason = "this is the one place that empties the trash")]
//! The trash: what is removed is renamed into it at once and emptied later.
//!
//! A rename is whole or not at all, so that nothing half-removed is ever left behind. Only what
//! git-orch made, and what was checked to hold no work of anybody, comes here.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::atomic::Folder;
use super::error::StoreError;
use super::layout::own;

/// In the name of what was removed on another file system and stays there until it is emptied.
const BESIDE: &str = ".git-orch-trash-";
/// In the name of a note that says where such a thing is.
const NOTE: &str = ".elsewhere";

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
        // Another file system: a folder beside it serves as well. The note comes first, so that
        // whoever empties the trash finds it, however this ends.
        Err(StoreError::File { source, .. })
            if source.raw_os_error() == Some(Errno::XDEV.raw_os_error()) =>
        {
            let beside = free_name(&from, &format!(".{name}{BESIDE}{stamp}"));
            let note = free_name(&trash, &format!("{name}-{stamp}{NOTE}"));
            let place = parent.join(&beside);
            trash.write(&note, place.as_os_str().as_bytes())?;
            from.move_to(&name, &from, &beside)?;
            if is_emptied(&trash, &note) { trash.remove(&note) } else { Ok(()) }
        }
        other => other,
    }
}

/// Empties what the note `name` names, if it is ours; returns whether nothing of it is left.
fn is_emptied(trash: &Folder, name: &str) -> bool {
    let place = match trash.read(name) {
        Ok(Some(place)) => place,
        // Something that was removed and only is called like that.
        Ok(None) | Err(StoreError::NotPlain { .. }) => return true,
        Err(_) => return false,
    };
    let place = Path::new(OsStr::from_bytes(&place)).to_owned();
    let called = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // Nothing but what `put` has renamed is ever removed there.
    if !place.is_absolute() || !called.starts_with('.') || !called.contains(BESIDE) {
        return true;
    }
    let _ = fs::remove_dir_all(&place).or_else(|_| fs::remove_file(&place));
    place.symlink_metadata().is_err()
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
        if name.contains(NOTE) && !is_emptied(&trash, &name) {
            continue;
        }
        let path = trash.path().join(&name);
        let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
    }
}

/// What could not be removed and waits.
pub fn waiting(own_folder: &Path) -> Vec<PathBuf> {
    let Ok(Some(trash)) = Folder::open(own_folder, own::TRASH) else { return Vec::new() };
    let names = trash.names().unwrap_or_default();
    names.into_iter().map(|name| trash.path().join(name)).collect()
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
