//! What a team decided: which branches are protected, what is checked, and how strictly.

use super::agents::Agents;
use super::lane::settings::Settings;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Longest time a check may run when the configuration names none, in seconds.
pub const CHECK_TIMEOUT: u64 = 600;

/// How long a waiver holds when the configuration does not say, in hours: a working day and the
/// night after it.
pub const WAIVE_HOURS: u32 = 24;

/// What happens to commits that belong to no issue when they come onto a protected branch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direct {
    /// They pass: people, bots, hotfixes.
    #[default]
    Pass,
    /// They pass with a warning.
    Warn,
    /// They are refused.
    Refuse,
}

/// Which incoming commits have to show that they are finished, where only receipts tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Those of issues; commits of no issue follow [`Direct`].
    #[default]
    Issues,
    /// Every one: by a receipt, by an `Orch-No-Issue` line with a reason, or by its author.
    Strict,
}

/// When an issue branch itself may be pushed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IssuePush {
    /// Only when its receipt is sealed to it: no flag, no pull request.
    #[default]
    Sealed,
    /// Also as a backup under `refs/heads/wip/`.
    Wip,
    /// Always.
    Any,
}

/// Where the receipt travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Carrier {
    /// In the state chain alone.
    #[default]
    Ref,
    /// Also as a file in the tree, where a server or a squash-merging forge can see it.
    Tree,
}

/// Who may confirm a criterion that no command checks, and who may waive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manual {
    /// A person at a terminal.
    #[default]
    Person,
    /// Anyone, on the record: the team trusts its agents with this.
    Anyone,
}

/// How an issue's branch is brought into its base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// By a merge commit.
    #[default]
    Merge,
    /// By putting its commits on top, one after the other.
    Rebase,
}

/// Who brings an issue in when its agents run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LandedBy {
    /// git-orch; the agent gets what does not go in cleanly.
    #[default]
    Orch,
    /// The agent of COMPLETE, which may open a pull request instead.
    Agent,
}

/// A check of the project, run for every issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validator {
    /// Its name, one word.
    pub name: String,
    /// The command, given to `sh -c` in the worktree.
    pub command: String,
    /// Time limit, in seconds.
    pub timeout: u64,
}

/// The whole policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Globs of protected branches, without `refs/heads/`.
    pub protected: Vec<String>,
    /// What happens to commits of no issue.
    pub direct: Direct,
    /// Which commits need a receipt at the wall.
    pub scope: Scope,
    /// Addresses of authors whose commits need none there; `*` stands for anything.
    pub authors: Vec<String>,
    /// When an issue branch may be pushed.
    pub issue_push: IssuePush,
    /// Where the receipt travels.
    pub carrier: Carrier,
    /// Whether a receipt counts only with a signature of one of the signers.
    pub signed: bool,
    /// Who may sign, a line each as `ssh-keygen -Y` wants it in a file of allowed signers.
    pub signers: Vec<String>,
    /// Who may waive the compaction of an issue.
    pub waive: Manual,
    /// How long a waiver holds, in hours.
    pub waive_hours: u32,
    /// Who may confirm manual criteria.
    pub manual: Manual,
    /// How an issue's branch is brought in.
    pub land: Method,
    /// Who does that when agents run.
    pub landed_by: LandedBy,
    /// Checks run for every issue.
    pub validators: Vec<Validator>,
    /// Time limit of a criterion's or task's command, in seconds.
    pub check_timeout: u64,
    /// Globs of paths that say nothing about whose a change is: lock and generated files.
    pub ignored: Vec<String>,
    /// Share of an issue's added lines that makes a commit its copy, 0 to 1.
    pub containment: f64,
    /// Pattern of issue branches; `{id}` stands for the id.
    pub branch: String,
    /// Pattern of worktree folders; `{repo}` and `{id}` stand for themselves; relative to the
    /// main worktree.
    pub worktree: String,
    /// How agents are started.
    pub agents: Agents,
    /// How lanes run.
    pub lanes: Settings,
    /// How much of what was learned is told and kept.
    pub learning: LearningRules,
    /// What becomes of the archive of a finished issue.
    pub archive: ArchiveRules,
}

/// What becomes of the archive of a finished issue, besides being kept on this machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArchiveRules {
    /// Whether its record is pushed where the work goes.
    pub push: bool,
    /// Whether its readable part is committed to its branch.
    pub tracked: bool,
    /// Whether what agents print is kept beside it, on this machine.
    pub transcripts: bool,
}

