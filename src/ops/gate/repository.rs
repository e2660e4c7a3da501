//! One repository with what a judgement needs of it, each part looked up at most once and only
//! when it is needed.

use std::cell::OnceCell;
use std::path::Path;

use super::issues::{self, Head};
use super::rules::{self, Rules};
use crate::context::Surroundings;
use crate::error::Error;
use crate::git::{Git, Repo};

/// A repository under judgement.
#[derive(Debug)]
pub struct Gate {
    /// The repository.
    pub repo: Repo,
    rules: OnceCell<Rules>,
    heads: OnceCell<Vec<Head>>,
}

impl Gate {
    /// The repository around a hook.
    pub fn open(around: &Surroundings) -> Result<Self, Error> {
        Self::open_at(&around.folder, around.git_dir.as_deref())
    }

    /// The repository around `folder`, or the one that `git_dir` names.
    pub fn open_at(folder: &Path, git_dir: Option<&Path>) -> Result<Self, Error> {
        Ok(Self::of(Repo::open(Git::find()?, folder, git_dir)?))
    }

    /// A repository that is open already.
    pub fn of(repo: Repo) -> Self {
        Self { repo, rules: OnceCell::new(), heads: OnceCell::new() }
    }

    /// A repository of which this much is known already.
    pub fn knowing(repo: Repo, rules: Rules, heads: Vec<Head>) -> Self {
        Self { repo, rules: OnceCell::from(rules), heads: OnceCell::from(heads) }
    }

    /// The policy in force.
    pub fn rules(&self) -> Result<&Rules, Error> {
        if self.rules.get().is_none() {
            let rules = rules::load(&self.repo)?;
            return Ok(self.rules.get_or_init(|| rules));
        }
        self.rules.get().ok_or_else(|| unreachable_cell("rules"))
    }

    /// The open issues, as far as their newest states' messages tell.
    pub fn heads(&self) -> Result<&[Head], Error> {
        if self.heads.get().is_none() {
            let heads = issues::heads(&self.repo)?;
            return Ok(self.heads.get_or_init(|| heads));
        }
        self.heads.get().map(Vec::as_slice).ok_or_else(|| unreachable_cell("heads"))
    }

    /// The open issue whose branch is `branch`.
    pub fn issue_of(&self, branch: &str) -> Result<Option<&Head>, Error> {
        let same = |head: &&Head| head.heading.as_ref().is_some_and(|h| h.branch == branch);
        Ok(self.heads()?.iter().find(same))
    }
}

fn unreachable_cell(name: &str) -> Error {
    crate::git::GitError::Unexpected(format!("{name} were set and are gone")).into()
}
