//! From phase to phase: what must be true to move on, and what sends an issue back.
//!
//! Both questions are answered from a [`Session`] and the [`Facts`] of its worktree; nothing is
//! looked up here. `ops::next` gathers the facts and records what comes out.

use super::evidence::{self, Subject};
use super::ids::{CommitId, TreeId};
use super::phase::Phase;
use super::refusal::Unmet;
use super::session::Session;
use super::spec::{self, Check, Problem};
use super::tidy;
use super::time::Moment;

/// What is true of the issue's branch and worktree at this moment.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What keeps the draft specification from being final; `None` when there is no draft.
    pub draft: Option<Vec<Problem>>,
    /// The branch tip.
    pub tip: CommitId,
    /// The tree of the tip.
    pub tree: TreeId,
    /// How many commits the branch holds that its base does not.
    pub commits: usize,
    /// Paths with uncommitted changes, untracked ones included.
    pub dirty: Vec<String>,
    /// A git operation that is under way in the worktree, such as `rebase`.
    pub operation: Option<String>,
    /// The project's validators: each name with its command.
    pub validators: Vec<(String, String)>,
    /// Whether the receipt covers every birth of the issue; `false` when there is none.
    pub sealed: bool,
    /// The branch that holds the work, its base, when one does.
    pub landed: Option<String>,
}

/// Whether it matters to where the issue stands whether its work has landed.
pub fn asks_for_landing(session: &Session) -> bool {
    session.end.is_none() && session.phase > Phase::Execute
}

/// Whether what is uncommitted matters where the issue stands.
pub fn asks_for_worktree(standing: &Standing) -> bool {
    matches!(standing.phase, Phase::Execute | Phase::Validate | Phase::Compact)
}

/// Where an issue really stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The phase whose exit conditions are to be met.
    pub phase: Phase,
    /// Why that is behind the recorded phase.
    pub stale: Option<String>,
}

/// Where the issue stands, given what happened since the last record.
pub fn standing(session: &Session, facts: &Facts) -> Standing {
    let recorded = session.phase;
    let back = |phase, reason: String| Standing { phase, stale: Some(reason) };
    if session.end.is_some() || facts.landed.is_some() || recorded <= Phase::Execute {
        return Standing { phase: recorded, stale: None };
    }
    if session.open_task().is_some() {
        return back(Phase::Execute, "a task is open again".to_owned());
    }
    if recorded == Phase::Validate {
        return Standing { phase: recorded, stale: None };
    }
    if !unproven(session, facts).is_empty() {
        return back(
            Phase::Validate,
            format!("{} was not validated: the branch moved since", facts.tip.short()),
        );
    }
    if recorded == Phase::Complete && !facts.sealed {
        return back(
            Phase::Compact,
            match session.waived() {
                Some(_) if session.seal.as_ref().is_some_and(|seal| seal.tip == facts.tip) => {
                    "its waiver has ended".to_owned()
                }
                _ => {
                    format!(
                        "the receipt does not cover {}: the branch moved since",
                        facts.tip.short()
                    )
                }
            },
        );
    }
    Standing { phase: recorded, stale: None }
}

/// The session fallen back to where it really stands; `None` when it stands where it says. What
/// was sealed is sealed no longer.
pub fn settled(session: &Session, facts: &Facts, at: Moment) -> Option<(Session, String)> {
    let Standing { phase, stale } = standing(session, facts);
    let reason = stale?;
    let mut back = session.moved(phase, &facts.tip, at, Some(reason.clone()));
    back.seal = None;
    Some((back, reason))
}

/// The session one phase further, or every condition that is not met.
pub fn advanced(session: &Session, facts: &Facts, at: Moment) -> Result<Session, Vec<Unmet>> {
    let unmet = unmet(session, session.phase, facts);
    match session.phase.next() {
        Some(next) if unmet.is_empty() => Ok(session.moved(next, &facts.tip, at, None)),
        _ => Err(unmet),
    }
}

/// What must still happen before the issue may leave `phase`; empty when it may.
pub fn unmet(session: &Session, phase: Phase, facts: &Facts) -> Vec<Unmet> {
    let mut list = Vec::new();
    match phase {
        Phase::Discussion => discussion(session, facts, &mut list),
        Phase::Execute => execute(session, facts, &mut list),
        Phase::Validate => {
            clean(session, facts, &mut list);
            list.extend(unproven(session, facts));
        }
        Phase::Compact => compact(session, facts, &mut list),
        Phase::Complete => complete(session, facts, &mut list),
    }
    list
}

