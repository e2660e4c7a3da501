//! `doctor --selftest`: does git run each of our hooks? Found out by making it.
//!
//! In a scratch linked worktree, on a history of its own without files: a commit, a merge, a
//! rebase, a push to a scratch repository. The hooks leave a mark when they are told where
//! ([`crate::context::marks`]), and judge as ever. Hooks of others run too, as they
//! do for every commit. Everything is gone afterwards; what a killed run leaves is cleared by the
//! next.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::context::{Context, MARKS};
use crate::domain::ids::CommitId;
use crate::error::Error;
use crate::git::{GitError, RefChange};
use crate::ops::{hooks, record};
use crate::store::atomic::Folder;
use crate::store::trash;

/// Longest that one step may take: hooks of others may run tests.
const LIMIT: Duration = Duration::from_secs(120);
/// The folder of it all, below our own.
const PLACE: &str = "selftest";
/// What tells pre-commit and prek to do nothing where they find no configuration of theirs.
const AT_EASE: [&str; 2] = ["PRE_COMMIT_ALLOW_NO_CONFIG", "PREK_ALLOW_NO_CONFIG"];
/// What the names of its branches end in.
const NAME: &str = "selftest";

/// Whether one hook was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fired {
    /// The hook.
    pub hook: &'static str,
    /// Whether git ran it and it reached this program.
    pub fired: bool,
}

/// Makes each hook fire and says which did.
pub fn run(ctx: &Context) -> Result<Vec<Fired>, Error> {
    let installed = record::require_installed(ctx)?;
    let seen = hooks::inspect(ctx, &installed.base)?;
    let scratch = Scratch::set_up(ctx, &hooks::issue_prefix(ctx, &installed.base)?)?;
    // What a step ends with does not matter: whether the hook ran does.
    for step in scratch.steps() {
        let _ = step?;
    }
    let marks = Folder::open(&scratch.folder, "marks")?;
    let fired = |name: &str| marks.as_ref().is_some_and(|folder| folder.has(name));
    let all = seen.hooks.iter();
    Ok(all.map(|(hook, _)| Fired { hook: hook.name(), fired: fired(hook.name()) }).collect())
}

/// Where it happens.
struct Scratch<'a> {
    ctx: &'a Context,
    folder: PathBuf,
    worktree: PathBuf,
    /// The first commit, without files.
    root: CommitId,
    branches: [String; 2],
}

impl<'a> Scratch<'a> {
    fn set_up(ctx: &'a Context, prefix: &str) -> Result<Self, Error> {
        let folder = ctx.repo.own_folder().join(PLACE);
        let worktree = folder.join("worktree");
        let git = &ctx.repo.git;
        let common = || git.in_repository(&ctx.repo.common_dir, None).quiet();
        let tree = common().arg("mktree").input("").text()?;
        let commit = ["commit-tree", "-m", "Nothing, for a moment", &tree];
        let root = named(common()).args(commit).text()?;
        let root = root.parse().map_err(|_| GitError::Unexpected(format!("commit {root:?}")))?;
        let branches = [format!("{prefix}{NAME}"), format!("git-orch-{NAME}")];
        let scratch = Self { ctx, folder, worktree, root, branches };
        scratch.clear()?;
        Folder::create(&scratch.folder, "marks")?;
        let add = ["worktree", "add", "--quiet", "--detach"];
        common().args(add).arg(&scratch.worktree).arg(scratch.root.as_str()).done()?;
        // What is pushed must be of the same kind as what takes it.
        let format = if scratch.root.as_str().len() == 64 { "sha256" } else { "sha1" };
        let init = ["init", "--quiet", "--bare", "--object-format", format];
        common().args(init).arg(scratch.folder.join("there")).done()?;
        Ok(scratch)
    }

    /// What makes the hooks fire, one step at a time.
    fn steps(&self) -> impl Iterator<Item = Result<i32, Error>> + '_ {
        let [issue, other] = &self.branches;
        let there = self.folder.join("there").display().to_string();
        let root = self.root.as_str();
        // Past the hooks of others that look at a commit; ours are none of those.
        let empty = ["commit", "--quiet", "--no-verify", "--allow-empty", "-m"];
        let steps: [Vec<&str>; 7] = [
            vec!["checkout", "--quiet", "-b", other],
            [&empty[..], &["One step"]].concat(),
            vec!["checkout", "--quiet", "-b", issue, root],
            [&empty[..], &["Another step"]].concat(),
            vec!["merge", "--quiet", "--no-ff", "-m", "Both", other],
            vec!["rebase", "--quiet", "--force-rebase", root],
            vec!["push", "--quiet", "THERE", "HEAD:refs/heads/selftest"],
        ];
        let steps = steps.map(|step| step.into_iter().map(str::to_owned).collect::<Vec<_>>());
        steps.into_iter().map(move |mut step| {
            step.iter_mut()
                .filter(|word| *word == "THERE")
                .for_each(|word| word.clone_from(&there));
            let call = named(self.ctx.repo.git.at(&self.worktree)).limit(LIMIT);
            let call = call.args(["-c", "commit.gpgSign=false", "-c", "gc.auto=0"]);
            let call = AT_EASE.iter().fold(call, |call, name| call.var(name, "1"));
            Ok(call.var(MARKS, self.folder.join("marks")).args(step).run()?.code)
        })
    }

    /// Takes everything away: worktree, branches, folder.
    fn clear(&self) -> Result<(), Error> {
        let (repo, own) = (&self.ctx.repo, self.ctx.repo.own_folder());
        let stamp = self.ctx.now.compact();
        for entry in crate::git::worktrees::list(repo)? {
            if same(&entry.path, &self.worktree) && entry.git_dir != repo.common_dir {
                trash::put(&own, &entry.git_dir, &stamp)?;
            }
        }
        trash::put(&own, &self.folder, &stamp)?;
        for branch in &self.branches {
            if let Some(tip) = repo.branch_tip(branch)? {
                let name = format!("refs/heads/{branch}");
                repo.move_refs(&repo.git, &[RefChange { name, old: Some(tip), new: None }])?;
            }
        }
        trash::empty(&own);
        Ok(())
    }
}

impl Drop for Scratch<'_> {
    fn drop(&mut self) {
        // What stays is cleared by the next selftest, and is nobody's work.
        let _ = self.clear();
    }
}

fn same(one: &Path, other: &Path) -> bool {
    one == other || crate::git::open::real(one) == crate::git::open::real(other)
}

/// With a name for the commits, where git knows none.
fn named(call: crate::git::exec::Call<'_>) -> crate::git::exec::Call<'_> {
    ["AUTHOR", "COMMITTER"].into_iter().fold(call, |call, role| {
        call.var(format!("GIT_{role}_NAME"), "git-orch")
            .var(format!("GIT_{role}_EMAIL"), "git-orch@localhost")
    })
}
