//! The state chain: the record of an issue as a line of commits under `refs/git-orch/`.
//!
//! Each change of state is one commit; moving the ref by compare-and-swap is the moment at which
//! the change has happened. The message's trailers repeat the few facts that hooks need, so that
//! a hook reads commits and no documents.

mod lost;
mod writing;

pub use lost::{is_gone, is_older, lost, noted};
pub use writing::{Written, secure};

use writing::write;

use super::error::StoreError;
use super::layout::{EVIDENCE, RECEIPT, SESSION_LOG};
use super::{redact, xml};
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::{ARCHIVE, ISSUES, archive_ref, issue_ref, one_line};
use crate::domain::phase::Phase;
use crate::domain::receipt::Receipt;
use crate::domain::session::Session;
use crate::domain::time::Moment;
use crate::git::{GitError, NewCommit, RefChange, Repo};

/// The trailer of a state that undoes: the state whose word holds again.
const RESTORES: &str = "Restores: ";

/// A record as it was read.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The ref it stands under.
    pub name: String,
    /// Its newest state.
    pub tip: CommitId,
    /// What that says.
    pub session: Session,
}

/// The facts that hooks need of an open issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// The issue.
    pub issue: IssueId,
    /// The newest state of its chain.
    pub tip: CommitId,
    /// Its recorded phase.
    pub phase: Phase,
    /// Its branch, without `refs/heads/`.
    pub branch: String,
    /// Where the branch left its base.
    pub fork: CommitId,
    /// The branch tip that a receipt is sealed to.
    pub sealed: Option<CommitId>,
}

/// A change to be recorded.
#[derive(Debug)]
pub struct Change<'a> {
    /// The new state.
    pub session: &'a Session,
    /// Companion files to set, by path in the chain's tree.
    pub files: Vec<(String, Vec<u8>)>,
    /// What happened, one line.
    pub subject: &'a str,
    /// Who did it, `Name <address>`.
    pub author: &'a str,
    /// When.
    pub at: Moment,
}

/// The record of an open issue; `None` when there is none.
pub fn open(repo: &Repo, id: &IssueId) -> Result<Option<Chain>, StoreError> {
    let name = issue_ref(id);
    loop {
        let there = load(repo, name.clone(), id)?;
        let reason = match &there {
            None if is_gone(repo, id)? => "it is gone, and the issue is open",
            Some(chain) if is_older(repo, id, &chain.tip) => "an older state stands in its place",
            _ => return Ok(there),
        };
        // A move is noted after it happened: whoever reads without the lock may have read the ref
        // before one, and the note after it.
        if repo.objects.read_ref(&name)? == there.map(|chain| chain.tip) {
            return Err(StoreError::Damaged { name, reason: reason.to_owned() });
        }
    }
}

/// The record of a finished issue; `None` when there is none.
pub fn archived(repo: &Repo, id: &IssueId) -> Result<Option<Chain>, StoreError> {
    load(repo, archive_ref(id), id)
}

fn load(repo: &Repo, name: String, id: &IssueId) -> Result<Option<Chain>, StoreError> {
    let lost = |e: GitError| match e {
        GitError::Lib(e) => StoreError::Damaged { name: name.clone(), reason: e.to_string() },
        GitError::Broken(_) => {
            let reason = "its file is broken: it names no commit".to_owned();
            StoreError::Damaged { name: name.clone(), reason }
        }
        other => other.into(),
    };
    let Some(tip) = repo.objects.read_ref(&name).map_err(lost)? else { return Ok(None) };
    let session = session_at(repo, &name, &tip)?;
    // Somebody put another issue's record in its place: that one's receipt says nothing here.
    if session.issue != *id {
        let reason = format!("it is the record of issue {}", session.issue);
        return Err(StoreError::Damaged { name, reason });
    }
    Ok(Some(Chain { name, tip, session }))
}

/// What the state `commit` of the chain `name` says.
pub fn session_at(repo: &Repo, name: &str, commit: &CommitId) -> Result<Session, StoreError> {
    let bytes = companion(repo, commit, SESSION_LOG)?.ok_or_else(|| StoreError::Damaged {
        name: name.to_owned(),
        reason: format!("its newest state holds no {SESSION_LOG}"),
    })?;
    xml::session_log::read(&bytes)
        .map_err(|source| StoreError::Document { what: format!("{name}:{SESSION_LOG}"), source })
}

