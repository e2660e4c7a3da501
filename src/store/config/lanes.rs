//! `[lanes]`: how issues of the catalog are taken on, and what each lane is for.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::agent::CommandPart;
use crate::domain::lane::settings::{Critic, Lane, Settings, Unlearned};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LanesPart {
    jobs: Option<usize>,
    attempts: Option<u32>,
    silence: Option<u64>,
    most: Option<usize>,
    after_high: Option<usize>,
    medium: Option<usize>,
    high: Option<usize>,
    extreme: Option<usize>,
    words: Option<Vec<String>>,
    placeholders: Option<Vec<String>>,
    #[serde(default)]
    placeholder_lines: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    lane: BTreeMap<String, LanePart>,
    #[serde(default)]
    unlearned: UnlearnedPart,
    critic: Option<CriticPart>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum UnlearnedPart {
    #[default]
    Skip,
    Record,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CriticPart {
    command: Option<CommandPart>,
    script: Option<String>,
    #[serde(default)]
    least: u32,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LanePart {
    title: Option<String>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    paths: Vec<String>,
    command: Option<CommandPart>,
    script: Option<String>,
    hunter: Option<CommandPart>,
}

/// What the file says of lanes, or what is wrong with it.
pub(super) fn settings(part: LanesPart) -> Result<Settings, String> {
    let default = Settings::default();
    let mut rules = default.rules;
    rules.most = part.most.unwrap_or(rules.most);
    rules.after_high = part.after_high.unwrap_or(rules.after_high);
    rules.medium = part.medium.unwrap_or(rules.medium);
    rules.high = part.high.unwrap_or(rules.high);
    rules.extreme = part.extreme.unwrap_or(rules.extreme);
    if let Some(words) = part.words {
        rules.words = words.iter().map(|word| word.to_lowercase()).collect();
    }
    let mut placeholders = default.placeholders;
    if let Some(words) = part.placeholders {
        placeholders.everywhere = words;
    }
    for (ending, lines) in part.placeholder_lines {
        placeholders.lines.retain(|(name, _)| *name != ending);
        placeholders.lines.push((ending, lines));
    }
    let mut lanes = BTreeMap::new();
    for (name, lane) in part.lane {
        let key = format!("lanes.lane.{name}");
        let known = name.parse().map_err(|e| format!("{key}: {e}"))?;
        let command = super::agent::command(&key, lane.command, lane.script)?;
        let hunter = super::agent::command(&format!("{key}.hunter"), lane.hunter, None)?;
        let (title, description, paths) = (lane.title, lane.description, lane.paths);
        crate::domain::policy::matcher(&paths, false).map_err(|e| format!("{key}.paths: {e}"))?;
        lanes.insert(known, Lane { title, description, paths, command, hunter });
    }
    let unlearned = match part.unlearned {
        UnlearnedPart::Skip => Unlearned::Skip,
        UnlearnedPart::Record => Unlearned::Record,
    };
    let settings = Settings {
        jobs: part.jobs.unwrap_or(default.jobs),
        attempts: part.attempts.unwrap_or(default.attempts),
        silence: part.silence.unwrap_or(default.silence),
        rules,
        placeholders,
        lanes,
        unlearned,
        critic: part.critic.map(critic).transpose()?,
    };
    let ordered = settings.rules.medium <= settings.rules.high
        && settings.rules.high <= settings.rules.extreme;
    if settings.jobs == 0 || settings.attempts == 0 || settings.silence == 0 {
        return Err("lanes: jobs, attempts and silence are at least 1".to_owned());
    }
    if settings.rules.most == 0 || !ordered {
        return Err("lanes: most is at least 1, and medium, high, extreme rise".to_owned());
    }
    Ok(settings)
}

fn critic(part: CriticPart) -> Result<Critic, String> {
    let command = super::agent::command("lanes.critic", part.command, part.script)?;
    let command = command.ok_or("lanes.critic: it has no command")?;
    if part.least > 100 {
        return Err("lanes.critic.least: a score is 100 at most".to_owned());
    }
    Ok(Critic { command, least: part.least })
}