/// How much of what was learned is told and kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LearningRules {
    /// How many learnings a brief tells at most, a line each.
    pub lines: usize,
    /// How many reviewed learnings an area of the project may have before the least useful are
    /// named for retirement.
    pub cap: usize,
}

impl Default for LearningRules {
    fn default() -> Self {
        Self { lines: 10, cap: 20 }
    }
}

impl Default for Policy {
    fn default() -> Self {
        let own = |list: &[&str]| list.iter().map(|&s| s.to_owned()).collect();
        Self {
            protected: own(&["main", "master"]),
            direct: Direct::default(),
            scope: Scope::default(),
            authors: Vec::new(),
            issue_push: IssuePush::default(),
            carrier: Carrier::default(),
            signed: false,
            signers: Vec::new(),
            waive: Manual::default(),
            waive_hours: WAIVE_HOURS,
            manual: Manual::default(),
            land: Method::default(),
            landed_by: LandedBy::default(),
            validators: Vec::new(),
            check_timeout: CHECK_TIMEOUT,
            ignored: own(&[
                "**/Cargo.lock",
                "**/package-lock.json",
                "**/yarn.lock",
                "**/pnpm-lock.yaml",
                "**/poetry.lock",
                "**/uv.lock",
                "**/go.sum",
                "**/Gemfile.lock",
                "**/composer.lock",
                "**/*.min.js",
                "**/*.map",
                "**/*.snap",
                "**/dist/**",
                "**/vendor/**",
                "**/node_modules/**",
                ".orchestration/archived-sessions/**",
                ".orchestration/receipts/**",
            ]),
            containment: 0.5,
            branch: "issue/{id}".to_owned(),
            worktree: "../{repo}.worktrees/{id}".to_owned(),
            agents: Agents::default(),
            lanes: Settings::default(),
            learning: LearningRules::default(),
            archive: ArchiveRules::default(),
        }
    }
}

/// A glob that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{glob:?} is not a glob: {reason}")]
pub struct BadGlob {
    /// The text as given.
    pub glob: String,
    /// What is wrong with it.
    pub reason: String,
}

/// The globs as one matcher. `*` stops at a slash, `**` does not.
pub fn matcher(globs: &[String], ignore_case: bool) -> Result<GlobSet, BadGlob> {
    let bad = |glob: &str, e: &globset::Error| BadGlob {
        glob: glob.to_owned(),
        reason: e.kind().to_string(),
    };
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        let built = GlobBuilder::new(glob)
            .literal_separator(true)
            .case_insensitive(ignore_case)
            .build()
            .map_err(|e| bad(glob, &e))?;
        set.add(built);
    }
    set.build().map_err(|e| bad(&globs.join(", "), &e))
}

impl Policy {
    /// Whether `branch`, without `refs/heads/`, is protected. A set of globs that cannot be read
    /// protects everything: the strictest reading.
    pub fn protects(&self, branch: &str) -> bool {
        matcher(&self.protected, false).map_or(true, |set| set.is_match(branch))
    }

    /// Whether the commits of `author`, `Name <address>`, come in without an issue.
    pub fn admits(&self, author: &str) -> bool {
        let address = author.rsplit_once('<').map_or(author, |(_, rest)| rest);
        let address = address.trim_end_matches('>').to_lowercase();
        self.authors.iter().any(|pattern| fits(&pattern.to_lowercase(), &address))
    }
}

/// Whether `text` fits `pattern`, in which `*` stands for anything and all else for itself:
/// addresses of bots hold brackets.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match left.split_once(part) {
            Some((_, after)) => left = after,
            None => return false,
        }
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_protect_what_they_name() {
        let policy =
            Policy { protected: vec!["main".into(), "release/*".into()], ..Policy::default() };
        assert!(policy.protects("main") && policy.protects("release/1"));
        assert!(!policy.protects("release/1/x") && !policy.protects("issue/81"));
        let broken = Policy { protected: vec!["[".into()], ..Policy::default() };
        assert!(broken.protects("anything"));
    }

    #[test]
    fn authors_are_told_by_their_address() {
        let authors = ["dependabot[bot]@users.noreply.github.com", "*@ci.example.org", "a*b*@x"];
        let policy = Policy { authors: authors.map(str::to_owned).into(), ..Policy::default() };
        for (author, admitted) in [
            ("dependabot <Dependabot[bot]@users.noreply.github.com>", true),
            ("Release <release@ci.example.org>", true),
            ("Release <release@ci.example.org.evil>", false),
            ("release@ci.example.org <eve@example.org>", false),
            ("x <a1b2b@x>", true),
            ("x <b1a@x>", false),
        ] {
            assert_eq!(policy.admits(author), admitted, "{author}");
        }
    }
}