/// A file of the state `commit`.
pub fn companion(
    repo: &Repo,
    commit: &CommitId,
    path: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(repo.objects.file(commit, path)?)
}

/// Every file with the kept output of a check, by path.
pub fn evidence_files(repo: &Repo, commit: &CommitId) -> Result<Vec<String>, StoreError> {
    Ok(repo.objects.list(commit, EVIDENCE)?)
}

/// The receipt in the state `commit`.
pub fn receipt(repo: &Repo, commit: &CommitId) -> Result<Option<Receipt>, StoreError> {
    let Some(bytes) = companion(repo, commit, RECEIPT)? else { return Ok(None) };
    xml::receipt::read(&bytes)
        .map(Some)
        .map_err(|source| StoreError::Document { what: format!("{commit}:{RECEIPT}"), source })
}

/// The ids of all open issues, with the newest state of each.
pub fn all_open(repo: &Repo) -> Result<Vec<(IssueId, CommitId)>, StoreError> {
    ids_below(repo, ISSUES)
}

/// The ids of all finished issues, with the newest state of each.
pub fn all_archived(repo: &Repo) -> Result<Vec<(IssueId, CommitId)>, StoreError> {
    ids_below(repo, ARCHIVE)
}

fn ids_below(repo: &Repo, prefix: &str) -> Result<Vec<(IssueId, CommitId)>, StoreError> {
    let mut list: Vec<(IssueId, CommitId)> = repo
        .objects
        .refs(prefix)?
        .into_iter()
        .filter_map(|(name, tip)| Some((name.strip_prefix(prefix)?.parse().ok()?, tip)))
        .collect();
    list.sort_by_key(|(id, _)| natural(id.as_str()));
    Ok(list)
}

/// A key that puts 9 before 81 and E-2 before E-10.
fn natural(id: &str) -> Vec<(u64, String)> {
    let mut key = Vec::new();
    let mut rest = id;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let words = rest[digits..].bytes().take_while(|b| !b.is_ascii_digit()).count();
        key.push((
            rest[..digits].parse().unwrap_or(u64::MAX),
            rest[digits..digits + words].to_owned(),
        ));
        rest = &rest[digits + words..];
    }
    key
}

/// The facts that hooks need of every open issue.
pub fn headings(repo: &Repo) -> Result<Vec<Heading>, StoreError> {
    all_open(repo)?.into_iter().map(|(id, tip)| heading(repo, id, tip)).collect()
}

/// The facts that hooks need of the open issue `issue`, whose newest state is `tip`.
pub fn heading(repo: &Repo, issue: IssueId, tip: CommitId) -> Result<Heading, StoreError> {
    let message = repo.objects.commit(&tip)?.message;
    let value = |key: &str| {
        message
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
            .map(str::trim)
    };
    let missing = |key: &str| StoreError::Damaged {
        name: issue_ref(&issue),
        reason: format!("its newest state names no {key}"),
    };
    Ok(Heading {
        phase: value("Phase").and_then(|v| v.parse().ok()).ok_or_else(|| missing("phase"))?,
        branch: value("Branch").ok_or_else(|| missing("branch"))?.to_owned(),
        fork: value("Fork").and_then(|v| v.parse().ok()).ok_or_else(|| missing("fork"))?,
        sealed: value("Sealed").and_then(|v| v.parse().ok()),
        tip,
        issue,
    })
}

/// The same of an issue whose record is lost, by the newest noted state that can be read.
pub fn last_heading(repo: &Repo, issue: &IssueId) -> Option<Heading> {
    noted(repo, issue).into_iter().find_map(|tip| heading(repo, issue.clone(), tip).ok())
}

/// Records a change on top of `parent`; `None` begins a chain. [`crate::git::GitError::Moved`]
/// when somebody else recorded one in between.
pub fn append(
    repo: &Repo,
    parent: Option<&CommitId>,
    change: Change<'_>,
) -> Result<CommitId, StoreError> {
    let name = issue_ref(&change.session.issue);
    let id = &change.session.issue;
    let new = write(repo, id, commit(parent.cloned().into_iter().collect(), change, None)?)?;
    let to = Some(new.id.clone());
    repo.objects.move_ref(&RefChange { name, old: parent.cloned(), new: to })?;
    secure(repo, &new)?;
    Ok(new.id)
}

