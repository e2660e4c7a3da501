//! The record of an issue without the secrets that were typed into it.
//!
//! Every text that somebody or something wrote passes, each by itself, so that a form that reaches
//! to the end of a text reaches no further. Ids, digests, names of branches and folders stay.

use super::rules;
use crate::domain::evidence::{Evidence, Outcome};
use crate::domain::learning::Learning;
use crate::domain::session::{End, Ending, Session};
use crate::domain::spec::{Answer, Check, Criterion, Question, Spec};
use crate::domain::task::{Task, TaskState};

/// The same session, clean.
pub fn session(mut session: Session) -> Session {
    clean(&mut session.title);
    session.source.iter_mut().for_each(clean);
    session.end.iter_mut().for_each(end);
    if let Some(frozen) = &mut session.spec {
        spec(&mut frozen.spec);
    }
    session.tasks.iter_mut().for_each(task);
    session.evidence.iter_mut().for_each(evidence);
    session.learnings.iter_mut().for_each(learning);
    session.none_learned.iter_mut().for_each(clean);
    session.moves.iter_mut().filter_map(|step| step.reason.as_mut()).for_each(clean);
    session
}

fn clean(text: &mut String) {
    let now = rules::text(text);
    if now != *text {
        *text = now;
    }
}

fn end(end: &mut End) {
    if let Ending::Abandoned { reason, .. } = &mut end.how {
        clean(reason);
    }
}

fn spec(spec: &mut Spec) {
    clean(&mut spec.goal);
    for Criterion { text, check, .. } in &mut spec.criteria {
        clean(text);
        if let Check::Command(command) = check {
            clean(command);
        }
    }
    for Question { text, answer, .. } in &mut spec.questions {
        clean(text);
        if let Some(Answer::Answered(words) | Answer::Assumed(words)) = answer {
            clean(words);
        }
    }
}

fn task(task: &mut Task) {
    clean(&mut task.text);
    task.verify.iter_mut().for_each(clean);
    if let TaskState::Dropped { reason, .. } = &mut task.state {
        clean(reason);
    }
}

fn evidence(evidence: &mut Evidence) {
    clean(&mut evidence.command);
    evidence.confirmed.iter_mut().for_each(clean);
    if let Outcome::NotStarted(reason) = &mut evidence.outcome {
        clean(reason);
    }
}

fn learning(learning: &mut Learning) {
    for text in [&mut learning.trigger, &mut learning.lesson, &mut learning.evidence] {
        clean(text);
    }
    learning.error.iter_mut().for_each(clean);
    learning.paths.iter_mut().for_each(clean);
}
