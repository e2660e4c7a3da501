//! The learnings of other issues that apply to one: those whose trigger speaks of what it is about.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::context::Context;
use crate::domain::learning::{Learning, learning_id, telling_words};
use crate::domain::session::Session;
use crate::domain::spec::Spec;
use crate::error::Error;
use crate::store::chain;

/// Share of a trigger's words that must occur in what the issue is about.
const SHARE: usize = 3;
/// How many finished issues are looked at, so that an old repository does not make every brief
/// slow.
const ISSUES: usize = 300;
/// How many learnings are told at most.
const MOST: usize = 3;

/// A learning as a brief tells it.
#[derive(Debug, Serialize)]
pub struct Known {
    id: String,
    kind: &'static str,
    when: String,
    lesson: String,
}

/// The learnings that apply, the best first.
pub fn that_apply(ctx: &Context, session: &Session, spec: &Spec) -> Result<Vec<Known>, Error> {
    let about = about(session, spec);
    let mut found = Vec::new();
    for (id, tip) in chain::all_archived(&ctx.repo)?.into_iter().rev().take(ISSUES) {
        // One that cannot be read is reported when it is asked for, not when another one is.
        let name = crate::domain::names::archive_ref(&id);
        let Ok(other) = chain::session_at(&ctx.repo, &name, &tip) else { continue };
        for learning in other.learnings {
            let holds = learning.expires.is_none_or(|until| until > ctx.now);
            let shared = shared(&learning, &about);
            if holds && shared > 0 {
                found.push((shared, lesson(&other.issue, learning)));
            }
        }
    }
    found.sort_by_key(|(shared, _)| std::cmp::Reverse(*shared));
    Ok(found.into_iter().take(MOST).map(|(_, lesson)| lesson).collect())
}

fn lesson(issue: &crate::domain::ids::IssueId, learning: Learning) -> Known {
    Known {
        id: learning_id(issue, learning.number),
        kind: learning.kind.name(),
        when: learning.when(),
        lesson: learning.lesson,
    }
}

/// The words of everything the issue says of itself.
fn about(session: &Session, spec: &Spec) -> BTreeSet<String> {
    let mut text = format!("{} {}", session.title, spec.goal);
    for criterion in &spec.criteria {
        text.push_str(&format!(" {}", criterion.text));
        if let crate::domain::spec::Check::Command(command) = &criterion.check {
            text.push_str(&format!(" {command}"));
        }
    }
    for task in &session.tasks {
        text.push_str(&format!(" {} {}", task.text, task.verify.as_deref().unwrap_or_default()));
    }
    telling_words(&text)
}

/// How many words of the trigger occur; 0 when that is too small a part of it.
fn shared(learning: &Learning, about: &BTreeSet<String>) -> usize {
    let trigger = telling_words(&learning.when());
    let shared = trigger.intersection(about).count();
    if shared * SHARE >= trigger.len() { shared } else { 0 }
}
