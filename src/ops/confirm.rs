//! `validate --confirm`: a criterion that no command can check, confirmed by a person who looked.
//!
//! It holds for the tree that was looked at, as every check does, and is on record with who said
//! it and in what words.

use super::{Narrator, facts, policy, record, validate};
use crate::context::Context;
use crate::domain::evidence::{Evidence, Outcome, Subject, latest};
use crate::domain::ids::{CommitId, Digest, IssueId};
use crate::domain::names::one_line;
use crate::domain::policy::Manual;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::spec::{Check, Criterion};
use crate::error::Error;
use crate::store::{layout, redact};

/// What is confirmed.
#[derive(Clone, Debug)]
pub struct Confirmation {
    /// Number of the criterion.
    pub number: u32,
    /// What was seen.
    pub note: String,
    /// Whether a person at a terminal said so just now.
    pub person: bool,
    /// The branch tip that was looked at; the present one when nobody was asked.
    pub seen: Option<CommitId>,
    /// Also when it is confirmed already.
    pub again: bool,
}

/// What a person has to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What must be true.
    pub text: String,
    /// Whether only a person can answer.
    pub person: bool,
    /// The branch tip to look at.
    pub tip: CommitId,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// The evidence on record.
    pub evidence: Evidence,
    /// Whether it was there already.
    pub already: bool,
}

/// What is to be asked about criterion `number`; `None` when it is confirmed already for the
/// branch tip and not to be confirmed `again`. Everything that keeps it from being confirmed is said before a person is asked.
pub fn question(
    ctx: &Context,
    id: &IssueId,
    number: u32,
    again: bool,
) -> Result<Option<Question>, Error> {
    let session = record::require(ctx, id)?.session;
    let criterion = manual(&session, number)?;
    let ground = validate::ready(ctx, &session, &what(id, number))?;
    let tree = facts::proved_tree(&ctx.repo, &session, &ground.tip)?;
    let known = latest(&session.evidence, &Subject::Criterion(number), &tree);
    if !again && known.is_some_and(is_confirmation) {
        return Ok(None);
    }
    let person = policy::in_force(ctx)?.manual == Manual::Person;
    Ok(Some(Question { text: criterion.text.clone(), person, tip: ground.tip }))
}

/// Records the confirmation of a manual criterion for the branch tip.
pub fn run(
    ctx: &Context,
    id: &IssueId,
    given: &Confirmation,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let number = given.number;
    let what = what(id, number);
    let note = redact::text(&one_line(&given.note));
    if note.is_empty() {
        return Err(Error::usage("the note says nothing", fix(id, number)));
    }
    let mut held = record::hold(ctx, id, narrator)?;
    let mut session = held.session().clone();
    manual(&session, number)?;
    let ground = validate::ready(ctx, &session, &what)?;
    if given.seen.as_ref().is_some_and(|seen| *seen != ground.tip) {
        let why = format!("{} was moved while you were asked", session.branch);
        return Err(Refusal::one("moved", what, why, fix(id, number)).into());
    }
    let tree = facts::proved_tree(&ctx.repo, &session, &ground.tip)?;
    let subject = Subject::Criterion(number);
    if let Some(there) = latest(&session.evidence, &subject, &tree)
        && is_confirmation(there)
        && !given.again
    {
        return Ok(Report { evidence: there.clone(), already: true });
    }
    if !given.person && policy::in_force(ctx)?.manual == Manual::Person {
        return Err(needs_person(id, number).into());
    }
    let place = if given.person { "at a terminal" } else { "without a terminal" };
    let output = format!("{note}\n").into_bytes();
    let evidence = Evidence {
        number: session.next_evidence(),
        subject,
        command: String::new(),
        commit: ground.tip,
        tree,
        started: ctx.now,
        millis: 0,
        outcome: Outcome::Green,
        tests: None,
        output: Digest::of(&output),
        confirmed: Some(format!("{}, {place}: {note}", held.author())),
    };
    session.evidence.push(evidence.clone());
    let file = (layout::evidence_file(evidence.number), output);
    held.record(ctx, session, vec![file], &format!("Confirm criterion {number}: {note}"))?;
    Ok(Report { evidence, already: false })
}

/// The refusal to take the word of something that is no person at a terminal.
pub fn needs_person(id: &IssueId, number: u32) -> Refusal {
    Refusal::one(
        "needs-person",
        what(id, number),
        "it is manual: a person has to look and say so at a terminal, and this is none",
        fix(id, number),
    )
}

/// The refusal to confirm what the person did not see.
pub fn declined(id: &IssueId, number: u32) -> Refusal {
    Refusal::one("declined", what(id, number), "you answered no", fix(id, number))
}

fn what(id: &IssueId, number: u32) -> String {
    format!("confirming criterion {number} of issue {id}")
}

fn fix(id: &IssueId, number: u32) -> String {
    format!("git orch validate {id} --confirm {number} --note 'what you saw'")
}

fn is_confirmation(evidence: &Evidence) -> bool {
    evidence.outcome.is_green() && evidence.confirmed.is_some()
}

/// The manual criterion `number`.
fn manual(session: &Session, number: u32) -> Result<&Criterion, Error> {
    let id = &session.issue;
    let criteria = session.spec.iter().flat_map(|frozen| &frozen.spec.criteria);
    let Some(criterion) = criteria.into_iter().find(|c| c.number == number) else {
        return Err(Error::usage(
            format!("issue {id} has no criterion {number}"),
            format!("git orch show {id}"),
        ));
    };
    match &criterion.check {
        Check::Command(_) => Err(Refusal::one(
            "not-manual",
            what(id, number),
            "it has a command: only running that shows it",
            format!("git orch validate {id}"),
        )
        .into()),
        Check::Manual | Check::Missing => Ok(criterion),
    }
}
