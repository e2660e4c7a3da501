//! Commits and refs by the `git` program, for repositories that libgit2 cannot open.

use std::path::PathBuf;

use super::lib::split_author;
use super::{CommitData, NewCommit, Objects, RefChange, RefFiles, broken, durable, id, tips};
use crate::domain::ids::{CommitId, TreeId};
use crate::domain::time::Moment;
use crate::git::exec::{Call, Git, GitError};

/// A repository served by the program.
#[derive(Debug)]
pub struct CommandObjects {
    git: Git,
    git_dir: PathBuf,
}

impl CommandObjects {
    /// Serves the repository whose common directory is `git_dir`.
    pub fn new(git: Git, git_dir: PathBuf) -> Self {
        Self { git, git_dir }
    }

    fn call(&self) -> Call<'_> {
        // What a commit is must not depend on `refs/replace/`, which anybody may write.
        self.git.in_repository(&self.git_dir, None).quiet().arg("--no-replace-objects")
    }

    fn ids(text: &str) -> Result<Vec<CommitId>, GitError> {
        text.lines().map(id).collect()
    }

    /// Stdout of a call that may end with 1 for "no".
    fn maybe(call: Call<'_>) -> Result<Option<String>, GitError> {
        let output = call.run()?;
        Ok((output.code == 0).then(|| output.text()))
    }

    fn build_tree(&self, new: &NewCommit) -> Result<TreeId, GitError> {
        let folder = tempfile::tempdir()
            .map_err(|source| GitError::File { path: self.git_dir.clone(), source })?;
        let index = folder.path().join("index");
        if let Some(parent) = new.parents.first() {
            self.call()
                .args(["read-tree", parent.as_str()])
                .var("GIT_INDEX_FILE", &index)
                .done()?;
        }
        let mut lines = String::new();
        for (path, bytes) in &new.files {
            let blob =
                self.call().args(["hash-object", "-w", "--stdin"]).input(bytes.clone()).text()?;
            lines.push_str(&format!("100644 {blob}\t{path}\n"));
        }
        self.call()
            .args(["update-index", "--add", "--index-info"])
            .var("GIT_INDEX_FILE", &index)
            .input(lines)
            .done()?;
        id(&self.call().arg("write-tree").var("GIT_INDEX_FILE", &index).text()?)
    }
}

impl Objects for CommandObjects {
    fn symbolic(&self, name: &str) -> Result<Option<String>, GitError> {
        Self::maybe(self.call().args(["symbolic-ref", "--quiet", name]))
    }

    fn read_ref(&self, name: &str) -> Result<Option<CommitId>, GitError> {
        let spec = format!("{name}^{{commit}}");
        match Self::maybe(self.call().args(["rev-parse", "--verify", "--quiet", &spec]))? {
            Some(text) => id(&text).map(Some),
            None if RefFiles::new(&self.git_dir).is_broken(name) => broken(name),
            None => Ok(None),
        }
    }

    fn refs(&self, prefix: &str) -> Result<Vec<(String, CommitId)>, GitError> {
        let text = self
            .call()
            .args(["for-each-ref", "--format=%(objectname) %(objecttype) %(refname)", prefix])
            .text()?;
        let mut list = Vec::new();
        for line in text.lines() {
            if let [object, "commit", name] = line.splitn(3, ' ').collect::<Vec<_>>()[..] {
                list.push((name.to_owned(), id(object)?));
            }
        }
        list.sort();
        Ok(list)
    }

    fn commit(&self, commit: &CommitId) -> Result<CommitData, GitError> {
        let text = self
            .call()
            .args(["log", "-1", "--no-show-signature", "--encoding=UTF-8"])
            .args(["--format=%T%n%P%n%an <%ae>%n%ct%n%B", commit.as_str(), "--"])
            .done()?;
        let text = String::from_utf8_lossy(&text.stdout).into_owned();
        let mut lines = text.splitn(5, '\n');
        let mut next = || lines.next().ok_or_else(|| GitError::Unexpected(text.clone()));
        let (tree, parents, author, time) = (next()?, next()?, next()?, next()?);
        let message = next()?.trim_end_matches('\n').to_owned() + "\n";
        Ok(CommitData {
            tree: id(tree)?,
            parents: parents.split_whitespace().map(id).collect::<Result<_, _>>()?,
            message,
            author: author.to_owned(),
            time: Moment::from_seconds(
                time.parse().map_err(|_| GitError::Unexpected(time.to_owned()))?,
            ),
        })
    }

    fn file(&self, commit: &CommitId, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let output = self.call().args(["cat-file", "blob", &format!("{commit}:{path}")]).run()?;
        Ok((output.code == 0).then_some(output.stdout))
    }

