//! The lock: what git asks before refs move, and what is kept after they moved.
//!
//! Before: a merge is judged early, while nothing is touched yet; a protected branch is judged at
//! its own line; unfinished work keeps its branch and its record; protected history keeps its
//! content. A move to
//! where the ref stands already is no move. After: births are noted, and where protected branches
//! stand.

use super::repository::Gate;
use super::{deletion, merge, proposal, records, replace, rules, tripwire};
use crate::context::Surroundings;
use crate::domain::gate::Verdict;
use crate::domain::ids::CommitId;
use crate::domain::names::HEADS;
use crate::domain::refusal::Refusal;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::hook_input::{RefLine, Value};
use crate::ops::births::{Place, born};

/// What is said about refs that are about to move.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Why they may not; `None` when they may.
    pub refusal: Option<Refusal>,
    /// What a person should know all the same, a line each.
    pub notes: Vec<String>,
}

/// Whether a line may matter at all: a look at the text, before any repository is opened.
pub fn concerns(line: &RefLine, around: &Surroundings) -> bool {
    line.branch().is_some()
        || line.replaced().is_some()
        || line.record().is_some()
        || (line.name == "ORIG_HEAD" && !around.merge_heads.is_empty())
}

/// Judges the moves of one transaction.
pub fn prepared(gate: &Gate, around: &Surroundings, lines: &[RefLine]) -> Result<Answer, Error> {
    let mut answer = Answer::default();
    for line in lines {
        let verdict = judge(gate, around, line, &mut answer.notes)?;
        match verdict {
            Verdict::Pass => {}
            Verdict::Warn(strays) => answer.notes.push(format!(
                "note: {} on {} belongs to no issue",
                strays.first().map_or("a commit", |commit| commit.short()),
                line.branch().unwrap_or(&line.name)
            )),
            Verdict::Refuse(refusal) => {
                answer.refusal = Some(refusal);
                return Ok(answer);
            }
        }
    }
    Ok(answer)
}

fn judge(
    gate: &Gate,
    around: &Surroundings,
    line: &RefLine,
    notes: &mut Vec<String>,
) -> Result<Verdict, Error> {
    if line.name == "ORIG_HEAD" {
        return merge::judge(gate, &around.merge_heads);
    }
    if let Some(object) = line.replaced() {
        return match line.new {
            Value::Nothing => Ok(Verdict::Pass),
            _ => replace::judge(gate, &object),
        };
    }
    if let Some(id) = line.record() {
        return records::judge(gate, line, id);
    }
    let Some(branch) = line.branch() else { return Ok(Verdict::Pass) };
    let new = match &line.new {
        Value::Nothing => return deletion::judge(gate, branch),
        Value::Symbolic(target) => match symbolic(gate, branch, target)? {
            Ok(new) => new,
            Err(verdict) => return Ok(verdict),
        },
        Value::Object(new) => new.clone(),
    };
    let now = gate.repo.objects.read_ref(&line.name)?;
    if now.as_ref() == Some(&new) || !gate.rules()?.protects(branch) {
        return Ok(Verdict::Pass);
    }
    let proposal = proposal::onto(gate, branch, now.as_ref(), new.clone())?;
    if let Some(now) = &now {
        tripwire::notice(&gate.repo, branch, now)?;
    }
    notes.extend(gate.rules()?.trouble.iter().map(|trouble| {
        format!("note: the policy cannot be read, so its strictest reading holds: {trouble}")
    }));
    let verdict = gate.judge(&proposal)?;
    if !matches!(verdict, Verdict::Refuse(_)) {
        // What could not be kept is found again by looking.
        let _ = tripwire::allow(&gate.repo, branch, now.as_ref(), &new);
    }
    Ok(verdict)
}

/// The commit that a branch shows once it is another name for the ref `target`. A protected branch
/// that follows an unprotected one would change without ever being judged.
fn symbolic(gate: &Gate, branch: &str, target: &str) -> Result<Result<CommitId, Verdict>, Error> {
    let rules = gate.rules()?;
    if !rules.protects(branch) {
        return Ok(Err(Verdict::Pass));
    }
    let followed = target.strip_prefix(HEADS);
    if !followed.is_some_and(|name| rules.protects(name)) {
        return Ok(Err(Verdict::Refuse(Refusal::one(
            "alias",
            format!("making {branch} another name for {target}"),
            format!("{branch} is protected and {target} is not, so {branch} would move unjudged"),
            joining(gate, branch, target)?,
        ))));
    }
    Ok(gate.repo.objects.read_ref(target)?.ok_or(Verdict::Pass))
}

/// What does by a move of `branch` what another name for `target` would have done; where there is
/// nothing yet to bring, the other way round is open.
fn joining(gate: &Gate, branch: &str, target: &str) -> Result<String, Error> {
    if gate.repo.objects.read_ref(target)?.is_none() {
        return Ok(format!(
            "git symbolic-ref {} {}",
            quoted(target),
            quoted(&format!("{HEADS}{branch}"))
        ));
    }
    let at = rules::place_of(&gate.repo, branch)?;
    let merge = format!("merge {}", quoted(target.strip_prefix(HEADS).unwrap_or(target)));
    Ok(match at {
        Some(place) => format!("git -C {place} {merge}"),
        None => format!("git switch {} && git {merge}", quoted(branch)),
    })
}

/// Keeps what happened: births on issue branches, where protected branches stand now.
pub fn committed(gate: &Gate, around: &Surroundings, lines: &[RefLine]) -> Result<(), Error> {
    for line in lines {
        let Some(branch) = line.branch() else { continue };
        if gate.rules()?.protects(branch) {
            match gate.repo.objects.read_ref(&line.name)? {
                Some(now) => tripwire::keep(&gate.repo, branch, &now)?,
                None => deletion::replaced(gate, branch)?,
            }
            continue;
        }
        let Value::Object(_) = &line.new else { continue };
        let Some(head) = gate.issue_of(branch)? else { continue };
        let Some(heading) = &head.heading else { continue };
        // Where it stands by now, not where the line says: somebody may have moved it since.
        let Some(now) = gate.repo.objects.read_ref(&line.name)? else { continue };
        let place = Place { issue: &head.issue, branch, fork: &heading.fork };
        let born = born::note(&gate.repo, place, &now, around.committing)?;
        super::content::keep_prints(&gate.repo, &head.issue, &born);
    }
    Ok(())
}
