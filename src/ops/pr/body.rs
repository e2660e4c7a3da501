//! What a pull request says: what was to be done, what shows that it is, what was learned.

use minijinja::context;

use crate::context::Context;
use crate::domain::evidence::{Subject, latest};
use crate::domain::ids::{CommitId, TreeId};
use crate::domain::receipt::Receipt;
use crate::domain::session::Session;
use crate::domain::spec::{Answer, Check};
use crate::error::Error;
use crate::ops::{facts, templates};

/// The title: the issue's own, with its number.
pub fn title(session: &Session) -> String {
    format!("{} (#{})", session.title, session.issue)
}

/// The text, by the team's template or ours.
pub fn text(
    ctx: &Context,
    session: &Session,
    receipt: Option<&Receipt>,
    commit: &CommitId,
) -> Result<String, Error> {
    let work = facts::work_tip(&ctx.repo, session, commit)?;
    let tree = facts::proved_tree(&ctx.repo, session, commit)?;
    let spec = session.spec.as_ref().map(|frozen| &frozen.spec);
    let criteria: Vec<minijinja::Value> = spec
        .iter()
        .flat_map(|spec| &spec.criteria)
        .map(|criterion| {
            let subject = Subject::Criterion(criterion.number);
            let command = match &criterion.check {
                Check::Command(command) => Some(command.clone()),
                Check::Manual | Check::Missing => None,
            };
            let (green, words) = proof(session, &subject, &tree);
            context! { number => criterion.number, text => criterion.text, command, green, words }
        })
        .collect();
    let mut names: Vec<String> = Vec::new();
    for evidence in &session.evidence {
        if let Subject::Validator(name) = &evidence.subject
            && evidence.tree == tree
            && !names.contains(name)
        {
            names.push(name.clone());
        }
    }
    let validators: Vec<minijinja::Value> = names
        .into_iter()
        .map(|name| {
            let (green, words) = proof(session, &Subject::Validator(name.clone()), &tree);
            context! { name, green, words }
        })
        .collect();
    let learnings: Vec<minijinja::Value> = session
        .learnings
        .iter()
        .map(|l| context! { kind => l.kind.name(), trigger => l.trigger, lesson => l.lesson })
        .collect();
    let waiver = receipt.and_then(|receipt| receipt.waiver.as_ref()).map(|waiver| {
        context! { reason => waiver.reason, by => waiver.by, expires => waiver.expires.to_string() }
    });
    let values = context! {
        issue => session.issue.as_str(),
        title => session.title,
        source => session.source,
        goal => spec.map(|spec| spec.goal.clone()),
        criteria, validators, learnings, waiver,
        none_learned => session.none_learned,
        assumptions => assumptions(session),
        commit => work.as_str(),
        receipt => session.seal.as_ref().map(|seal| seal.receipt.to_string()),
        sealed => receipt.is_some(),
    };
    templates::pull_request(ctx.repo.main_worktree.as_deref(), values)
}

/// Whether the newest run for the tree was green, and how it ended.
fn proof(session: &Session, subject: &Subject, tree: &TreeId) -> (bool, String) {
    match latest(&session.evidence, subject, tree) {
        Some(run) => {
            let seen = run.confirmed.clone();
            (run.outcome.is_green(), seen.unwrap_or_else(|| run.outcome.words()))
        }
        None => (false, "not run".to_owned()),
    }
}

/// What nobody could answer and was assumed.
fn assumptions(session: &Session) -> Vec<minijinja::Value> {
    let questions = session.spec.iter().flat_map(|frozen| &frozen.spec.questions);
    questions
        .filter_map(|question| match &question.answer {
            Some(Answer::Assumed(text)) => Some(context! { question => question.text, text }),
            _ => None,
        })
        .collect()
}
