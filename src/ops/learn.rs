//! `learn`: what was learned, given in small pieces, and refused when it says nothing.

use super::{Narrator, record};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::learning::{Kind, Learning, learning_id, objections};
use crate::domain::names::one_line;
use crate::domain::phase::Phase;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::time::Moment;
use crate::error::Error;

/// A learning as it is given.
#[derive(Clone, Debug)]
pub struct Given {
    /// What sort of thing it is.
    pub kind: Kind,
    /// When it applies.
    pub trigger: String,
    /// The lesson.
    pub lesson: String,
    /// What shows it.
    pub evidence: String,
    /// Until when it holds.
    pub expires: Option<Moment>,
    /// Who gives it.
    pub author: Option<String>,
}

/// Adds learnings: all of them, or none when one is refused. One that is there already word for
/// word is not added again. Returns their ids.
pub fn add(
    ctx: &Context,
    id: &IssueId,
    given: &[Given],
    narrator: &mut dyn Narrator,
) -> Result<Vec<String>, Error> {
    let mut held = record::hold(ctx, id, narrator)?;
    let mut session = held.session().clone();
    refuse_sealed(&session)?;
    let mut ids = Vec::new();
    for one in given {
        let learning = Learning {
            number: session.next_learning(),
            kind: one.kind,
            trigger: one_line(&one.trigger),
            lesson: one_line(&one.lesson),
            evidence: one_line(&one.evidence),
            author: one.author.clone().unwrap_or_else(|| session.phase.role().to_owned()),
            at: ctx.now,
            expires: one.expires,
        };
        if let Some(there) = session.learnings.iter().find(|l| same(l, &learning)) {
            ids.push(learning_id(id, there.number));
            continue;
        }
        let unmet = objections(&learning, &session.learnings, ctx.now);
        if !unmet.is_empty() {
            let what = format!("adding a learning to issue {id}");
            return Err(Refusal::many("learning", what, unmet).into());
        }
        ids.push(learning_id(id, learning.number));
        session.learnings.push(learning);
    }
    session.none_learned = None;
    let subject = match ids.as_slice() {
        [only] => format!("Learn {only}"),
        several => format!("Learn {} things", several.len()),
    };
    held.record(ctx, session, Vec::new(), &subject)?;
    Ok(ids)
}

fn same(a: &Learning, b: &Learning) -> bool {
    (a.kind, &a.trigger, &a.lesson, &a.evidence) == (b.kind, &b.trigger, &b.lesson, &b.evidence)
}

/// Says that nothing was learned, and why.
pub fn none(
    ctx: &Context,
    id: &IssueId,
    reason: &str,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let mut held = record::hold(ctx, id, narrator)?;
    let reason = one_line(reason);
    if held.session().none_learned.as_deref() == Some(&reason) {
        return Ok(());
    }
    refuse_sealed(held.session())?;
    let what = format!("recording that issue {id} taught nothing");
    if let Some(first) = held.session().learnings.first() {
        return Err(Refusal::one(
            "learning-there",
            what,
            format!("learning {} was given: {}", learning_id(id, first.number), first.lesson),
            format!("git orch compact {id}"),
        )
        .into());
    }
    if reason.chars().count() < 10 {
        return Err(Refusal::one(
            "reason-short",
            what,
            format!("{reason:?} does not say why"),
            format!("git orch learn none {id} --reason 'why this work taught nothing new'"),
        )
        .into());
    }
    let session = Session { none_learned: Some(reason.clone()), ..held.session().clone() };
    held.record(ctx, session, Vec::new(), &format!("Learn nothing: {reason}"))
}

/// Takes back a learning that was given, before it is sealed.
pub fn drop_one(
    ctx: &Context,
    id: &IssueId,
    number: u32,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let mut held = record::hold(ctx, id, narrator)?;
    let mut session = held.session().clone();
    let before = session.learnings.len();
    session.learnings.retain(|l| l.number != number);
    if session.learnings.len() == before {
        return Ok(());
    }
    refuse_sealed(held.session())?;
    held.record(ctx, session, Vec::new(), &format!("Take back learning {number}"))
}

fn refuse_sealed(session: &Session) -> Result<(), Error> {
    if session.phase != Phase::Complete {
        return Ok(());
    }
    let id = &session.issue;
    Err(Refusal::one(
        "sealed",
        format!("changing what issue {id} taught"),
        "its receipt is sealed over the learnings",
        format!("git orch show {id}"),
    )
    .into())
}