/// Begins a chain, for a caller that syncs the whole file system before it says anything.
pub fn begin(repo: &Repo, change: Change<'_>) -> Result<CommitId, StoreError> {
    let id = &change.session.issue;
    let name = issue_ref(id);
    let new = write(repo, id, commit(Vec::new(), change, None)?)?;
    repo.objects.draft_ref(&RefChange { name, old: None, new: Some(new.id.clone()) })?;
    secure(repo, &new)?;
    Ok(new.id)
}

/// Writes a state that begins a chain, without moving a ref.
pub fn write_first(repo: &Repo, change: Change<'_>) -> Result<Written, StoreError> {
    let id = &change.session.issue;
    write(repo, id, commit(Vec::new(), change, None)?)
}

/// Writes a state on top of `parent` that brings the chain back to what it said at `restores`,
/// without moving a ref.
pub fn write_undo(
    repo: &Repo,
    parent: &CommitId,
    restores: Option<&CommitId>,
    change: Change<'_>,
) -> Result<Written, StoreError> {
    let id = &change.session.issue;
    write(repo, id, commit(vec![parent.clone()], change, restores)?)
}

/// Writes the last state of a chain without moving a ref: ending an issue moves several at once.
/// `tip`, the branch's last commit, becomes a second parent, so that the work stays reachable
/// however it landed.
pub fn write_last(
    repo: &Repo,
    parent: &CommitId,
    tip: Option<&CommitId>,
    change: Change<'_>,
) -> Result<Written, StoreError> {
    let parents = [Some(parent), tip].into_iter().flatten().cloned().collect();
    let id = &change.session.issue;
    write(repo, id, commit(parents, change, None)?)
}

/// The commit that records a change: without the secrets that may stand in it, since records travel
/// and last.
fn commit(
    parents: Vec<CommitId>,
    change: Change<'_>,
    restores: Option<&CommitId>,
) -> Result<NewCommit, StoreError> {
    let mut files = change.files;
    let session = &redact::session(change.session.clone());
    let log = xml::session_log::write(session).into_bytes();
    // Nothing unreadable is ever recorded: it could not be read back, and nothing on top of it.
    let unreadable = |source| StoreError::Document { what: SESSION_LOG.to_owned(), source };
    xml::session_log::read(&log).map_err(unreadable)?;
    files.push((SESSION_LOG.to_owned(), log));
    Ok(NewCommit {
        files,
        parents,
        message: message(session, &redact::text(change.subject), restores),
        author: change.author.to_owned(),
        time: change.at,
    })
}

fn message(session: &Session, subject: &str, restores: Option<&CommitId>) -> String {
    let mut text = format!(
        "{}\n\nPhase: {}\nBranch: {}\nFork: {}\n",
        one_line(subject),
        session.phase.name(),
        session.branch,
        session.fork
    );
    if let Some(seal) = &session.seal {
        text.push_str(&format!("Sealed: {}\n", seal.tip));
    }
    if let Some(restores) = restores {
        text.push_str(&format!("{RESTORES}{restores}\n"));
    }
    text
}

/// One entry of a chain's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The state.
    pub commit: CommitId,
    /// What happened.
    pub subject: String,
    /// Who did it.
    pub author: String,
    /// When.
    pub at: Moment,
    /// The phase afterwards.
    pub phase: Option<Phase>,
    /// The state that was brought back, when this undoes something.
    pub restores: Option<CommitId>,
}

/// The history of a chain, newest first.
pub fn history(repo: &Repo, tip: &CommitId) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    let mut next = Some(tip.clone());
    while let Some(commit) = next {
        let data = repo.objects.commit(&commit)?;
        let phase =
            data.message.lines().find_map(|line| line.strip_prefix("Phase: ")?.parse().ok());
        let restores =
            data.message.lines().rev().find_map(|line| line.strip_prefix(RESTORES)?.parse().ok());
        entries.push(Entry {
            restores,
            commit,
            subject: data.message.lines().next().unwrap_or_default().to_owned(),
            author: data.author,
            at: data.time,
            phase,
        });
        next = data.parents.into_iter().next();
    }
    Ok(entries)
}
