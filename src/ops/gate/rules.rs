//! The policy as a judgement uses it, with its strictest reading when it cannot be read.

use globset::GlobSet;

use crate::domain::ids::CommitId;
use crate::domain::policy::{Direct, Policy, matcher};
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::git::{Repo, config as config_of};
use crate::ops::policy;
use crate::store::{StoreError, config, layout};

/// The policy in force, ready for use.
#[derive(Debug)]
pub struct Rules {
    /// The policy.
    pub policy: Policy,
    /// Paths that say nothing about whose a change is.
    pub ignored: GlobSet,
    /// What is wrong with the configuration, with its place. The policy is then the default in
    /// its strictest reading.
    pub trouble: Option<String>,
    protected: GlobSet,
    protected_any_case: GlobSet,
    ignore_case: bool,
}

/// Reads the policy from the protected branch. Only an accident of git's is an error: a
/// configuration that cannot be read is a policy too, the strictest.
pub fn load(repo: &Repo) -> Result<Rules, Error> {
    match policy::load(repo) {
        Ok(policy) => Ok(Rules::of(repo, policy, None)),
        Err(Error::Store(StoreError::Config { place, message })) => {
            let mut strict = Policy { direct: Direct::Refuse, ..Policy::default() };
            strict.protected.extend(policy::base_branch(repo)?);
            Ok(Rules::of(repo, strict, Some(format!("{place}: {message}"))))
        }
        Err(other) => Err(other),
    }
}

impl Rules {
    fn of(repo: &Repo, policy: Policy, trouble: Option<String>) -> Self {
        // Globs were checked when the configuration was read; should one fail all the same, what
        // is protected becomes everything and what is ignored nothing.
        let all = || matcher(&["**".to_owned()], false).unwrap_or_default();
        let set = |ignore_case| matcher(&policy.protected, ignore_case).unwrap_or_else(|_| all());
        Self {
            ignored: matcher(&policy.ignored, false).unwrap_or_default(),
            protected: set(false),
            protected_any_case: set(true),
            ignore_case: config_of::ignores_case(repo),
            policy,
            trouble,
        }
    }

    /// Whether `branch`, without `refs/heads/`, is protected. Where files know no case, `Main` is
    /// `main`.
    pub fn protects(&self, branch: &str) -> bool {
        self.protected.is_match(branch)
            || (self.ignore_case && self.protected_any_case.is_match(branch))
    }

    /// What happens to commits of nobody in this move. While the configuration cannot be read,
    /// only what makes it readable again may land without an issue.
    pub fn direct_for(&self, repo: &Repo, new: &[CommitId]) -> Result<Direct, Error> {
        if self.trouble.is_some() {
            for tip in new {
                if repairs(repo, tip)? {
                    return Ok(Direct::Pass);
                }
            }
        }
        Ok(self.policy.direct)
    }
}

/// The refusal of a commit of nobody, while the configuration cannot be read.
pub fn unreadable(refusal: Refusal, trouble: &str) -> Refusal {
    let why = format!("the policy cannot be read, so only its repair may land: {trouble}");
    let fix = format!("mend {} there and commit it", layout::CONFIG);
    Refusal::one("policy-unreadable", refusal.what, why, fix)
}

/// Whether the configuration in `commit` can be read, or is gone.
fn repairs(repo: &Repo, commit: &CommitId) -> Result<bool, Error> {
    let Some(bytes) = repo.objects.file(commit, layout::CONFIG)? else { return Ok(true) };
    let text = String::from_utf8_lossy(&bytes);
    Ok(config::parse(&text, layout::CONFIG, &Policy::default()).is_ok())
}