    fn list(&self, commit: &CommitId, path: &str) -> Result<Vec<String>, GitError> {
        let text = self
            .call()
            .args(["ls-tree", "-r", "-z", "--name-only", commit.as_str(), "--"])
            .arg(format!("{path}/"))
            .text()?;
        Ok(text.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }

    fn resolve(&self, revision: &str) -> Result<Option<CommitId>, GitError> {
        let spec = format!("{revision}^{{commit}}");
        let text = Self::maybe(self.call().args([
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &spec,
        ]))?;
        text.map(|text| id(&text)).transpose()
    }

    fn history(&self, tips: &[CommitId], hidden: &[CommitId]) -> Result<Vec<CommitId>, GitError> {
        if tips.is_empty() {
            return Ok(Vec::new());
        }
        let mut lines = String::new();
        for tip in tips {
            lines.push_str(&format!("{tip}\n"));
        }
        for hide in hidden {
            lines.push_str(&format!("^{hide}\n"));
        }
        let text = self.call().args(["rev-list", "--topo-order", "--stdin"]).input(lines).text()?;
        Self::ids(&text)
    }

    fn reaches(&self, newer: &CommitId, older: &CommitId) -> Result<bool, GitError> {
        let output = self
            .call()
            .args(["merge-base", "--is-ancestor", older.as_str(), newer.as_str()])
            .run()?;
        match output.code {
            0 => Ok(true),
            1 => Ok(false),
            code => Err(GitError::Failed {
                command: "merge-base".to_owned(),
                code,
                stderr: output.complaint(),
            }),
        }
    }

    fn merge_base(&self, a: &CommitId, b: &CommitId) -> Result<Option<CommitId>, GitError> {
        let text = Self::maybe(self.call().args(["merge-base", a.as_str(), b.as_str()]))?;
        text.map(|text| id(&text)).transpose()
    }

    fn write(&self, new: &NewCommit) -> Result<CommitId, GitError> {
        let tree = self.build_tree(new)?;
        let (name, address) = split_author(&new.author);
        let time = format!("{} +0000", new.time.seconds());
        let mut call = self.call().args(["commit-tree", tree.as_str()]);
        for parent in &new.parents {
            call = call.args(["-p", parent.as_str()]);
        }
        for role in ["AUTHOR", "COMMITTER"] {
            call = call
                .var(format!("GIT_{role}_NAME"), name)
                .var(format!("GIT_{role}_EMAIL"), address)
                .var(format!("GIT_{role}_DATE"), &time);
        }
        let new = id(&call.input(new.message.clone()).text()?)?;
        durable::everything(&self.git_dir)?;
        Ok(new)
    }

    fn is_whole(&self, commit: &CommitId) -> bool {
        // Asks for every object by name, and prints the ones that are missing.
        let call = self.call().args(["rev-list", "--objects", "--missing=print", "--no-walk"]);
        call.arg(commit.as_str())
            .text()
            .is_ok_and(|text| !text.lines().any(|line| line.starts_with('?')))
    }

    fn move_ref(&self, change: &RefChange) -> Result<(), GitError> {
        move_refs(&self.git, &self.git_dir, std::slice::from_ref(change))
    }

    fn pin(&self, name: &str, to: Option<&CommitId>) -> Result<(), GitError> {
        let call = self.call().arg("update-ref");
        match to {
            Some(id) => call.args([name, id.as_str()]).text().map(drop),
            None => call.args(["-d", name]).text().map(drop),
        }
    }
}

/// Moves several refs of ours in one transaction of git's: all of them, or none.
pub fn move_refs(
    git: &Git,
    git_dir: &std::path::Path,
    changes: &[RefChange],
) -> Result<(), GitError> {
    let mut lines = String::from("start\n");
    for change in changes {
        let name = &change.name;
        let line = match (&change.old, &change.new) {
            (None, Some(new)) => format!("create {name} {new}\n"),
            (Some(old), Some(new)) => format!("update {name} {new} {old}\n"),
            (Some(old), None) => format!("delete {name} {old}\n"),
            (None, None) => String::new(),
        };
        lines.push_str(&line);
    }
    lines.push_str("prepare\ncommit\n");
    changes.iter().try_for_each(|change| tips::going(git_dir, change))?;
    let done = transaction(git, git_dir, changes, lines);
    for change in changes {
        tips::gone(git_dir, change, done.is_ok());
    }
    done
}

fn transaction(
    git: &Git,
    git_dir: &std::path::Path,
    changes: &[RefChange],
    lines: String,
) -> Result<(), GitError> {
    let call = git.in_repository(git_dir, None).quiet();
    let output = call.args(["update-ref", "--stdin"]).input(lines).run()?;
    if output.code == 0 {
        return changes.iter().try_for_each(|change| durable::reference(git_dir, &change.name));
    }
    let complaint = output.complaint();
    let moved = ["but expected", "already exists", "unable to resolve reference"];
    match changes.first() {
        Some(change) if moved.iter().any(|words| complaint.contains(words)) => {
            Err(GitError::Moved(change.name.clone()))
        }
        _ => Err(GitError::Failed {
            command: "update-ref".to_owned(),
            code: output.code,
            stderr: complaint,
        }),
    }
}
