//! `learn`: what was learned, given in small pieces, and refused when it says nothing.

mod anchor;
pub mod stats;
pub mod vote;

use super::recall::index;
use super::{Narrator, record};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::learning::accept::{Others, TWIN, objections, similarity};
use crate::domain::learning::{Kind, Learning, learning_id, telling_words};
use crate::domain::names::one_line;
use crate::domain::phase::Phase;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::time::Moment;
use crate::error::Error;
use crate::store::recall::{Found, Wanted};
use crate::store::redact;

/// A learning as it is given.
#[derive(Clone, Debug)]
pub struct Given {
    /// What sort of thing it is.
    pub kind: Kind,
    /// When it applies, in words.
    pub trigger: String,
    /// The error text it explains.
    pub error: Option<String>,
    /// The paths it applies to.
    pub paths: Vec<String>,
    /// The lesson.
    pub lesson: String,
    /// What shows it.
    pub evidence: String,
    /// Until when it holds.
    pub expires: Option<Moment>,
    /// Who gives it.
    pub author: Option<String>,
}

/// What is to be changed of a learning; `None` leaves a part as it is.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// What sort of thing it is.
    pub kind: Option<Kind>,
    /// When it applies, in words.
    pub trigger: Option<String>,
    /// The error text it explains.
    pub error: Option<String>,
    /// The paths it applies to.
    pub paths: Option<Vec<String>>,
    /// The lesson.
    pub lesson: Option<String>,
    /// What shows it.
    pub evidence: Option<String>,
    /// Until when it holds.
    pub expires: Option<Moment>,
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
            trigger: clean(&one.trigger),
            error: one.error.as_deref().map(clean).filter(|text| !text.is_empty()),
            paths: paths(&one.paths),
            lesson: clean(&one.lesson),
            evidence: clean(&one.evidence),
            anchor: anchor::find(ctx, &session, &one.evidence)?,
            author: one.author.clone().unwrap_or_else(|| session.phase.role().to_owned()),
            at: ctx.now,
            expires: one.expires,
        };
        if let Some(there) = session.learnings.iter().find(|l| same(l, &learning)) {
            ids.push(learning_id(id, there.number));
            continue;
        }
        let what = format!("adding a learning to issue {id}");
        refuse_unacceptable(ctx, id, &session, &learning, what)?;
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

/// Changes a learning that is not sealed yet; what comes of it must be acceptable as well.
pub fn edit(
    ctx: &Context,
    id: &IssueId,
    number: u32,
    edit: Edit,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let mut held = record::hold(ctx, id, narrator)?;
    let mut session = held.session().clone();
    refuse_sealed(&session)?;
    let name = learning_id(id, number);
    let Some(at) = session.learnings.iter().position(|l| l.number == number) else {
        let fix = format!("git orch learn list {id}");
        return Err(Error::usage(format!("there is no learning {name}"), fix));
    };
    let mut learning = session.learnings[at].clone();
    learning.kind = edit.kind.unwrap_or(learning.kind);
    learning.trigger = edit.trigger.map_or(learning.trigger, |text| clean(&text));
    learning.error = edit.error.as_deref().map(clean).or(learning.error);
    learning.paths = edit.paths.as_deref().map_or(learning.paths, paths);
    learning.lesson = edit.lesson.map_or(learning.lesson, |text| clean(&text));
    learning.evidence = edit.evidence.map_or(learning.evidence, |text| clean(&text));
    learning.expires = edit.expires.or(learning.expires);
    learning.error = learning.error.filter(|text| !text.is_empty());
    learning.anchor = anchor::find(ctx, &session, &learning.evidence)?;
    refuse_unacceptable(ctx, id, &session, &learning, format!("changing learning {name}"))?;
    session.learnings[at] = learning;
    held.record(ctx, session, Vec::new(), &format!("Change learning {name}"))
}

fn refuse_unacceptable(
    ctx: &Context,
    id: &IssueId,
    session: &Session,
    learning: &Learning,
    what: String,
) -> Result<(), Error> {
    let twin = twin(ctx, id, learning)?;
    let others = Others {
        own: &session.learnings,
        twin: twin.as_ref().map(|twin| (&twin.issue, &twin.learning)),
    };
    let unmet = objections(id, learning, &others, ctx.now);
    if unmet.is_empty() {
        return Ok(());
    }
    Err(Refusal::many("learning", what, unmet).into())
}

/// A learning of another issue that says the same, if there is one.
fn twin(ctx: &Context, id: &IssueId, learning: &Learning) -> Result<Option<Found>, Error> {
    let words = telling_words(&learning.lesson).into_iter().collect();
    let found = index(ctx, false)?.learnings(&Wanted { words, ..Wanted::default() })?;
    let mut others = found.into_iter().filter(|one| one.issue != *id);
    Ok(others.find(|one| similarity(&one.learning.lesson, &learning.lesson) >= TWIN))
}

/// A text on one line, without the secrets that may stand in it.
fn clean(text: &str) -> String {
    redact::text(&one_line(text))
}

/// Paths as they are kept: none empty, none twice.
fn paths(given: &[String]) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    for path in given.iter().map(|path| clean(path)).filter(|path| !path.is_empty()) {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

fn same(a: &Learning, b: &Learning) -> bool {
    (a.kind, &a.trigger, &a.error, &a.paths, &a.lesson, &a.evidence)
        == (b.kind, &b.trigger, &b.error, &b.paths, &b.lesson, &b.evidence)
}

/// Says that nothing was learned, and why.
pub fn none(
    ctx: &Context,
    id: &IssueId,
    reason: &str,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let mut held = record::hold(ctx, id, narrator)?;
    let reason = clean(reason);
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
