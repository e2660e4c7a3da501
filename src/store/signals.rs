//! The files of signals: a folder a run, `<LANE>.status` and `<LANE>.done` in it.
//!
//! Written whole, by a temporary file and a rename. Read with suspicion: anybody may write them,
//! so links are not followed, nothing beyond a few bytes is read, and nothing makes us wait.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

use super::atomic::Folder;
use super::error::StoreError;
use super::layout;
use crate::domain::catalog::LaneName;
use crate::domain::signal::{DONE_LIMIT, Done, Odd, STATUS_LIMIT, Said, Status};

/// What the name of a status file ends in.
const STATUS: &str = ".status";
/// What the name of a completion file ends in.
const DONE: &str = ".done";

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// How the lane is doing.
    Status,
    /// That it is through.
    Done,
}

/// The signals of one run.
#[derive(Debug)]
pub struct Signals {
    folder: Folder,
}

/// Where the signals of a run lie, from the top of the main worktree.
pub fn folder_of(run: &str) -> String {
    format!("{}/{run}", layout::SIGNALS)
}

/// The lane and kind that a file's name speaks of; `None` when it is no signal at all.
pub fn named(name: &str) -> Option<(LaneName, Kind)> {
    let (lane, kind) = match (name.strip_suffix(STATUS), name.strip_suffix(DONE)) {
        (Some(lane), _) => (lane, Kind::Status),
        (_, Some(lane)) => (lane, Kind::Done),
        _ => return None,
    };
    Some((lane.parse().ok()?, kind))
}

/// A signal that was read, with its size in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard<T> {
    /// What it says.
    pub said: Result<T, Odd>,
    /// How many bytes were read.
    pub bytes: usize,
    /// When the file was written, in seconds since 1970.
    pub written: i64,
}

impl Signals {
    /// The signals of run `run` below `root`, made when they are not there.
    pub fn create(root: &Path, run: &str) -> Result<Self, StoreError> {
        Ok(Self { folder: Folder::create(root, &folder_of(run))? })
    }

    /// The signals in a folder that is there.
    pub fn open(folder: &Path) -> Result<Option<Self>, StoreError> {
        Ok(Folder::open(folder, "")?.map(|folder| Self { folder }))
    }

    /// Where they are.
    pub fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Says how a lane is doing.
    pub fn say(&self, lane: &LaneName, status: &Status) -> Result<(), StoreError> {
        self.put(&format!("{lane}{STATUS}"), status.write().as_bytes())
    }

    /// Says that a lane is through.
    pub fn end(&self, lane: &LaneName, done: &Done) -> Result<(), StoreError> {
        self.put(&format!("{lane}{DONE}"), done.write().as_bytes())
    }

    /// Not synced: what a crash of the machine takes away was only a hint.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let part = format!(".{name}.{}", std::process::id());
        self.folder.remove(&part)?;
        self.folder.draft(&part, bytes)?;
        self.folder.rename(&part, name)
    }

    /// Takes a lane's completion away, before it begins anew.
    pub fn forget(&self, lane: &LaneName) -> Result<(), StoreError> {
        self.folder.remove(&format!("{lane}{DONE}"))
    }

    /// The names in the folder.
    pub fn names(&self) -> Result<Vec<String>, StoreError> {
        self.folder.names()
    }

    /// How a lane says it is doing; `None` when it says nothing.
    pub fn status(&self, lane: &LaneName) -> Option<Heard<Status>> {
        self.read(&format!("{lane}{STATUS}"), STATUS_LIMIT, Status::read)
    }

    /// What a lane's completion says; `None` when there is none.
    pub fn done(&self, lane: &LaneName) -> Option<Heard<Said>> {
        self.read(&format!("{lane}{DONE}"), DONE_LIMIT, Done::read)
    }

    fn read<T>(
        &self,
        name: &str,
        limit: usize,
        parse: fn(&[u8]) -> Result<T, Odd>,
    ) -> Option<Heard<T>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let odd = |odd| Some(Heard { said: Err(odd), bytes: 0, written: 0 });
        let file = match rustix::fs::openat(self.folder.fd(), name, flags, Mode::empty()) {
            Ok(fd) => std::fs::File::from(fd),
            Err(Errno::NOENT) => return None,
            Err(_) => return odd(Odd::NotPlain),
        };
        let Ok(meta) = file.metadata() else { return odd(Odd::NotPlain) };
        if !meta.is_file() {
            return odd(Odd::NotPlain);
        }
        let mut bytes = Vec::new();
        let most = u64::try_from(limit + 1).unwrap_or(u64::MAX);
        let mut part = std::io::Read::take(&file, most);
        if std::io::Read::read_to_end(&mut part, &mut bytes).is_err() {
            return odd(Odd::NotPlain);
        }
        Some(Heard { said: parse(&bytes), bytes: bytes.len(), written: meta.mtime() })
    }

    /// When and how large a file is, to tell whether it has changed; never followed.
    pub fn mark(&self, name: &str) -> Option<(i64, i64, u64)> {
        let stat = rustix::fs::statat(self.folder.fd(), name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let nanos = i64::try_from(stat.st_mtime_nsec).unwrap_or_default();
        Some((stat.st_mtime, nanos, stat.st_ino))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signal::{Outcome, State};

    #[test]
    fn what_is_written_is_heard_and_oddities_are_not_followed() {
        let top = tempfile::tempdir().unwrap();
        let signals = Signals::create(top.path(), "r").unwrap();
        let lane: LaneName = "E".parse().unwrap();
        assert_eq!(signals.status(&lane), None);
        let status = Status { state: State::Normal, text: "E-01".into() };
        signals.say(&lane, &status).unwrap();
        assert_eq!(signals.status(&lane).unwrap().said, Ok(status));
        let done = Done {
            outcome: Outcome::Complete,
            landed: 1,
            skipped: 0,
            left: 0,
            attempt: 1,
            pid: 1,
            run: "r".into(),
            started: "s".into(),
            ended: "e".into(),
            why: String::new(),
        };
        signals.end(&lane, &done).unwrap();
        assert_eq!(signals.done(&lane).unwrap().said, Ok(Said::Done(Box::new(done))));
        assert_eq!(signals.names().unwrap(), ["E.done", "E.status"]);
        signals.forget(&lane).unwrap();
        signals.forget(&lane).unwrap();
        assert_eq!(signals.done(&lane), None);

        let path = |name: &str| signals.path().join(name);
        std::os::unix::fs::symlink("/etc/passwd", path("L.status")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", path("Z.done")).unwrap();
        signals.folder.draft("B.status", &[b'x'; 4_096]).unwrap();
        for (lane, odd) in [("L", Odd::NotPlain), ("B", Odd::Long(STATUS_LIMIT))] {
            let heard = signals.status(&lane.parse().unwrap()).unwrap();
            assert_eq!(heard.said, Err(odd));
            assert!(heard.bytes <= STATUS_LIMIT + 1);
        }
        assert_eq!(signals.done(&"Z".parse().unwrap()).unwrap().said, Err(Odd::NotPlain));
    }

    #[test]
    fn names_tell_lane_and_kind() {
        assert_eq!(named("E.status"), Some(("E".parse().unwrap(), Kind::Status)));
        assert_eq!(named("api-2.done"), Some(("api-2".parse().unwrap(), Kind::Done)));
        for other in [".E.status.12", "E.txt", ".done", "../x.done", "E.status~"] {
            assert_eq!(named(other), None, "{other}");
        }
    }
}
