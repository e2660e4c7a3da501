//! `compact`: seals the receipt to the branch tip, once something was said of what was learned.

pub mod propose;

use super::{Narrator, archive, carry, facts, record, salvage, seal, standing};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::names::{archive_ref, issue_ref};
use crate::domain::phase::Phase;
use crate::domain::refusal::Refusal;
use crate::domain::session::Seal;
use crate::domain::transition::{self, Facts};
use crate::error::Error;

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

/// Whether the issue is finished and archived, receipt and all.
pub fn is_finished(ctx: &Context, id: &IssueId) -> Result<bool, Error> {
    let stands = |name: &str| ctx.repo.objects.read_ref(name);
    Ok(stands(&issue_ref(id))?.is_none() && stands(&archive_ref(id))?.is_some())
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
        if let Some(file) = seal::sign_again(ctx, &held.chain)? {
            let session = held.session().clone();
            held.record(ctx, session, vec![file], "Sign the receipt")?;
        }
        carry::ensure(ctx, held)?;
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
    // What is committed here is covered by the receipt like the work before it.
    let later = archive::track::ensure(ctx, held)?;
    let later = later.then(|| facts::gather(ctx, &held.chain)).transpose()?;
    let facts = later.as_ref().unwrap_or(facts);
    let sealed = seal::make(ctx, held.session(), facts, None)?;
    let said = match sealed.session.learnings.len() {
        0 => "nothing learned".to_owned(),
        1 => "1 learning".to_owned(),
        n => format!("{n} learnings"),
    };
    let subject = format!("Seal the receipt to {}: {said}", facts.tip.short());
    held.record(ctx, sealed.session, sealed.files, &subject)?;
    carry::ensure(ctx, held)?;
    Ok(false)
}
