//! `validate`: runs every criterion and every validator for the branch tip, and keeps evidence.
//!
//! The commands are those of the frozen specification and of the protected branch's
//! configuration, read once at the start; nothing that lies in the worktree has a say. A check
//! that is green already for this tree and command is not run again. The phase stays as it is.

use super::evidence::{self, Run, Wanted};
use super::ground::{self, Ground};
use super::{Mark, Narrator, policy, record, trust};
use crate::context::Context;
use crate::domain::evidence::{Evidence, Subject, latest};
use crate::domain::ids::{CommitId, IssueId, TreeId};
use crate::domain::phase::Phase;
use crate::domain::policy::{Policy, Validator};
use crate::domain::refusal::{Refusal, Unmet};
use crate::domain::session::Session;
use crate::domain::spec::Check;
use crate::error::Error;
use crate::store::lock::Lock;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Run also what is green already.
    pub again: bool,
    /// Only these; all when empty.
    pub only: Vec<Subject>,
}

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

/// One check.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What it speaks of.
    pub subject: Subject,
    /// What must be true; the command of a validator.
    pub text: String,
    /// What runs; nothing for a manual criterion.
    pub command: Option<String>,
    /// What is known.
    pub finding: Finding,
}

/// What is known of a check.
#[derive(Clone, Debug)]
pub enum Finding {
    /// It ran, and is on record.
    Ran(Run),
    /// It was green already for this tree: this piece of evidence.
    Before(Evidence),
    /// A person has to look.
    Waits,
    /// It ran and passed, but changed what it ran on, so that it shows nothing.
    Void,
    /// It was not run, because the one before stopped everything.
    NotRun,
}

impl Checked {
    /// The check in words: `criterion 1 (it compiles)`, `validator tests`.
    pub fn name(&self) -> String {
        match &self.subject {
            Subject::Validator(_) => self.subject.to_string(),
            _ => format!("{} ({})", self.subject, self.text),
        }
    }

    /// How it ended, in words.
    pub fn words(&self) -> String {
        match &self.finding {
            Finding::Ran(run) => run.words(),
            Finding::Before(evidence) => format!("passed before (evidence {})", evidence.number),
            Finding::Waits => "a person has to look".to_owned(),
            Finding::Void => "does not count: it changed the work tree".to_owned(),
            Finding::NotRun => "not run".to_owned(),
        }
    }

    /// Whether it is green for this tree.
    pub fn is_green(&self) -> bool {
        match &self.finding {
            Finding::Ran(run) => run.evidence.outcome.is_green(),
            Finding::Before(_) => true,
            _ => false,
        }
    }

    /// The command that does what it waits for.
    pub fn fix(&self, id: &IssueId) -> Option<String> {
        match (&self.finding, &self.subject) {
            (Finding::Waits, Subject::Criterion(number)) => {
                Some(format!("git orch validate {id} --confirm {number} --note 'what you saw'"))
            }
            _ => None,
        }
    }