fn discussion(session: &Session, facts: &Facts, list: &mut Vec<Unmet>) {
    let id = &session.issue;
    if session.spec.is_some() {
        return;
    }
    match &facts.draft {
        None => list.push(Unmet::new(
            "spec-missing",
            "there is no .context/spec.md",
            format!("git orch spec new {id}"),
        )),
        Some(problems) if problems.is_empty() => list.push(Unmet::new(
            "spec-draft",
            "the specification is not final yet",
            format!("git orch spec finalise {id}"),
        )),
        Some(problems) => list.extend(problems.iter().map(|p| spec::unmet(id, p))),
    }
}

fn execute(session: &Session, facts: &Facts, list: &mut Vec<Unmet>) {
    let id = &session.issue;
    for task in session.tasks.iter().filter(|task| task.is_open()) {
        list.push(Unmet::new(
            "task-open",
            format!("task {} is open: {}", task.number, task.text),
            format!("git orch task done {} --issue {id}", task.number),
        ));
    }
    clean(session, facts, list);
    // Changes that wait to be committed are named already.
    if facts.commits == 0 && facts.dirty.is_empty() {
        list.push(Unmet::new(
            "no-commit",
            format!("branch {} holds no commit of its own", session.branch),
            format!("git orch prime {id}   # says what is to be done and committed"),
        ));
    }
}

fn clean(session: &Session, facts: &Facts, list: &mut Vec<Unmet>) {
    if let Some(operation) = &facts.operation {
        list.push(Unmet::new(
            "operation",
            format!("a {operation} is under way in the worktree"),
            tidy::going_on(&session.worktree, operation),
        ));
    }
    if let Some((first, rest)) = facts.dirty.split_first() {
        let more =
            if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        list.push(Unmet::new(
            "dirty",
            format!("the work tree has uncommitted changes: {first}{more}"),
            tidy::committing(&session.worktree, &facts.dirty),
        ));
    }
}

/// The checks that are not green for the tree of the tip.
fn unproven(session: &Session, facts: &Facts) -> Vec<Unmet> {
    let id = &session.issue;
    let mut list = Vec::new();
    let mut ask = |subject: Subject, command: Option<&str>, name: String, fix: String| {
        // Evidence of another command says nothing of this one.
        let newest = evidence::latest(&session.evidence, &subject, &facts.tree)
            .filter(|run| command.is_none_or(|command| run.command == command));
        let why = match newest {
            Some(run) if run.outcome.is_green() => return,
            Some(run) => format!("{name}: {}", run.outcome.words()),
            None => format!("{name}: not run for {}", facts.tip.short()),
        };
        list.push(Unmet::new("unproven", why, fix));
    };
    let run = format!("git orch validate {id}");
    for criterion in session.spec.iter().flat_map(|frozen| &frozen.spec.criteria) {
        let number = criterion.number;
        let name = format!("criterion {number} ({})", criterion.text);
        let (command, fix) = match &criterion.check {
            Check::Command(command) => (Some(command.as_str()), run.clone()),
            Check::Manual | Check::Missing => {
                (None, format!("git orch validate {id} --confirm {number} --note 'what you saw'"))
            }
        };
        ask(Subject::Criterion(number), command, name, fix);
    }
    for (name, command) in &facts.validators {
        let subject = Subject::Validator(name.clone());
        ask(subject, Some(command), format!("validator {name}"), run.clone());
    }
    list
}

fn compact(session: &Session, facts: &Facts, list: &mut Vec<Unmet>) {
    let id = &session.issue;
    clean(session, facts, list);
    if !session.speaks_of_learning() {
        list.push(Unmet::new(
            "nothing-said",
            "nothing is written down of what was learned",
            format!(
                "git orch learn add {id} --kind pitfall --when '…' --lesson '…' --evidence '…'"
            ),
        ));
    } else if !facts.sealed {
        list.push(Unmet::new(
            "unsealed",
            "the receipt is not sealed to the branch tip",
            format!("git orch compact {id}"),
        ));
    }
}

fn complete(session: &Session, facts: &Facts, list: &mut Vec<Unmet>) {
    let id = &session.issue;
    if session.end.is_none() && facts.landed.is_none() {
        list.push(Unmet::new(
            "unlanded",
            format!("branch {} is not in {}", session.branch, session.base),
            format!("git orch land {id}"),
        ));
    } else {
        list.push(Unmet::new(
            "unarchived",
            "the session is not archived",
            format!("git orch archive {id}"),
        ));
    }
}
