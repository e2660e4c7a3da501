//! The boundary: what leaves for another repository, whatever got onto a branch unseen.

use super::incoming::WALK_LIMIT;
use super::proposal::{Proposal, Strays};
use super::repository::Gate;
use super::{incoming, issues, tripwire};
use crate::domain::gate::{self, Case, Incoming, OpenIssue, Verdict};
use crate::domain::ids::CommitId;
use crate::domain::names::HEADS;
use crate::domain::policy::IssuePush;
use crate::domain::refusal::Refusal;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::hook_input::PushLine;
use crate::git::walk;
use crate::ops::policy;

use super::transaction::Answer;

/// What is no work of anybody: tags of what was judged elsewhere, notes, our own records.
const NO_WORK: [&str; 4] = ["refs/tags/", "refs/notes/", "refs/git-orch/", "refs/replace/"];

/// Where backups of unfinished work may go, when the policy allows them.
const BACKUP: &str = "wip/";

/// Judges a push to `remote`, the name or address that git gave.
pub fn judge(gate: &Gate, remote: &str, lines: &[PushLine]) -> Result<Answer, Error> {
    let mut answer = Answer::default();
    let shown = without_secrets(remote);
    for line in lines {
        // A deletion on the other side brings nothing there.
        let Some(new) = &line.new else { continue };
        let verdict = match line.remote.strip_prefix(HEADS) {
            Some(branch) if gate.rules()?.protects(branch) => {
                for unseen in tripwire::unseen(&gate.repo, branch)? {
                    answer.notes.push(format!("note: {unseen}"));
                }
                onto_protected(gate, branch, remote, &shown, new, line.old.as_ref())?
            }
            _ if NO_WORK.iter().any(|prefix| line.remote.starts_with(prefix)) => Verdict::Pass,
            branch => {
                let name = branch.unwrap_or(&line.remote);
                issue_work(gate, name, remote, &shown, new, line.old.as_ref())?
            }
        };
        if let Verdict::Refuse(refusal) = verdict {
            answer.refusal = Some(refusal);
            return Ok(answer);
        }
    }
    Ok(answer)
}

/// A push to a protected branch: everything that the other side does not have. It says itself
/// where its branch stands; only where that cannot be looked at here, what it is known to have
/// published counts as there. What this repository judged itself is searched for births only,
/// because an issue may have gone on since it landed.
fn onto_protected(
    gate: &Gate,
    branch: &str,
    remote: &str,
    shown: &str,
    new: &CommitId,
    old: Option<&CommitId>,
) -> Result<Verdict, Error> {
    let mut there = match old {
        Some(old) if gate.repo.objects.resolve(old.as_str())?.is_some() => vec![old.clone()],
        _ => incoming::published(&gate.repo, branch, Some(remote))?,
    };
    if let (true, Some(base)) = (there.is_empty(), policy::base_branch(&gate.repo)?) {
        // A branch that is new there began on the one that most things come onto.
        there = incoming::published(&gate.repo, &base, Some(remote))?;
    }
    let founding = old.is_none() && there.is_empty();
    let clean = tripwire::unseen(&gate.repo, branch)?.is_empty();
    let judged = tripwire::value(&gate.repo, branch)?.filter(|_| clean);
    let proposal = Proposal {
        case: Case::pushed(branch, shown),
        new: vec![new.clone()],
        there,
        judged: judged.into_iter().collect(),
        strays: if founding { Strays::None } else { Strays::All },
    };
    gate.judge(&proposal)
}

/// A push of anything else: the work of an issue leaves only sealed, unless the policy says
/// otherwise.
fn issue_work(
    gate: &Gate,
    branch: &str,
    remote: &str,
    shown: &str,
    new: &CommitId,
    old: Option<&CommitId>,
) -> Result<Verdict, Error> {
    let policy = gate.rules()?.policy.issue_push;
    let is_backup = policy == IssuePush::Wip && branch.starts_with(BACKUP);
    if policy == IssuePush::Any || is_backup || gate.heads()?.is_empty() {
        return Ok(Verdict::Pass);
    }
    let there = on_remote(gate, remote, old)?;
    let met = walk::between(&gate.repo, std::slice::from_ref(new), &there, WALK_LIMIT)?;
    let open = issues::closed_to_landing(&gate.repo, &gate.rules()?.policy, gate.heads()?)?;
    let incoming: Vec<Incoming> = met.iter().map(incoming::named).collect();
    let found = gate::by_name(&incoming, &open);
    if found.is_empty() {
        return Ok(Verdict::Pass);
    }
    let case = Case::pushed(branch, shown);
    let verdict = gate::decide(&case, &incoming, &open, &found, gate.rules()?.policy.direct);
    let Verdict::Refuse(mut refusal) = verdict else { return Ok(verdict) };
    refusal.code = "unsealed-push";
    if policy == IssuePush::Wip {
        offer_backup(gate, &mut refusal, &found, &open, shown)?;
    }
    Ok(Verdict::Refuse(refusal))
}

/// Names beside each remedy the push that the policy allows. `found` has the issues in the order of
/// the reasons.
fn offer_backup(
    gate: &Gate,
    refusal: &mut Refusal,
    found: &[gate::Match],
    open: &[OpenIssue],
    shown: &str,
) -> Result<(), Error> {
    let mut issues: Vec<usize> = Vec::new();
    for one in found {
        if !issues.contains(&one.issue) {
            issues.push(one.issue);
        }
    }
    for (unmet, issue) in refusal.unmet.iter_mut().zip(issues) {
        let id = &open[issue].id;
        let head = gate.heads()?.iter().find(|head| head.issue == *id);
        let Some(heading) = head.and_then(|head| head.heading.as_ref()) else { continue };
        let backup = format!(
            "git push {} {}",
            quoted(shown),
            quoted(&format!("{}:{HEADS}{BACKUP}{id}", heading.branch))
        );
        unmet.fix = format!("{}   # or, as a backup: {backup}", unmet.fix);
    }
    Ok(())
}

/// What the other side has, as far as it is known here.
fn on_remote(gate: &Gate, remote: &str, old: Option<&CommitId>) -> Result<Vec<CommitId>, Error> {
    let mut there: Vec<CommitId> = old.cloned().into_iter().collect();
    let prefix = format!("refs/remotes/{remote}/");
    let copies = gate.repo.objects.refs(&prefix)?;
    // A backup is not published: nothing follows from it for any other branch.
    let is_backup =
        |name: &str| name.strip_prefix(&prefix).is_some_and(|branch| branch.starts_with(BACKUP));
    there.extend(copies.into_iter().filter(|(name, _)| !is_backup(name)).map(|(_, commit)| commit));
    Ok(there)
}

/// The remote as it may be shown: an address may hold a password.
fn without_secrets(remote: &str) -> String {
    match remote.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            format!("{scheme}://{host}/{path}")
        }
        None => remote.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        assert_eq!(without_secrets("https://me:secret@host/x.git"), "https://host/x.git");
        assert_eq!(without_secrets("origin"), "origin");
    }
}
