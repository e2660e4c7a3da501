//! The remotes of a repository, and the refs under which it keeps copies of their branches.

use std::path::Path;

use git2::Repository;

use super::exec::GitError;
use super::open::{Repo, real};
use crate::domain::ids::CommitId;

/// The copy of a branch of a remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracking {
    /// The remote's name.
    pub remote: String,
    /// Full name of the copy, such as `refs/remotes/origin/main`.
    pub name: String,
    /// Whether the "remote" is this very repository: what is fetched from it comes from nowhere.
    pub is_here: bool,
}

/// The copies that this repository keeps of the branch `branch`, one for each remote that has a
/// rule to fetch it.
pub fn tracking(repo: &Repo, branch: &str) -> Result<Vec<Tracking>, GitError> {
    let full = format!("refs/heads/{branch}");
    let mut list = Vec::new();
    for rule in rules(repo)? {
        if let Some(name) = mapped(&rule.refspec, &full) {
            let is_here = is_here(repo, &rule.url);
            list.push(Tracking { remote: rule.remote, name, is_here });
        }
    }
    Ok(list)
}

struct Rule {
    remote: String,
    url: String,
    refspec: String,
}

fn rules(repo: &Repo) -> Result<Vec<Rule>, GitError> {
    match repo.objects.lib() {
        Some(lib) => rules_by_lib(lib),
        None => rules_by_command(repo),
    }
}

fn rules_by_lib(lib: &Repository) -> Result<Vec<Rule>, GitError> {
    let mut rules = Vec::new();
    for name in &lib.remotes()? {
        // A name that is no text cannot be asked for, and a remote without address fetches nothing.
        let Ok(Some(name)) = name else { continue };
        let Ok(remote) = lib.find_remote(name) else { continue };
        let url = String::from_utf8_lossy(remote.url_bytes()).into_owned();
        for refspec in &remote.fetch_refspecs()? {
            if let Ok(Some(refspec)) = refspec {
                rules.push(Rule {
                    remote: name.to_owned(),
                    url: url.clone(),
                    refspec: refspec.to_owned(),
                });
            }
        }
    }
    Ok(rules)
}

fn rules_by_command(repo: &Repo) -> Result<Vec<Rule>, GitError> {
    let output = repo
        .git
        .in_repository(&repo.common_dir, None)
        .args(["config", "-z", "--get-regexp", r"^remote\..*\.(url|fetch)$"])
        .run()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let pairs: Vec<(&str, &str)> = text
        .split('\0')
        .filter_map(|entry| {
            let (key, value) = entry.split_once('\n')?;
            Some((key.strip_prefix("remote.")?, value))
        })
        .collect();
    let url = |remote: &str| {
        let found = pairs.iter().find(|(key, _)| key.strip_suffix(".url") == Some(remote));
        found.map_or_else(String::new, |(_, url)| (*url).to_owned())
    };
    Ok(pairs
        .iter()
        .filter_map(|(key, refspec)| {
            let remote = key.strip_suffix(".fetch")?;
            Some(Rule {
                remote: remote.to_owned(),
                url: url(remote),
                refspec: (*refspec).to_owned(),
            })
        })
        .collect())
}

/// The commits that the last fetch in this worktree brought from elsewhere, whether or not a ref
/// was moved for them: `git pull <address>` moves none.
pub fn fetched(repo: &Repo) -> Vec<CommitId> {
    let text = std::fs::read_to_string(repo.git_dir.join("FETCH_HEAD")).unwrap_or_default();
    let commit = |line: &str| {
        let (id, rest) = line.split_once('\t')?;
        let (_, url) = rest.rsplit_once(" of ")?;
        (!is_here(repo, url)).then(|| id.parse().ok())?
    };
    text.lines().filter_map(commit).collect()
}

/// Where the rule `refspec` puts `name`; `None` when it does not fetch it.
fn mapped(refspec: &str, name: &str) -> Option<String> {
    let refspec = refspec.strip_prefix('+').unwrap_or(refspec);
    let (from, to) = refspec.split_once(':')?;
    let stands_for = match from.split_once('*') {
        None => (from == name).then_some("")?,
        Some((before, after)) => name.strip_prefix(before)?.strip_suffix(after)?,
    };
    Some(to.replacen('*', stands_for, 1))
}

fn is_here(repo: &Repo, url: &str) -> bool {
    let path = url.strip_prefix("file://").unwrap_or(url);
    if path.contains("://") {
        return false;
    }
    let path = repo.home().join(path);
    path.is_dir()
        && Repository::open_ext(&path, git2::RepositoryOpenFlags::empty(), &[] as &[&Path])
            .is_ok_and(|there| real(there.commondir()) == repo.common_dir)
        || real(&path) == repo.common_dir
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_says_where_a_branch_is_kept() {
        let main = "refs/heads/main";
        for (refspec, kept) in [
            ("+refs/heads/*:refs/remotes/origin/*", Some("refs/remotes/origin/main")),
            ("refs/heads/main:refs/remotes/up/trunk", Some("refs/remotes/up/trunk")),
            ("refs/heads/m*:refs/remotes/o/x*", Some("refs/remotes/o/xain")),
            ("refs/heads/dev:refs/remotes/o/dev", None),
            ("^refs/heads/main", None),
        ] {
            assert_eq!(mapped(refspec, main).as_deref(), kept, "{refspec}");
        }
    }
}
