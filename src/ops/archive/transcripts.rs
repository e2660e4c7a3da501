//! `archive.transcripts`: what agents printed, kept beside the archive of their issue, compressed.
//!
//! They stay on this machine: no ref and no manifest holds them, and they cannot be written again.
//! What is kept is bounded, and the newest come first.

use std::path::Path;

use crate::context::Context;
use crate::domain::session::Session;
use crate::error::Error;
use crate::ops::{Narrator, place, policy};
use crate::store::atomic::Folder;
use crate::store::{compressed, layout, redact};

/// Largest log that is kept, in bytes: twice what one of ours may have.
const LARGEST: u64 = 8 * 1024 * 1024;
/// How much of an issue's logs is kept altogether, in bytes before they are compressed.
const MOST: u64 = 64 * 1024 * 1024;

/// Keeps the logs of an issue whose worktree is about to go, where the team wants that. Doing it
/// again changes nothing.
pub fn keep(ctx: &Context, session: &Session, narrator: &mut dyn Narrator) -> Result<(), Error> {
    if !policy::in_force(ctx)?.archive.transcripts {
        return Ok(());
    }
    let worktree = Path::new(&session.worktree);
    let Some(logs) = Folder::open(worktree, layout::LOGS)? else { return Ok(()) };
    let (root, relative) = place::archive(ctx, &session.issue);
    let mut names = logs.names()?;
    names.retain(|name| is_file(&logs, name));
    names.sort();
    let mut room = MOST;
    let mut left = Vec::new();
    for name in names.iter().rev() {
        let size = logs.path().join(name).symlink_metadata().map_or(u64::MAX, |meta| meta.len());
        if size > LARGEST.min(room) {
            left.push(name.as_str());
            continue;
        }
        room -= size;
        let Some(bytes) = logs.read(name)? else { continue };
        let folder = Folder::create(&root, &format!("{relative}/{}", layout::TRANSCRIPTS))?;
        let packed = compressed::pack(&redact::bytes(&bytes));
        folder.write(&format!("{name}.gz"), &packed)?;
    }
    if !left.is_empty() {
        narrator.say(&format!("logs too large to be kept: {}", left.join(", ")));
    }
    Ok(())
}

/// No link, no folder.
fn is_file(logs: &Folder, name: &str) -> bool {
    logs.path().join(name).symlink_metadata().is_ok_and(|meta| meta.is_file())
}
