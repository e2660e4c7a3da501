//! Walks history: which commits one place has that others have not, with what they say.
//!
//! One process or none for a whole walk, however many commits it meets. Commits that the
//! repository does not have are passed over: they hide nothing.

use git2::{Oid, Sort};

use super::exec::GitError;
use super::open::Repo;
use crate::domain::ids::CommitId;

/// A commit that a walk met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// Its id.
    pub id: CommitId,
    /// Its parents.
    pub parents: Vec<CommitId>,
    /// Its message, as text.
    pub message: String,
    /// Its author, `Name <address>`, and when they wrote it, in seconds: what a copy keeps.
    pub author: (String, i64),
    /// When it was committed, in seconds: what a copy does not keep.
    pub committed: i64,
}

impl Met {
    /// Whether it was made at another time than it was written: amended, picked, rebased, mailed. A
    /// second is all that tells; what was made within one is not told.
    pub fn is_remade(&self) -> bool {
        self.author.1 != self.committed
    }
}

/// Commits reachable from `tips` and from none of `hidden`, newest first, at most `limit`.
pub fn between(
    repo: &Repo,
    tips: &[CommitId],
    hidden: &[CommitId],
    limit: usize,
) -> Result<Vec<Met>, GitError> {
    if tips.is_empty() || tips.iter().all(|tip| hidden.contains(tip)) {
        return Ok(Vec::new());
    }
    match repo.objects.lib() {
        Some(lib) => by_lib(lib, tips, hidden, limit),
        None => by_command(repo, tips, hidden, limit),
    }
}

/// One commit, with what it says.
pub fn one(repo: &Repo, commit: &CommitId) -> Result<Met, GitError> {
    let list = match repo.objects.lib() {
        Some(lib) => vec![met(lib, Oid::from_str(commit.as_str())?)?],
        None => by_command(repo, std::slice::from_ref(commit), &[], 1)?,
    };
    list.into_iter().next().ok_or_else(|| GitError::Unexpected(commit.to_string()))
}

fn by_lib(
    lib: &git2::Repository,
    tips: &[CommitId],
    hidden: &[CommitId],
    limit: usize,
) -> Result<Vec<Met>, GitError> {
    let mut walk = lib.revwalk()?;
    walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME)?;
    for tip in tips {
        walk.push(Oid::from_str(tip.as_str())?)?;
    }
    for hide in hidden {
        let oid = Oid::from_str(hide.as_str())?;
        if lib.find_commit(oid).is_ok() {
            walk.hide(oid)?;
        }
    }
    walk.take(limit).map(|oid| met(lib, oid?)).collect()
}

fn met(lib: &git2::Repository, oid: Oid) -> Result<Met, GitError> {
    let commit = lib.find_commit(oid)?;
    let author = commit.author();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Met {
        id: id(&oid.to_string())?,
        parents: commit.parent_ids().map(|p| id(&p.to_string())).collect::<Result<_, _>>()?,
        message: text(commit.message_raw_bytes()),
        author: (
            format!("{} <{}>", text(author.name_bytes()), text(author.email_bytes())),
            author.when().seconds(),
        ),
        committed: commit.time().seconds(),
    })
}

/// Fields of a commit as the program prints them, and how many there are.
const FORMAT: &str = "--format=%H%x00%P%x00%an <%ae>%x00%at%x00%ct%x00%B";
const FIELDS: usize = 6;

fn by_command(
    repo: &Repo,
    tips: &[CommitId],
    hidden: &[CommitId],
    limit: usize,
) -> Result<Vec<Met>, GitError> {
    let mut lines = String::new();
    for tip in tips {
        lines.push_str(&format!("{tip}\n"));
    }
    for hide in hidden {
        lines.push_str(&format!("^{hide}\n"));
    }
    let output = repo
        .git
        .in_repository(&repo.common_dir, None)
        .quiet()
        .args(["--no-replace-objects", "log", "-z", "--topo-order", "--no-show-signature"])
        .args(["--encoding=UTF-8", "--ignore-missing", FORMAT])
        .arg(format!("--max-count={limit}"))
        .arg("--stdin")
        .input(lines)
        .done()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let fields: Vec<&str> = text.trim_end_matches('\0').split('\0').collect();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    fields.chunks(FIELDS).map(read).collect()
}

fn read(fields: &[&str]) -> Result<Met, GitError> {
    let [commit, parents, author, written, committed, message] = fields else {
        return Err(GitError::Unexpected(fields.join(" ")));
    };
    let seconds = |text: &str| text.parse().map_err(|_| GitError::Unexpected(text.to_owned()));
    Ok(Met {
        id: id(commit)?,
        parents: parents.split_whitespace().map(id).collect::<Result<_, _>>()?,
        message: (*message).to_owned(),
        author: ((*author).to_owned(), seconds(written)?),
        committed: seconds(committed)?,
    })
}

fn id(text: &str) -> Result<CommitId, GitError> {
    text.parse().map_err(|_| GitError::Unexpected(text.to_owned()))
}
