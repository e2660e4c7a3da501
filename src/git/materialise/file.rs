//! Copies one file, link or submodule folder into a folder of the new worktree.
//!
//! A file counts as copied only if the bytes that went into the copy have the object id that the
//! index names: whatever somebody does to the source meanwhile, a wrong file is never called
//! clean. Nothing is overwritten and no symbolic link is followed on either side.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{
    AtFlags, Mode, OFlags, Stat, Timespec, Timestamps, UTIME_OMIT, fstat, futimens, mkdirat,
    openat, readlinkat, statat, symlinkat, utimensat,
};
use rustix::io::{Errno, Result, read, write};

use super::hash::ObjectFormat;
use super::index::{Kind, Stamp};

/// Largest file that is read whole before its copy is begun. Beyond, sharing blocks pays where the
/// file system can, and so does waiting for the attributes.
pub const SMALL: u32 = 128 * 1024;

/// Bytes of a buffer: one more than a small file, so that a longer one shows.
const ROOM: usize = SMALL as usize + 1;

/// Size and mtime (s, ns) that a source file had when it was last seen clean.
pub type Seen = (u32, (u32, u32));

/// A folder of the source and its counterpart.
pub struct Pair {
    /// The one to copy from.
    pub source: OwnedFd,
    /// The one to copy into.
    pub target: OwnedFd,
}

/// What is to be copied.
#[derive(Clone, Copy)]
pub struct Wish<'a> {
    /// Its name in its folder.
    pub name: &'a [u8],
    /// What it is.
    pub kind: Kind,
    /// The blob it must hold.
    pub id: &'a [u8],
    /// What to expect of the source.
    pub seen: Seen,
}

/// Copies one at a time.
pub struct Copier<'a> {
    format: ObjectFormat,
    /// Whether the file system may be able to share blocks.
    shares: &'a AtomicBool,
    buffer: Vec<u8>,
}

impl<'a> Copier<'a> {
    /// A copier for a repository of `format`; `shares` is what it and others learn of the file
    /// system.
    pub fn new(format: ObjectFormat, shares: &'a AtomicBool) -> Self {
        Self { format, shares, buffer: vec![0; ROOM] }
    }

    /// Copies what `wish` says and answers the stat words of the copy; `None` when the source
    /// holds something else.
    pub fn copy(&mut self, wish: Wish<'_>, at: &Pair) -> Result<Option<Stamp>> {
        match wish.kind {
            Kind::File { executable } => {
                let mode = Mode::from_raw_mode(if executable { 0o777 } else { 0o666 });
                if wish.seen.0 <= SMALL {
                    self.copy_small(wish, mode, at)
                } else {
                    self.copy_large(wish, mode, at)
                }
            }
            Kind::Link => self.copy_link(wish, at),
            Kind::Submodule => make_folder(wish.name, at),
        }
    }

    fn copy_small(&mut self, wish: Wish<'_>, mode: Mode, at: &Pair) -> Result<Option<Stamp>> {
        let (size, mtime) = wish.seen;
        let length = self.read_whole(&open_source(wish.name, at)?, size as usize)?;
        let content = &self.buffer[..length];
        if length != size as usize || !self.is_blob(content, wish.id) {
            return Ok(None);
        }
        let target = create(wish.name, mode, OFlags::WRONLY, at)?;
        write_whole(&target, content)?;
        finished(&target, mtime)
    }

    /// Reads until the file ends or is longer than `size`; how much was read.
    fn read_whole(&mut self, source: &OwnedFd, size: usize) -> Result<usize> {
        let room = &mut self.buffer[..=size];
        let mut filled = 0;
        loop {
            let count = match read(source, &mut room[filled..]) {
                Err(Errno::INTR) => continue,
                other => other?,
            };
            filled += count;
            // A regular file gives all it has at once, so that the end need not be asked for; the
            // hash would show if it did not.
            if count == 0 || filled >= size {
                return Ok(filled);
            }
        }
    }

    fn is_blob(&self, content: &[u8], id: &[u8]) -> bool {
        let mut hasher = self.format.blob_hasher(content.len());
        hasher.feed(content);
        hasher.gives(id)
    }

