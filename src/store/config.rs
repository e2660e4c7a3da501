//! The team's configuration: `.orchestration/config.toml`, read from the protected branch.
//!
//! The branch under judgement and the work tree have no say: an agent could edit both. A file
//! that cannot be read is an error with line and column, never a default.

mod agent;

use serde::Deserialize;

use super::error::StoreError;
use crate::domain::policy::{
    CHECK_TIMEOUT, Carrier, Direct, IssuePush, LandedBy, Manual, Method, Policy, Validator, matcher,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default = "one")]
    version: u32,
    #[serde(default)]
    gate: Gate,
    #[serde(default)]
    push: Push,
    #[serde(default)]
    receipt: ReceiptPart,
    #[serde(default)]
    validate: Validate,
    #[serde(default)]
    land: Land,
    #[serde(default)]
    worktree: Worktree,
    #[serde(default)]
    validator: Vec<ValidatorPart>,
    agent: Option<agent::AgentPart>,
}

fn one() -> u32 {
    1
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gate {
    protected: Option<Vec<String>>,
    #[serde(default)]
    direct: DirectPart,
    ignored: Option<Vec<String>>,
    containment: Option<f64>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum DirectPart {
    #[default]
    Pass,
    Warn,
    Refuse,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Push {
    #[serde(default)]
    issue_branches: PushPart,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PushPart {
    #[default]
    Sealed,
    Wip,
    Any,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiptPart {
    #[serde(default)]
    carrier: CarrierPart,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum CarrierPart {
    #[default]
    Ref,
    Tree,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Validate {
    #[serde(default)]
    manual: ManualPart,
    timeout: Option<u64>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ManualPart {
    #[default]
    Person,
    Anyone,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Land {
    #[serde(default)]
    method: MethodPart,
    #[serde(default)]
    by: ByPart,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MethodPart {
    #[default]
    Merge,
    Rebase,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ByPart {
    #[default]
    Orch,
    Agent,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Worktree {
    path: Option<String>,
    branch: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ValidatorPart {
    name: String,
    command: String,
    timeout: Option<u64>,
}

/// The policy that `text` describes, on top of `base`; `place` names the file in errors.
pub fn parse(text: &str, place: &str, base: &Policy) -> Result<Policy, StoreError> {
    let wrong = |message: String| StoreError::Config { place: place.to_owned(), message };
    let file: File = toml::from_str(text).map_err(|e| wrong(located(text, &e)))?;
    if file.version != 1 {
        return Err(wrong(format!("version {} is not known; this git-orch knows 1", file.version)));
    }
    let timeout = file.validate.timeout.unwrap_or(CHECK_TIMEOUT);
    let policy = Policy {
        protected: file.gate.protected.unwrap_or_else(|| base.protected.clone()),
        direct: match file.gate.direct {
            DirectPart::Pass => Direct::Pass,
            DirectPart::Warn => Direct::Warn,
            DirectPart::Refuse => Direct::Refuse,
        },
        issue_push: match file.push.issue_branches {
            PushPart::Sealed => IssuePush::Sealed,
            PushPart::Wip => IssuePush::Wip,
            PushPart::Any => IssuePush::Any,
        },
        carrier: match file.receipt.carrier {
            CarrierPart::Ref => Carrier::Ref,
            CarrierPart::Tree => Carrier::Tree,
        },
        manual: match file.validate.manual {
            ManualPart::Person => Manual::Person,
            ManualPart::Anyone => Manual::Anyone,
        },
        land: match file.land.method {
            MethodPart::Merge => Method::Merge,
            MethodPart::Rebase => Method::Rebase,
        },
        landed_by: match file.land.by {
            ByPart::Orch => LandedBy::Orch,
            ByPart::Agent => LandedBy::Agent,
        },
        validators: file
            .validator
            .into_iter()
            .map(|v| Validator {
                name: v.name,
                command: v.command,
                timeout: v.timeout.unwrap_or(timeout),
            })
            .collect(),
        check_timeout: timeout,
        ignored: file.gate.ignored.unwrap_or_else(|| base.ignored.clone()),
        containment: file.gate.containment.unwrap_or(base.containment),
        branch: file.worktree.branch.unwrap_or_else(|| base.branch.clone()),
        worktree: file.worktree.path.unwrap_or_else(|| base.worktree.clone()),
        agents: agent::agents(file.agent).map_err(wrong)?,
    };
    check(&policy).map_err(wrong)?;
    Ok(policy)
}

/// `line 3, column 7: …`, the form in which every error of ours names a place.
fn located(text: &str, error: &toml::de::Error) -> String {
    let Some(span) = error.span() else { return error.message().to_owned() };
    let before = text.get(..span.start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
    format!("line {line}, column {column}: {}", error.message())
}

/// What serde cannot see: globs that read, patterns with their place, names that are unique.
fn check(policy: &Policy) -> Result<(), String> {
    matcher(&policy.protected, false).map_err(|e| format!("gate.protected: {e}"))?;
    matcher(&policy.ignored, false).map_err(|e| format!("gate.ignored: {e}"))?;
    if !(0.0..=1.0).contains(&policy.containment) {
        return Err("gate.containment: it is a share from 0 to 1".to_owned());
    }
    for (key, pattern) in [("worktree.branch", &policy.branch), ("worktree.path", &policy.worktree)]
    {
        if !pattern.contains("{id}") {
            return Err(format!("{key}: {pattern:?} lacks {{id}}"));
        }
    }
    let branch = policy.branch.replace("{id}", "1");
    branch
        .parse::<crate::domain::names::BranchName>()
        .map_err(|e| format!("worktree.branch: {e}"))?;
    if policy.protects(&branch) {
        return Err(format!("gate.protected: it protects issue branches such as {branch}"));
    }
    for (index, validator) in policy.validators.iter().enumerate() {
        let name = &validator.name;
        if name.is_empty()
            || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        {
            return Err(format!(
                "validator {name:?}: a name is one word of letters, digits, - and _"
            ));
        }
        if policy.validators[..index].iter().any(|other| other.name == *name) {
            return Err(format!("validator {name:?} stands there twice"));
        }
        if validator.command.trim().is_empty() {
            return Err(format!("validator {name:?} has no command"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Policy, String> {
        parse(text, "config.toml", &Policy::default()).map_err(|e| e.to_string())
    }

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(read(""), Ok(Policy::default()));
    }

    #[test]
    fn every_key_is_read() {
        let text = "version = 1\n[gate]\nprotected = ['trunk']\ndirect = 'warn'\n[push]\nissue_branches = 'wip'\n\
            [receipt]\ncarrier = 'tree'\n[validate]\nmanual = 'anyone'\ntimeout = 9\n\
            [worktree]\npath = '../wt/{id}'\nbranch = 'orch/{id}'\n[[validator]]\nname = 'tests'\ncommand = 'true'\n";
        let policy = read(text).unwrap();
        assert_eq!(policy.protected, ["trunk"]);
        assert_eq!((policy.direct, policy.issue_push), (Direct::Warn, IssuePush::Wip));
        assert_eq!((policy.carrier, policy.manual), (Carrier::Tree, Manual::Anyone));
        assert_eq!(policy.validators[0].timeout, 9);
        assert_eq!(policy.branch, "orch/{id}");
    }

    #[test]
    fn agents_are_named_or_spelled_out() {
        let agents = |text: &str| read(text).map(|policy| policy.agents);
        let shown = |text: &str, role| {
            agents(text).unwrap().command(role).map(ToString::to_string).unwrap_or_default()
        };
        assert_eq!(shown("agent = 'claude'\n", "implement"), "claude");
        let table = "[agent]\ncommand = ['a', '-p', 'x y']\nattempts = 2\n[agent.retry]\ncrash_wait = 0.5\n\
            [agent.roles.validator]\ncommand = 'scripted'\nscript = 's.toml'\ntimeout = 7\n";
        assert_eq!(shown(table, "implement"), "a -p 'x y'");
        assert_eq!(shown(table, "validator"), "scripted s.toml");
        let read = agents(table).unwrap();
        assert_eq!((read.budget.attempts, read.timeout("validator")), (2, 7));
        for (text, part) in [
            ("[agent]\ncommand = 'claude'\ntimeuot = 1\n", "line 3, column 1"),
            ("[agent]\ncommand = 'claude -p x'\n", "a list of words"),
            ("[agent]\ncommand = []\n", "names no program"),
            ("[agent]\ncommand = 3\n", "line 2, column 11"),
            ("[agent.roles.coder]\ncommand = 'claude'\n", "is no role"),
            ("[agent]\ncommand = ['x']\nscript = 'y'\n", "belongs to the scripted agent"),
            ("[agent]\nattempts = 0\n", "at least 1"),
            ("[agent.retry]\nlongest_wait = -1\n", "a day at most"),
        ] {
            let error = agents(text).unwrap_err();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }

    #[test]
    fn mistakes_name_their_place() {
        for (text, part) in [
            ("[gate]\nprotect = []\n", "line 2, column 1"),
            ("[gate]\ndirect = 'maybe'\n", "line 2, column 10"),
            ("version = 2\n", "version 2"),
            ("[gate]\nprotected = ['[']\n", "gate.protected"),
            ("[gate]\nprotected = ['**']\n", "protects issue branches"),
            ("[worktree]\npath = 'x'\n", "lacks {id}"),
            ("[[validator]]\nname = 'a b'\ncommand = 'x'\n", "one word"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }
}
