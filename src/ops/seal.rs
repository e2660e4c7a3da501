//! Makes a receipt: what it covers, what it proves, and who signs it.

use super::{births, policy, signature};
use crate::context::Context;
use crate::domain::evidence::{Evidence, latest};
use crate::domain::ids::{CommitId, Digest, IssueId, PatchId};
use crate::domain::phase::Phase;
use crate::domain::receipt::{Receipt, Waiver};
use crate::domain::refusal::Refusal;
use crate::domain::session::{Seal, Session, WAIVED};
use crate::domain::transition::Facts;
use crate::error::Error;
use crate::git::changes;
use crate::store::chain::{self, Chain};
use crate::store::{layout, xml};

/// A session with its receipt.
#[derive(Debug)]
pub struct Sealed {
    /// The session in COMPLETE, with the seal.
    pub session: Session,
    /// The receipt and, where receipts are signed, its signature, by path in the chain's tree.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Seals the receipt of `session`, which is in COMPACT, to its branch tip. A `waiver` stands in it
/// for what was learned.
pub fn make(
    ctx: &Context,
    session: &Session,
    facts: &Facts,
    waiver: Option<Waiver>,
) -> Result<Sealed, Error> {
    let covered = births::gather(ctx, session)?;
    let why = waiver.as_ref().map(|waiver| format!("{WAIVED}{}", waiver.reason));
    let learnings = match (&session.none_learned, &waiver) {
        (_, Some(waiver)) => Digest::of(waiver.reason.as_bytes()),
        (Some(reason), _) if session.learnings.is_empty() => Digest::of(reason.as_bytes()),
        _ => Digest::of(xml::learnings::write(&session.issue, &session.learnings).as_bytes()),
    };
    let receipt = Receipt {
        issue: session.issue.clone(),
        session: session.id.clone(),
        base: session.fork.clone(),
        tip: facts.tip.clone(),
        tree: ctx.repo.objects.commit(&facts.tip)?.tree,
        covered: covered.clone(),
        whole: whole(ctx, session, &facts.tip)?,
        waiver,
        learnings,
        evidence: Digest::of(proof(session, facts).as_bytes()),
        sealed: ctx.now,
        tool: format!("git-orch {}", env!("CARGO_PKG_VERSION")),
    };
    let bytes = xml::receipt::write(&receipt).into_bytes();
    let seal = Seal { receipt: Digest::of(&bytes), tip: facts.tip.clone(), at: ctx.now };
    let mut files = Vec::new();
    files.extend(signed(ctx, &session.issue, &bytes)?);
    files.push((layout::RECEIPT.to_owned(), bytes));
    let mut session = session.moved(Phase::Complete, &facts.tip, ctx.now, why);
    session.seal = Some(seal);
    session.births = covered;
    Ok(Sealed { session, files })
}

/// The signature of a receipt, by its path in the chain's tree; `None` where nobody signs. Refused
/// where the team signs and nobody of it did.
fn signed(
    ctx: &Context,
    issue: &IssueId,
    bytes: &[u8],
) -> Result<Option<(String, Vec<u8>)>, Error> {
    let policy = policy::in_force(ctx)?;
    let proof = signature::sign(ctx, bytes)?;
    if policy.signed && !signature::holds(&policy, bytes, proof.as_deref())? {
        let why = match proof {
            Some(_) => "this team signs its receipts, and your key is none of its signers'",
            None => "this team signs its receipts, and no key of yours is known",
        };
        let fix = "git config orch.signingKey ~/.ssh/id_ed25519";
        return Err(Refusal::one("unsigned", format!("compacting issue {issue}"), why, fix).into());
    }
    Ok(proof.map(|proof| (layout::signature_of(layout::RECEIPT), proof)))
}

/// Signs the receipt of a sealed issue where the team signs and nobody of it did so far. Returns
/// the file to be recorded.
pub fn sign_again(ctx: &Context, chain: &Chain) -> Result<Option<(String, Vec<u8>)>, Error> {
    let policy = policy::in_force(ctx)?;
    let receipt = chain::companion(&ctx.repo, &chain.tip, layout::RECEIPT)?;
    let Some(bytes) = receipt.filter(|_| policy.signed) else { return Ok(None) };
    let name = layout::signature_of(layout::RECEIPT);
    let proof = chain::companion(&ctx.repo, &chain.tip, &name)?;
    if signature::holds(&policy, &bytes, proof.as_deref())? {
        return Ok(None);
    }
    signed(ctx, &chain.session.issue, &bytes)
}

/// Everything the issue changes as one diff: what a squash of it would have.
fn whole(ctx: &Context, session: &Session, tip: &CommitId) -> Result<Option<PatchId>, Error> {
    let objects = &ctx.repo.objects;
    let mut from = session.fork.clone();
    // The newest of what the branch was brought up to, here or as the remote has it.
    let base = &session.base;
    for name in [format!("refs/heads/{base}"), format!("refs/remotes/origin/{base}")] {
        if let Some(base) = objects.read_ref(&name)?
            && let Some(common) = objects.merge_base(&base, tip)?
            && common != *tip
            && objects.reaches(&common, &from)?
        {
            from = common;
        }
    }
    Ok(changes::lean_patch_id(&ctx.repo, &from, tip)?)
}

/// The newest evidence of each subject for the sealed tree, a line each.
fn proof(session: &Session, facts: &Facts) -> String {
    let newest = |e: &&Evidence| latest(&session.evidence, &e.subject, &facts.tree) == Some(*e);
    let line = |e: &Evidence| format!("{} {} {}\n", e.subject, e.outcome.words(), e.output);
    session.evidence.iter().filter(newest).map(line).collect::<Vec<_>>().concat()
}
