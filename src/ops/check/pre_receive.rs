//! The wall of a server: what a push brings, before any ref moves.
//!
//! Objects are still in quarantine and refs stand where they stood. Branches that are not protected
//! take everything; records of issues may only grow; replacements of protected history are refused.

use super::{Ground, Move, Report, Wall};
use crate::context::Context;
use crate::domain::gate::Verdict;
use crate::domain::ids::CommitId;
use crate::domain::names::{ARCHIVE, HEADS, ISSUES};
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::git::Repo;
use crate::git::hook_input::{RefLine, Value};
use crate::ops::gate::replace;
use crate::ops::policy;
use crate::store::chain;

/// Where our own records are.
const OWN: &str = "refs/git-orch/";
/// Where the objects of a replacement are named.
const REPLACE: &str = "refs/replace/";

/// What came of a push.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What was judged, a protected branch each.
    pub reports: Vec<Report>,
    /// Why the push may not come in.
    pub refusal: Option<Refusal>,
}

/// Judges a push of `lines`; `strict` says that every commit has to answer.
pub fn run(ctx: Context, lines: &[RefLine], strict: bool) -> Result<Answer, Error> {
    let base = policy::base_branch(&ctx.repo)?.unwrap_or_else(|| "main".to_owned());
    let own = lines.iter().filter(|line| line.name.starts_with(OWN));
    let ground = Ground {
        policy: ctx.repo.branch_tip(&base)?,
        base,
        pushed: own.map(|line| (line.name.clone(), object(line).cloned())).collect(),
        strict,
        copies: true,
        now: Some(ctx.now),
    };
    let wall = Wall::build(ctx.repo, ground)?;
    let mut answer = Answer::default();
    for line in lines {
        answer.refusal = beside(&wall, line)?;
        if answer.refusal.is_some() {
            return Ok(answer);
        }
    }
    let there = protected(&wall)?;
    // The founding push: no branch is protected yet, so there is nothing to protect.
    if there.is_empty() {
        return Ok(answer);
    }
    for line in lines {
        let (Some(branch), Some(new)) = (line.branch(), object(line)) else { continue };
        if !wall.gate().rules()?.protects(branch) {
            continue;
        }
        let asked = Move { onto: branch.to_owned(), there: there.clone(), new: new.clone() };
        let report = wall.judge(&asked)?;
        answer.refusal.clone_from(&report.refusal);
        answer.reports.push(report);
        if answer.refusal.is_some() {
            break;
        }
    }
    Ok(answer)
}

fn object(line: &RefLine) -> Option<&CommitId> {
    match &line.new {
        Value::Object(new) => Some(new),
        Value::Nothing | Value::Symbolic(_) => None,
    }
}

/// Where the protected branches stand.
fn protected(wall: &Wall) -> Result<Vec<CommitId>, Error> {
    let rules = wall.gate().rules()?;
    let heads = wall.repo().objects.refs(HEADS)?.into_iter();
    let protects = |name: &str| name.strip_prefix(HEADS).is_some_and(|name| rules.protects(name));
    Ok(heads.filter(|(name, _)| protects(name)).map(|(_, tip)| tip).collect())
}

/// What is refused beside branches: a replacement of protected history, a record that would lose
/// states.
fn beside(wall: &Wall, line: &RefLine) -> Result<Option<Refusal>, Error> {
    if let (Some(replaced), Some(_)) = (line.name.strip_prefix(REPLACE), object(line)) {
        return Ok(match replace::judge(wall.gate(), replaced)? {
            Verdict::Refuse(refusal) => Some(refusal),
            Verdict::Pass | Verdict::Warn(_) => None,
        });
    }
    if let (Some(id), Some(new)) = (line.name.strip_prefix(ISSUES), object(line))
        && !is_record_of(wall, id, new)
    {
        let what = format!("writing the record of issue {id}");
        let why = "what is pushed is no record of an issue: only git-orch writes them";
        let fix = format!("git orch compact {id} --push");
        return Ok(Some(Refusal::one("record", what, why, fix)));
    }
    let is_record = [ISSUES, ARCHIVE].iter().any(|prefix| line.name.starts_with(prefix));
    let repo = wall.repo();
    if !is_record || grows(wall, line)? {
        return Ok(None);
    }
    let stands = repo.objects.read_ref(&line.name)?;
    let at = stands.as_ref().map(CommitId::short).unwrap_or_default();
    Ok(Some(Refusal::one(
        "record-rewritten",
        format!("moving {} away from {at}", line.name),
        "the record of an issue may only grow: states of it would be lost here",
        format!("git fetch origin {}   # what stands there counts; git log FETCH_HEAD", line.name),
    )))
}

/// Whether `state` says what the newest state of a record of the issue `id` says.
fn is_record_of(wall: &Wall, id: &str, state: &CommitId) -> bool {
    let Ok(issue) = id.parse() else { return false };
    chain::heading(wall.repo(), issue, state.clone()).is_ok()
}

/// Whether the record keeps every state it has: it goes on, or it is archived with all of them.
fn grows(wall: &Wall, line: &RefLine) -> Result<bool, Error> {
    let repo: &Repo = wall.repo();
    let Some(old) = repo.objects.read_ref(&line.name)? else { return Ok(true) };
    let new = match (object(line), line.name.strip_prefix(ISSUES)) {
        (Some(new), _) => Some(new.clone()),
        (None, Some(id)) => {
            let archive = format!("{ARCHIVE}{id}");
            match wall.pushed.get(&archive) {
                Some(new) => new.clone(),
                None => repo.objects.read_ref(&archive)?,
            }
        }
        (None, None) => None,
    };
    match new {
        Some(new) => Ok(repo.objects.reaches(&new, &old)?),
        None => Ok(false),
    }
}