    fn mark(&self) -> Mark {
        match self.finding {
            _ if self.is_green() => Mark::Good,
            Finding::Waits | Finding::NotRun => Mark::Open,
            _ => Mark::Bad,
        }
    }
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
    let tree = ctx.repo.objects.commit(&ground.tip)?.tree;
    let policy = policy::in_force(ctx)?;
    let mut plan = planned(&session, &policy, options)?;
    trust::require(ctx, &validators(&policy, &plan), &what)?;
    let mut stopped = None;
    for check in &mut plan {
        let known = latest(&session.evidence, &check.subject, &tree);
        if let Some(evidence) = reusable(check, known, options.again) {
            check.finding = Finding::Before(evidence.clone());
        } else if check.command.is_none() {
            check.finding = Finding::Waits;
        } else if stopped.is_none() {
            let limit = limit(&policy, &check.subject);
            let setting = Setting { ctx, session: &session, ground: &ground, tree: &tree, limit };
            stopped = setting.perform(check, &lock, narrator)?;
        }
        narrator.end(&check.name(), &check.words(), check.mark());
    }
    let stopped = stopped.map(|unmet| Refusal::many(unmet.code, what, vec![unmet]));
    Ok(Report { issue: id.clone(), tip: ground.tip, tree, checks: plan, stopped })
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

/// Every check asked for, none of them run.
fn planned(session: &Session, policy: &Policy, options: &Options) -> Result<Vec<Checked>, Error> {
    let mut plan = Vec::new();
    for criterion in session.spec.iter().flat_map(|frozen| &frozen.spec.criteria) {
        let command = match &criterion.check {
            Check::Command(command) => Some(command.clone()),
            Check::Manual | Check::Missing => None,
        };
        plan.push(Checked {
            subject: Subject::Criterion(criterion.number),
            text: criterion.text.clone(),
            command,
            finding: Finding::NotRun,
        });
    }
    for validator in &policy.validators {
        plan.push(Checked {
            subject: Subject::Validator(validator.name.clone()),
            text: validator.command.clone(),
            command: Some(validator.command.clone()),
            finding: Finding::NotRun,
        });
    }
    if let Some(unknown) = options.only.iter().find(|o| !plan.iter().any(|c| c.subject == **o)) {
        return Err(Error::usage(
            format!("issue {} has no {unknown}", session.issue),
            format!("git orch validate {}", session.issue),
        ));
    }
    plan.retain(|check| options.only.is_empty() || options.only.contains(&check.subject));
    Ok(plan)
}

/// The validators among the planned checks.
fn validators(policy: &Policy, plan: &[Checked]) -> Vec<Validator> {
    let planned = |validator: &&Validator| {
        plan.iter().any(|c| c.subject == Subject::Validator(validator.name.clone()))
    };
    policy.validators.iter().filter(planned).cloned().collect()
}

/// The evidence that spares running the check: green, for the same tree and the same command.
fn reusable<'a>(check: &Checked, known: Option<&'a Evidence>, again: bool) -> Option<&'a Evidence> {
    let evidence = known?;
    let same = match &check.command {
        // A person is not asked twice about the same tree.
        None => {
            return (evidence.outcome.is_green() && evidence.confirmed.is_some())
                .then_some(evidence);
        }
        Some(command) => evidence.command == *command && evidence.confirmed.is_none(),
    };
    (same && !again && evidence.outcome.is_green()).then_some(evidence)
}

fn limit(policy: &Policy, subject: &Subject) -> u64 {
    let own = |name: &String| policy.validators.iter().find(|v| v.name == *name);
    match subject {
        Subject::Validator(name) => own(name).map_or(policy.check_timeout, |v| v.timeout),
        Subject::Criterion(_) | Subject::Task(_) => policy.check_timeout,
    }
}

/// What a check runs with.
struct Setting<'a> {
    ctx: &'a Context,
    session: &'a Session,
    ground: &'a Ground,
    tree: &'a TreeId,
    limit: u64,
}

impl Setting<'_> {
    /// Runs one check and puts it on record. Returns why the rest cannot run, when it changed
    /// what they were to run on: red evidence stays red then, green evidence shows nothing.
    fn perform(
        &self,
        check: &mut Checked,
        lock: &Lock,
        narrator: &mut dyn Narrator,
    ) -> Result<Option<Unmet>, Error> {
        let Self { ctx, session, ground, tree, limit } = self;
        let command = check.command.clone().unwrap_or_default();
        let wanted = Wanted { subject: check.subject.clone(), command, limit: *limit };
        narrator.begin(&check.name());
        let taken = evidence::take(session, ground, tree, &wanted, lock, narrator);
        let changed = ground::changed(ctx, session, ground, &check.subject)?;
        if changed.is_some() && taken.evidence.outcome.is_green() {
            check.finding = Finding::Void;
            return Ok(changed);
        }
        let run = evidence::record(ctx, &session.issue, taken, |_| {}, narrator)?;
        check.finding = Finding::Ran(run);
        Ok(changed)
    }
}