    fn copy_large(&mut self, wish: Wish<'_>, mode: Mode, at: &Pair) -> Result<Option<Stamp>> {
        let (size, mtime) = wish.seen;
        let source = open_source(wish.name, at)?;
        let target = create(wish.name, mode, OFlags::RDWR, at)?;
        // Where blocks can be shared they are, and what is hashed is then the copy itself.
        let shared = self.shares.load(Ordering::Relaxed) && share_blocks(&source, &target);
        if !shared {
            self.shares.store(false, Ordering::Relaxed);
        }
        let from = if shared { &target } else { &source };
        let mut hasher = self.format.blob_hasher(size as usize);
        let mut left = size as usize;
        loop {
            let count = match read(from, &mut self.buffer[..]) {
                Err(Errno::INTR) => continue,
                other => other?,
            };
            if count == 0 {
                break;
            }
            let Some(rest) = left.checked_sub(count) else { return Ok(None) };
            left = rest;
            hasher.feed(&self.buffer[..count]);
            if !shared {
                write_whole(&target, &self.buffer[..count])?;
            }
        }
        if left == 0 && hasher.gives(wish.id) { finished(&target, mtime) } else { Ok(None) }
    }

    fn copy_link(&self, wish: Wish<'_>, at: &Pair) -> Result<Option<Stamp>> {
        let text = readlinkat(&at.source, wish.name, Vec::new())?;
        if !self.is_blob(text.as_bytes(), wish.id) {
            return Ok(None);
        }
        symlinkat(&text, &at.target, wish.name)?;
        let not_through = AtFlags::SYMLINK_NOFOLLOW;
        utimensat(&at.target, wish.name, &times(wish.seen.1), not_through)?;
        Ok(Some(stamp(&statat(&at.target, wish.name, not_through)?)))
    }
}

fn open_source(name: &[u8], at: &Pair) -> Result<OwnedFd> {
    // NONBLOCK: not to hang on a pipe that took the place of the file.
    let flags =
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    // Only the owner may leave the access time alone; a write saved where that is us.
    match openat(&at.source, name, flags | WITHOUT_TRACE, Mode::empty()) {
        Err(Errno::PERM) => openat(&at.source, name, flags, Mode::empty()),
        other => other,
    }
}

#[cfg(target_os = "linux")]
const WITHOUT_TRACE: OFlags = OFlags::NOATIME;

#[cfg(not(target_os = "linux"))]
const WITHOUT_TRACE: OFlags = OFlags::empty();

fn create(name: &[u8], mode: Mode, access: OFlags, at: &Pair) -> Result<OwnedFd> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(&at.target, name, flags | access, mode)
}

/// Dates the copy; its stat words.
///
/// The date is that of the source. A file as young as the index is one that git must read again to
/// know that it was not changed within the same second, and copies would all be that young.
fn finished(target: &OwnedFd, mtime: (u32, u32)) -> Result<Option<Stamp>> {
    futimens(target, &times(mtime))?;
    Ok(Some(stamp(&fstat(target)?)))
}

/// The folder of a submodule, empty as in every new worktree.
fn make_folder(name: &[u8], at: &Pair) -> Result<Option<Stamp>> {
    mkdirat(&at.target, name, Mode::from_raw_mode(0o777))?;
    Ok(Some(stamp(&statat(&at.target, name, AtFlags::SYMLINK_NOFOLLOW)?)))
}

/// Writes all of `bytes`.
pub fn write_whole(target: &OwnedFd, mut bytes: &[u8]) -> Result<()> {
    while !bytes.is_empty() {
        match write(target, bytes) {
            Ok(0) => return Err(Errno::IO),
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Makes `target` share the blocks of `source` where the file system can.
#[cfg(target_os = "linux")]
fn share_blocks(source: &impl AsFd, target: &impl AsFd) -> bool {
    rustix::fs::ioctl_ficlone(target, source).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn share_blocks(_: &impl AsFd, _: &impl AsFd) -> bool {
    false
}

fn times((seconds, nanoseconds): (u32, u32)) -> Timestamps {
    let time = |tv_sec, tv_nsec| Timespec { tv_sec, tv_nsec };
    Timestamps {
        last_access: time(0, UTIME_OMIT),
        last_modification: time(seconds.into(), nanoseconds.into()),
    }
}

fn stamp(stat: &Stat) -> Stamp {
    [
        low(stat.st_ctime),
        low(stat.st_ctime_nsec),
        low(stat.st_mtime),
        low(stat.st_mtime_nsec),
        low(stat.st_dev),
        low(stat.st_ino),
        low(stat.st_uid),
        low(stat.st_gid),
        low(stat.st_size),
    ]
}

/// The lower 32 bits: all that an index holds of any of these.
fn low(value: impl Into<i128>) -> u32 {
    u32::try_from(value.into() & 0xffff_ffff).unwrap_or(0)
}
