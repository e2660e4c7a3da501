//! `compact`: seals the receipt to the branch tip, once something was said of what was learned.

use super::{Narrator, births, facts, record, salvage, standing};
use crate::context::Context;
use crate::domain::evidence::{Evidence, latest};
use crate::domain::ids::{Digest, IssueId};
use crate::domain::phase::Phase;
use crate::domain::receipt::Receipt;
use crate::domain::refusal::Refusal;
use crate::domain::session::{Seal, Session};
use crate::domain::transition::{self, Facts};
use crate::error::Error;
use crate::store::{layout, xml};

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many learnings the receipt speaks of.
    pub learnings: usize,
    /// Why there are none, when that was said.
    pub none: Option<String>,
    /// The seal.
    pub seal: Seal,
    /// How many commits it covers.
    pub covered: usize,
    /// Whether it was sealed already.
    pub already: bool,
}

/// Seals the issue's receipt; sealing again what is sealed already changes nothing.
pub fn run(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<Report, Error> {
    let mut held = record::hold(ctx, id, narrator)?;
    let facts = facts::gather(ctx, &held.chain)?;
    if let Some(reason) = standing::settle(ctx, &mut held, &facts)? {
        narrator.say(&format!("back to {}: {reason}", held.session().phase));
    }
    if held.session().phase == Phase::Validate {
        refuse_early(&held, &facts)?;
        standing::advance(ctx, &mut held, &facts)?;
    }
    let already = seal(ctx, &mut held, &facts)?;
    if !already {
        salvage::save(ctx, &held, narrator);
    }
    let session = held.session();
    let Some(seal) = session.seal.clone() else {
        return Err(Refusal::one(
            "unsealed",
            format!("compacting issue {id}"),
            "nothing was sealed",
            format!("git orch next {id}"),
        )
        .into());
    };
    Ok(Report {
        learnings: session.learnings.len(),
        none: session.none_learned.clone(),
        covered: session.births.len(),
        seal,
        already,
    })
}

/// Work that is not through its checks cannot be compacted; said before anything is recorded.
fn refuse_early(held: &record::Held, facts: &Facts) -> Result<(), Error> {
    let mut unmet = transition::unmet(held.session(), Phase::Validate, facts);
    if !held.session().speaks_of_learning() {
        unmet.extend(
            transition::unmet(held.session(), Phase::Compact, facts)
                .into_iter()
                .filter(|u| u.code == "nothing-said"),
        );
    }
    if unmet.is_empty() {
        return Ok(());
    }
    let what = format!("compacting issue {}", held.session().issue);
    Err(Refusal::many("unmet", what, unmet).into())
}

/// Seals an issue that is in COMPACT, and moves it on to COMPLETE. Returns whether it was sealed
/// already.
pub fn seal(ctx: &Context, held: &mut record::Held, facts: &Facts) -> Result<bool, Error> {
    let session = held.session();
    let id = session.issue.clone();
    if session.phase == Phase::Complete {
        return Ok(true);
    }
    let what = format!("compacting issue {id}");
    if session.phase < Phase::Compact {
        return Err(Refusal::one(
            "too-early",
            what,
            format!("it is in {}: {}", session.phase, session.phase.exit_condition()),
            format!("git orch next {id}"),
        )
        .into());
    }
    let mut unmet = transition::unmet(session, Phase::Compact, facts);
    unmet.retain(|u| u.code != "unsealed");
    if !unmet.is_empty() {
        return Err(Refusal::many("unmet", what, unmet).into());
    }
    let (session, bytes) = sealed(ctx, session, facts)?;
    let said = match session.learnings.len() {
        0 => "nothing learned".to_owned(),
        1 => "1 learning".to_owned(),
        n => format!("{n} learnings"),
    };
    let subject = format!("Seal the receipt to {}: {said}", facts.tip.short());
    held.record(ctx, session, vec![(layout::RECEIPT.to_owned(), bytes)], &subject)?;
    Ok(false)
}

/// The session with its receipt sealed, and the receipt's bytes.
fn sealed(ctx: &Context, session: &Session, facts: &Facts) -> Result<(Session, Vec<u8>), Error> {
    let covered = births::gather(ctx, session)?;
    let learnings = match &session.none_learned {
        Some(reason) if session.learnings.is_empty() => Digest::of(reason.as_bytes()),
        _ => Digest::of(xml::learnings::write(&session.issue, &session.learnings).as_bytes()),
    };
    let receipt = Receipt {
        issue: session.issue.clone(),
        session: session.id.clone(),
        base: session.fork.clone(),
        tip: facts.tip.clone(),
        tree: facts.tree.clone(),
        covered: covered.clone(),
        learnings,
        evidence: Digest::of(proof(session, facts).as_bytes()),
        sealed: ctx.now,
        tool: format!("git-orch {}", env!("CARGO_PKG_VERSION")),
    };
    let bytes = xml::receipt::write(&receipt).into_bytes();
    let seal = Seal { receipt: Digest::of(&bytes), tip: facts.tip.clone(), at: ctx.now };
    let mut session = session.moved(Phase::Complete, &facts.tip, ctx.now, None);
    session.seal = Some(seal);
    session.births = covered;
    Ok((session, bytes))
}

/// The newest evidence of each subject for the sealed tree, a line each.
fn proof(session: &Session, facts: &Facts) -> String {
    let newest = |e: &&Evidence| latest(&session.evidence, &e.subject, &facts.tree) == Some(*e);
    let line = |e: &Evidence| format!("{} {} {}\n", e.subject, e.outcome.words(), e.output);
    session.evidence.iter().filter(newest).map(line).collect::<Vec<_>>().concat()
}
