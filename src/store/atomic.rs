//! Writes files so that they are there whole, or not at all, whatever happens.
//!
//! A file is built beside its place, synced, renamed, and its folder synced: each step left out
//! loses acknowledged work on some file system. Folders are opened component by component without
//! following links, and everything then works relative to the open folder, so that nothing that
//! is swapped meanwhile can lead a write elsewhere.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::error::StoreError;

/// An open folder of ours.
#[derive(Debug)]
pub struct Folder {
    fd: OwnedFd,
    path: PathBuf,
}

const FOLDER: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl Folder {
    /// Opens the folder `relative` below `root`; `None` when it is not there. Links in `root`
    /// are followed, links below it are not.
    pub fn open(root: &Path, relative: &str) -> Result<Option<Self>, StoreError> {
        Self::walk(root, relative, false)
    }

    /// The same, making what is missing.
    pub fn create(root: &Path, relative: &str) -> Result<Self, StoreError> {
        Self::walk(root, relative, true)?.ok_or_else(|| StoreError::file(root, Errno::NOENT))
    }

    fn walk(root: &Path, relative: &str, make: bool) -> Result<Option<Self>, StoreError> {
        let top = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = match rustix::fs::open(root, top, Mode::empty()) {
            Ok(fd) => fd,
            // With reftable a file stands where git keeps folders otherwise: nothing of ours is in it.
            Err(Errno::NOENT | Errno::NOTDIR) if !make => return Ok(None),
            Err(Errno::NOENT) => Self::made(root)?.fd,
            Err(e) => return Err(StoreError::file(root, e)),
        };
        let mut here = Self { fd, path: root.to_owned() };
        for part in Path::new(relative).components() {
            let Component::Normal(name) = part else {
                return Err(StoreError::NotPlain { path: root.join(relative) });
            };
            match here.enter(name, make)? {
                Some(next) => here = next,
                None => return Ok(None),
            }
        }
        Ok(Some(here))
    }

    /// Makes a root that is missing, and what is missing above it.
    fn made(root: &Path) -> Result<Self, StoreError> {
        let missing = || StoreError::file(root, Errno::NOENT);
        let (parent, name) = root.parent().zip(root.file_name()).ok_or_else(missing)?;
        let parent = Self::walk(parent, "", true)?.ok_or_else(missing)?;
        parent.enter(name, true)?.ok_or_else(missing)
    }

    fn enter(&self, name: &OsStr, make: bool) -> Result<Option<Self>, StoreError> {
        let path = self.path.join(name);
        let open = || rustix::fs::openat(&self.fd, name, FOLDER, Mode::empty());
        let fd = match open() {
            Err(Errno::NOENT) if make => {
                match rustix::fs::mkdirat(&self.fd, name, Mode::from_raw_mode(0o777)) {
                    Ok(()) => self.sync()?,
                    Err(Errno::EXIST) => {}
                    Err(e) => return Err(StoreError::file(&path, e)),
                }
                open()
            }
            Err(Errno::NOENT) => return Ok(None),
            other => other,
        };
        match fd {
            Ok(fd) => Ok(Some(Self { fd, path })),
            Err(Errno::NOTDIR | Errno::LOOP) => Err(StoreError::NotPlain { path }),
            Err(e) => Err(StoreError::file(&path, e)),
        }
    }

    /// Makes or opens the folder `name` in a place that nobody else sees yet. Not durable, like
    /// what is drafted in it.
    pub fn draft_folder(&self, name: &OsStr) -> Result<Self, StoreError> {
        match rustix::fs::mkdirat(&self.fd, name, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(e) => return Err(StoreError::file(&self.path.join(name), e)),
        }
        let missing = || StoreError::file(&self.path.join(name), Errno::NOENT);
        self.enter(name, false)?.ok_or_else(missing)
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The content of the file `name`; `None` when it is not there.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.path.join(name);
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let fd = match rustix::fs::openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(e) => return Err(StoreError::file(&path, e)),
        };
        let kind = rustix::fs::fstat(&fd).map_err(|e| StoreError::file(&path, e))?.st_mode;
        if FileType::from_raw_mode(kind) != FileType::RegularFile {
            return Err(StoreError::NotPlain { path });
        }
        let mut bytes = Vec::new();
        File::from(fd).read_to_end(&mut bytes).map_err(|e| StoreError::file(&path, e))?;
        Ok(Some(bytes))
    }

    /// Writes the file `name` whole. When it already holds `bytes`, only the folder is synced:
    /// an earlier run may have renamed and not synced. Returns whether anything changed.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        self.write_with(name, bytes, 0o644)
    }

    /// The same, with permission bits.
    pub fn write_with(&self, name: &str, bytes: &[u8], mode: u32) -> Result<bool, StoreError> {
        match self.read(name) {
            Ok(Some(there)) if there == bytes => {
                self.sync()?;
                return Ok(false);
            }
            // A link that somebody planted is replaced, and never followed.
            Ok(_) | Err(StoreError::NotPlain { .. }) => {}
            Err(e) => return Err(e),
        }
        let part = format!(".{name}.tmp");
        self.remove(&part)?;
        let path = self.path.join(&part);
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&self.fd, part.as_str(), flags, Mode::from_raw_mode(mode))
            .map_err(|e| StoreError::file(&path, e))?;
        let mut file = File::from(fd);
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        let renamed = written.map_err(|e| StoreError::file(&path, e)).and_then(|()| {
            rustix::fs::renameat(&self.fd, part.as_str(), &self.fd, name)
                .map_err(|e| StoreError::file(&path, e))
        });
        if let Err(e) = renamed {
            // Never synced twice: what a failed sync left behind cannot be trusted. If it cannot
            // be removed either, the next write does that.
            let _ = self.remove(&part);
            return Err(e);
        }
        self.sync()?;
        Ok(true)
    }

    /// Replaces the file `name` whole without making that durable: after a power cut it may be the
    /// old one, or hold nothing. For what git hooks keep while git waits, and can do without.
    ///
    /// The two files change places: where one is renamed onto another, ext4 starts to write the
    /// new one out (`auto_da_alloc`), which takes longer than all the rest.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let part = format!(".{name}.tmp");
        self.remove(&part)?;
        self.draft(&part, bytes)?;
        if self.exchange(&part, name) {
            return self.remove(&part);
        }
        rustix::fs::renameat(&self.fd, part.as_str(), &self.fd, name).map_err(|e| {
            let _ = self.remove(&part);
            StoreError::file(&self.path.join(name), e)
        })
    }

    /// Whether two files of the folder could change places: not every file system has it, and both
    /// must be there.
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    fn exchange(&self, one: &str, other: &str) -> bool {
        let flags = rustix::fs::RenameFlags::EXCHANGE;
        rustix::fs::renameat_with(&self.fd, one, &self.fd, other, flags).is_ok()
    }

    #[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
    fn exchange(&self, _one: &str, _other: &str) -> bool {
        false
    }

    /// Makes the new file `name` in a folder that nobody else sees yet. Not durable: that comes
    /// with one sync of everything before the folder is shown.
    pub fn draft(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path.join(name);
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&self.fd, name, flags, Mode::from_raw_mode(0o644))
            .map_err(|e| StoreError::file(&path, e))?;
        File::from(fd).write_all(bytes).map_err(|e| StoreError::file(&path, e))
    }

    /// Adds `bytes` to the end of the file `name` in one write, making it when missing.
    pub fn append(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path.join(name);
        self.append_file(name)?.write_all(bytes).map_err(|e| StoreError::file(&path, e))
    }

    /// Opens the file `name` for locking, making it when missing. It is never removed.
    pub fn lock_file(&self, name: &str) -> Result<File, StoreError> {
        let path = self.path.join(name);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::openat(&self.fd, name, flags, Mode::from_raw_mode(0o644))
            .map(File::from)
            .map_err(|e| StoreError::file(&path, e))
    }

    /// Moves `name` to `new` in the folder `to` on the same file system; nothing is replaced by
    /// accident: the caller names a free place.
    pub fn move_to(&self, name: &str, to: &Self, new: &str) -> Result<(), StoreError> {
        rustix::fs::renameat(&self.fd, name, &to.fd, new)
            .map_err(|e| StoreError::file(&self.path.join(name), e))?;
        to.sync()?;
        self.sync()
    }

    /// Removes the file `name`; nothing happens when it is not there.
    pub fn remove(&self, name: &str) -> Result<(), StoreError> {
        match rustix::fs::unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(e) => Err(StoreError::file(&self.path.join(name), e)),
        }
    }

    /// Removes the folder `name` if it is empty; returns whether it is gone.
    pub fn remove_empty(&self, name: &str) -> Result<bool, StoreError> {
        match rustix::fs::unlinkat(&self.fd, name, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOENT) => Ok(true),
            Err(Errno::NOTEMPTY | Errno::EXIST) => Ok(false),
            Err(e) => Err(StoreError::file(&self.path.join(name), e)),
        }
    }

    /// Whether anything is called `name` here, links included.
    pub fn has(&self, name: &str) -> bool {
        rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
    }

    /// The file `name`, made when it is not there, open for adding to its end.
    pub fn append_file(&self, name: &str) -> Result<File, StoreError> {
        let path = self.path.join(name);
        let flags =
            OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::openat(&self.fd, name, flags, Mode::from_raw_mode(0o644))
            .map(File::from)
            .map_err(|e| StoreError::file(&path, e))
    }

    /// Renames a file within the folder, over one of the new name. Not synced.
    pub fn rename(&self, name: &str, new: &str) -> Result<(), StoreError> {
        rustix::fs::renameat(&self.fd, name, &self.fd, new)
            .map_err(|e| StoreError::file(&self.path.join(new), e))
    }

    /// The open folder, for calls of the system.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// The names in the folder, sorted.
    pub fn names(&self) -> Result<Vec<String>, StoreError> {
        let wrong = |e: Errno| StoreError::file(&self.path, e);
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.fd).map_err(wrong)? {
            let name = entry.map_err(wrong)?.file_name().to_string_lossy().into_owned();
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// Makes the names in this folder durable.
    pub fn sync(&self) -> Result<(), StoreError> {
        rustix::fs::fsync(self.fd.as_fd()).map_err(|e| StoreError::file(&self.path, e))
    }

    /// Which file system the folder is on.
    pub fn device(&self) -> Result<u64, StoreError> {
        let stat = rustix::fs::fstat(&self.fd).map_err(|e| StoreError::file(&self.path, e))?;
        Ok(stat.st_dev)
    }

    /// Makes everything on this folder's file system durable: git leaves folders unsynced.
    pub fn sync_file_system(&self) -> Result<(), StoreError> {
        #[cfg(target_os = "linux")]
        return rustix::fs::syncfs(self.fd.as_fd()).map_err(|e| StoreError::file(&self.path, e));
        #[cfg(not(target_os = "linux"))]
        {
            rustix::fs::sync();
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_and_only_once() {
        let top = tempfile::tempdir().unwrap();
        let folder = Folder::create(top.path(), "a/b").unwrap();
        assert!(folder.write("x", b"one").unwrap());
        assert!(!folder.write("x", b"one").unwrap());
        assert!(folder.write("x", b"two").unwrap());
        assert_eq!(folder.read("x").unwrap().unwrap(), b"two");
        assert_eq!(folder.names().unwrap(), ["x"]);
    }

    #[test]
    fn links_are_not_followed() {
        let top = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(outside.path(), top.path().join("link")).unwrap();
        assert!(matches!(Folder::create(top.path(), "link"), Err(StoreError::NotPlain { .. })));
        assert!(matches!(Folder::create(top.path(), "../x"), Err(StoreError::NotPlain { .. })));
        let folder = Folder::create(top.path(), "").unwrap();
        std::os::unix::fs::symlink(outside.path().join("f"), top.path().join(".x.tmp")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("f"), top.path().join("y")).unwrap();
        folder.write("x", b"data").unwrap();
        assert!(matches!(folder.read("y"), Err(StoreError::NotPlain { .. })));
        folder.write("y", b"data").unwrap();
        assert_eq!(folder.read("y").unwrap().unwrap(), b"data");
        assert!(!outside.path().join("f").exists());
    }
}
