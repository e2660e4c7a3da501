//! Salvage: work that is about to lose its place is kept under a ref first.

use std::path::Path;

use super::facts;
use crate::context::Context;
use crate::domain::ids::CommitId;
use crate::domain::names::SALVAGE;
use crate::domain::session::Session;
use crate::error::Error;
use crate::git::{Git, RefChange, snapshot};

/// Work that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salvage {
    /// The ref it is kept under.
    pub name: String,
    /// The commit: the files as they were, on top of the branch tip.
    pub commit: CommitId,
}

/// Keeps the issue's branch and everything uncommitted in its worktree, untracked files
/// included, ignored ones not. Keeping the same state again makes no second ref. `None` when
/// there is neither branch nor worktree.
pub fn keep(ctx: &Context, git: &Git, session: &Session) -> Result<Option<Salvage>, Error> {
    let Some(tip) = ctx.repo.branch_tip(session.branch.as_str())? else { return Ok(None) };
    let tip_tree = ctx.repo.objects.commit(&tip)?.tree;
    let commit = match facts::worktree_git_dir(ctx, session) {
        Some(git_dir) => {
            let files = snapshot::tree(git, Path::new(&session.worktree), &git_dir)?;
            let staged = snapshot::index_tree(git, &git_dir)?;
            let common = &ctx.repo.common_dir;
            if files == tip_tree && staged.as_ref().is_none_or(|tree| *tree == tip_tree) {
                tip
            } else {
                // As `git stash` does: the index as second parent, so that neither is lost.
                let index = match staged {
                    Some(tree) => Some(snapshot::commit(git, common, &tree, &[&tip], "index\n")?),
                    None => None,
                };
                let parents: Vec<&CommitId> =
                    [Some(&tip), index.as_ref()].into_iter().flatten().collect();
                let message = format!("Uncommitted work of issue {}\n", session.issue);
                snapshot::commit(git, common, &files, &parents, &message)?
            }
        }
        None => tip,
    };
    let prefix = format!("{SALVAGE}{}/", session.issue);
    if let Some((name, _)) = ctx.repo.objects.refs(&prefix)?.into_iter().find(|(_, c)| *c == commit)
    {
        return Ok(Some(Salvage { name, commit }));
    }
    let mut name = format!("{prefix}{}", ctx.now.compact());
    let mut count = 1;
    while ctx.repo.objects.read_ref(&name)?.is_some() {
        count += 1;
        name = format!("{prefix}{}-{count}", ctx.now.compact());
    }
    ctx.repo.move_refs(
        git,
        &[RefChange { name: name.clone(), old: None, new: Some(commit.clone()) }],
    )?;
    Ok(Some(Salvage { name, commit }))
}
