//! The `Orch-Issue` line in the message of a commit that is being made on an issue's branch.

use std::fs;
use std::path::Path;

use super::issues::Head;
use super::repository::Gate;
use super::{content, issues, merge};
use crate::domain::gate::trailer;
use crate::error::Error;
use crate::git::{GitError, Repo, config};
use crate::store::{atomic::Folder, births};

/// How git begins what it has to say below a message, after the comment character.
const WORDS: &str = " Please enter the commit message for your changes.";

/// How many births may wait for a judgement to look at them.
const MANY: usize = 16;

/// Adds the line to the message in `file`, a path as git gives it, when the branch is an issue's.
/// Returns whether it did.
pub fn mark(gate: &Gate, folder: &Path, file: &Path) -> Result<bool, Error> {
    let Some(branch) = branch(&gate.repo)? else { return Ok(false) };
    let Some(head) = gate.issue_of(&branch)? else { return Ok(false) };
    spare_the_judge(gate, head)?;
    let path = folder.join(file);
    let text = fs::read(&path).map_err(|source| GitError::File { path: path.clone(), source })?;
    // A message in another encoding is left as it is: the birth tells whose the commit is.
    let Ok(text) = String::from_utf8(text) else { return Ok(false) };
    let comment = comment(&gate.repo, &text)?;
    let Some(marked) = trailer::with_line(&text, &head.issue, &comment) else { return Ok(false) };
    let (Some(top), Some(name)) = (path.parent(), path.file_name().and_then(|n| n.to_str())) else {
        return Ok(false);
    };
    // As durable as git's own message file, which is not.
    Folder::create(top, "")?.replace(name, marked.as_bytes())?;
    Ok(true)
}

/// Looks at the births that were left for later once they are many: nobody waits for a lock now.
fn spare_the_judge(gate: &Gate, head: &Head) -> Result<(), Error> {
    if births::pending(&gate.repo.own_folder(), &head.issue)?.len() >= MANY {
        let born = issues::catch_up(&gate.repo, head)?;
        content::keep_prints(&gate.repo, &head.issue, &born);
    }
    Ok(())
}

/// The branch that the commit is for: while rebasing, the one that is being rebased.
fn branch(repo: &Repo) -> Result<Option<String>, Error> {
    if let Some(branch) = merge::head_branch(repo)? {
        return Ok(Some(branch));
    }
    let name = ["rebase-merge/head-name", "rebase-apply/head-name"]
        .iter()
        .find_map(|file| fs::read_to_string(repo.git_dir.join(file)).ok());
    Ok(name.and_then(|name| name.trim().strip_prefix("refs/heads/").map(str::to_owned)))
}

/// What git's comment lines begin with. With `auto` git chooses, and its own words tell.
fn comment(repo: &Repo, text: &str) -> Result<String, Error> {
    let mut set = config::seen(repo, "core.commentString")?;
    if set.is_none() {
        set = config::seen(repo, "core.commentChar")?;
    }
    Ok(match set.as_deref() {
        None | Some("") => "#".to_owned(),
        Some("auto") => {
            text.lines().find_map(|line| line.split_once(WORDS)).map_or("#", |l| l.0).to_owned()
        }
        Some(word) => word.to_owned(),
    })
}
