//! The archive of a finished issue on disk: plain files, and a manifest of their digests.

use std::path::{Path, PathBuf};

use super::readable;
use crate::context::Context;
use crate::domain::ids::{CommitId, Digest};
use crate::domain::session::Session;
use crate::error::Error;
use crate::ops::place;
use crate::store::{StoreError, atomic::Folder, chain, layout, redact, xml};

/// The files that are documents of ours.
const DOCUMENTS: [&str; 3] = [layout::SESSION_LOG, layout::RECEIPT, readable::LEARNINGS];
/// Names every file of the archive with its digest, as `sha256sum` writes it.
pub const MANIFEST: &str = "SHA256SUMS";

/// Writes the archive of `session`, whose last state is `last`, and returns its folder. What is
/// there already and right is left as it is.
pub fn write(ctx: &Context, session: &Session, last: &CommitId) -> Result<PathBuf, Error> {
    let (root, relative) = place::archive(ctx, &session.issue);
    let folder = Folder::create(&root, &relative)?;
    let evidence = Folder::create(&root, &format!("{relative}/{}", layout::EVIDENCE))?;
    let mut sums = String::new();
    let session = &redact::session(session.clone());
    let mut put = |folder: &Folder, prefix: &str, name: &str, bytes: &[u8]| -> Result<(), Error> {
        // A document is clean text by text; a receipt is what its seal says, or nothing.
        let bytes = &*if DOCUMENTS.contains(&name) { bytes.into() } else { redact::bytes(bytes) };
        folder.write(name, bytes)?;
        sums.push_str(&format!("{}  {prefix}{name}\n", Digest::of(bytes).hex()));
        Ok(())
    };
    put(&folder, "", layout::SESSION_LOG, xml::session_log::write(session).as_bytes())?;
    if let Some(bytes) = chain::companion(&ctx.repo, last, layout::RECEIPT)? {
        put(&folder, "", layout::RECEIPT, &bytes)?;
    }
    for path in chain::evidence_files(&ctx.repo, last)? {
        let Some(bytes) = chain::companion(&ctx.repo, last, &path)? else { continue };
        let name = path.rsplit('/').next().unwrap_or(&path);
        put(&evidence, &format!("{}/", layout::EVIDENCE), name, &bytes)?;
    }
    for (name, bytes) in readable::of_finished(ctx, session, last)? {
        put(&folder, "", name, &bytes)?;
    }
    folder.write(MANIFEST, sums.as_bytes())?;
    folder.sync_file_system()?;
    Ok(root.join(relative))
}

/// Reads the archive back and compares every file with the manifest.
pub fn verify(folder: &Path) -> Result<(), Error> {
    let wrong = |name: &str, reason: &str| StoreError::Damaged {
        name: folder.join(name).display().to_string(),
        reason: reason.to_owned(),
    };
    let root = Folder::open(folder, "")?.ok_or_else(|| wrong("", "the folder is gone"))?;
    let manifest = root.read(MANIFEST)?.ok_or_else(|| wrong(MANIFEST, "it is not there"))?;
    for line in String::from_utf8_lossy(&manifest).lines() {
        let (digest, path) =
            line.split_once("  ").ok_or_else(|| wrong(MANIFEST, "a line is malformed"))?;
        let bytes = match path.split_once('/') {
            None => root.read(path)?,
            Some((sub, name)) => match Folder::open(folder, sub)? {
                Some(below) => below.read(name)?,
                None => None,
            },
        };
        match bytes {
            None => return Err(wrong(path, "it is not there").into()),
            Some(bytes) if Digest::of(&bytes).hex() != digest => {
                return Err(wrong(path, "its content is not what the manifest says").into());
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The names of the files in an archive, those of folders below it included.
pub fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    let Some(top) = Folder::open(folder, "")? else { return Ok(names) };
    for name in top.names()? {
        if folder.join(&name).is_dir() {
            let below = Folder::open(folder, &name)?.map(|f| f.names()).transpose()?;
            names.extend(below.unwrap_or_default().iter().map(|file| format!("{name}/{file}")));
        } else {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
