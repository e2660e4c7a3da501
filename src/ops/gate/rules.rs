//! The policy as a judgement uses it, with its strictest reading when it cannot be read.

use std::cell::OnceCell;

use globset::GlobSet;

use crate::domain::ids::CommitId;
use crate::domain::policy::{Direct, Policy, Scope, matcher};
use crate::domain::refusal::Refusal;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::{Repo, config as config_of, worktrees};
use crate::ops::policy;
use crate::store::{StoreError, config, layout};

/// The policy in force, ready for use.
#[derive(Debug)]
pub struct Rules {
    /// The policy.
    pub policy: Policy,
    /// What is wrong with the configuration, with its place. The policy is then the default in
    /// its strictest reading.
    pub trouble: Option<String>,
    protected: GlobSet,
    /// Only where files know no case.
    protected_any_case: Option<GlobSet>,
    /// Made when the first path is asked for: most judgements end before.
    ignored: OnceCell<GlobSet>,
}

/// Reads the policy from the protected branch. Only an accident of git's is an error: a
/// configuration that cannot be read is a policy too, the strictest.
pub fn load(repo: &Repo) -> Result<Rules, Error> {
    let Some(base) = policy::base_branch(repo)? else {
        return Ok(Rules::of(repo, Policy::default(), None));
    };
    let commit = policy::team_commit(repo, &base)?;
    read(repo, &base, commit.as_ref())
}

/// Reads the policy that `commit`, which stands or stood at the head of the protected branch
/// `base`, has.
pub fn read(repo: &Repo, base: &str, commit: Option<&CommitId>) -> Result<Rules, Error> {
    match policy::of(repo, base, commit) {
        Ok(policy) => Ok(Rules::of(repo, policy, None)),
        Err(Error::Store(StoreError::Config { place, message })) => {
            let strict = strictest(repo, base, commit)?;
            Ok(Rules::of(repo, strict, Some(format!("{place}: {message}"))))
        }
        Err(other) => Err(other),
    }
}

/// What holds while the configuration cannot be read: everything is protected that is by default
/// or was when it could be read last, and nothing lands on it without an issue. Who may sign is
/// remembered; that nobody need sign is not.
fn strictest(repo: &Repo, base: &str, commit: Option<&CommitId>) -> Result<Policy, Error> {
    let mut strict = Policy { direct: Direct::Refuse, scope: Scope::Strict, ..Policy::default() };
    strict.protected.push(base.to_owned());
    let last = match commit {
        Some(commit) => policy::last_readable(repo, base, commit)?,
        None => None,
    };
    if let Some(last) = last {
        strict.protected.extend(last.protected);
        strict.carrier = last.carrier;
        strict.signed = last.signed;
        strict.signers = last.signers;
        strict.branch = last.branch;
    }
    Ok(strict)
}

impl Rules {
    fn of(repo: &Repo, policy: Policy, trouble: Option<String>) -> Self {
        // Globs were checked when the configuration was read; should one fail all the same, what
        // is protected becomes everything and what is ignored nothing.
        let all = || matcher(&["**".to_owned()], false).unwrap_or_default();
        let set = |ignore_case| matcher(&policy.protected, ignore_case).unwrap_or_else(|_| all());
        Self {
            protected: set(false),
            protected_any_case: config_of::ignores_case(repo).then(|| set(true)),
            ignored: OnceCell::new(),
            policy,
            trouble,
        }
    }

    /// Whether `branch`, without `refs/heads/`, is protected. Where files know no case, `Main` is
    /// `main`.
    pub fn protects(&self, branch: &str) -> bool {
        self.protected.is_match(branch)
            || self.protected_any_case.as_ref().is_some_and(|set| set.is_match(branch))
    }

    /// Whether `path` says nothing about whose a change is.
    pub fn ignores(&self, path: &str) -> bool {
        let made = || matcher(&self.policy.ignored, false).unwrap_or_default();
        self.ignored.get_or_init(made).is_match(path)
    }

    /// What happens to commits of nobody in this move: where every commit has to answer, they do
    /// not come in. While the configuration cannot be read,
    /// only what makes it readable again may land without an issue.
    pub fn direct_for(
        &self,
        repo: &Repo,
        new: &[CommitId],
        there: &[CommitId],
    ) -> Result<Direct, Error> {
        let mends = self.trouble.is_some() && self.mends(repo, new, there)?;
        Ok(match self.policy.scope {
            _ if mends => Direct::Pass,
            Scope::Strict => Direct::Refuse,
            Scope::Issues => self.policy.direct,
        })
    }

    /// Whether one of `new` brings in a configuration that can be read.
    pub fn mends(&self, repo: &Repo, new: &[CommitId], there: &[CommitId]) -> Result<bool, Error> {
        for tip in new {
            if repairs(repo, tip, there)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The refusal of a commit of nobody, while the configuration cannot be read. `place` is where the
/// branch `base`, which has it, is checked out.
pub fn unreadable(refusal: Refusal, trouble: &str, base: &str, place: Option<&str>) -> Refusal {
    let why = format!("the policy cannot be read, so only its repair may land: {trouble}");
    let file = layout::CONFIG;
    let (first, git) = if let Some(place) = place {
        (String::new(), format!("git -C {place}"))
    } else {
        let top = "cd \"$(git rev-parse --show-toplevel)\"";
        (format!("{top} && git switch {} && ", quoted(base)), "git".to_owned())
    };
    let fix = format!(
        "{first}{git} config -f {file} --edit && {git} commit -m 'Mend the policy' -- {file}"
    );
    Refusal::one("policy-unreadable", refusal.what, why, fix)
}

/// The worktree that has `branch` checked out, as a word of a command.
pub fn place_of(repo: &Repo, branch: &str) -> Result<Option<String>, Error> {
    let all = worktrees::list(repo)?;
    let there = all.iter().find(|worktree| worktree.branch.as_deref() == Some(branch));
    Ok(there.map(|worktree| quoted(&worktree.path.display().to_string())))
}

/// Whether `commit` brings in a configuration, other than any that is `there`, that can be read, or
/// takes it away.
fn repairs(repo: &Repo, commit: &CommitId, there: &[CommitId]) -> Result<bool, Error> {
    let new = repo.objects.file(commit, layout::CONFIG)?;
    for old in there {
        if repo.objects.file(old, layout::CONFIG)? == new {
            return Ok(false);
        }
    }
    let Some(bytes) = new else { return Ok(true) };
    let text = String::from_utf8_lossy(&bytes);
    Ok(config::parse(&text, layout::CONFIG, &Policy::default()).is_ok())
}
