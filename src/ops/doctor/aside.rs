//! Words for steps that move something aside.

use std::path::{Path, PathBuf};

use crate::domain::tidy::quoted;

/// A path as one word of a command.
pub(super) fn word(path: &Path) -> String {
    quoted(&path.display().to_string())
}

/// The path, or one beside it that is free.
pub(super) fn free(path: &Path) -> PathBuf {
    let mut at = path.to_owned();
    for count in 2.. {
        if at.symlink_metadata().is_err() {
            break;
        }
        let mut name = path.as_os_str().to_owned();
        name.push(format!("-{count}"));
        at = PathBuf::from(name);
    }
    at
}
