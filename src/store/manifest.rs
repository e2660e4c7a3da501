//! What `init` did to the repository, so that `uninit` undoes exactly that.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::atomic::Folder;
use super::error::StoreError;
use super::layout::own;

/// The record of an installation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this form.
    pub version: u32,
    /// The branch that work lands on.
    pub base: String,
    /// Lines added to `info/exclude`.
    #[serde(default)]
    pub excluded: Vec<String>,
    /// Whether `info/exclude` was made by us.
    #[serde(default)]
    pub made_exclude: bool,
    /// Whether the configuration file was made by us, and its digest then.
    #[serde(default)]
    pub config_digest: Option<String>,
    /// Whether the hook is left out that every change of a ref waits for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_lock: bool,
    /// That the repository is a server with the wall, and nobody works in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Server>,
}

/// How the wall of a server was built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Whether every commit has to answer, whatever the policy's scope.
    pub strict: bool,
    /// Whether the folder of hooks was made by us.
    #[serde(default)]
    pub made_hooks: bool,
}

/// The record; `None` when git-orch is not installed here.
pub fn read(own_folder: &Path) -> Result<Option<Manifest>, StoreError> {
    let Some(folder) = Folder::open(own_folder, "")? else { return Ok(None) };
    let Some(bytes) = folder.read(own::MANIFEST)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|e| StoreError::Damaged {
        name: own_folder.join(own::MANIFEST).display().to_string(),
        reason: e.to_string(),
    })
}

/// Writes the record.
pub fn write(own_folder: &Path, manifest: &Manifest) -> Result<bool, StoreError> {
    let folder = Folder::create(own_folder, "")?;
    let text = serde_json::to_string_pretty(manifest).unwrap_or_default() + "\n";
    folder.write(own::MANIFEST, text.as_bytes())
}
