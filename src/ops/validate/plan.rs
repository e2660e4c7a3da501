//! What a validation consists of: each check asked for, and what is known of it.

use crate::domain::evidence::{Evidence, Subject};
use crate::domain::ids::IssueId;
use crate::domain::policy::{Policy, Validator};
use crate::domain::session::Session;
use crate::domain::spec::Check;
use crate::error::Error;
use crate::ops::Mark;
use crate::ops::evidence::Run;
use crate::store::redact;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Run also what is green already.
    pub again: bool,
    /// Only these; all when empty.
    pub only: Vec<Subject>,
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

    /// How it ended, for the eye.
    pub fn mark(&self) -> Mark {
        match self.finding {
            _ if self.is_green() => Mark::Good,
            Finding::Waits | Finding::NotRun => Mark::Open,
            _ => Mark::Bad,
        }
    }
}

/// Every check asked for, none of them run.
pub fn all(session: &Session, policy: &Policy, options: &Options) -> Result<Vec<Checked>, Error> {
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
pub fn validators(policy: &Policy, plan: &[Checked]) -> Vec<Validator> {
    let planned = |validator: &&Validator| {
        plan.iter().any(|c| c.subject == Subject::Validator(validator.name.clone()))
    };
    policy.validators.iter().filter(planned).cloned().collect()
}

/// The evidence that spares running the check: green, for the same tree and the same command.
pub fn reusable<'a>(
    check: &Checked,
    known: Option<&'a Evidence>,
    again: bool,
) -> Option<&'a Evidence> {
    let evidence = known?;
    let same = match &check.command {
        // A person is not asked twice about the same tree.
        None => {
            return (evidence.outcome.is_green() && evidence.confirmed.is_some())
                .then_some(evidence);
        }
        Some(command) => {
            // On record it stands without what is secret in it.
            evidence.command == redact::text(command) && evidence.confirmed.is_none()
        }
    };
    (same && !again && evidence.outcome.is_green()).then_some(evidence)
}

/// The time limit of a check, in seconds.
pub fn limit(policy: &Policy, subject: &Subject) -> u64 {
    let own = |name: &String| policy.validators.iter().find(|v| v.name == *name);
    match subject {
        Subject::Validator(name) => own(name).map_or(policy.check_timeout, |v| v.timeout),
        Subject::Criterion(_) | Subject::Task(_) => policy.check_timeout,
    }
}
