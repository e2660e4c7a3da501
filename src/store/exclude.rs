//! `info/exclude` of the repository: lines of ours, so that `git add -A` never sweeps in what we
//! write.

use std::path::Path;

use super::atomic::Folder;
use super::error::StoreError;

const HEADING: &str = "# git-orch";

/// The lines of ours that are missing.
pub fn missing(common_dir: &Path, lines: &[&str]) -> Result<Vec<String>, StoreError> {
    let text = read(common_dir)?.unwrap_or_default();
    let there: Vec<&str> = text.lines().map(str::trim).collect();
    Ok(lines.iter().filter(|line| !there.contains(*line)).map(|line| (*line).to_owned()).collect())
}

/// Whether the file is there.
pub fn exists(common_dir: &Path) -> Result<bool, StoreError> {
    Ok(read(common_dir)?.is_some())
}

fn read(common_dir: &Path) -> Result<Option<String>, StoreError> {
    let Some(folder) = Folder::open(common_dir, "info")? else { return Ok(None) };
    Ok(folder.read("exclude")?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Adds `lines` at the end, below a heading of ours.
pub fn add(common_dir: &Path, lines: &[String]) -> Result<(), StoreError> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut text = read(common_dir)?.unwrap_or_default();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    if !text.lines().any(|line| line == HEADING) {
        text.push_str(HEADING);
        text.push('\n');
    }
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    Folder::create(common_dir, "info")?.write("exclude", text.as_bytes()).map(drop)
}

/// Takes `lines` and the heading out again; the file itself too when `remove_file` says that it
/// was ours and nothing else is in it.
pub fn remove(common_dir: &Path, lines: &[String], remove_file: bool) -> Result<(), StoreError> {
    let Some(text) = read(common_dir)? else { return Ok(()) };
    let kept: String = text
        .split_inclusive('\n')
        .filter(|line| {
            let bare = line.trim_end_matches('\n');
            bare != HEADING && !lines.iter().any(|ours| ours == bare)
        })
        .collect();
    let folder = Folder::create(common_dir, "info")?;
    if kept.is_empty() && remove_file {
        folder.remove("exclude")?;
        Folder::create(common_dir, "")?.remove_empty("info")?;
        return Ok(());
    }
    folder.write("exclude", kept.as_bytes()).map(drop)
}
