//! The moves of git that bring a branch in: merging or rebasing in a worktree of its own, moving
//! the base by compare-and-swap, and bringing a worktree along that has it checked out.
//!
//! Everything here runs the user's hooks, filters and signing. Nothing here decides.

use std::path::Path;

use super::exec::{Call, Git, GitError};
use super::open::Repo;
use crate::domain::ids::CommitId;

/// What came of merging or rebasing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// This commit.
    Commit(CommitId),
    /// These files conflict.
    Conflict(Vec<String>),
}

/// A worktree for a landing, with the git directory that is its own.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The program, with the locks that its children keep.
    pub git: &'a Git,
    /// The worktree.
    pub folder: &'a Path,
    /// Its git directory.
    pub git_dir: &'a Path,
}

impl<'a> Place<'a> {
    /// A call there, with what a user may have set that would reach beyond it switched off.
    fn call(&self) -> Call<'a> {
        self.git.in_repository(self.git_dir, Some(self.folder)).args([
            // A power cut must not leave half an index, here or where the base is checked out.
            "-c",
            "core.fsync=all",
            "-c",
            "rebase.updateRefs=false",
            "-c",
            "rebase.autoStash=false",
            "-c",
            "merge.autoStash=false",
            "-c",
            "advice.detachedHead=false",
            "-c",
            "gc.auto=0",
            "-c",
            "maintenance.auto=false",
        ])
    }
}

/// Registers a worktree at `path` with no branch, at `commit`, without files.
pub fn register(
    git: &Git,
    common_dir: &Path,
    path: &Path,
    commit: &CommitId,
) -> Result<(), GitError> {
    git.in_repository(common_dir, None)
        .quiet()
        .args(["worktree", "add", "--quiet", "--detach", "--no-checkout"])
        .arg(path)
        .arg(commit.as_str())
        .done()
        .map(drop)
}

/// Merges `tip` into what is checked out, always with a commit of its own.
pub fn merge(place: Place<'_>, tip: &CommitId, message: &str) -> Result<Made, GitError> {
    let call = place.call().args(["merge", "--no-ff", "--no-edit", "--no-squash", "--commit"]);
    let output = call.args(["-m", message, tip.as_str()]).run()?;
    made(place, "merge", &output)
}

/// Brings `tip` and all before it to what is checked out, which moves ahead where it can.
pub fn bring(place: Place<'_>, tip: &CommitId) -> Result<Made, GitError> {
    let call = place.call().args(["merge", "--quiet", "--ff", "--no-edit", "--no-squash"]);
    let output = call.args(["--commit", tip.as_str()]).run()?;
    let made = made(place, "merge", &output)?;
    if matches!(made, Made::Conflict(_)) {
        place.call().args(["merge", "--abort"]).done()?;
    }
    Ok(made)
}

/// Puts the commits that are checked out on top of `base`.
pub fn rebase(place: Place<'_>, base: &CommitId) -> Result<Made, GitError> {
    let output = place.call().args(["rebase", "--no-stat", base.as_str()]).run()?;
    made(place, "rebase", &output)
}

/// Commits everything that was changed; `None` when nothing was.
pub fn commit_all(place: Place<'_>, message: &str) -> Result<Option<CommitId>, GitError> {
    place.call().args(["add", "-A"]).done()?;
    if place.call().args(["diff", "--cached", "--quiet"]).run()?.code == 0 {
        return Ok(None);
    }
    place.call().args(["commit", "--quiet", "-m", message]).done()?;
    head(place).map(Some)
}

fn made(place: Place<'_>, command: &str, output: &super::exec::Output) -> Result<Made, GitError> {
    if output.code == 0 {
        return head(place).map(Made::Commit);
    }
    let unmerged =
        place.call().args(["diff", "--name-only", "--diff-filter=U", "-z"]).done()?.stdout;
    let files: Vec<String> = String::from_utf8_lossy(&unmerged)
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect();
    if files.is_empty() {
        let stderr = output.complaint();
        let said = if stderr.is_empty() { output.text() } else { stderr };
        return Err(GitError::Failed {
            command: command.to_owned(),
            code: output.code,
            stderr: said,
        });
    }
    Ok(Made::Conflict(files))
}

fn head(place: Place<'_>) -> Result<CommitId, GitError> {
    let text = place.call().args(["rev-parse", "--verify", "HEAD"]).text()?;
    text.parse().map_err(|_| GitError::Unexpected(format!("HEAD is {text:?}")))
}

/// Moves a branch by compare-and-swap, through git, so that every hook has its say. Returns what
/// git said when it did not.
pub fn swap(
    repo: &Repo,
    git: &Git,
    branch: &str,
    (from, to): (&CommitId, &CommitId),
    why: &str,
) -> Result<Option<String>, GitError> {
    let name = format!("refs/heads/{branch}");
    let output = git
        .in_repository(&repo.common_dir, None)
        .args(["-c", "core.fsync=all", "update-ref", "--create-reflog", "-m", why, &name])
        .args([to.as_str(), from.as_str()])
        .run()?;
    Ok((output.code != 0).then(|| output.complaint()))
}

