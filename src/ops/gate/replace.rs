//! `refs/replace/`: showing another object in place of one.
//!
//! Whatever is shown in place of a protected branch's content changes what everybody here builds
//! and lands, without any branch moving.

use super::repository::Gate;
use crate::domain::gate::Verdict;
use crate::domain::names::HEADS;
use crate::domain::refusal::Refusal;
use crate::error::Error;

/// Judges a replacement for `object`, an object id as the ref's name has it.
pub fn judge(gate: &Gate, object: &str) -> Result<Verdict, Error> {
    let repo = &gate.repo;
    for (name, tip) in repo.objects.refs(HEADS)? {
        let branch = name.strip_prefix(HEADS).unwrap_or(&name);
        if !gate.rules()?.protects(branch) {
            continue;
        }
        let commit = object.parse().ok();
        let is_commit = match &commit {
            Some(_) => repo.objects.resolve(object)?.is_some(),
            None => false,
        };
        let holds = match commit.filter(|_| is_commit) {
            Some(commit) => repo.objects.reaches(&tip, &commit)?,
            None => is_in_tree(gate, tip.as_str(), object)?,
        };
        if holds {
            return Ok(Verdict::Refuse(Refusal::one(
                "replacement",
                format!("showing another object in place of {object:.10}"),
                format!("it is part of {branch}, which is protected"),
                "git orch new-issue ID   # and change it there, by a commit",
            )));
        }
    }
    Ok(Verdict::Pass)
}

/// Whether `object` is the tree of `tip` or anything in it.
fn is_in_tree(gate: &Gate, tip: &str, object: &str) -> Result<bool, Error> {
    let repo = &gate.repo;
    let call = |args: &[&str]| {
        repo.git.in_repository(&repo.common_dir, None).arg("--no-replace-objects").args(args).text()
    };
    if call(&["rev-parse", "--verify", &format!("{tip}^{{tree}}")])? == object {
        return Ok(true);
    }
    let list = call(&["ls-tree", "-r", "-t", "--full-tree", tip])?;
    Ok(list.lines().any(|line| line.split(['\t', ' ']).nth(2) == Some(object)))
}
