//! How a team wants its lanes to run.

use std::collections::BTreeMap;

use super::Rules;
use super::placeholder::Placeholders;
use crate::domain::agents::AgentCommand;
use crate::domain::catalog::LaneName;

/// How lanes run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Most lanes at work at once.
    pub jobs: usize,
    /// How often a lane whose worker died is begun again, the first time included.
    pub attempts: u32,
    /// Seconds after which a lane that says nothing is looked at.
    pub silence: u64,
    /// How hard issues are, and how many are taken on.
    pub rules: Rules,
    /// What fails an issue when it is added.
    pub placeholders: Placeholders,
    /// What single lanes are for.
    pub lanes: BTreeMap<LaneName, Lane>,
    /// What becomes of an issue whose compact-agent says nothing.
    pub unlearned: Unlearned,
    /// Who gives an opinion on what was done, when somebody does.
    pub critic: Option<Critic>,
}

/// What becomes of an issue whose compact-agent names no lesson, and no reason for having none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unlearned {
    /// It is given up: nothing learned is an answer only with a reason.
    #[default]
    Skip,
    /// That it said nothing is put on record, and the issue goes on.
    Record,
}

/// An agent that gives an opinion on finished work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Critic {
    /// What is started.
    pub command: AgentCommand,
    /// Scores below this reject; 0 never does.
    pub least: u32,
}

/// What a lane is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lane {
    /// Its name for people.
    pub title: Option<String>,
    /// What it specialises in; its agents are told.
    pub description: String,
    /// Globs of the paths it may change.
    pub paths: Vec<String>,
    /// Its own agent.
    pub command: Option<AgentCommand>,
    /// The agent that looks for new issues.
    pub hunter: Option<AgentCommand>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            jobs: 4,
            attempts: 2,
            silence: 5_400,
            rules: Rules::default(),
            placeholders: Placeholders::default(),
            lanes: BTreeMap::new(),
            unlearned: Unlearned::default(),
            critic: None,
        }
    }
}
