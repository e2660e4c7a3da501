//! What a move brings in, and what may always come: what a remote has published.

use crate::domain::gate::Incoming;
use crate::domain::gate::trailer::named_issues;
use crate::domain::ids::CommitId;
use crate::error::Error;
use crate::git::reflog::{self, Entry};
use crate::git::walk::Met;
use crate::git::{Repo, remotes};

/// Most commits that are looked at for one move.
pub const WALK_LIMIT: usize = 200_000;

/// A commit as the domain wants it, content aside.
pub fn named(met: &Met) -> Incoming {
    Incoming { id: met.id.clone(), named: named_issues(&met.message), owned: false, print: None }
}

/// Where the remotes' copies of `branch` stood when they last came from the remotes themselves,
/// as their logs tell: what is in there is published, and always comes in. A push moves the copy
/// too, but proves nothing. `remote` leaves only that one's copies.
pub fn published(repo: &Repo, branch: &str, remote: Option<&str>) -> Result<Vec<CommitId>, Error> {
    let mut list = Vec::new();
    for copy in remotes::tracking(repo, branch)? {
        if copy.is_here || remote.is_some_and(|remote| remote != copy.remote) {
            continue;
        }
        list.extend(last_fetched(repo, &copy.name)?);
    }
    Ok(list)
}

fn last_fetched(repo: &Repo, name: &str) -> Result<Option<CommitId>, Error> {
    let Some(log) = reflog::entries(repo, name)? else {
        // No log, no push: a clone writes its refs at once and logs none of them.
        return Ok(repo.objects.read_ref(name)?);
    };
    match log.iter().rev().find(|entry| is_fetch(&entry.message)) {
        Some(entry) => Ok(entry.new.clone()),
        // Before the first push was logged there was what the clone brought.
        None => match log.first() {
            Some(Entry { old: Some(old), .. }) => Ok(Some(old.clone())),
            Some(first) => Ok(reflog::cloned(repo, first)?),
            None => Ok(None),
        },
    }
}

/// Whether a log's message speaks of a fetch from elsewhere by the remote's own rules. A fetch
/// from here, or of a branch into a ref that was named by hand, says nothing of the remote.
fn is_fetch(message: &str) -> bool {
    let what = message.split(": ").next().unwrap_or_default();
    let mut words = what.split(' ');
    let verb = words.next().unwrap_or_default().trim_end_matches(':');
    matches!(verb, "fetch" | "pull" | "clone" | "remote")
        && words.all(|word| word != "." && !word.contains(":refs/remotes/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_remote_sent_by_its_own_rules_is_published() {
        for message in [
            "fetch: fast-forward",
            "fetch origin: fast-forward",
            "fetch --all: storing head",
            "pull: fast-forward",
            "pull --rebase origin main: fast-forward",
            "fetch https://example.org/x.git: forced-update",
            "clone: from https://example.org/x.git",
        ] {
            assert!(is_fetch(message), "{message}");
        }
        for message in [
            "update by push",
            "",
            "fetch . issue/81:refs/remotes/origin/main: fast-forward",
            "fetch ../x +issue/81:refs/remotes/origin/main: storing head",
            "reset: moving to issue/81",
            "branch: Created from main",
        ] {
            assert!(!is_fetch(message), "{message}");
        }
    }
}
