//! The part of the configuration that speaks of agents: `agent = "claude"`, or a table.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::domain::agents::{AgentCommand, Agents, Budget, Retry, RoleAgent};
use crate::domain::phase::Phase;

/// `agent = …`, in either form.
pub(super) struct AgentPart(Table);

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    command: Option<CommandPart>,
    script: Option<String>,
    timeout: Option<u64>,
    attempts: Option<u32>,
    runs: Option<u32>,
    minutes: Option<u64>,
    turns: Option<u64>,
    #[serde(default)]
    retry: RetryPart,
    #[serde(default)]
    roles: BTreeMap<String, RolePart>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RolePart {
    command: Option<CommandPart>,
    script: Option<String>,
    timeout: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RetryPart {
    crash_wait: Option<f64>,
    rate_limit_wait: Option<f64>,
    longest_wait: Option<f64>,
    rate_limit_patterns: Option<Vec<String>>,
    rate_limit_exit_codes: Option<Vec<i32>>,
    give_up_patterns: Option<Vec<String>>,
    give_up_exit_codes: Option<Vec<i32>>,
}

/// A name, or a list of words.
pub(super) enum CommandPart {
    Name(String),
    Words(Vec<String>),
}

/// Written out instead of derived as untagged: an error inside then names its own place.
impl<'de> Deserialize<'de> for AgentPart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = AgentPart;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of an agent, or a table")
            }

            fn visit_str<E>(self, name: &str) -> Result<AgentPart, E> {
                let command = Some(CommandPart::Name(name.to_owned()));
                Ok(AgentPart(Table { command, ..Table::default() }))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<AgentPart, A::Error> {
                Table::deserialize(MapAccessDeserializer::new(map)).map(AgentPart)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for CommandPart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = CommandPart;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of an agent, or a list of words")
            }

            fn visit_str<E>(self, name: &str) -> Result<CommandPart, E> {
                Ok(CommandPart::Name(name.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, words: A) -> Result<CommandPart, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(words)).map(CommandPart::Words)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// What the file says of agents, or what is wrong with it.
pub(super) fn agents(part: Option<AgentPart>) -> Result<Agents, String> {
    let default = Agents::default();
    let Some(AgentPart(table)) = part else { return Ok(default) };
    let roles = table.roles.into_iter().map(|(name, part)| {
        if Phase::ALL.iter().all(|phase| phase.role() != name) {
            let known: Vec<&str> = Phase::ALL.iter().map(|phase| phase.role()).collect();
            return Err(format!("agent.roles: {name:?} is no role ({})", known.join(", ")));
        }
        let key = format!("agent.roles.{name}");
        let command = command(&key, part.command, part.script)?;
        Ok((name, RoleAgent { command, timeout: part.timeout }))
    });
    let agents = Agents {
        roles: roles.collect::<Result<_, String>>()?,
        command: command("agent", table.command, table.script)?,
        timeout: table.timeout.unwrap_or(default.timeout),
        budget: Budget {
            attempts: table.attempts.unwrap_or(default.budget.attempts),
            runs: table.runs.unwrap_or(default.budget.runs),
            minutes: table.minutes.unwrap_or(default.budget.minutes),
            turns: table.turns,
        },
        retry: retry(table.retry)?,
    };
    let Budget { attempts, runs, minutes, .. } = agents.budget;
    if agents.timeout == 0 || attempts == 0 || runs == 0 || minutes == 0 {
        return Err("agent: timeout, attempts, runs and minutes are at least 1".to_owned());
    }
    Ok(agents)
}

/// The command that a part means; `key` names it in errors.
pub(super) fn command(
    key: &str,
    part: Option<CommandPart>,
    script: Option<String>,
) -> Result<Option<AgentCommand>, String> {
    match part {
        Some(CommandPart::Words(_)) | None if script.is_some() => {
            Err(format!("{key}.script belongs to the scripted agent: command = \"scripted\""))
        }
        Some(CommandPart::Words(words)) if words.first().is_none_or(|w| w.trim().is_empty()) => {
            Err(format!("{key}.command names no program"))
        }
        Some(CommandPart::Name(name)) if name.contains(char::is_whitespace) => Err(format!(
            "{key}.command: {name:?} is the name of an agent only; a command is a list of words"
        )),
        Some(CommandPart::Name(name)) => Ok(Some(AgentCommand::Named { name, script })),
        Some(CommandPart::Words(words)) => Ok(Some(AgentCommand::Words(words))),
        None => Ok(None),
    }
}

fn retry(part: RetryPart) -> Result<Retry, String> {
    let default = Retry::default();
    let retry = Retry {
        crash_wait: part.crash_wait.unwrap_or(default.crash_wait),
        rate_limit_wait: part.rate_limit_wait.unwrap_or(default.rate_limit_wait),
        longest_wait: part.longest_wait.unwrap_or(default.longest_wait),
        rate_limit_patterns: part.rate_limit_patterns.unwrap_or(default.rate_limit_patterns),
        rate_limit_exit_codes: part.rate_limit_exit_codes.unwrap_or(default.rate_limit_exit_codes),
        give_up_patterns: part.give_up_patterns.unwrap_or(default.give_up_patterns),
        give_up_exit_codes: part.give_up_exit_codes.unwrap_or(default.give_up_exit_codes),
    };
    let waits = [retry.crash_wait, retry.rate_limit_wait, retry.longest_wait];
    if waits.iter().all(|wait| (0.0..=86_400.0).contains(wait)) {
        Ok(retry)
    } else {
        Err("agent.retry: a wait is a number of seconds, a day at most".to_owned())
    }
}
