//! The work order of an issue: what a lane is asked for, before anything is touched.

use serde::Serialize;

use crate::domain::catalog::Entry;
use crate::domain::lane::Assessment;
use crate::domain::lane::settings::{Lane, Settings};
use crate::domain::policy::Policy;

/// What a lane is asked for.
#[derive(Clone, Debug, Serialize)]
pub struct WorkOrder {
    /// The issue.
    pub issue: String,
    /// Its lane.
    pub lane: String,
    /// How hard it is.
    pub complexity: String,
    /// Why.
    pub reason: String,
    /// One line.
    pub objective: String,
    /// What there is to begin with.
    pub inputs: Inputs,
    /// What there must be in the end.
    pub expected_outputs: Vec<Output>,
    /// What must not be done.
    pub prohibited: Vec<String>,
    /// Longest time that its agents may work, in minutes.
    pub time_box_minutes: u64,
    /// Issues that must be resolved first.
    pub depends_on: Vec<String>,
}

/// What there is to begin with.
#[derive(Clone, Debug, Serialize)]
pub struct Inputs {
    /// The file of the issue.
    pub issue_file: String,
    /// What is wrong.
    pub problem: String,
    /// What shows that.
    pub evidence: String,
    /// What must be done.
    pub fix: String,
    /// Files that it is about.
    pub affected_paths: Vec<String>,
}

/// What there must be in the end.
#[derive(Clone, Debug, Serialize)]
pub struct Output {
    /// What is shown.
    pub criterion: String,
    /// The command that shows it.
    pub verify: String,
}

/// The order for an issue; `file` is its file from the top of the repository.
pub fn of(
    entry: &Entry,
    file: &str,
    assessed: &Assessment,
    lane: Option<&Lane>,
    policy: &Policy,
) -> WorkOrder {
    let paths = lane.map(|lane| lane.paths.clone()).unwrap_or_default();
    WorkOrder {
        issue: entry.id.to_string(),
        lane: entry.lane.to_string(),
        complexity: assessed.complexity.word().to_owned(),
        reason: assessed.reason.clone(),
        objective: entry.title.clone(),
        inputs: Inputs {
            issue_file: file.to_owned(),
            problem: entry.problem.clone(),
            evidence: entry.evidence.clone(),
            fix: entry.fix.clone(),
            affected_paths: entry.paths.clone(),
        },
        expected_outputs: entry
            .checks
            .iter()
            .map(|check| Output {
                criterion: check.name.clone(),
                verify: format!("{}{}", check.setup, check.text),
            })
            .collect(),
        prohibited: prohibited(&policy.lanes, &paths),
        time_box_minutes: policy.agents.budget.minutes,
        depends_on: entry.depends_on.iter().map(ToString::to_string).collect(),
    }
}

fn prohibited(settings: &Settings, paths: &[String]) -> Vec<String> {
    let words = settings.placeholders.everywhere.join(", ");
    let mut list = vec![
        "committing on the base branch, or switching hooks off".to_owned(),
        format!("placeholders in added lines: {words}"),
        "changing the verification commands of the issue".to_owned(),
        "stashing, force-pushing, touching uncommitted files of others".to_owned(),
    ];
    if !paths.is_empty() {
        list.push(format!("changes outside {}", paths.join(", ")));
    }
    list
}
