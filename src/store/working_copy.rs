//! `.context/` in a worktree: the record as people and agents read it.
//!
//! The chain is the truth; this is a copy of it, written anew whenever it is missing or older. A
//! copy that matches no state of the chain was edited by hand: it is set aside and has no effect.

use std::path::Path;

use super::atomic::Folder;
use super::chain::Chain;
use super::error::StoreError;
use super::layout::{CONTEXT, FLAG, SESSION_LOG, SPEC};
use super::xml;
use crate::domain::session::{Seal, Session};
use crate::domain::time::Moment;
use crate::git::Repo;

/// What [`sync`] did that a person should know of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Synced {
    /// Files that were edited by hand, by the name they were set aside under.
    pub set_aside: Vec<String>,
    /// Whether anything was written.
    pub wrote: bool,
}

/// The `.context/` of a worktree; `None` when it is not there.
pub fn folder(worktree: &Path) -> Result<Option<Folder>, StoreError> {
    Folder::open(worktree, CONTEXT)
}

/// Whether the worktree holds a copy of this issue's record, of whatever state.
pub fn is_of(worktree: &Path, session: &Session) -> bool {
    let log = folder(worktree).ok().flatten().and_then(|folder| read_or_none(&folder, SESSION_LOG));
    log.and_then(|bytes| xml::session_log::read(&bytes).ok())
        .is_some_and(|copy| copy.issue == session.issue && copy.id == session.id)
}

/// Brings `.context/` of the session's worktree to what the chain says. A folder that leads to no
/// repository is none of its worktrees (yet), and is left as it is.
pub fn sync(repo: &Repo, chain: &Chain, now: Moment) -> Result<Synced, StoreError> {
    let worktree = Path::new(&chain.session.worktree);
    if worktree.join(".git").symlink_metadata().is_err() {
        return Ok(Synced::default());
    }
    let folder = Folder::create(worktree, CONTEXT)?;
    let mut done = Synced::default();
    let log = xml::session_log::write(&chain.session).into_bytes();
    if let Some(there) = read_or_none(&folder, SESSION_LOG)
        && there != log
        && !is_older_state(repo, chain, &there)?
    {
        set_aside(&folder, SESSION_LOG, now, &mut done)?;
    }
    done.wrote |= folder.write(SESSION_LOG, &log)?;
    sync_flag(repo, chain, &folder, now, &mut done)?;
    sync_spec(repo, chain, &folder, now, &mut done)?;
    Ok(done)
}

/// Writes the log into the `.context/` of a worktree that nobody sees yet, before it is synced.
pub fn draft(session: &Session) -> Result<(), StoreError> {
    let worktree = Folder::create(Path::new(&session.worktree), "")?;
    let folder = worktree.draft_folder(CONTEXT.as_ref())?;
    if folder.has(SESSION_LOG) {
        return Ok(());
    }
    folder.replace(SESSION_LOG, xml::session_log::write(session).as_bytes())
}

/// Something unreadable, such as a planted link, counts as absent here; the write that follows
/// replaces it and never follows it.
fn read_or_none(folder: &Folder, name: &str) -> Option<Vec<u8>> {
    folder.read(name).ok().flatten()
}

/// Whether `bytes` is the log of some earlier state.
fn is_older_state(repo: &Repo, chain: &Chain, bytes: &[u8]) -> Result<bool, StoreError> {
    let mut next = Some(chain.tip.clone());
    while let Some(commit) = next {
        if repo.objects.file(&commit, SESSION_LOG)?.as_deref() == Some(bytes) {
            return Ok(true);
        }
        next = repo.objects.commit(&commit)?.parents.into_iter().next();
    }
    Ok(false)
}

fn sync_flag(
    repo: &Repo,
    chain: &Chain,
    folder: &Folder,
    now: Moment,
    done: &mut Synced,
) -> Result<(), StoreError> {
    let wanted = flag(&chain.session);
    let there = read_or_none(folder, FLAG);
    match (&wanted, &there) {
        (None, None) => return Ok(()),
        (Some(text), Some(bytes)) if text.as_bytes() == bytes => return Ok(()),
        // The flag of an earlier state is replaced; anything else was made by hand.
        (_, Some(bytes)) if !is_older_flag(repo, chain, bytes)? => {
            set_aside(folder, FLAG, now, done)?;
        }
        _ => {}
    }
    if let Some(text) = wanted {
        done.wrote |= folder.write(FLAG, text.as_bytes())?;
    } else {
        folder.remove(FLAG)?;
        folder.sync()?;
    }
    Ok(())
}

