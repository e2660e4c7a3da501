//! `validate`: runs every criterion and every validator for the branch tip, and keeps evidence.
//!
//! The commands are those of the frozen specification and of the protected branch's
//! configuration, read once at the start; nothing that lies in the worktree has a say. A check
//! that is green already for this tree and command is not run again. The phase stays as it is.

mod plan;

pub use plan::{Checked, Finding, Options};

use super::evidence::{self, Wanted};
use super::ground::{self, Ground};
use super::{Mark, Narrator, facts, policy, record, trust};
use crate::context::Context;
use crate::domain::evidence::latest;
use crate::domain::ids::{CommitId, IssueId, TreeId};
use crate::domain::phase::Phase;
use crate::domain::refusal::{Refusal, Unmet};
use crate::domain::session::Session;
use crate::error::Error;
use crate::store::lock::Lock;

/// What came of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// The issue.
    pub issue: IssueId,
    /// The commit that was checked.
    pub tip: CommitId,
    /// Its tree.
    pub tree: TreeId,
    /// Each check asked for, in order.
    pub checks: Vec<Checked>,
    /// Why not all of them ran: one changed what the others were to be run on.
    pub stopped: Option<Refusal>,
}

impl Report {
    /// The checks that ran and are red, or do not count.
    pub fn red(&self) -> Vec<&Checked> {
        self.checks.iter().filter(|c| c.mark() == Mark::Bad).collect()
    }

    /// Whether every check asked for is green.
    pub fn is_green(&self) -> bool {
        self.checks.iter().all(Checked::is_green)
    }
}

/// Runs the checks of an issue.
pub fn run(
    ctx: &Context,
    id: &IssueId,
    options: &Options,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let what = format!("validating issue {id}");
    let lock = record::lock_checks(ctx, id, narrator)?;
    let session = record::hold(ctx, id, narrator)?.session().clone();
    let ground = ready(ctx, &session, &what)?;
    all(&Setting { ctx, session: &session, ground: &ground, own: true }, options, &lock, narrator)
}

/// Runs the checks of an issue on another ground than its worktree: on what is to land.
pub fn elsewhere(
    ctx: &Context,
    session: &Session,
    ground: &Ground,
    lock: &Lock,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    all(&Setting { ctx, session, ground, own: false }, &Options::default(), lock, narrator)
}

fn all(
    setting: &Setting<'_>,
    options: &Options,
    lock: &Lock,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let Setting { ctx, session, ground, .. } = setting;
    let what = format!("validating issue {}", session.issue);
    let tree = facts::proved_tree(&ctx.repo, session, &ground.tip)?;
    let policy = policy::in_force(ctx)?;
    let mut checks = plan::all(session, &policy, options)?;
    trust::require(ctx, &plan::validators(&policy, &checks), &what)?;
    let mut stopped = None;
    for check in &mut checks {
        let known = latest(&session.evidence, &check.subject, &tree);
        if let Some(evidence) = plan::reusable(check, known, options.again) {
            check.finding = Finding::Before(evidence.clone());
        } else if check.command.is_none() {
            check.finding = Finding::Waits;
        } else if stopped.is_none() {
            let limit = plan::limit(&policy, &check.subject);
            stopped = setting.perform(check, &tree, limit, lock, narrator)?;
        }
        narrator.end(&check.name(), &check.words(), check.mark());
    }
    let stopped = stopped.map(|unmet| Refusal::many(unmet.code, what, vec![unmet]));
    let (issue, tip) = (session.issue.clone(), ground.tip.clone());
    Ok(Report { issue, tip, tree, checks, stopped })
}

/// Where the checks run, once nothing stands in the way: the phase has come, and the worktree is
/// exactly the branch tip.
pub fn ready(ctx: &Context, session: &Session, what: &str) -> Result<Ground, Error> {
    if session.phase < Phase::Validate {
        return Err(Refusal::one(
            "too-early",
            what,
            format!("it is in {}: {}", session.phase, session.phase.exit_condition()),
            format!("git orch next {}", session.issue),
        )
        .into());
    }
    let ground = ground::find(ctx, session, what)?;
    let unmet = ground::untidy(ctx, session, &ground)?;
    match unmet.first().map(|first| first.code) {
        Some(code) => Err(Refusal::many(code, what, unmet).into()),
        None => Ok(ground),
    }
}

/// What a check runs with.
struct Setting<'a> {
    ctx: &'a Context,
    session: &'a Session,
    ground: &'a Ground,
    /// Whether the ground is the issue's own worktree, which a check must leave as it was.
    own: bool,
}

impl Setting<'_> {
    /// Runs one check and puts it on record. Returns why the rest cannot run, when it changed
    /// what they were to run on: red evidence stays red then, green evidence shows nothing.
    fn perform(
        &self,
        check: &mut Checked,
        tree: &TreeId,
        limit: u64,
        lock: &Lock,
        narrator: &mut dyn Narrator,
    ) -> Result<Option<Unmet>, Error> {
        let Self { ctx, session, ground, own } = self;
        let command = check.command.clone().unwrap_or_default();
        let wanted = Wanted { subject: check.subject.clone(), command, limit };
        narrator.begin(&check.name());
        let taken = evidence::take(session, ground, tree, &wanted, lock, narrator);
        let changed = match own {
            true => ground::changed(ctx, session, ground, &check.subject)?,
            false => None,
        };
        if changed.is_some() && taken.evidence.outcome.is_green() {
            check.finding = Finding::Void;
            return Ok(changed);
        }
        let run = evidence::record(ctx, &session.issue, taken, |_| {}, narrator)?;
        check.finding = Finding::Ran(run);
        Ok(changed)
    }
}
