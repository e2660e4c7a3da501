//! Which processes work in a repository at this moment, as far as the system tells.
//!
//! Asked before a lock file is taken for a leftover: its owner must be gone. Where there is no
//! `/proc`, or a process hides what it does, the answer is "cannot tell", never "nobody".

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A process that works in the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// Its name, at most 15 characters.
    pub name: String,
}

/// Subcommands that take no lock on refs or config.
const READERS: [&str; 11] = [
    "blame",
    "cat-file",
    "credential-cache--daemon",
    "daemon",
    "diff",
    "fsmonitor--daemon",
    "grep",
    "log",
    "rev-list",
    "show",
    "status",
];
/// Ticks of `/proc/<pid>/stat` in a second, `USER_HZ` of Linux.
const TICKS: i64 = 100;
/// Seconds by which the two clocks compared may differ.
const SLACK: i64 = 2;

/// Longest wait for somebody who collects garbage.
const COLLECTING: Duration = Duration::from_secs(60);

/// Waits while a `git gc` with `--prune` is under way that began before this call: what it saw
/// without a name it takes away, also what has one by now. One that begins later sees the name.
pub fn await_collector(common_dir: &Path) {
    let file = common_dir.join("gc.pid");
    let Some(seen) = collector(&file) else { return };
    let begin = Instant::now();
    while begin.elapsed() < COLLECTING && collector(&file) == Some(seen) {
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a `git gc` with `--prune` is under way.
pub fn collects(common_dir: &Path) -> bool {
    collector(&common_dir.join("gc.pid")).is_some()
}

/// Which process collects, when it takes what is young too; one whose command cannot be read may.
fn collector(file: &Path) -> Option<(u32, u64)> {
    let text = fs::read_to_string(file).ok()?;
    let pid = text.split_whitespace().next()?.parse().ok()?;
    let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let command = String::from_utf8_lossy(&command).into_owned();
    let prunes = command.is_empty() || command.contains("prune");
    (prunes && !is_gone(pid))
        .then(|| (pid, word(pid, 19).and_then(|w| w.parse().ok()).unwrap_or(0)))
}

/// Processes that may own the lock file `lock` of a repository: those that have it open, and
/// every `git` that works in one of `folders`, was there when the lock was made, and does not only
/// read. We ourselves and the processes that started us are
/// left out. `None` where that cannot be told.
pub fn owners(lock: &Path, folders: &[PathBuf]) -> Option<Vec<Process>> {
    let meta = fs::symlink_metadata(lock).ok();
    let owner = meta.as_ref().map(MetadataExt::uid);
    let made = meta.as_ref().map_or(i64::MAX, MetadataExt::mtime);
    let ours = ancestors()?;
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let proc = entry.path();
        // Only the lock's owner, or root, can have made it; others' processes cannot be read.
        let uid = entry.metadata().map(|meta| meta.uid()).ok();
        if ours.contains(&pid) || (uid != owner && uid != Some(0)) {
            continue;
        }
        let name = fs::read_to_string(proc.join("comm")).unwrap_or_default().trim().to_owned();
        let is_git = name == "git" || name.starts_with("git-");
        let may_hold =
            || started(pid).is_none_or(|at| at <= made.saturating_add(SLACK)) && !only_reads(&proc);
        if (is_git && may_hold() && works_in(pid, &proc, folders)) || has_open(&proc, lock) {
            found.push(Process { pid, name });
        }
    }
    Some(found)
}

/// When a process started, in seconds since 1970.
fn started(pid: u32) -> Option<i64> {
    let system = fs::read_to_string("/proc/stat").ok()?;
    let begin: i64 = system.lines().find_map(|line| line.strip_prefix("btime ")?.parse().ok())?;
    let ticks: i64 = word(pid, 19)?.parse().ok()?;
    Some(begin + ticks / TICKS)
}

/// Word `number` of what the system says of a process, counted from the one after its name. The
/// name stands in brackets and may hold anything.
fn word(pid: u32, number: usize) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(number).map(str::to_owned)
}

/// Whether it is a `git` that only reads, such as one that waits behind a pager.
fn only_reads(proc: &Path) -> bool {
    let told = fs::read(proc.join("cmdline")).unwrap_or_default();
    let told = String::from_utf8_lossy(&told).into_owned();
    let mut words = told.split('\0').skip(1);
    while let Some(word) = words.next() {
        match word {
            "-c" | "-C" | "--git-dir" | "--work-tree" => drop(words.next()),
            option if option.starts_with('-') => {}
            subcommand => return READERS.contains(&subcommand),
        }
    }
    false
}

/// We, and whoever started us: the `git` of `git orch …` waits for us and holds nothing.
fn ancestors() -> Option<Vec<u32>> {
    let mut chain = vec![std::process::id()];
    while let Some(&pid) = chain.last()
        && pid > 1
        && chain.len() < 100
    {
        chain.push(word(pid, 1)?.parse().ok()?);
    }
    Some(chain)
}

/// Whether it stands in one of `folders`, or was told to work there.
fn works_in(pid: u32, proc: &Path, folders: &[PathBuf]) -> bool {
    match fs::read_link(proc.join("cwd")) {
        Ok(cwd) if folders.iter().any(|folder| cwd.starts_with(folder)) => return true,
        Ok(_) => {}
        // It is ending, or it hides: for a process that is still there the latter.
        Err(_) => return !is_gone(pid),
    }
    let told = fs::read(proc.join("cmdline")).unwrap_or_default();
    let told = String::from_utf8_lossy(&told).into_owned();
    folders.iter().any(|folder| told.contains(&*folder.to_string_lossy()))
}

/// A process that has ended and only waits to be noticed holds nothing any more.
fn is_gone(pid: u32) -> bool {
    matches!(word(pid, 0).as_deref(), None | Some("Z" | "X"))
}

fn has_open(proc: &Path, file: &Path) -> bool {
    let Ok(files) = fs::read_dir(proc.join("fd")) else { return false };
    files.flatten().any(|fd| fs::read_link(fd.path()).is_ok_and(|target| target == file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_the_lock_open_is_found_and_we_are_not() {
        let top = tempfile::tempdir().unwrap();
        let root = top.path().canonicalize().unwrap();
        let lock = root.join("packed-refs.lock");
        let _ours = fs::File::options().create(true).append(true).open(&lock).unwrap();
        // A child that another test is about to start holds every open file for a moment.
        let free = || owners(&lock, std::slice::from_ref(&root)) == Some(Vec::new());
        assert!((0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            free()
        }));
    }
}