const FLAG_HEADING: &str = "git-orch receipt ";

/// What the flag says: the digest of the receipt, and for which tip.
pub fn flag_text(session: &Session, seal: &Seal) -> String {
    format!(
        "{FLAG_HEADING}{}\nissue {}\ntip {}\nsealed {}\n",
        seal.receipt, session.issue, seal.tip, seal.at
    )
}

/// The flag of a session that is sealed.
fn flag(session: &Session) -> Option<String> {
    session.seal.as_ref().map(|seal| flag_text(session, seal))
}

/// Whether `bytes` is the flag of some earlier state.
fn is_older_flag(repo: &Repo, chain: &Chain, bytes: &[u8]) -> Result<bool, StoreError> {
    if !bytes.starts_with(FLAG_HEADING.as_bytes()) {
        return Ok(false);
    }
    let mut next = Some(chain.tip.clone());
    while let Some(commit) = next {
        let log = repo.objects.file(&commit, SESSION_LOG)?;
        let session = log.and_then(|log| xml::session_log::read(&log).ok());
        if session.and_then(|session| flag(&session)).is_some_and(|text| text.as_bytes() == bytes) {
            return Ok(true);
        }
        next = repo.objects.commit(&commit)?.parents.into_iter().next();
    }
    Ok(false)
}

/// The files of `.context/` that are not what the record says, by their names.
pub fn differing(repo: &Repo, chain: &Chain) -> Result<Vec<&'static str>, StoreError> {
    let folder = folder(Path::new(&chain.session.worktree))?;
    let there = |name: &str| folder.as_ref().and_then(|folder| read_or_none(folder, name));
    let has = |name: &str| folder.as_ref().is_some_and(|folder| folder.has(name));
    let log = xml::session_log::write(&chain.session).into_bytes();
    let mut names = Vec::new();
    if there(SESSION_LOG) != Some(log) {
        names.push(SESSION_LOG);
    }
    let wanted = flag(&chain.session).map(String::into_bytes);
    if there(FLAG) != wanted || (wanted.is_none() && has(FLAG)) {
        names.push(FLAG);
    }
    if chain.session.spec.is_some()
        && let Some(frozen) = repo.objects.file(&chain.tip, SPEC)?
        && there(SPEC) != Some(frozen)
    {
        names.push(SPEC);
    }
    Ok(names)
}

/// A frozen specification is shown as it was frozen; a changed one is set aside.
fn sync_spec(
    repo: &Repo,
    chain: &Chain,
    folder: &Folder,
    now: Moment,
    done: &mut Synced,
) -> Result<(), StoreError> {
    if chain.session.spec.is_none() {
        return Ok(());
    }
    let Some(frozen) = repo.objects.file(&chain.tip, SPEC)? else { return Ok(()) };
    match read_or_none(folder, SPEC) {
        Some(there) if there == frozen => return Ok(()),
        Some(_) => set_aside(folder, SPEC, now, done)?,
        None => {}
    }
    done.wrote |= folder.write(SPEC, &frozen)?;
    Ok(())
}

/// Takes the copy away from a worktree that stays. A draft goes with it, which is kept elsewhere;
/// what else lies there is the user's.
pub fn take_away(worktree: &Path) -> Result<(), StoreError> {
    let Some(folder) = folder(worktree)? else { return Ok(()) };
    for name in [SESSION_LOG, FLAG, SPEC] {
        if folder.has(name) {
            folder.remove(name)?;
        }
    }
    folder.sync()
}

/// Sets aside what a worktree says of an issue that has no record any more. Returns the names.
pub fn put_aside(worktree: &Path, now: Moment) -> Result<Vec<String>, StoreError> {
    let mut done = Synced::default();
    if let Some(folder) = folder(worktree)? {
        for name in [SESSION_LOG, FLAG] {
            if folder.has(name) {
                set_aside(&folder, name, now, &mut done)?;
            }
        }
    }
    Ok(done.set_aside)
}

fn set_aside(
    folder: &Folder,
    name: &str,
    now: Moment,
    done: &mut Synced,
) -> Result<(), StoreError> {
    let stem = format!("{name}.edited-{}", now.compact());
    let mut free = stem.clone();
    for count in 2.. {
        if !folder.has(&free) {
            break;
        }
        free = format!("{stem}-{count}");
    }
    folder.move_to(name, folder, &free)?;
    done.set_aside.push(free);
    Ok(())
}
