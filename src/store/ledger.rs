//! What was done with learnings after they were given: a chain of its own, `refs/git-orch/learnings`.
//!
//! A learning belongs to the issue that gave it, whose record is sealed. Agreement, doubt and
//! retirement come later, from other issues; each is one commit here, which names the learning in
//! its message, and sets `marks/<issue>.xml`. Moving the ref by compare-and-swap is the moment at
//! which it counts, so two at once lose nothing.

use super::error::StoreError;
use super::{redact, xml};
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::learning::learning_id;
use crate::domain::learning::standing::Mark;
use crate::domain::names::{LEARNINGS, one_line};
use crate::git::{GitError, NewCommit, RefChange, Repo};

/// Folder of the chain's tree with a file an issue.
const FOLDER: &str = "marks";
/// How the message of a state names the learning it is about.
const TRAILER: &str = "Learning: ";
/// How often a change is tried again when somebody else was faster.
const ATTEMPTS: usize = 20;

/// The newest state; `None` before the first change.
pub fn tip(repo: &Repo) -> Result<Option<CommitId>, StoreError> {
    Ok(repo.objects.read_ref(LEARNINGS)?)
}

/// What was done with the learnings of `id` up to the state `tip`, oldest first.
pub fn marks(repo: &Repo, tip: Option<&CommitId>, id: &IssueId) -> Result<Vec<Mark>, StoreError> {
    let Some(tip) = tip else { return Ok(Vec::new()) };
    let path = file(id);
    let Some(bytes) = repo.objects.file(tip, &path)? else { return Ok(Vec::new()) };
    match xml::marks::read(&bytes) {
        Ok((_, marks)) => Ok(marks),
        Err(source) => Err(StoreError::Document { what: format!("{LEARNINGS}:{path}"), source }),
    }
}

/// Records `mark` of a learning of `id`, unless `is_there` says of what is recorded that it is
/// there already. Returns whether it was recorded.
pub fn append(
    repo: &Repo,
    id: &IssueId,
    mark: &Mark,
    author: &str,
    is_there: &dyn Fn(&[Mark]) -> bool,
) -> Result<bool, StoreError> {
    for attempt in 1.. {
        let old = tip(repo)?;
        let mut all = marks(repo, old.as_ref(), id)?;
        if is_there(&all) {
            return Ok(false);
        }
        let reason = mark.reason.as_deref().map(redact::text);
        let mark = Mark { reason, ..mark.clone() };
        all.push(mark.clone());
        let name = learning_id(id, mark.learning);
        let reason =
            mark.reason.as_deref().map(|r| format!(": {}", one_line(r))).unwrap_or_default();
        let new = repo.objects.write(&NewCommit {
            files: vec![(file(id), xml::marks::write(id, &all).into_bytes())],
            parents: old.iter().cloned().collect(),
            message: format!("{name} {}{reason}\n\n{TRAILER}{name}\n", mark.act),
            author: author.to_owned(),
            time: mark.at,
        })?;
        let change = RefChange { name: LEARNINGS.to_owned(), old, new: Some(new) };
        match repo.objects.move_ref(&change) {
            Ok(()) => return Ok(true),
            Err(GitError::Moved(_)) if attempt < ATTEMPTS => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(false)
}

/// The issues whose marks changed after the state `since`; `None` for all, when that is no
/// earlier state of this one.
pub fn changed(
    repo: &Repo,
    tip: &CommitId,
    since: Option<&CommitId>,
) -> Result<Vec<IssueId>, StoreError> {
    let earlier = match since {
        Some(since) if repo.objects.resolve(since.as_str())?.is_some() => {
            repo.objects.reaches(tip, since)?
        }
        _ => false,
    };
    let mut ids: Vec<IssueId> = Vec::new();
    if let (true, Some(since)) = (earlier, since) {
        for commit in
            repo.objects.history(std::slice::from_ref(tip), std::slice::from_ref(since))?
        {
            let message = repo.objects.commit(&commit)?.message;
            let names = message.lines().filter_map(|line| line.strip_prefix(TRAILER));
            ids.extend(names.filter_map(|name| name.rsplit_once('.')?.0.parse().ok()));
        }
    } else {
        let files = repo.objects.list(tip, FOLDER)?;
        ids.extend(files.iter().filter_map(|path| {
            path.strip_prefix(FOLDER)?.trim_start_matches('/').strip_suffix(".xml")?.parse().ok()
        }));
    }
    ids.sort();
    ids.dedup();
    Ok(ids)
}

fn file(id: &IssueId) -> String {
    format!("{FOLDER}/{id}.xml")
}