/// Paths that differ between two commits.
pub fn touched(repo: &Repo, from: &CommitId, to: &CommitId) -> Result<Vec<String>, GitError> {
    let call = repo.git.in_repository(&repo.common_dir, None).quiet();
    let output = call
        .args(["diff-tree", "-r", "-z", "--name-only", "--no-renames", from.as_str(), to.as_str()])
        .done()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

/// The lines that are new in each file since `to` left `from`: not what came from elsewhere with a
/// merge.
pub fn added_lines(
    repo: &Repo,
    from: &CommitId,
    to: &CommitId,
) -> Result<Vec<(String, Vec<String>)>, GitError> {
    let call = repo.git.in_repository(&repo.common_dir, None).quiet();
    let output = call
        .args(["-c", "core.quotePath=false", "diff", "--unified=0", "--no-color", "--no-renames"])
        .args(["--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/"])
        .arg(format!("{from}...{to}"))
        .done()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut files: Vec<(String, Vec<String>)> = Vec::new();
    let mut in_hunk = false;
    for line in text.lines() {
        if line.starts_with("diff --git ") {
            in_hunk = false;
        } else if line.starts_with("@@ ") {
            in_hunk = true;
        } else if !in_hunk && let Some(path) = line.strip_prefix("+++ ") {
            let path = path.trim_matches('"');
            files.push((path.strip_prefix("b/").unwrap_or(path).to_owned(), Vec::new()));
        } else if in_hunk
            && let Some(added) = line.strip_prefix('+')
            && let Some((_, lines)) = files.last_mut()
        {
            lines.push(added.to_owned());
        }
    }
    Ok(files)
}

/// What keeps a worktree from being brought from one commit to another, in git's words; `None`
/// when nothing does. Changes nothing.
pub fn obstacle(
    place: Place<'_>,
    from: &CommitId,
    to: &CommitId,
) -> Result<Option<String>, GitError> {
    refresh(place)?;
    let output =
        place.call().args(["read-tree", "-n", "-m", "-u", from.as_str(), to.as_str()]).run()?;
    Ok((output.code != 0).then(|| output.complaint()))
}

/// Brings a worktree whose branch was moved along: index and files, as far as they were those of
/// `from`. What is there already stays. Returns what git said when it could not.
pub fn bring_along(
    place: Place<'_>,
    from: &CommitId,
    to: &CommitId,
) -> Result<Option<String>, GitError> {
    refresh(place)?;
    let output = place.call().args(["read-tree", "-m", "-u", from.as_str(), to.as_str()]).run()?;
    Ok((output.code != 0).then(|| output.complaint()))
}

/// Looks at the files again whose times have changed; those that really differ stay different.
fn refresh(place: Place<'_>) -> Result<(), GitError> {
    place.call().args(["update-index", "-q", "--refresh"]).run().map(drop)
}

/// Takes up into the index what a bringing along that was killed had written already: files that
/// are, byte for byte, what `to` holds there. One that was cut off in the middle is written again.
pub fn take_up_written(place: Place<'_>, from: &CommitId, to: &CommitId) -> Result<(), GitError> {
    let raw = place
        .call()
        .args(["diff-tree", "-r", "--raw", "-z", "--no-renames", "--no-abbrev"])
        .args([from.as_str(), to.as_str()])
        .done()?
        .stdout;
    let raw = String::from_utf8_lossy(&raw).into_owned();
    let mut fields = raw.split('\0');
    while let (Some(head), Some(path)) = (fields.next(), fields.next()) {
        let mut words = head.split(' ').skip(1);
        let (Some(mode), _, Some(blob)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        if mode == "000000" || mode == "160000" || !place.folder.join(path).is_file() {
            continue;
        }
        let there = place.call().args(["hash-object", "--", path]).run()?;
        let whole = there.code == 0 && there.text() == blob;
        let cut_off = !whole && is_cut_off(place, to, path);
        if whole || cut_off {
            let entry = format!("{mode},{blob},{path}");
            place.call().args(["update-index", "--add", "--cacheinfo", &entry]).done()?;
        }
        if cut_off {
            place.call().args(["checkout-index", "--force", "-u", "--", path]).done()?;
        }
    }
    Ok(())
}

/// Whether the file is the beginning of what `to` holds there, as git writes it into a worktree:
/// nothing is lost when the rest comes.
fn is_cut_off(place: Place<'_>, to: &CommitId, path: &str) -> bool {
    let wanted = place.call().args(["cat-file", "--filters", &format!("{to}:{path}")]).done();
    let there = std::fs::read(place.folder.join(path));
    matches!((wanted, there), (Ok(wanted), Ok(there)) if wanted.stdout.starts_with(&there))
}
