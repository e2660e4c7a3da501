//! `waive`: lets an issue land without what was learned in it. One issue, one tip, not for long, on
//! the record with who said so and why.
//!
//! It waives ceremony and never a fact: the work is committed, the tasks are done, and every check
//! there is was green for exactly this tree. What is sealed is a receipt like any other, which says
//! that it is a waiver; a new commit makes it stale, and after its time it holds no more.

use super::{Narrator, births, carry, facts, policy, record, seal, standing};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::one_line;
use crate::domain::phase::Phase;
use crate::domain::policy::Manual;
use crate::domain::receipt::Waiver;
use crate::domain::refusal::{Refusal, Unmet};
use crate::domain::session::{Session, WAIVED};
use crate::domain::time::Moment;
use crate::domain::transition::{self, Facts};
use crate::error::Error;
use crate::store::redact;

/// Fewest characters of a reason.
const REASON: usize = 10;

/// What a person is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Whether only a person can answer.
    pub person: bool,
    /// The branch tip that the waiver would be for.
    pub tip: CommitId,
    /// Until when it would hold.
    pub until: Moment,
}

/// What is said.
#[derive(Clone, Debug)]
pub struct Given {
    /// Why.
    pub reason: String,
    /// Whether a person at a terminal said so just now.
    pub person: bool,
    /// The branch tip that was asked about; `None` when nobody was asked.
    pub seen: Option<CommitId>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The branch tip that may land.
    pub tip: CommitId,
    /// The waiver.
    pub waiver: Waiver,
    /// Whether it was there already.
    pub already: bool,
}

/// What is to be asked; `None` when the issue is waived already. Everything that stands in the way
/// is said before a person is asked.
pub fn question(ctx: &Context, id: &IssueId, reason: &str) -> Result<Option<Question>, Error> {
    reason_of(id, reason)?;
    let chain = record::require(ctx, id)?;
    if standing_waiver(ctx, &chain)?.is_some() {
        return Ok(None);
    }
    let facts = facts::gather(ctx, &chain)?;
    let stands = transition::standing(&chain.session, &facts).phase;
    refuse(&chain.session, stands, &facts)?;
    let policy = policy::in_force(ctx)?;
    Ok(Some(Question {
        person: policy.waive == Manual::Person,
        tip: facts.tip,
        until: until(ctx, policy.waive_hours),
    }))
}

/// Waives the compaction of an issue for its branch tip.
pub fn run(
    ctx: &Context,
    id: &IssueId,
    given: &Given,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let reason = reason_of(id, &given.reason)?;
    let mut held = record::hold(ctx, id, narrator)?;
    if let Some(waiver) = standing_waiver(ctx, &held.chain)? {
        carry::ensure(ctx, &held)?;
        let tip = held
            .session()
            .seal
            .as_ref()
            .map_or_else(|| facts::require_tip(ctx, held.session()), |seal| Ok(seal.tip.clone()))?;
        return Ok(Report { tip, waiver, already: true });
    }
    let facts = facts::gather(ctx, &held.chain)?;
    if let Some(reason) = standing::settle(ctx, &mut held, &facts)? {
        narrator.say(&format!("back to {}: {reason}", held.session().phase));
    }
    refuse(held.session(), held.session().phase, &facts)?;
    if given.seen.as_ref().is_some_and(|seen| *seen != facts.tip) {
        let why = format!("{} was moved while you were asked", held.session().branch);
        return Err(Refusal::one("moved", what(id), why, fix(id)).into());
    }
    let policy = policy::in_force(ctx)?;
    if !given.person && policy.waive == Manual::Person {
        return Err(needs_person(id).into());
    }
    let place = if given.person { "at a terminal" } else { "without a terminal" };
    let by = format!("{}, {place}", held.author());
    let waiver = Waiver { reason, by, expires: until(ctx, policy.waive_hours) };
    let mut session = held.session().clone();
    while let Some(next) = session.phase.next().filter(|_| session.phase < Phase::Compact) {
        session = session.moved(next, &facts.tip, ctx.now, Some(words(&waiver)));
    }
    let sealed = seal::make(ctx, &session, &facts, Some(waiver.clone()))?;
    let subject = format!("Waive compaction until {}: {}", waiver.expires, waiver.reason);
    held.record(ctx, sealed.session, sealed.files, &subject)?;
    carry::ensure(ctx, &held)?;
    Ok(Report { tip: facts.tip, waiver, already: false })
}

/// How a step of the record says that it was waived.
fn words(waiver: &Waiver) -> String {
    format!("{WAIVED}{}", waiver.reason)
}

fn until(ctx: &Context, hours: u32) -> Moment {
    Moment::from_seconds(ctx.now.seconds() + i64::from(hours) * 3_600)
}

/// The waiver of the issue that holds for its branch as it is.
fn standing_waiver(
    ctx: &Context,
    chain: &crate::store::chain::Chain,
) -> Result<Option<Waiver>, Error> {
    if !births::sealed(&ctx.repo, chain)? {
        return Ok(None);
    }
    Ok(births::receipt(&ctx.repo, chain)?.and_then(|receipt| receipt.waiver))
}

fn reason_of(id: &IssueId, reason: &str) -> Result<String, Error> {
    let reason = redact::text(&one_line(reason));
    if reason.chars().count() >= REASON {
        return Ok(reason);
    }
    let why = format!("a reason has {REASON} characters at least: it is what others will read");
    Err(Refusal::one("reason-short", what(id), why, fix(id)).into())
}

/// What no waiver waives.
fn refuse(session: &Session, stands: Phase, facts: &Facts) -> Result<(), Error> {
    let id = &session.issue;
    if stands == Phase::Complete {
        let why = "it is compacted: there is nothing to waive";
        return Err(Refusal::one("sealed", what(id), why, format!("git orch show {id}")).into());
    }
    let has_checks = session.spec.is_some() || !facts.validators.is_empty();
    if stands < Phase::Validate && has_checks {
        let why =
            format!("its checks have not run, and what they say is not waived: it is in {stands}");
        return Err(Refusal::one("too-early", what(id), why, format!("git orch next {id}")).into());
    }
    let mut unmet: Vec<Unmet> = transition::unmet(session, Phase::Execute, facts);
    let proofs = transition::unmet(session, Phase::Validate, facts);
    unmet.extend(proofs.into_iter().filter(|proof| proof.code == "unproven"));
    if unmet.is_empty() {
        return Ok(());
    }
    Err(Refusal::many("unmet", what(id), unmet).into())
}

/// The refusal to take the word of something that is no person at a terminal.
pub fn needs_person(id: &IssueId) -> Refusal {
    let why = "a person has to say so at a terminal, and this is none";
    Refusal::one("needs-person", what(id), why, fix(id))
}

/// The refusal when the person said no.
pub fn declined(id: &IssueId) -> Refusal {
    Refusal::one("declined", what(id), "you answered no", format!("git orch learn add {id}"))
}

fn what(id: &IssueId) -> String {
    format!("waiving the compaction of issue {id}")
}

fn fix(id: &IssueId) -> String {
    format!("git orch waive {id} --reason 'why it cannot wait'")
}
