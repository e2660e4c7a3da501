//! What an agent prints, kept in a file of bounded size, written as it comes.
//!
//! The file holds the beginning as it arrived and, when there was more than fits, the end, with a
//! line between that says how much is missing. Old logs of an issue make room for new ones.

use std::collections::VecDeque;
use std::path::Path;

use crate::error::Error;
use crate::store::StoreError;
use crate::store::atomic::Folder;
use crate::store::layout;

/// How much of the beginning is kept, in bytes.
const HEAD: usize = 4 * 1024 * 1024;
/// How much of the end, in bytes.
const TAIL: usize = 256 * 1024;
/// How many logs an issue keeps.
const KEPT: usize = 40;

/// A log being written.
#[derive(Debug)]
pub struct Log {
    folder: Folder,
    name: String,
    written: usize,
    total: usize,
    recent: VecDeque<u8>,
    /// The first failure to write; the agent goes on, and the run tells of it.
    failed: Option<StoreError>,
}

impl Log {
    /// Begins the log of run `number`.
    pub fn begin(worktree: &Path, number: u32, role: &str) -> Result<Self, Error> {
        let folder = Folder::create(worktree, layout::LOGS)?;
        let name = format!("{number:04}-{role}.log");
        let mut old: Vec<String> = folder.names()?.into_iter().filter(|n| is_log(n)).collect();
        old.sort();
        let surplus = (old.len() + 1).saturating_sub(KEPT);
        for name in &old[..surplus.min(old.len())] {
            folder.remove(name)?;
        }
        folder.write(&name, b"")?;
        let (written, total, recent) = (0, 0, VecDeque::new());
        Ok(Self { folder, name, written, total, recent, failed: None })
    }

    /// Where it is, below the worktree.
    pub fn path(&self) -> String {
        format!("{}/{}", layout::LOGS, self.name)
    }

    /// Takes what arrived.
    pub fn take(&mut self, bytes: &[u8]) {
        self.total += bytes.len();
        let now = &bytes[..bytes.len().min(HEAD - self.written)];
        if !now.is_empty() {
            self.append(now);
            self.written += now.len();
        }
        let kept = &bytes[bytes.len().saturating_sub(TAIL)..];
        let surplus = (self.recent.len() + kept.len()).saturating_sub(TAIL);
        self.recent.drain(..surplus);
        self.recent.extend(kept);
    }

    /// How much arrived, in bytes.
    pub fn total(&self) -> u64 {
        u64::try_from(self.total).unwrap_or(u64::MAX)
    }

    fn append(&mut self, bytes: &[u8]) {
        if self.failed.is_none()
            && let Err(error) = self.folder.append(&self.name, bytes)
        {
            self.failed = Some(error);
        }
    }

    /// The newest lines, as text.
    pub fn last_words(&self, bytes: usize) -> String {
        let skipped = self.recent.len().saturating_sub(bytes);
        let tail: Vec<u8> = self.recent.iter().skip(skipped).copied().collect();
        String::from_utf8_lossy(&tail).into_owned()
    }

    /// Ends the log; returns what kept it from being written, if anything did.
    pub fn end(mut self) -> Option<StoreError> {
        let rest = self.total - self.written;
        if rest > 0 {
            let tail = rest.min(self.recent.len());
            let mut end = Vec::new();
            if rest > tail {
                let note = format!("\n[git-orch left out {} bytes here]\n", rest - tail);
                end.extend_from_slice(note.as_bytes());
            }
            end.extend(self.recent.iter().skip(self.recent.len() - tail));
            self.append(&end);
        }
        self.failed
    }
}

/// Whether a file of the folder is a log of ours: `0007-implement.log`.
fn is_log(name: &str) -> bool {
    let (number, rest) = name.split_once('-').unwrap_or_default();
    let ours = rest.strip_suffix(".log").is_some();
    number.len() >= 4 && number.bytes().all(|b| b.is_ascii_digit()) && ours
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(chunks: &[&[u8]]) -> Vec<u8> {
        let top = tempfile::tempdir().unwrap();
        let mut log = Log::begin(top.path(), 7, "implement").unwrap();
        for chunk in chunks {
            log.take(chunk);
        }
        let path = log.path();
        assert!(log.end().is_none());
        std::fs::read(top.path().join(path)).unwrap()
    }

    #[test]
    fn a_log_keeps_the_beginning_and_the_end() {
        assert_eq!(written(&[b"one\n", b"two"]), b"one\ntwo");
        let head = vec![b'h'; HEAD];
        assert_eq!(written(&[&head]), head);
        let middle = vec![b'm'; TAIL];
        let whole = [head.as_slice(), &middle].concat();
        assert_eq!(written(&[&head, &middle]), whole, "what fits is whole");
        let long = written(&[&head, &middle, b"the end"]);
        assert!(long.len() < HEAD + TAIL + 100);
        assert!(long.ends_with(b"mthe end"));
        let text = String::from_utf8_lossy(&long);
        assert!(text.contains("[git-orch left out 7 bytes here]"));
        assert_eq!(written(&[&whole, b"the end"]), long, "however it arrives");
    }

    #[test]
    fn old_logs_make_room_and_other_files_stay() {
        let top = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(top.path().join(layout::LOGS)).unwrap();
        let notes = top.path().join(layout::LOGS).join("notes.txt");
        Folder::create(top.path(), layout::LOGS).unwrap().write("notes.txt", b"mine").unwrap();
        for number in 1..=u32::try_from(KEPT).unwrap() + 5 {
            Log::begin(top.path(), number, "implement").unwrap();
        }
        let folder = Folder::open(top.path(), layout::LOGS).unwrap().unwrap();
        let names = folder.names().unwrap();
        assert_eq!(names.len(), KEPT + 1);
        assert_eq!(names[0], "0006-implement.log");
        assert!(notes.exists());
    }
}
