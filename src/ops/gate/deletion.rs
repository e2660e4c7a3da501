//! Branches that go: unfinished work keeps its name, and a rename onto a protected branch is
//! seen for what it is.
//!
//! `git branch -M issue main` deletes the one, then the other, and never says what `main` is to
//! become. So the branch deleted last is remembered for a moment, and the deletion of a protected
//! branch right after it is judged as a move to where that one stood.

use super::issues::Head;
use super::repository::Gate;
use super::rules::Rules;
use super::{issues, proposal, tripwire};
use crate::clock;
use crate::domain::gate::{Missing, Verdict};
use crate::domain::ids::CommitId;
use crate::domain::names::HEADS;
use crate::domain::refusal::Refusal;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::Repo;
use crate::store::atomic::Folder;
use crate::store::layout::own;

/// How long after a deletion another one belongs to the same rename, in seconds.
const MOMENT: u64 = 5;

/// Judges the deletion of `branch`.
pub fn judge(gate: &Gate, branch: &str) -> Result<Verdict, Error> {
    let repo = &gate.repo;
    let Some(now) = repo.branch_tip(branch)? else { return Ok(Verdict::Pass) };
    if gate.heads()?.is_empty() || is_prune(repo, &format!("{HEADS}{branch}"), &now) {
        return Ok(Verdict::Pass);
    }
    if gate.rules()?.protects(branch) {
        let Some((name, tip)) = deleted_just_now(repo)? else { return Ok(Verdict::Pass) };
        let proposal = proposal::onto(gate, branch, Some(&now), tip.clone())?;
        return Ok(match gate.judge(&proposal)? {
            Verdict::Refuse(refusal) => {
                // git has deleted the other one already and does not bring it back.
                Verdict::Refuse(
                    refusal.restored_by(Some(format!("git branch {} {tip}", quoted(&name)))),
                )
            }
            other => other,
        });
    }
    let head = match gate.issue_of(branch)? {
        Some(head) => Some(head),
        // A record that cannot be read does not name its branch.
        None => gate.heads()?.iter().find(|head| is_usual(gate, head, branch)),
    };
    if let Some(head) = head
        && let Some(open) = issues::closed(repo, &gate.rules()?.policy, head)?
    {
        let id = &open.id;
        let place = open.phase.map_or_else(String::new, |phase| format!(" in {phase}"));
        let lack = match open.why {
            Missing::Compaction => "its work is not compacted",
            Missing::Stale => "commits came after its compaction",
            Missing::Expired => "its waiver has ended",
            Missing::Signature => "nobody who may has signed its receipt",
            Missing::Damaged => "its record cannot be read",
        };
        let fix = match open.why {
            Missing::Damaged => "git orch doctor --fix".to_owned(),
            _ => format!("git orch abandon {id} --reason '…'   # keeps the work, frees the branch"),
        };
        return Ok(Verdict::Refuse(Refusal::one(
            "issue-branch",
            format!("deleting or renaming {branch}"),
            format!("issue {id} is open{place}, {lack}, and this branch holds it"),
            fix,
        )));
    }
    remember(repo, branch, &now)?;
    Ok(Verdict::Pass)
}

/// Whether `branch` is what the policy calls the branch of the issue, whose record is damaged.
fn is_usual(gate: &Gate, head: &Head, branch: &str) -> bool {
    let usual = |rules: &Rules| rules.policy.branch.replace("{id}", head.issue.as_str()) == branch;
    head.heading.is_none() && gate.rules().is_ok_and(usual)
}

/// After the deletion of the protected `branch`: when it was a rename, what it becomes was judged.
pub fn replaced(gate: &Gate, branch: &str) -> Result<(), Error> {
    match deleted_just_now(&gate.repo)? {
        Some((_, tip)) => tripwire::keep(&gate.repo, branch, &tip),
        None => Ok(()),
    }
}

/// Whether git is only taking the file of the ref `name` away because `packed-refs` holds it too:
/// every real deletion holds the lock of that file.
pub fn is_prune(repo: &Repo, name: &str, now: &CommitId) -> bool {
    if repo.common_dir.join("packed-refs.lock").exists() {
        return false;
    }
    let packed = std::fs::read_to_string(repo.common_dir.join("packed-refs")).unwrap_or_default();
    let line = format!("{now} {name}");
    packed.lines().any(|packed| packed == line)
}

fn remember(repo: &Repo, branch: &str, tip: &CommitId) -> Result<(), Error> {
    let text = format!("{} {tip} {branch}\n", clock::now().seconds());
    Folder::create(&repo.own_folder(), "")?.write(own::DELETED, text.as_bytes())?;
    Ok(())
}

/// The branch that was deleted a moment ago, and where it stood.
fn deleted_just_now(repo: &Repo) -> Result<Option<(String, CommitId)>, Error> {
    let Some(folder) = Folder::open(&repo.own_folder(), "")? else { return Ok(None) };
    let Some(bytes) = folder.read(own::DELETED)? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut words = text.trim_end().splitn(3, ' ');
    let (Some(at), Some(tip), Some(name)) = (words.next(), words.next(), words.next()) else {
        return Ok(None);
    };
    let recent = at.parse::<i64>().is_ok_and(|at| clock::now().seconds().abs_diff(at) <= MOMENT);
    Ok(recent.then(|| tip.parse().ok()).flatten().map(|tip| (name.to_owned(), tip)))
}
