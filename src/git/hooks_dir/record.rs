//! What installation must remember to be undone: `git-orch/hooks-before` in the common directory.
//!
//! `name=value` entries, each ended by a NUL, so that values may be any bytes git may hold. There
//! is no such file when there is nothing to remember.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::error::HooksDirError;
use super::files;

/// The `core.hooksPath` of the repository's own config that ours stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    /// The value as it was written.
    pub raw: OsString,
    /// The folder it means.
    pub path: PathBuf,
}

/// What was found before installation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Whether the common directory's `hooks/` was made by us.
    pub made_hooks: bool,
    /// The value that ours replaced.
    pub previous: Option<Previous>,
}

/// Where it is kept.
pub(super) fn file(common_dir: &Path) -> PathBuf {
    common_dir.join("git-orch").join("hooks-before")
}

impl Record {
    /// Reads it; nothing to remember when the file is not there.
    pub(super) fn load(common_dir: &Path) -> Result<Self, HooksDirError> {
        let Some(found) = files::look(&file(common_dir))? else { return Ok(Self::default()) };
        let entry = |name: &[u8]| {
            let mut entries = found.content.split(|&byte| byte == 0);
            entries.find_map(|entry| entry.strip_prefix(name))
        };
        let raw = entry(b"hooks-path=").map(|raw| OsString::from_vec(raw.to_vec()));
        let path = entry(b"hooks-folder=").map(|p| PathBuf::from(OsString::from_vec(p.to_vec())));
        Ok(Self {
            made_hooks: entry(b"made-hooks=").is_some(),
            previous: raw.zip(path).map(|(raw, path)| Previous { raw, path }),
        })
    }

    /// Writes it.
    pub(super) fn save(&self, common_dir: &Path) -> Result<(), HooksDirError> {
        let mut text = Vec::new();
        if self.made_hooks {
            text.extend_from_slice(b"made-hooks=yes\0");
        }
        if let Some(previous) = &self.previous {
            text.extend_from_slice(b"hooks-path=");
            text.extend_from_slice(previous.raw.as_bytes());
            text.extend_from_slice(b"\0hooks-folder=");
            text.extend_from_slice(previous.path.as_os_str().as_bytes());
            text.push(0);
        }
        let file = file(common_dir);
        if let Some(folder) = file.parent() {
            files::make_folder(folder)?;
        }
        files::note(&file, &text)
    }
}
