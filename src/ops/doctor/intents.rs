//! Operations that were begun and not finished, and intents that cannot be read any more.

use super::finding::{Finding, Level, Mend};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::names::one_line;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::Git;
use crate::ops::land::base;
use crate::ops::{Narrator, record, salvage};
use crate::store::atomic::Folder;
use crate::store::intent::{self, Kind, Left, operation};
use crate::store::layout::own;
use crate::store::lock;

/// Operations whose intent only says that they are under way: what stands in it is not read.
const SAYS_NOTHING: [&str; 3] = ["init", "uninit", "mend"];

/// Letting go of what was kept: see `ops::salvage::discard`.
const DROP: &str = "drop";

/// Every intent that is left, by an operation that is over.
pub(super) fn examine(ctx: &Context) -> Result<Vec<Finding>, Error> {
    let folder = ctx.repo.own_folder();
    let mut findings = Vec::new();
    for left in intent::left(&folder)? {
        let kind = left.operation.as_str();
        let lock = match (&left.issue, kind) {
            (Some(id), _) => lock::Name::Issue(id),
            (None, base::INTENT) => lock::Name::Landing,
            (None, _) => lock::Name::Repository,
        };
        if lock::is_held(&folder, lock) {
            continue;
        }
        if !left.whole && !SAYS_NOTHING.contains(&kind) {
            findings.push(damaged(&left));
        } else if let Some((step, mend)) = finishing(ctx, &left) {
            findings.push(interrupted(&left, step, mend));
        }
    }
    Ok(findings)
}

/// What it is about, as people call it.
fn named(left: &Left) -> String {
    match (&left.issue, left.operation.as_str()) {
        (Some(id), kind) => format!("{} of issue {id}", one_line(kind)),
        (None, base::INTENT) => "landing an issue".to_owned(),
        (None, DROP) => "letting go of what was kept".to_owned(),
        (None, kind) => format!("git orch {}", one_line(kind)),
    }
}

fn interrupted(left: &Left, step: String, mend: Mend) -> Finding {
    let why = match left.issue {
        Some(_) => "the next command on the issue finishes it",
        None => "what it had locked or begun stays as it is until it is finished",
    };
    Finding {
        code: "intent",
        level: Level::Care,
        what: format!("{} was interrupted", named(left)),
        why: why.to_owned(),
        step,
        mend,
    }
}

fn damaged(left: &Left) -> Finding {
    let means = match &left.issue {
        Some(id) => format!(
            "until it is set aside that command fails; how far it came is on record: git orch show {id}"
        ),
        None => {
            "until it is set aside that command fails; running it again goes on from what is there"
                .to_owned()
        }
    };
    Finding {
        code: "intent-damaged",
        level: Level::Bad,
        what: format!("what {} had decided cannot be read: intents/{}", named(left), left.name),
        why: means,
        step: "git orch doctor --fix".to_owned(),
        mend: Mend::Intent(left.name.clone()),
    }
}

/// The command that finishes it, and whether `--fix` does so too.
fn finishing(ctx: &Context, left: &Left) -> Option<(String, Mend)> {
    let finish = |what: &str| ("git orch doctor --fix".to_owned(), Mend::Finish(what.to_owned()));
    let Some(id) = &left.issue else {
        return Some(match left.operation.as_str() {
            "init" => ("git orch init".to_owned(), Mend::Install),
            "uninit" => ("git orch uninit".to_owned(), Mend::Person),
            kind @ (base::INTENT | DROP) => finish(kind),
            // The settings are told of with what is wrong with them.
            _ => return None,
        });
    };
    Some(match left.operation.as_str() {
        operation::ENDING => (format!("git orch archive {id}"), Mend::Archive(id.to_string())),
        operation::OPENING => (format!("git orch new-issue {id}"), Mend::Open(id.to_string())),
        // What these mean when they are said again is for whoever said them.
        kind @ (operation::STEP | operation::UNDOING) => {
            (format!("git orch {kind} {id}"), Mend::Person)
        }
        operation::RESTORING => {
            (format!("git orch archive restore {id}"), Mend::Restore(id.to_string()))
        }
        "purge" => {
            (format!("git orch archive purge {id}   # asks before it goes on"), Mend::Person)
        }
        "push" => (format!("git orch pr {id}"), Mend::Person),
        "publish" => (format!("git orch compact {id} --push"), Mend::Person),
        "salvage" => (format!("git orch salvage restore {}", kept(ctx, id)), Mend::Person),
        _ => return None,
    })
}

/// What was being brought back.
fn kept(ctx: &Context, id: &IssueId) -> String {
    let kind = Kind::of_issue("salvage", id);
    let name: Option<String> = intent::read(&ctx.repo.own_folder(), kind).ok().flatten();
    name.map_or_else(|| id.to_string(), |name| quoted(&name))
}

/// Finishes an operation on the repository that is carried to its end by whoever finds it.
pub(super) fn finish(ctx: &Context, kind: &str, narrator: &mut dyn Narrator) -> Result<(), Error> {
    if kind != base::INTENT {
        return salvage::discard(ctx, &[], narrator);
    }
    let own = ctx.repo.own_folder();
    let turn = lock::landing_soon(&own, &ctx.owner(), &mut |line| narrator.say(line))?;
    let git: Git = ctx.repo.git.holding(&turn.file);
    base::recover(ctx, &git)
}

/// Sets an intent aside that cannot be read, under a name that says when.
pub(super) fn set_aside(
    ctx: &Context,
    name: &str,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let own_folder = ctx.repo.own_folder();
    let Some(left) = intent::left(&own_folder)?.into_iter().find(|left| left.name == name) else {
        return Ok(());
    };
    let issue = left.issue.as_ref().map(|id| record::lock_issue(ctx, id, narrator)).transpose()?;
    let repository = record::lock_repository(ctx, narrator)?;
    let Some(folder) = Folder::open(&own_folder, own::INTENTS)? else { return Ok(()) };
    let aside = format!("{name}.set-aside-{}", ctx.now.compact());
    folder.move_to(name, &Folder::create(&own_folder, "")?, &aside)?;
    narrator.say(&format!("it is kept as {}", own_folder.join(&aside).display()));
    drop((repository, issue));
    Ok(())
}
