//! The team's configuration: `.orchestration/config.toml`, read from the protected branch.
//!
//! The branch under judgement and the work tree have no say: an agent could edit both. A file
//! that cannot be read is an error with line and column, never a default. [`form`] holds its form.

mod agent;
mod form;
mod land;
mod lanes;

use std::ops::Range;

use toml::Spanned;

use self::form::{CarrierPart, DirectPart, File, ManualPart, PushPart, ScopePart, ValidatorPart};
use super::error::StoreError;
use crate::domain::agents::Agents;
use crate::domain::lane::settings::Settings;
use crate::domain::names::BranchName;
use crate::domain::policy::{
    ArchiveRules, CHECK_TIMEOUT, Carrier, Direct, IssuePush, LearningRules, Manual, Policy, Scope,
    Validator, WAIVE_HOURS, matcher,
};

/// A mistake that only the meaning shows, and where it stands, in bytes.
#[derive(Debug)]
struct Wrong {
    at: Option<Range<usize>>,
    message: String,
}

impl Wrong {
    fn new(at: Option<Range<usize>>, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

/// The policy that `text` describes, on top of `base`; `place` names the file in errors.
pub fn parse(text: &str, place: &str, base: &Policy) -> Result<Policy, StoreError> {
    let wrong = |message: String| StoreError::Config { place: place.to_owned(), message };
    let file: File =
        toml::from_str(text).map_err(|e| wrong(located(text, e.span(), e.message())))?;
    policy(file, base).map_err(|e| wrong(located(text, e.at, &e.message)))
}

/// `line 3, column 7: …`, the form in which every error of ours names a place.
fn located(text: &str, at: Option<Range<usize>>, message: &str) -> String {
    let Some(at) = at else { return message.to_owned() };
    let before = text.get(..at.start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
    format!("line {line}, column {column}: {message}")
}

/// Where a value stands, and the value.
fn parts<T>(value: Option<Spanned<T>>) -> (Option<Range<usize>>, Option<T>) {
    match value {
        Some(value) => (Some(value.span()), Some(value.into_inner())),
        None => (None, None),
    }
}

/// What the form says, once all of it makes sense.
fn policy(file: File, base: &Policy) -> Result<Policy, Wrong> {
    let (at, version) = parts(file.version);
    if let Some(version) = version.filter(|&version| version != 1) {
        let message = format!("version {version} is not known; this git-orch knows 1");
        return Err(Wrong::new(at, message));
    }
    let timeout = file.validate.timeout.unwrap_or(CHECK_TIMEOUT);
    let branch = pattern("worktree.branch", file.worktree.branch, &base.branch)?;
    let name = branch.replace("{id}", "1");
    let (at, hours) = parts(file.waive.hours);
    if hours == Some(0) {
        return Err(Wrong::new(at, "waive.hours: a waiver holds for an hour at least"));
    }
    let (signed, signers) = signing(file.receipt.signed, file.receipt.signers)?;
    let policy = Policy {
        protected: protected(file.gate.protected, base, &name)?,
        direct: match file.gate.direct {
            DirectPart::Pass => Direct::Pass,
            DirectPart::Warn => Direct::Warn,
            DirectPart::Refuse => Direct::Refuse,
        },
        scope: match file.gate.scope {
            ScopePart::Issues => Scope::Issues,
            ScopePart::Strict => Scope::Strict,
        },
        authors: file.gate.authors,
        issue_push: match file.push.issue_branches {
            PushPart::Sealed => IssuePush::Sealed,
            PushPart::Wip => IssuePush::Wip,
            PushPart::Any => IssuePush::Any,
        },
        carrier: match file.receipt.carrier {
            CarrierPart::Ref => Carrier::Ref,
            CarrierPart::Tree => Carrier::Tree,
        },
        signed,
        signers,
        waive: by(file.waive.by),
        waive_hours: hours.unwrap_or(WAIVE_HOURS),
        manual: by(file.validate.manual),
        land: file.land.method(),
        landed_by: file.land.by(),
        validators: validators(file.validator, timeout)?,
        check_timeout: timeout,
        ignored: globs("gate.ignored", file.gate.ignored, &base.ignored)?,
        containment: share(file.gate.containment, base.containment)?,
        branch,
        worktree: pattern("worktree.path", file.worktree.path, &base.worktree)?,
        agents: agents(file.agent)?,
        archive: ArchiveRules {
            push: file.archive.push.unwrap_or(base.archive.push),
            tracked: file.archive.tracked.unwrap_or(base.archive.tracked),
            transcripts: file.archive.transcripts.unwrap_or(base.archive.transcripts),
        },
        lanes: lanes(file.lanes)?,
        learning: LearningRules {
            lines: file.learning.lines.unwrap_or(base.learning.lines),
            cap: file.learning.cap.unwrap_or(base.learning.cap),
        },
    };
    Ok(policy)
}

fn by(part: ManualPart) -> Manual {
    match part {
        ManualPart::Person => Manual::Person,
        ManualPart::Anyone => Manual::Anyone,
    }
}

/// Globs that can be read.
fn globs(
    key: &str,
    given: Option<Spanned<Vec<String>>>,
    base: &[String],
) -> Result<Vec<String>, Wrong> {
    let (at, given) = parts(given);
    let globs = given.unwrap_or_else(|| base.to_vec());
    matcher(&globs, false).map_err(|e| Wrong::new(at, format!("{key}: {e}")))?;
    Ok(globs)
}

/// The protected branches, of which no issue's branch, such as `name`, may be one.
fn protected(
    given: Option<Spanned<Vec<String>>>,
    base: &Policy,
    name: &str,
) -> Result<Vec<String>, Wrong> {
    let at = given.as_ref().map(Spanned::span);
    let protected = globs("gate.protected", given, &base.protected)?;
    let set = matcher(&protected, false).map_err(|e| Wrong::new(at.clone(), e.to_string()))?;
    if set.is_match(name) {
        let message = format!("gate.protected: it protects issue branches such as {name}");
        return Err(Wrong::new(at, message));
    }
    Ok(protected)
}

fn share(given: Option<Spanned<f64>>, base: f64) -> Result<f64, Wrong> {
    let (at, given) = parts(given);
    let share = given.unwrap_or(base);
    if (0.0..=1.0).contains(&share) {
        Ok(share)
    } else {
        Err(Wrong::new(at, "gate.containment: it is a share from 0 to 1"))
    }
}

/// A pattern of names or folders that keeps issues apart.
fn pattern(key: &str, given: Option<Spanned<String>>, base: &str) -> Result<String, Wrong> {
    let (at, given) = parts(given);
    let pattern = given.unwrap_or_else(|| base.to_owned());
    if !pattern.contains("{id}") {
        return Err(Wrong::new(at, format!("{key}: {pattern:?} lacks {{id}}")));
    }
    if key == "worktree.branch" {
        let name: Result<BranchName, _> = pattern.replace("{id}", "1").parse();
        name.map_err(|e| Wrong::new(at, format!("{key}: {e}")))?;
    }
    Ok(pattern)
}

/// Whether receipts are signed, and by whom; a signature that nobody may give closes every door.
fn signing(
    signed: Option<Spanned<bool>>,
    signers: Option<Spanned<Vec<String>>>,
) -> Result<(bool, Vec<String>), Wrong> {
    let (at, signed) = parts(signed);
    let (there, signers) = parts(signers);
    let (signed, signers) = (signed.unwrap_or(false), signers.unwrap_or_default());
    if signed && signers.is_empty() {
        return Err(Wrong::new(at, "receipt.signed: receipt.signers names nobody who may sign"));
    }
    for line in &signers {
        let words: Vec<&str> = line.split_whitespace().collect();
        if line.contains(['\n', '\r']) || words.len() < 3 {
            let form = "receipt.signers: a signer is written \"ada@example.org ssh-ed25519 AAAA…\"";
            return Err(Wrong::new(there, form));
        }
    }
    Ok((signed, signers))
}

fn validators(parts: Vec<ValidatorPart>, timeout: u64) -> Result<Vec<Validator>, Wrong> {
    let mut list: Vec<Validator> = Vec::new();
    for part in parts {
        let at = Some(part.name.span());
        let (name, command) = (part.name.into_inner(), part.command);
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(letter) {
            let message =
                format!("validator {name:?}: a name is one word of letters, digits, - and _");
            return Err(Wrong::new(at, message));
        }
        if list.iter().any(|other| other.name == name) {
            return Err(Wrong::new(at, format!("validator {name:?} stands there twice")));
        }
        if command.get_ref().trim().is_empty() {
            let at = Some(command.span());
            return Err(Wrong::new(at, format!("validator {name:?} has no command")));
        }
        let timeout = part.timeout.unwrap_or(timeout);
        list.push(Validator { name, command: command.into_inner(), timeout });
    }
    Ok(list)
}

fn agents(part: Option<Spanned<agent::AgentPart>>) -> Result<Agents, Wrong> {
    let (at, part) = parts(part);
    agent::agents(part).map_err(|message| Wrong::new(at, message))
}

fn lanes(part: Option<Spanned<lanes::LanesPart>>) -> Result<Settings, Wrong> {
    let (at, part) = parts(part);
    lanes::settings(part.unwrap_or_default()).map_err(|message| Wrong::new(at, message))
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
    fn the_file_that_init_writes_is_the_default_and_what_it_comments_out_is_valid() {
        let written = crate::assets::CONFIG.replace("{{ base }}", "main");
        let default = Policy { protected: vec!["main".to_owned()], ..Policy::default() };
        assert_eq!(read(&written), Ok(default));
        let uncommented: Vec<&str> = written
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(code) if code.starts_with('[') || code.contains(" = ") => code,
                _ => line,
            })
            .collect();
        let policy = read(&uncommented.join("\n")).unwrap();
        assert_eq!(policy.lanes.lanes.len(), 1);
        assert!(policy.lanes.critic.is_some() && policy.agents.command.is_some());
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
        let text = "[gate]\nscope = 'strict'\nauthors = ['bot@x']\n[waive]\nby = 'anyone'\nhours = 2\n\
            [receipt]\nsigned = true\nsigners = ['ada@x ssh-ed25519 AAAA']\n";
        let policy = read(text).unwrap();
        assert_eq!((policy.scope, policy.waive), (Scope::Strict, Manual::Anyone));
        assert_eq!((policy.waive_hours, policy.authors.as_slice()), (2, &["bot@x".to_owned()][..]));
        assert!(policy.signed && policy.signers.len() == 1);
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
            ("version = 2\n", "line 1, column 11: version 2"),
            ("[gate]\nprotected = ['[']\n", "line 2, column 13: gate.protected"),
            (
                "[gate]\nprotected = ['**']\n",
                "line 2, column 13: gate.protected: it protects issue",
            ),
            ("[gate]\ndirect = 'pass'\ncontainment = 2.0\n", "line 3, column 15: gate.containment"),
            ("[gate]\nscope = 'all'\n", "line 2, column 9"),
            ("[worktree]\npath = 'x'\n", "line 2, column 8: worktree.path: \"x\" lacks {id}"),
            ("[worktree]\nbranch = 'a..{id}'\n", "line 2, column 10: worktree.branch"),
            ("[[validator]]\nname = 'a b'\ncommand = 'x'\n", "line 2, column 8: validator \"a b\""),
            ("[[validator]]\nname = 'a'\ncommand = ' '\n", "line 3, column 11: validator"),
            ("[receipt]\nsigned = true\n", "line 2, column 10: receipt.signed"),
            ("[receipt]\nsigners = ['ada']\n", "line 2, column 11: receipt.signers"),
            ("[waive]\nhours = 0\n", "line 2, column 9: waive.hours"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }
}
